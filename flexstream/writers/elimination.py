"""What of an automaton can be left out of its picture at the least loss of traces: all is there at first, then less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST = 1000
"""States up to which traces are followed through all of them at once; its time grows with their cube."""
_AT_ONCE = 0.1
"""Share of the states, or arrows, that are left out in one step where there are many."""
_FEW = 200
"""Of so many one goes after the other."""


class Elimination:
    """Part of a Markov chain, from which what the fewest traces go through is left out step by step.

    With N = (I − Q)⁻¹ of the steps Q within the part, and c = N·stop the probability to end within it from each state
    on, N[0, s]·c[s] / N[s, s] is the share of the traces that stay within and visit state s, and that of those which
    ever take the arrow of probability q from s to t is q·N[0, s]·c[t] / (1 + q·N[t, s]) (Kemeny & Snell, "Finite Markov
    Chains", 1960, chapter III, and the formula of Sherman & Morrison, 1950).  What several states or arrows take
    together is at most the sum.

    Parameters
    ----------
    steps : float64 array, shape (states, states)
        Probability to go on from each state to each other; state 0 is the start.  It is changed.
    stops : float64 array, shape (states,)
        Probability to end, above 0 at the end of a way from each of the states.

    Attributes
    ----------
    states : int64 array
        States that are left, ascending.
    coverage : float
        Share of the traces that stay within what is left.

    Examples
    --------
    >>> part = Elimination(np.array([[0, 0.9, 0.1], [0, 0, 0], [0, 0, 0]]), np.array([0, 1.0, 1.0]))
    >>> part.thin(0.8)
    >>> part.states.tolist(), round(part.coverage, 2)
    ([0, 1], 0.9)
    """

    def __init__(self, steps: NDArray[np.float64], stops: NDArray[np.float64]) -> None:
        self.states, self.steps, self._stops = np.arange(len(stops)), steps, stops
        self._follow()

    def _follow(self) -> None:
        """Follow the traces through what is left."""
        self._visits = np.linalg.inv(np.eye(len(self.states)) - self.steps)
        self._ending = self._visits @ self._stops
        self.coverage = float(self._ending[0])

    @property
    def arrows(self) -> int:
        """How many arrows are left."""
        return int(np.count_nonzero(self.steps))

    def shrink(self, most_states: int, most_arrows: int) -> None:
        """Leave out what the fewest traces go through until there are at most so many states and arrows."""
        while (more := len(self.states) - most_states) > 0:
            lost = self._by_state()
            self._without_states(np.argsort(lost, kind="stable")[: self._step(len(lost), more)])
        while (more := self.arrows - most_arrows) > 0:
            lost, ends = self._by_arrow()
            order = np.argsort(lost, kind="stable")[: self._step(len(lost), more)]
            self._without_arrows(ends[0][order], ends[1][order])

    def thin(self, share: float, few_states: int = 1, few_arrows: int = 0) -> None:
        """Leave out more while a share of the traces stays within, down to so few states and arrows."""
        while True:
            slack, by_state = self.coverage - share + 1e-12, self._by_state()
            by_arrow, ends = self._by_arrow()
            state = int(np.argmin(by_state))
            of_state = np.count_nonzero(self.steps[state]) + np.count_nonzero(self.steps[:, state])
            # A state goes if its arrows, one by one, would take more with them.
            whole = by_state[state] <= (of_state + 1) * by_arrow.min(initial=np.inf)
            if len(self.states) > few_states and (whole or self.arrows <= few_arrows):
                if by_state[state] > slack:
                    return
                self._without_states(_least(by_state, slack, len(self.states) - few_states))
            else:
                if self.arrows <= few_arrows or by_arrow.min() > slack:
                    return
                order = _least(by_arrow, slack, self.arrows - few_arrows)
                self._without_arrows(ends[0][order], ends[1][order])

    def _by_state(self) -> NDArray[np.float64]:
        """Return the share of the traces that each state would take with it; all of them for the start."""
        lost: NDArray[np.float64] = self._visits[0] * self._ending / np.diag(self._visits)
        lost[0] = np.inf
        return lost

    def _by_arrow(self) -> tuple[NDArray[np.float64], Sequence[NDArray[np.int64]]]:
        """Return what each arrow would take with it, and the places of its ends."""
        sources, targets = np.nonzero(self.steps)
        chances = self.steps[sources, targets]
        turns = 1.0 + chances * self._visits[targets, sources]
        return chances * self._visits[0, sources] * self._ending[targets] / turns, (sources, targets)

    @staticmethod
    def _step(size: int, more: int) -> int:
        return max(1, min(more, int(_AT_ONCE * size))) if size > _FEW else 1

    def _without_states(self, out: NDArray[np.int64]) -> None:
        kept = np.ones(len(self.states), np.bool_)
        kept[out] = False
        # Of the inverse of a part, what is left is the Schur complement of what is not: no need to invert anew.
        gone = np.linalg.solve(self._visits[np.ix_(~kept, ~kept)], self._visits[np.ix_(~kept, kept)])
        self._visits = self._visits[np.ix_(kept, kept)] - self._visits[np.ix_(kept, ~kept)] @ gone
        self.states, self.steps, self._stops = self.states[kept], self.steps[np.ix_(kept, kept)], self._stops[kept]
        self._ending = self._visits @ self._stops
        self.coverage = float(self._ending[0])

    def _without_arrows(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> None:
        self.steps[sources, targets] = 0.0
        self._follow()


def _least(lost: NDArray[np.float64], slack: float, most: int) -> NDArray[np.int64]:
    """Return the places of those that take the least: one, or of many as many as take half of what may be lost."""
    if len(lost) <= _FEW:
        return np.array([np.argmin(lost)])
    order = np.argsort(lost, kind="stable")[: max(1, min(most, int(_AT_ONCE * len(lost))))]
    return order[: max(1, int(np.searchsorted(np.cumsum(lost[order]), slack / 2, side="right")))]
