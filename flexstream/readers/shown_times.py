"""Times as they are shown where a source writes them without a year: in the newest that its file lets them be of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .parsing.times import FIRST_YEAR

if TYPE_CHECKING:
    from ..stream.origins import Origin
    from .parsing.times import Clock

_DAY = 86_400.0
"""So much later than its file a time may be, as times are those of some zone."""
_YEARS = 9
"""Among so many there is one with a 29 February."""


def in_newest_year(moment: float, until: float) -> float | None:
    """Return a time with another year: the newest in which it is not after a moment; None where no year has its day.

    Parameters
    ----------
    moment, until : float
        Seconds since 1970.

    Examples
    --------
    >>> december, until = 946_684_800.0 + 365 * 86_400.0, datetime(2026, 1, 2, tzinfo=UTC).timestamp()
    >>> datetime.fromtimestamp(in_newest_year(december, until), UTC).date().isoformat()
    '2025-12-31'
    """
    told, last = (datetime.fromtimestamp(one, UTC) for one in (moment, until))
    for year in range(last.year, last.year - _YEARS, -1):
        try:
            found = told.replace(year=year)
        except ValueError:  # 29 February
            continue
        if found <= last:
            return found.timestamp()
    return None


class ShownTimes:
    """Returns the times of events as they are shown.

    What is learned hangs on what lies between times alone, so that those without a year are counted from a year of
    their own; no model and no sequence knows of what is done here.

    Parameters
    ----------
    clock : Clock
        Which has read them.
    names : mapping of int to str
        Of the sources, by their numbers.

    Attributes
    ----------
    dated : bool
        Whether any was shown with a year that it was read without.
    """

    def __init__(self, clock: Clock, names: Mapping[int, str]) -> None:
        self._clock, self._names = clock, names
        self.dated = False

    def __call__(self, origin: Origin) -> float | None:
        """Return the time of an event in seconds since 1970; None where there is none, or no day of it is known.

        Of a time without a year it is the newest in which it is not after what was last written to its file, or not
        after now where it came from no file.
        """
        made_up = self._clock.made_up
        if origin.time is None or made_up is None:
            return origin.time
        from .time_shapes import YEARLY  # with compiled loops, which have told the time

        kind, turns = made_up
        years = datetime.fromtimestamp(origin.time, UTC).year - FIRST_YEAR
        if not -1 <= years <= turns + 1:
            return origin.time  # of another source, with a year
        if kind != YEARLY:
            return None
        self.dated = True
        return in_newest_year(origin.time, self._until(origin.source) + _DAY)

    def _until(self, source: int | None) -> float:
        """Return when the newest line of a source was written, at the latest."""
        now = time.time()
        try:
            path = Path("" if source is None else self._names[source])
            return min(now, path.stat().st_mtime) if path.is_file() else now
        except (OSError, ValueError, KeyError):
            return now
