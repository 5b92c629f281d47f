"""Absorption: when, and how, traces end from each state of an automaton on, worked out exactly.

An automaton is a Markov chain that its end absorbs (Kemeny & Snell, "Finite Markov Chains", 1960, chapter III).  What a
trace does on average until then is the solution of linear equations; the distribution of its length follows from the
powers of the matrix of one step.  Nothing is sampled.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .arrays import read_only
from .steps import Steps

if TYPE_CHECKING:
    from .passage import Passage
    from .pdfa import PDFA

SQUARED = 256
"""States up to which powers of the matrix are found by squaring it."""
HELD = 1 << 23
"""Numbers that are kept of larger automata: how many traces go on, for each state and each number of events."""
FARTHEST = 1 << 20
"""Events up to which larger automata are followed; beyond, as many of the traces end as in the last half of them."""


class Absorption:
    """What becomes of a trace from each state of an automaton on, by the automaton alone: without its n-gram.

    Parameters
    ----------
    automaton : PDFA

    Attributes
    ----------
    steps : Steps

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> coin = Absorption(from_rows({0: {"a": (75, 0), None: (25, 0)}}))
    >>> coin.means.tolist(), coin.surviving(0, 1), coin.reaching(0).tolist()
    ([3.0], 0.5625, [0.75])
    """

    def __init__(self, automaton: PDFA) -> None:
        self.steps = Steps(automaton)
        self._powers: list[NDArray[np.float64]] = []
        self._last: dict[int, NDArray[np.float64]] = {}
        self._reaching: dict[int, NDArray[np.float64]] = {}
        self._rows: list[NDArray[np.float64]] = []  # of larger automata: shares that go on, by number of events

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        """Probability that a trace ever ends from each state on, shape (states,)."""
        if self.certain.all():
            return read_only(np.ones(self.steps.states))
        found = np.clip(self.steps.solved(self.steps.stops), 0.0, 1.0)
        return read_only(np.where(self.certain, 1.0, found))

    @cached_property
    def certain(self) -> NDArray[np.bool_]:
        """From which states every trace ends: none of those that it may come to is without an end."""
        return read_only(~self.steps.can_reach(~self.steps.kept))

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """Mean number of events until the end, shape (states,); infinite where some traces never end."""
        found = np.maximum(self.steps.solved(1 - self.steps.stops), 0.0)
        return read_only(np.where(self.certain, found, np.inf))

    def reaching(self, symbol: int) -> NDArray[np.float64]:
        """Return the probability that a symbol comes before the end, from each state on, shape (states,)."""
        if symbol not in self._reaching:
            without = Steps(self.steps.automaton, without=symbol)
            self._reaching[symbol] = np.clip(without.solved(self.steps.chances(symbol)), 0.0, 1.0)
        return self._reaching[symbol]

    def last(self, state: int) -> NDArray[np.float64]:
        """Return the probability of each symbol to be the last of those that come, shape (symbols + 1,).

        Behind those of the alphabet stand all others together.  What is left of 1 is that none comes, or no end.
        """
        if state not in self._last:
            start = np.zeros(self.steps.states)
            start[state] = 1.0
            self._last[state] = self.steps.last(self.steps.solved(start, forward=True))
        return self._last[state]

    @cached_property
    def passage(self) -> Passage:
        """The times until the end; of an automaton that knows durations."""
        from .passage import Passage

        return Passage(self)

    def surviving(self, state: int, events: int) -> float:
        """Return the probability that more than so many events come from a state on."""
        if self.steps.states > SQUARED:
            return self._followed(state, events)
        row, left, power = np.zeros(self.steps.states), events + 1, 0
        row[state] = 1.0
        while left:
            if left & 1:
                row = row @ self._power(power)
            left, power = left >> 1, power + 1
        return min(1.0, float(row.sum()))

    def _power(self, number: int) -> NDArray[np.float64]:
        """Return the matrix of 2ⁿ steps."""
        if not self._powers:
            self._powers.append(self.steps.matrix())
        while len(self._powers) <= number:
            self._powers.append(self._powers[-1] @ self._powers[-1])
        return self._powers[number]

    def _followed(self, state: int, events: int) -> float:
        """Return what `surviving` does, step by step."""
        if events > FARTHEST:
            half, whole = self._followed(state, FARTHEST // 2), self._followed(state, FARTHEST)
            return whole * (whole / half) ** ((events - FARTHEST) / (FARTHEST // 2)) if half > 0 else 0.0
        rows = self._rows or [1 - self.steps.stops]
        self._rows, row = rows, rows[-1]
        for _ in range(events + 1 - len(rows)):
            row = self.steps.after(row)
            if len(rows) * len(row) < HELD:
                rows.append(row)
        return float(np.clip(rows[events][state] if events < len(rows) else row[state], 0.0, 1.0))

    def path(self, state: int, events: int) -> NDArray[np.float64]:
        """Return the probabilities that more than 0, 1, … up to so many events come, shape (events + 1,)."""
        row, found = np.zeros(self.steps.states), np.empty(events + 1)
        row[state] = 1.0
        for number in range(events + 1):
            row = self.steps.before(row)
            found[number] = row.sum()
        return np.clip(found, 0.0, 1.0)
