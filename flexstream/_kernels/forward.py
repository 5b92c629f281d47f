"""The forward algorithm on automata that need not be deterministic."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import inline, kernel


class ForwardColumns(NamedTuple):
    """An automaton laid out by state; the transitions of a state are in the order of their symbols."""

    starts: NDArray[np.int64]  # states in which a trace can start
    initial: NDArray[np.float64]  # state
    stops: NDArray[np.float64]  # state
    offsets: NDArray[np.int64]  # state: its first transition
    symbols: NDArray[np.int32]  # transition
    targets: NDArray[np.int32]  # transition
    probabilities: NDArray[np.float64]  # transition: of symbol and target together, given the state


@inline
def first_edge(columns, state, symbol):
    """Return the first transition of a state whose symbol is not smaller."""
    low, high = columns.offsets[state], columns.offsets[state + 1]
    while low < high:
        middle = (low + high) >> 1
        if columns.symbols[middle] < symbol:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def advance(columns, symbol, count, active, share, fresh, after):
    """Move the shares of the active states over one symbol; empty ``share``, fill ``after``; return the new count."""
    found = 0
    for at in range(count):
        state = active[at]
        weight, share[state] = share[state], 0.0
        edge = first_edge(columns, state, symbol)
        while edge < columns.offsets[state + 1] and columns.symbols[edge] == symbol:
            target, part = columns.targets[edge], weight * columns.probabilities[edge]
            if part > 0.0:
                if after[target] == 0.0:
                    fresh[found] = target
                    found += 1
                after[target] += part
            edge += 1
    return found


@inline
def normalise(count, active, share):
    """Scale the shares of the active states to sum to 1; return what they summed to."""
    total = 0.0
    for at in range(count):
        total += share[active[at]]
    for at in range(count):
        share[active[at]] /= total
    return total


@kernel
def forward(columns, symbols, offsets, bits):
    """Fill the surprise of whole traces in bits, infinite where a trace is impossible.

    Shares are scaled to sum to 1 after each symbol, so that no length makes them vanish (Rabiner, Proc. IEEE 77,
    1989, section V.A); only states that have a share are looked at.
    """
    states = len(columns.stops)
    share, after = np.zeros(states), np.zeros(states)
    active, fresh = np.empty(states, np.int64), np.empty(states, np.int64)
    for trace in range(len(offsets) - 1):
        count = len(columns.starts)
        for at in range(count):
            active[at] = columns.starts[at]
            share[active[at]] = columns.initial[active[at]]
        total = 0.0
        for position in range(offsets[trace], offsets[trace + 1]):
            count = advance(columns, symbols[position], count, active, share, fresh, after)
            share, after, active, fresh = after, share, fresh, active
            if count == 0:
                break
            total -= np.log2(normalise(count, active, share))
        stop = 0.0
        for at in range(count):
            stop += share[active[at]] * columns.stops[active[at]]
            share[active[at]] = 0.0
        bits[trace] = total - np.log2(stop) if stop > 0.0 else np.inf
