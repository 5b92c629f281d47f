"""The likeliest ways that two automata have in common: what states are called by, as in pictures and explanations."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping

Pair = tuple[int, int]
"""A state of each automaton, to which the same trace leads."""
Last = tuple[Pair, str]
"""From where the last event of a way came, and which it was."""


class CommonWays:
    """The likeliest way to each pair of states, by the probabilities of both automata together.

    Parameters
    ----------
    steps : iterable of (pair, str, pair, float)
        From where, by which symbol, where to, and the product of the probabilities that it has in both.

    Examples
    --------
    >>> start, loaded, run = (0, 0), (1, 1), (2, 2)
    >>> steps = [(start, "skip", run, 0.01), (start, "load", loaded, 0.8), (loaded, "run", run, 1.0)]
    >>> ways = CommonWays(steps)
    >>> ways.to([run, loaded]), ways.to([run])
    (('load',), ('load', 'run'))
    """

    def __init__(self, steps: Iterable[tuple[Pair, str, Pair, float]]) -> None:
        following: dict[Pair, list[tuple[str, Pair, float]]] = {}
        for source, symbol, target, chance in steps:
            if chance > 0:
                following.setdefault(source, []).append((symbol, target, -math.log2(chance)))
        self._last, self._bits = _search(following)

    def to(self, pairs: Iterable[Pair]) -> tuple[str, ...]:
        """Return the likeliest of all ways to some pairs, of equals the shortest.

        Raises
        ------
        ValueError
            If no way leads to any of them.
        """
        state = min((pair for pair in pairs if pair in self._bits), key=self._bits.__getitem__)
        found = []
        while (last := self._last[state]) is not None:
            state, symbol = last
            found.append(symbol)
        return tuple(reversed(found))


def _search(
    following: Mapping[Pair, list[tuple[str, Pair, float]]],
) -> tuple[dict[Pair, Last | None], dict[Pair, tuple[float, int]]]:
    """Return the last step of the best way to each pair, and its bits and events."""
    last: dict[Pair, Last | None] = {}
    bits: dict[Pair, tuple[float, int]] = {}
    waiting: list[tuple[float, int, int, Pair, Last | None]] = [(0.0, 0, 0, (0, 0), None)]
    number = 0
    while waiting:
        cost, length, _, pair, by = heapq.heappop(waiting)
        if pair in last:
            continue
        last[pair], bits[pair] = by, (cost, length)
        for symbol, target, more in following.get(pair, ()):
            if target not in last:
                number += 1
                heapq.heappush(waiting, (cost + more, length + 1, number, target, (pair, symbol)))
    return last, bits
