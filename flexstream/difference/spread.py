"""How far the outcomes of a group of states come in runs, which makes their counts less certain than they look."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..automata.chain import all_visits, expected_rewards, summed
from ..automata.pdfa import PDFA
from ..automata.smoothing import unsmoothed
from .alignment import Side, chain_of, visits


class Spread:
    """The variances of counts under an automaton."""

    def __init__(self, automaton: PDFA) -> None:
        self._automaton = automaton
        self._visits = visits(automaton)
        self._stops, self._shares = unsmoothed(automaton)
        self._chain = chain_of(automaton)
        self._numbers: dict[str | None, int] = {name: number for number, name in enumerate(automaton.symbols)}

    def effects(self, side: Side, symbols: Iterable[str | None]) -> list[float]:
        """Return by how much the variance of each count is larger than if the outcomes were independent draws.

        Where a group has states of different laws, a trace that comes to one of them often stays near it, and so its
        outcomes come in runs.  This is the design effect (Kish, Survey Sampling, 1965): the variance of what a trace
        adds to the count, less its share of the visits, as the automaton has it, over that of independent draws.  The
        steps of a trace beyond their expectation are uncorrelated, so that their variances add up.  Of a single state
        it is 1, and it is never taken to be less.

        Examples
        --------
        >>> from flexstream.difference import align
        >>> from flexstream.targets import from_rows
        >>> tail = {"a": (0.9, 1), None: (0.1, 0)}, {"b": (0.9, 2), None: (0.1, 0)}
        >>> runs = from_rows({0: {"a": (0.5, 1), "b": (0.5, 2)}, 1: tail[0], 2: tail[1]})
        >>> mixed = from_rows({0: {"a": (0.45, 0), "b": (0.45, 0), None: (0.1, 0)}})
        >>> side = align(runs, mixed).groups[0].one
        >>> [round(effect, 1) for effect in Spread(runs).effects(side, ["a", "b"])]
        [17.5, 17.5]
        """
        if len(side.states) < 2:
            return [1.0 for _ in symbols]
        inside = np.zeros(len(self._automaton))
        inside[list(side.states)] = 1.0
        return [self._effect(inside, symbol) for symbol in symbols]

    def _effect(self, inside: NDArray[np.float64], symbol: str | None) -> float:
        sources, targets = self._automaton.sources, self._automaton.targets
        taken = inside[sources] * self._named(symbol)
        ended = inside * (symbol is None)
        share = float(self._visits @ (self._mean(self._shares * taken) + self._stops * ended) / (self._visits @ inside))
        if not 0 < share < 1:
            return 1.0
        steps, ends = taken - share * inside[sources], ended - share * inside
        ahead = self._collected(self._mean(self._shares * steps) + self._stops * ends)
        squares = self._mean(self._shares * (steps + ahead[targets] - ahead[sources]) ** 2)
        variance = float(self._visits @ (squares + self._stops * (ends - ahead) ** 2))
        return max(1.0, variance / float(self._visits @ inside * share * (1 - share)))

    def _collected(self, rewards: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a trace collects from each state on; of large automata by what is worked out once for all."""
        if self._inverse is None:
            return expected_rewards(self._chain, rewards)
        return np.asarray(self._inverse @ rewards)

    @cached_property
    def _inverse(self) -> NDArray[np.float64] | None:
        return all_visits(self._chain, len(self._automaton))

    def _named(self, symbol: str | None) -> NDArray[np.bool_]:
        """Return which transitions have a symbol."""
        return np.asarray(self._automaton.edge_symbols == self._numbers.get(symbol, -1))

    def _mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of values of transitions, by the state that they leave."""
        return summed(self._automaton.sources, values, len(self._automaton))
