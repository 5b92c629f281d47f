"""Ways from the start of an automaton to each of its states."""

from __future__ import annotations

import heapq
import math

from ..automata.pdfa import PDFA


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
        self._edges: list[list[tuple[float, str, int]]] = [[] for _ in range(len(automaton))]
        for edge in automaton.transitions():
            if edge.weight > 0 and edge.probability > 0:
                self._edges[edge.source].append((-math.log2(edge.probability), edge.symbol, edge.target))
        self._likeliest, self._shortest = self._search(0.0), self._search(1.0)

    def _search(self, step: float) -> dict[int, tuple[int, str] | None]:
        """Return the last step of the best way to each state, by bits, or by events first."""
        last: dict[int, tuple[int, str] | None] = {}
        waiting: list[tuple[float, float, int, tuple[int, str] | None]] = [(0.0, 0.0, 0, None)]
        while waiting:
            length, bits, state, by = heapq.heappop(waiting)
            if state in last:
                continue
            last[state] = by
            for cost, symbol, target in self._edges[state]:
                if target not in last:
                    heapq.heappush(waiting, (length + step, bits + cost, target, (state, symbol)))
        return last

    def likeliest(self, state: int, most: int | None = None) -> tuple[str, ...]:
        """Return the events of the likeliest way to a state, at most so many, its last; none for the start.

        None lead to what is not reached.
        """
        return _path(self._likeliest, state, most)

    def shortest(self, state: int, most: int | None = None) -> tuple[str, ...]:
        """Return the events of the shortest way likewise."""
        return _path(self._shortest, state, most)

    def probability(self, way: tuple[str, ...]) -> float:
        """Return the probability that a trace begins so, for the states alone: an n-gram knows no ways."""
        return float(2.0 ** -self._automaton.alone.surprises(way)[0][:-1].sum())


def _path(last: dict[int, tuple[int, str] | None], state: int, most: int | None) -> tuple[str, ...]:
    found: list[str] = []
    while len(found) != most and (step := last.get(state)) is not None:
        state, symbol = step
        found.append(symbol)
    return tuple(reversed(found))
