"""Drawing traces from an automaton."""

from typing import NamedTuple

import numpy as np

from .columns import record
from .hints import Given, NDArray
from .library import kernel

ENDED = -1
SILENT = -1


@record
class DrawColumns(NamedTuple):
    """An automaton laid out for drawing: a state's outcomes, the end first, are one rising row of sums."""

    rising: Given[np.float64]  # running sum over all rows; state q has rising[bounds[q]:bounds[q + 1] + 1]
    bounds: Given[np.int64]  # state
    offsets: Given[np.int64]  # state: its first transition
    symbols: Given[np.int32]  # transition: symbol, SILENT where none is written
    targets: Given[np.int32]  # transition


@kernel
def draw(
    columns: DrawColumns,
    start: int,
    max_length: int,
    uniforms: Given[np.float64],
    carry: NDArray[np.int64],
    symbols: NDArray[np.int32],
    lengths: NDArray[np.int64],
    done: NDArray[np.int64],
) -> None:
    """Draw traces as :func:`draw_traces` says; fill ``done`` with what that returns."""


def draw_traces(
    columns: DrawColumns,
    start: int,
    max_length: int,
    uniforms: NDArray[np.float64],
    carry: NDArray[np.int64],
    symbols: NDArray[np.int32],
    lengths: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Turn uniform numbers, one for each outcome, into traces.

    ``carry`` holds the state and the length of the trace that is under way, before and after.  Stops when
    ``lengths`` is full or the numbers are used up; returns numbers used, symbols written, traces ended.
    """
    done = np.zeros(3, np.int64)
    draw(columns, start, max_length, uniforms, carry, symbols, lengths, done)
    used, written, ended = done.tolist()
    return used, written, ended
