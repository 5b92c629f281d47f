"""Alarms of a fleet: each trace judged by its member's model, at a rate that holds for each member."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect
from ..automata.fleet import Fleet
from ..errors import ModelError
from ..stream.batch import TraceBatch
from .alarm import Judge


class FleetJudge:
    """Tells which traces are strange for their members.

    A member that was calibrated by as many traces as the rate takes is judged by itself: of its usual traces a share of
    the rate alarms at most.  All others, and traces of members that the fleet does not know, are judged by the pool: of
    all usual traces together a share of the rate alarms.

    Parameters
    ----------
    fleet : Fleet
    rate : float, optional
        Share of usual traces that alarm at most; None: as of `Judge`, by the pool.

    Raises
    ------
    UsageError, ModelError
        As `Judge`, for the pool.

    Examples
    --------
    >>> from flexstream import FleetLearner
    >>> learner = FleetLearner()
    >>> often, never = [["load", "fix", "run"], ["load", "run"]] * 150, [["load", "run"]] * 300
    >>> learner.learn_many(often + never, members=["a"] * 300 + ["b"] * 300)
    >>> judge = FleetJudge(learner.fleet(), rate=0.05)
    >>> batch = TraceBatch.from_traces([["load", "fix", "run"]] * 3, judge.fleet.alphabet())
    >>> [float(judge.of(name).p_values(batch)[0]) <= 0.05 for name in ("a", "b", "unknown")]
    [False, True, False]
    """

    def __init__(self, fleet: Fleet, rate: float | None = None) -> None:
        self.fleet = expect("fleet", fleet, Fleet)
        self.pool = Judge(fleet.pool, rate)
        self.rate = self.pool.rate
        self._judges: dict[str, Judge] = {}

    def of(self, name: str | None) -> Judge:
        """Return who judges traces of a member; the pool's judge for None, and where there is no such member."""
        if name is None or name not in self.fleet:
            return self.pool
        if name not in self._judges:
            self._judges[name] = self._made(name)
        return self._judges[name]

    def by_itself(self, name: str) -> bool:
        """Whether a member is judged by its own calibration."""
        return self.of(name) is not self.pool

    def _made(self, name: str) -> Judge:
        if self.fleet[name].calibration is None:
            return self.pool
        try:
            return Judge(self.fleet.model(name), self.rate)
        except ModelError:  # too few traces for this rate
            return self.pool

    def p_values(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the p-value of each trace."""
        found = np.empty(len(batch))
        for name, rows, part in self.fleet.groups(batch):
            found[rows] = self.of(name).p_values(part, numbers=rows)
        return found
