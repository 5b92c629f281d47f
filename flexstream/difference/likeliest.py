"""The likeliest ways that two automata have in common: what states are called by, as in pictures and explanations."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..automata.shortest import BestWays, Cost

Pair = tuple[int, int]
"""A state of each automaton, to which the same trace leads."""


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
        following: dict[Pair, list[tuple[Cost, str, Pair]]] = {}
        for source, symbol, target, chance in steps:
            if chance > 0:
                following.setdefault(source, []).append(((-math.log2(chance), 1), symbol, target))
        self._ways = BestWays((0, 0), lambda pair: following.get(pair, ()))

    def to(self, pairs: Iterable[Pair]) -> tuple[str, ...]:
        """Return the likeliest of all ways to some pairs, of equals the shortest.

        Raises
        ------
        ValueError
            If no way leads to any of them.
        """
        costs = self._ways.costs
        return self._ways.to(min((pair for pair in pairs if pair in costs), key=costs.__getitem__))
