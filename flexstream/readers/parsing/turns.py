"""Times without a year, or without a day: those that come one after the other turn to the next year or day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..time_shapes import YEARLY

_DAY = 86_400.0
# Times without a year start in a leap year, so that 29 February exists.
_FIRST_YEAR = np.datetime64("2000", "Y")
_START = 946_684_800.0  # of that year, in seconds since 1970
_MARCH = _START + 60 * _DAY
_HALF = {True: 183 * _DAY, False: _DAY / 2}
"""Half a year and half a day: a step back that is longer is a step on to the next."""


class Turns:
    """Counts the turns of the year, or of the day, from one time to the next.

    Attributes
    ----------
    kind : str or None
        What the last times lack.
    count : int
        Turns so far.

    Examples
    --------
    >>> turns = Turns()
    >>> late, early = 946_684_800.0 + 86_399.0, 946_684_800.0 + 1.0
    >>> (turns.unrolled("daily", np.array([late, early])) - 946_684_800.0).tolist()
    [86399.0, 86401.0]
    """

    def __init__(self) -> None:
        self.kind: str | None = None  # of the last times
        self._last: float | None = None
        self.count = 0

    def state(self) -> dict[str, Any]:
        """Return the last time and the turns so far."""
        return {"last": self._last, "count": self.count}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._last, self.count = state["last"], state["count"]

    def unrolled(self, kind: str, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the seconds of times, given those that they would be in the first year, or on the first day."""
        if not len(moments):
            return moments
        self.kind, half = kind, _HALF[kind == YEARLY]
        steps = np.diff(moments, prepend=moments[0] if self._last is None else self._last)
        turns: NDArray[np.int64] = np.array([self.count])
        if np.abs(steps).max() >= half:
            turns = self.count + np.cumsum((steps <= -half).astype(np.int64) - (steps >= half))
        self._last, self.count = float(moments[-1]), int(turns[-1])
        return _in_year(moments, turns) if kind == YEARLY else moments + _DAY * turns


def _in_year(moments: NDArray[np.float64], turns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return times of the first year as those of later ones; 29 February becomes 1 March where there is none."""
    years = _FIRST_YEAR + turns
    starts = years.astype("datetime64[s]").astype(np.int64)
    lengths = (years + 1).astype("datetime64[s]").astype(np.int64) - starts
    short = (lengths < 366 * _DAY) & (moments >= _MARCH)
    return np.asarray(starts + (moments - _START) - np.where(short, _DAY, 0.0), np.float64)
