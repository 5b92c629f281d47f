"""Ways from the start of an automaton to each of its states."""

from __future__ import annotations

import math

from ..automata.pdfa import PDFA
from ..automata.shortest import BestWays


class Ways:
    """The shortest and the likeliest way to each state.

    Of ways of one length the shortest is the likeliest of them; the probability of a way is that of its events.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"skip": (0.1, 2), "load": (0.9, 1)}, 1: {"run": (1, 2)}, 2: {None: (1, 0)}}
    >>> ways = Ways(from_rows(rows))
    >>> ways.shortest(2), ways.likeliest(2), round(ways.probability(ways.likeliest(2)), 6)
    (('skip',), ('load', 'run'), 0.9)
    """

    def __init__(self, automaton: PDFA) -> None:
        self._automaton = automaton
        edges: list[list[tuple[float, str, int]]] = [[] for _ in range(len(automaton))]
        for edge in automaton.transitions():
            if edge.weight > 0 and edge.probability > 0:
                edges[edge.source].append((-math.log2(edge.probability), edge.symbol, edge.target))
        self._likeliest = BestWays(
            0, lambda state: (((bits, 1), symbol, target) for bits, symbol, target in edges[state])
        )
        self._shortest = BestWays(
            0, lambda state: (((1, bits), symbol, target) for bits, symbol, target in edges[state])
        )

    def likeliest(self, state: int, most: int | None = None) -> tuple[str, ...]:
        """Return the events of the likeliest way to a state, at most so many, its last; none for the start.

        None lead to what is not reached.
        """
        return self._likeliest.to(state, most)

    def shortest(self, state: int, most: int | None = None) -> tuple[str, ...]:
        """Return the events of the shortest way likewise."""
        return self._shortest.to(state, most)

    def probability(self, way: tuple[str, ...]) -> float:
        """Return the probability that a trace begins so, for the states alone: an n-gram knows no ways."""
        return float(2.0 ** -self._automaton.alone.surprises(way)[0][:-1].sum())
