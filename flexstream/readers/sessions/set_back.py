"""Clocks that are set back where summer time ends: times without a zone go back then, and an hour comes twice."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ...errors import parameter
from ..diagnostics import Diagnostics

_HOUR, _DAY = 3_600.0, 86_400.0
_MONTHS = frozenset({3, 4, 9, 10, 11})
"""In which summer time ends, in the north or the south."""
_SUNDAY = 6
_SELDOM = 100  # times as many steps as others that go back as far
_LOOKED_AT = 1 << 16


def tell_set_back(
    times: NDArray[np.float64], diagnostics: Diagnostics, steps: NDArray[np.float64] | None = None
) -> None:
    """Say where times that are put in order look as if a clock had been set back.

    Parameters
    ----------
    times : float64 array
        Seconds, as the events stand in the source.
    diagnostics : Diagnostics
    steps : float64 array, optional
        From each time but the first to it, NaN where one has nothing to do with the one before.

    Examples
    --------
    >>> from datetime import datetime, timezone
    >>> three = datetime(2026, 10, 25, 3, tzinfo=timezone.utc).timestamp()
    >>> told = Diagnostics()
    >>> tell_set_back(np.array([three - 600, three - 10, three - 3590, three - 600]), told)
    >>> print(str(told.notes[0])[:70])
    times go back on 2026-10-25 from 02:59 to 02:00, as where summer time
    """
    times = times[:_LOOKED_AT]
    steps = np.nan_to_num(np.diff(times) if steps is None else steps[: len(times) - 1])
    for place in np.flatnonzero((steps < 0) & (steps >= -_HOUR)).tolist():
        if _may_be_set_back(times[place], times[place + 1]):
            as_far = int((steps < steps[place] / 2).sum()) - 1
            if _SELDOM * as_far <= len(steps):
                _tell(times[place], times[place + 1], diagnostics)
                return


def _may_be_set_back(before: float, after: float) -> bool:
    """Tell whether a clock may have been set back between two times: on a Sunday, between one and three o'clock."""
    day = datetime.fromtimestamp(before, UTC)
    clock = before % _DAY, after % _DAY
    if not (day.weekday() == _SUNDAY and day.month in _MONTHS):
        return False
    return before // _DAY == after // _DAY and _HOUR <= clock[1] < clock[0] <= 3 * _HOUR


def _tell(before: float, after: float, diagnostics: Diagnostics) -> None:
    day, (first, second) = datetime.fromtimestamp(before, UTC).date(), (_clock(time) for time in (before, after))
    diagnostics.note(
        f"times go back on {day} from {first} to {second}, as where summer time ends and no zone is written: events of "
        f"that hour are mixed (expected: times with a zone, or {parameter('time')} '' where all stand in their order)"
    )


def _clock(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M")
