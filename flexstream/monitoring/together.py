"""Whether the traces of a stream are strange together, though perhaps none of them is by itself."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.calibration import LATE, Calibration

WEIGHT = 0.1
"""Of the newest trace: what a mean remembers is about as old as in a plain mean over 20 traces."""
SHARE = 0.1
"""Of the rate of alarms, what is for traces together."""
USUAL = 1 + 1e-9
"""A mean up to which traces are as strange as usual ones."""
CHUNK = 256
"""Traces whose means are worked out at once; short enough for `WEIGHT` that none is lost to rounding."""
_FADING = (1 - WEIGHT) ** np.arange(1.0, CHUNK + 1)[:, None]


class Run(NamedTuple):
    """Traces that were strange together.

    Attributes
    ----------
    row : int
        Of the trace in its batch by which it shows.
    traces : int
        So many, that one included, since the mean was last usual.
    statistic : str
        What says so, see `flexstream.monitoring.alarm.Alarm`: ``"worst"``, ``"bits"`` or ``"counts"``.
    mean : float
        How strange the newest traces are on average; 1 is usual.
    level : float
        Above which it is told.
    """

    row: int
    traces: int
    statistic: str
    mean: float
    level: float

    def to_document(self, trace: str | int, source: str | None, line: int | None, time: str | None) -> dict[str, Any]:
        """Return it as JSON values, with the last of the traces and where that stood."""
        found = {"trace": trace, "alarm": "together", "traces": self.traces, "statistic": self.statistic}
        means = {"mean": round(self.mean, 3), "level": round(self.level, 3)}
        return {**found, **means, "source": source, "line": line, "time": time}


class Together:
    """Exponentially weighted means (Roberts, Technometrics 1, 1959) of how strange traces are, one a statistic.

    How strange a trace is by a statistic is ``-ln p`` of its conformal p-value, averaged over those with which it is
    tied: of traces like those of the calibration it is 1 on average, and without ties of an exponential law.  If they
    are independent as well, after at most a tenth of the rate of all traces a mean is above its level: Chernoff's bound
    for a weighted sum of exponential numbers, shared out among the statistics; averaged ties only make it less.
    How long steps took is left out: traces that are under way at one time wait for the same.

    Parameters
    ----------
    calibration : Calibration
    rate : float
        Of alarms.

    Examples
    --------
    >>> from flexstream.automata.tallies import Tallies
    >>> usual = Calibration.of(np.arange(99)[:, None], ("bits",), Tallies([], [], [], 99, 0))
    >>> together = Together(usual, 0.01)
    >>> together.add(np.full((500, 1), 49)), round(float(together.means[0]), 2)
    ([], 0.69)
    >>> [(run.row, run.traces, run.statistic) for run in together.add(np.full((500, 1), 94))]
    [(10, 10, 'bits')]
    """

    def __init__(self, calibration: Calibration, rate: float) -> None:
        self._calibration = calibration
        self._judged = [place for place, name in enumerate(calibration.statistics) if name != LATE]
        self._names = [calibration.statistics[place] for place in self._judged]
        self.level = level(SHARE * rate / max(1, len(self._judged)))
        self.means = np.ones(len(self._judged))
        self._usual = np.zeros(len(self._judged), np.int64)  # traces up to the one after which a mean was last usual
        self._told = -1  # traces when it was told last
        self._traces = 0

    def add(self, strangeness: NDArray[np.integer[Any]]) -> list[Run]:
        """Take traces that have ended, shape (traces, statistics), -1 where one is not known; return what shows.

        It is told once, and again only after all means have been usual since: runs that are told do not overlap.
        """
        values = self._calibration.surprises(strangeness)[:, self._judged]
        values[np.isnan(values)] = 1.0
        found: list[Run] = []
        for start in range(0, len(values), CHUNK):
            means = self._means(values[start : start + CHUNK])
            if (means > self.level).any():
                found += self._shown(means, start)
            else:
                self._note(means)
            self.means, self._traces = means[-1], self._traces + len(means)
        return found

    def _means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the means after each of some traces."""
        fading = _FADING[: len(values)]
        return fading * (self.means + WEIGHT * np.cumsum(values / fading, axis=0))

    def _note(self, means: NDArray[np.float64]) -> None:
        """Note where means were usual."""
        usual = means <= USUAL
        last = len(means) - np.argmax(usual[::-1], axis=0)
        self._usual = np.where(usual.any(axis=0), self._traces + last, self._usual)

    def _shown(self, means: NDArray[np.float64], start: int) -> list[Run]:
        """Return what shows in some traces, one by one."""
        found = []
        for row, now in enumerate(means):
            self._usual = np.where(now <= USUAL, self._traces + row + 1, self._usual)
            place = int(np.argmax(now))
            if now[place] > self.level and (self._usual > self._told).all():
                self._told = self._traces + row + 1
                traces = self._told - int(self._usual[place])
                found.append(Run(start + row, traces, self._names[place], float(now[place]), self.level))
        return found


def level(rate: float) -> float:
    """Return what a weighted mean of independent exponential numbers of mean 1 passes with such a chance at most.

    >>> round(level(0.001), 2), round(level(1e-6), 2)
    (2.24, 3.04)
    """
    weights = WEIGHT * (1 - WEIGHT) ** np.arange(math.ceil(math.log(1e-9) / math.log(1 - WEIGHT)))
    slopes = np.linspace(0, 1 / WEIGHT, 1_000, endpoint=False)[1:]
    logs = -np.log1p(-slopes[:, None] * weights).sum(axis=1)
    return float(((logs - math.log(rate)) / slopes).min())
