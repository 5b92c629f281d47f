"""Times of events: text to seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\Z")
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)\Z")
_ACCESS = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}:\d{2}:\d{2}) ?([+-]\d{4})?\Z")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
# Epoch numbers up to here are seconds (until the year 5138), then milli-, micro-, nanoseconds.
_SECONDS_UP_TO = 1e11
_HALF_A_YEAR = 183 * 86_400.0
# Times without a year start in a leap year, so that 29 February exists.
_FIRST_YEAR = 2000


def epoch(number: float) -> float:
    """Return an epoch number in seconds, whatever power of 1000 of a second it counts.

    Examples
    --------
    >>> epoch(1_500_000_000), epoch(1_500_000_000_000)
    (1500000000, 1500000000.0)

    Raises
    ------
    ValueError
        If the number is not finite.
    """
    if not math.isfinite(number):
        raise ValueError("no time")
    while abs(number) >= _SECONDS_UP_TO:
        number /= 1000.0
    return number


def _iso(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class Clock:
    """Turns the text of a time into seconds since 1970; a time without a zone is UTC.

    Understood: ISO 8601 with any of ``-`` and ``/`` in the date, fractions after ``.`` or ``,``; epoch
    numbers in seconds, milli-, micro- or nanoseconds; ``Nov 23 22:31:00`` as in syslog, whose missing
    year starts at 2000 and goes up when the months start again; ``23/Nov/2026:22:31:00 +0000`` as in
    web servers' access logs.

    Examples
    --------
    >>> clock = Clock()
    >>> clock.seconds("2012/01/30 06:24:00") == clock.seconds("2012-01-30T07:24:00,0+01:00")
    True
    >>> before, after = clock.seconds("Dec 31 23:59:59"), clock.seconds("Jan  1 00:00:00")
    >>> after - before
    1.0
    """

    __slots__ = ("_last", "_year")

    def __init__(self) -> None:
        self._year = _FIRST_YEAR
        self._last: float | None = None

    def state(self) -> dict[str, float | None]:
        """Return what times without a year hang on."""
        return {"year": self._year, "last": self._last}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on as another clock would that had this state."""
        self._year, self._last = state["year"], state["last"]

    def seconds(self, text: str) -> float:
        """Return a time in seconds.

        Raises
        ------
        ValueError
            If the text is no time in a known shape.
        """
        text = text.strip()
        if _NUMBER.match(text):
            return epoch(float(text))
        try:
            return _iso(text)
        except ValueError:
            pass
        if text[4:5] == "/" and text[7:8] == "/":
            return _iso(text.replace("/", "-", 2))
        found = _ACCESS.match(text)
        if found:
            day, month, year, time, zone = found.groups()
            return _iso(f"{year}-{_month(month):02}-{day}T{time}{zone or '+0000'}")
        return self._without_year(text)

    def _without_year(self, text: str) -> float:
        found = _SYSLOG.match(text)
        if not found:
            raise ValueError("no time")
        month, day, time = _month(found[1]), int(found[2]), found[3]
        last = self._last
        years = (self._year,) if last is None else (self._year, self._year + 1, self._year - 1)
        for year in years:
            try:
                moment = _iso(f"{year}-{month:02}-{day:02}T{time}")
            except ValueError:
                # 29 February exists in one of the neighbouring years only if this is no such year.
                moment = _iso(f"{year}-03-01T{time}") if (month, day) == (2, 29) else _iso("")
            if last is None or abs(moment - last) < _HALF_A_YEAR:
                break
        self._year, self._last = year, moment
        return moment


def _month(name: str) -> int:
    if name not in _MONTHS:
        raise ValueError("no month")
    return _MONTHS[name]
