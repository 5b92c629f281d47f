"""What leads to each state of an automaton, step by step back, and what from it to others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA, Transition

Weights = dict[str | None, float]
"""How often each symbol came, or how probable it is; None is the end of a trace."""
_MOST_STATES = 50
"""States that a step back may reach: beyond, nothing short is true of the events there."""
_PASSES = 200
_NEARLY = 1e-6


class StepBack(NamedTuple):
    """What came so many events before a state was entered: the probability of each symbol, and that nothing did."""

    symbols: Weights
    begun: float


class Neighbours:
    """The events before and after each state, by how often they came.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (1, 1)}, 1: {"run": (0.75, 2), "stop": (0.25, 2)}, 2: {None: (1, 0)}}
    >>> found = Neighbours(from_rows(rows))
    >>> found.into[2], found.out[1], found.out[2]
    ({'run': 0.75, 'stop': 0.25}, {'run': 0.75, 'stop': 0.25}, {None: 1.0})
    >>> [step.symbols for step in found.back(2, {"run"})]
    [{'run': 0.75}, {'load': 0.75}, {}]
    """

    def __init__(self, automaton: PDFA) -> None:
        self.into: list[Weights] = [{} for _ in range(len(automaton))]
        self.out: list[Weights] = [{} for _ in range(len(automaton))]
        self._edges = [edge for edge in automaton.transitions() if edge.weight > 0]
        self._visits = [float(visits) for visits in automaton.visits]
        self._by: dict[str, list[Transition]] = {}
        self._back: list[list[tuple[str, int, float]]] = [[] for _ in range(len(automaton))]
        returned = 0.0
        for edge in self._edges:
            self._by.setdefault(edge.symbol, []).append(edge)
            self._back[edge.target].append((edge.symbol, edge.source, edge.weight))
            into, out = self.into[edge.target], self.out[edge.source]
            into[edge.symbol] = into.get(edge.symbol, 0.0) + edge.weight
            out[edge.symbol] = out.get(edge.symbol, 0.0) + edge.weight
            returned += edge.weight * (edge.target == 0 < edge.source)
        for state, weight in enumerate(automaton.stops.tolist()):
            if weight > 0:
                self.out[state][None] = weight
        self._total = [sum(weight for _, _, weight in back) for back in self._back]
        self._begun = max(0.0, float(automaton.visits[0]) - self._total[0])
        self._total[0] += self._begun
        self.returns = returned >= 0.5 * automaton.visits[0]
        self._seen: dict[str, NDArray[np.float64]] = {}  # no cache of a method, which would be a circle
        self._sources = np.array([edge.source for edge in self._edges], np.int64)
        self._targets = np.array([edge.target for edge in self._edges], np.int64)
        self._shares = np.array([edge.weight for edge in self._edges]) / np.array(self._total)[self._targets]

    def back(self, state: int, last: Collection[str | None] | None = None) -> Iterator[StepBack]:
        """Yield what came last before a state, what before that, and so on, in the cases where `last` came last.

        The probabilities are those of all cases: they add up to less than one where another symbol came last, or where
        some traces have not been going on for so long.
        """
        mass = {state: 1.0}
        while 0 < len(mass) <= _MOST_STATES:
            symbols, before = Weights(), dict[int, float]()
            for symbol, source, moved in self._moves_back(mass, last):
                symbols[symbol] = symbols.get(symbol, 0.0) + moved
                before[source] = before.get(source, 0.0) + moved
            begun = mass.get(0, 0.0) * self._begun / self._total[0] if self._begun else 0.0
            yield StepBack(symbols, begun)
            mass, last = before, None

    def entered(self, states: Collection[int], way: Sequence[str]) -> float:
        """Return the share of all ways into some states whose last events these are."""
        total = sum(self._total[state] for state in states)
        mass = {state: self._total[state] / total for state in states if total}
        for symbol in reversed(way):
            before = dict[int, float]()
            for _, source, moved in self._moves_back(mass, {symbol}):
                before[source] = before.get(source, 0.0) + moved
            mass = before
        return sum(mass.values())

    def _moves_back(
        self, mass: Mapping[int, float], by: Collection[str | None] | None
    ) -> Iterator[tuple[str, int, float]]:
        """Yield by which event, any or one of some, how much of what is in states came from which."""
        for target, share in mass.items():
            for symbol, source, weight in self._back[target]:
                if by is None or symbol in by:
                    yield symbol, source, share * weight / self._total[target]

    def led(self, states: Collection[int], way: Sequence[str]) -> float:
        """Return the share of all times that these events came one after the other which ended in some states."""
        mass = dict(enumerate(self._visits))
        for symbol in way:
            after = dict[int, float]()
            for edge in self._by.get(symbol, ()):
                if edge.source in mass:
                    after[edge.target] = after.get(edge.target, 0.0) + mass[edge.source] * edge.probability
            mass = after
        total = sum(mass.values())
        return sum(mass.get(state, 0.0) for state in states) / total if total else 0.0

    def seen(self, symbol: str, state: int, last: Collection[str | None]) -> float:
        """Return how probable it is that a state was entered by one of the last and a symbol came before that."""
        seen = self._seen.get(symbol)
        if seen is None:
            seen = self._seen[symbol] = self._solve(symbol)
        found = sum(weight * float(seen[source]) for one, source, weight in self._back[state] if one in last)
        return found / self._total[state] if found else 0.0

    def _solve(self, symbol: str) -> NDArray[np.float64]:
        """Return how probable it is for each state that a symbol came on the way to it; never more than it is."""
        by = np.array([edge.symbol == symbol for edge in self._edges])
        found: NDArray[np.float64] = np.zeros(len(self._total))
        for _ in range(_PASSES):
            last, came = found, np.where(by, 1.0, found[self._sources])
            found = np.bincount(self._targets, self._shares * came, len(found)).astype(np.float64)
            if np.abs(found - last).max(initial=0.0) < _NEARLY:
                break
        return found
