"""Novelty: whether traces with steps that hardly ever came now come in a row."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from ..pac.theorems.balle import look_share

TOGETHER = 4
"""Neighbours that count as one, as lots of one batch that are lost together."""
EARLIER = (4, 5, 6, 8, 11, 16, 23, 32)
"""So many groups that are new, beside the newest, may be what a change shows in."""


class NoveltyTest:
    """Notices that rare traces have become frequent, by where in the stream they came.

    Traces are taken in groups of 4 neighbours, and a group is new where one of its traces is.  If traces are
    independent and the source stays, so are groups, and each is new with one probability, whatever that is: then of
    the i - 1 groups before the i-th that are new, any j are as likely among the last m of the g - 1 groups before it
    as among any others.  That all of some j are, has at most the probability
    ``C(i - 1, j) · m/(g - 1) · (m - 1)/(g - 2) ⋯`` (Bonferroni).  The i-th look has 6δ/(π²i²) of the risk, shared out
    among eight j, so that nothing is ever found with probability 1 - δ.

    Parameters
    ----------
    delta : float
        Probability with which anything is ever found where nothing changes.

    Examples
    --------
    >>> test, usual, strange = NoveltyTest(0.002), np.zeros(2000, np.bool_), np.arange(100) % 4 == 0
    >>> test.take(usual), test.take(strange), test.since
    (2000, 17, 2000)
    """

    def __init__(self, delta: float) -> None:
        self.delta = delta
        self._few = [(j, delta ** (1 / j)) for j in EARLIER]
        self.start_over()

    def start_over(self) -> None:
        """Know of no traces."""
        self.traces = self.found = 0
        self.since: int | None = None
        self.newest: list[int] = []  # the last groups that were new, as many as are looked back at

    def copy(self) -> NoveltyTest:
        """Return one that is where this one is, and goes its own way."""
        twin = NoveltyTest(self.delta)
        twin.traces, twin.found, twin.since, twin.newest = self.traces, self.found, self.since, list(self.newest)
        return twin

    __copy__ = copy

    def take(self, new: NDArray[np.bool_]) -> int:
        """Take in whether traces are new, up to the one by which a change shows; return how many that is.

        Then ``since`` is the number of traces before the change, None while there is none.
        """
        for place in np.flatnonzero(new).tolist():
            group = (self.traces + place) // TOGETHER
            if self.newest and self.newest[-1] == group:
                continue
            self.found += 1
            self.since = self._look(group)
            self.newest = [*self.newest, group][-EARLIER[-1] :]
            if self.since is not None:
                self.traces += place + 1
                return int(place) + 1
        self.traces += len(new)
        return len(new)

    def _look(self, group: int) -> int | None:
        """Return how many traces came before a change that shows by a group that is new, None where none does."""
        likely, since, least = self.found - 1, None, 0.0
        for j, few in self._few[: bisect_right(EARLIER, len(self.newest))]:
            first = self.newest[-j]
            if likely * (group - first - j + 1) > few * j * (group - j + 1):
                continue  # what follows would be above δ, since a binomial coefficient C(n, j) is at least (n/j)^j
            log_p = _log_ways(likely, j) + _log_product(group - first, j) - _log_product(group, j)
            if log_p < min(least, math.log(look_share(self.delta, self.found) / len(EARLIER))):
                least, since = log_p, TOGETHER * first
        return since


def _log_product(number: int, factors: int) -> float:
    """Return ``ln(number · (number - 1) ⋯)``, so many factors."""
    return math.lgamma(number + 1) - math.lgamma(number - factors + 1)


def _log_ways(number: int, chosen: int) -> float:
    return _log_product(number, chosen) - math.lgamma(chosen + 1)
