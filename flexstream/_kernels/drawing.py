"""Drawing traces from an automaton."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import inline, kernel

ENDED = -1
SILENT = -1


class DrawColumns(NamedTuple):
    """An automaton laid out for drawing: a state's outcomes, the end first, are one rising row of sums."""

    rising: NDArray[np.float64]  # running sum over all rows; state q has rising[bounds[q]:bounds[q + 1] + 1]
    bounds: NDArray[np.int64]  # state
    offsets: NDArray[np.int64]  # state: its first transition
    symbols: NDArray[np.int32]  # transition: symbol, SILENT where none is written
    targets: NDArray[np.int32]  # transition


@inline
def pick(columns, state, uniform):
    """Return the transition that a number between 0 and 1 stands for, or ENDED."""
    first, last = columns.bounds[state], columns.bounds[state + 1]
    bottom, top = columns.rising[first], columns.rising[last]
    if top == bottom:
        return ENDED
    at = bottom + uniform * (top - bottom)
    low, high = first, last - 1  # the outcome is the first one whose sum is above, the last one if rounding hides it
    while low < high:
        middle = (low + high) >> 1
        if columns.rising[middle + 1] > at:
            high = middle
        else:
            low = middle + 1
    return ENDED if low == first else columns.offsets[state] + low - first - 1


@kernel
def draw_traces(columns, start, max_length, uniforms, carry, symbols, lengths):
    """Turn uniform numbers, one for each outcome, into traces.

    ``carry`` holds the state and the length of the trace that is under way, before and after.  Stops when
    ``lengths`` is full or the numbers are used up; returns numbers used, symbols written, traces ended.
    """
    state, length = carry[0], carry[1]
    used = written = ended = 0
    while ended < len(lengths):
        edge = ENDED
        if length < max_length:
            if used == len(uniforms):
                break
            edge = pick(columns, state, uniforms[used])
            used += 1
        if edge == ENDED:
            lengths[ended] = length
            ended += 1
            state, length = start, 0
            continue
        state = np.int64(columns.targets[edge])
        if columns.symbols[edge] != SILENT:
            symbols[written] = columns.symbols[edge]
            written += 1
            length += 1
    carry[0], carry[1] = state, length
    return used, written, ended
