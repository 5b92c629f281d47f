"""Slow twins of softening: one trace at a time, and sums over all ways through the states."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flexstream.automata.softened import Softened

from .registry import twin

Counts = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@twin("softening.expect_counts")
def expected_counts(
    chances: NDArray[np.float64], stops: NDArray[np.float64], initial: NDArray[np.float64], traces: Sequence[list[int]]
) -> tuple[Counts, list[float]]:
    """Return how often each transition, end and beginning is expected in traces, and the bits of each."""
    passed, ended, begun, bits = np.zeros_like(chances), np.zeros_like(stops), np.zeros_like(initial), []
    for trace in traces:
        before = [initial]
        for symbol in trace:
            before.append(before[-1] @ chances[symbol])
        after = [stops]
        for symbol in reversed(trace):
            after.insert(0, chances[symbol] @ after[0])
        whole = float(before[-1] @ stops)
        for place, symbol in enumerate(trace):
            passed[symbol] += np.outer(before[place], after[place + 1]) * chances[symbol] / whole
        ended += before[-1] * stops / whole
        begun += initial * after[0] / whole
        bits.append(-math.log2(whole))
    return (passed, ended, begun), bits


@twin("softening.exp_digammas")
def exp_digamma(value: float) -> float:
    """Return exp of the slope of the logarithm of the gamma function, found one step after the other from far up."""
    found = 0.0
    while value < 1000:
        found -= 1 / value
        value += 1
    return math.exp(found + math.log(value) - 1 / (2 * value) - 1 / (12 * value * value))


@twin("softening.softened_chances")
def chances_after(automaton: Softened, prefix: Sequence[int]) -> NDArray[np.float64]:
    """Return the probabilities of what comes next: of the end, of any unknown symbol, of each symbol."""
    shares = np.array(automaton.initial)
    for symbol in prefix:
        shares = shares @ matrix_of(automaton, symbol)
        shares = shares / shares.sum()
    rows = [float((shares @ matrix_of(automaton, symbol)).sum()) for symbol in (-1, *range(len(automaton.symbols)))]
    end = float(shares @ (automaton.stops + automaton.escapes * automaton.base[0]))
    return np.array([end, *rows])


def matrix_of(automaton: Softened, symbol: int) -> NDArray[np.float64]:
    """Return the probability of a symbol and the next state together, from each state."""
    found = np.outer(automaton.escapes * automaton.base[2 + symbol if symbol >= 0 else 1], automaton.landing)
    for source, taken, target, chance in zip(
        automaton.sources, automaton.edge_symbols, automaton.targets, automaton.probabilities, strict=True
    ):
        if taken == symbol:
            found[source, target] += chance
    return found
