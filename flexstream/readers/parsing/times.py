"""Times of events: text to seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import parameter
from ...patterns import late

if TYPE_CHECKING:
    from ..time_shapes import Shape, Shapes
    from .readings import Match, Readings
    from .turns import Turns

_NUMBER = late(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\Z")
# As .NET and PowerShell write times to JSON: milliseconds since 1970, and a zone that changes nothing of them.
_DOT_NET = late(r"/Date\(([+-]?[0-9]{1,17})(?:[+-][0-9]{4})?\)/\Z")
FIRST_YEAR = 2000
"""In which times without a year start: a leap year, so that 29 February exists."""
# Epoch numbers up to here are seconds (until the year 5138), then milli-, micro-, nanoseconds.
_SECONDS_UP_TO = 1e11
# So many times one after the other that have not the shape of those before them make another try worth its while.
_ANOTHER_SHAPE = 16
# If so many times are not understood and none is, there is no use in trying on.
_HOPELESS = 1000


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


class Clock:
    """Turns the text of a time into seconds since 1970; a time without a zone is UTC.

    Understood are ISO 8601 with any of ``-``, ``/`` and ``.`` in the date; ``31.01.2026 23:59``; dates of digits alone
    (8, 12, 14, 16, 17 or 20 of them) and ``260131 235900``; names of months as in ``23 Nov 2026``, ``Sun Nov 23
    22:31:00 2026`` or ``23/Nov/2026:22:31:00 +0000``; AM and PM; epoch numbers in seconds, milli-, micro- or
    nanoseconds.  ``Nov 23 22:31:00`` as in syslog starts at the year 2000, which goes up when the months start again;
    ``22:31:00`` likewise with days.

    What may be read in two ways is read as the other times of the source are, and refused where they do not tell:
    ``05/06/2026``; numbers that are dates, among others that are none.

    Parameters
    ----------
    time_format : str, optional
        The shape of all times, as for ``strptime``; ``%s`` is an epoch number.

    Examples
    --------
    >>> clock = Clock()
    >>> clock.seconds("2012/01/30 06:24:00") == clock.seconds("2012-01-30T07:24:00,0+01:00")
    True
    >>> before, after = clock.seconds("Dec 31 23:59:59"), clock.seconds("Jan  1 00:00:00")
    >>> after - before
    1.0
    >>> Clock("%d/%m/%Y").seconds("05/06/2026") == clock.seconds("20260605")
    True
    """

    def __init__(self, time_format: str | None = None) -> None:
        self._format = time_format
        self._alone: dict[Shape, Shapes] = {}
        self._present: Shape | None = None  # which times have, and no text of it can mean anything else
        self._stem, self._minute = "\n", 0.0
        self._same, self._value = "\n", 0.0  # the last time with a date, which comes again
        self._failed = 0  # times not understood so far, where none was
        self.riddle: tuple[str, str, str] | None = None  # the first of them, what is wrong, what was expected
        self.ambiguous: tuple[str, str, str] | None = None  # the first that may mean several, likewise

    # What needs compiled loops is made when the first time comes: only those need it who read.

    @cached_property
    def _shapes(self) -> Shapes:
        from ..time_shapes import Shapes, known_shapes, named_shape

        return Shapes(known_shapes() if self._format is None else [named_shape(self._format)])

    @cached_property
    def _usual(self) -> Shapes:
        from ..time_shapes import Shapes, usual_shape

        return Shapes([usual_shape()])

    @cached_property
    def _readings(self) -> Readings:
        from .readings import Readings

        return Readings()

    @cached_property
    def _turns(self) -> Turns:
        from .turns import Turns

        return Turns()

    @property
    def chosen(self) -> tuple[str, str, str] | None:
        """A time that may mean several and is read in one way all the same: it, its form, and why."""
        return self._readings.chosen if "_readings" in self.__dict__ else None

    @property
    def made_up(self) -> tuple[str, int] | None:
        """What times lack that have no date, ``"yearly"`` or ``"daily"``, and the turns so far; None where none do."""
        turns = self.__dict__.get("_turns")
        return None if turns is None or turns.kind is None else (turns.kind, turns.count)

    def state(self) -> dict[str, Any]:
        """Return what the meaning of a time hangs on beside its text."""
        return {"readings": self._readings.state(), "turns": self._turns.state(), "failed": self._failed}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on as another clock would that had this state."""
        self._readings.restore(state["readings"])
        self._turns.restore(state["turns"])
        self._present, self._failed = None, state["failed"]
        self._stem = self._same = "\n"

    def doubtful(self, text: str) -> bool:
        """Tell whether a time may mean several, so that it takes others to tell which.

        >>> Clock().doubtful("05/06/2026"), Clock().doubtful("25/06/2026")
        (True, False)
        """
        text = text.strip()
        return not self._is_usual(text) and self._readings.doubtful(text, self._matches(text))

    def forms(self, text: str) -> list[str]:
        """Return the forms by which a time may be read that may mean several, as for ``strptime``.

        >>> Clock().forms("05/06/2026"), Clock().forms("2026-06-05")
        (['%d/%m/%Y', '%m/%d/%Y'], [])
        """
        text = text.strip()
        return [] if self._is_usual(text) else self._readings.forms(text, self._matches(text))

    def tells(self, text: str) -> str:
        """Tell what a text says: ``"date"``, ``"time of day"``, both with ``"moment"``; ``""`` if nothing of the kind.

        A bare number is a date if it can be one, and nothing of the kind otherwise.

        >>> [Clock().tells(text) for text in ("31.01.2026", "10:00:05", "2026-01-31T10:00Z", "load", "17")]
        ['date', 'time of day', 'moment', '', '']
        """
        text = text.strip()
        if self._is_usual(text):  # so that no others are made for most files
            return self._usual.shapes[0].part
        matches = self._readings.dates(self._matches(text))
        return matches[0][0].part if matches else ""

    def _is_usual(self, text: str) -> bool:
        """Tell whether a text is a time of the usual shape, which no other fits."""
        return self._format is None and not math.isnan(self._usual.tell(text)[0])

    def prime(self, texts: Iterable[str]) -> None:
        """Look at times that are to come: together they may tell what one of them alone does not.

        >>> clock = Clock()
        >>> clock.prime(["05/06/2026", "06/06/2026", "13/06/2026"])
        >>> clock.seconds("05/06/2026") == clock.seconds("2026-06-05")
        True
        """
        self._readings.prime((text, self._matches(text)) for text in map(str.strip, texts))

    def seconds(self, text: str, dated: bool = False) -> float:
        """Return a time in seconds.

        Parameters
        ----------
        text : str
        dated : bool
            Refuse the time of day alone.

        Raises
        ------
        ValueError
            If the text is no time in a known shape, or may mean several: what is wrong, and what was expected.
        """
        last = text[-2:]
        if text[:-2] == self._stem and last.isdecimal() and last.isascii() and last < "60":
            return self._minute + int(last)
        if text == self._same:
            return self._value
        text = text.strip()
        shape, value = self._meant(text)
        if math.isnan(value):
            return self._otherwise(text)
        if dated and shape.kind == "daily":
            self._present = None
            raise ValueError("has no date", f"columns that have it joined with +: {parameter('time')} date+time")
        if shape.kind != "absolute":
            return float(self._turns.unrolled(shape.kind, np.array([value]))[0])
        if len(text) > 8 and text[-6] == text[-3] == ":" and text[-2:].isdecimal():
            self._stem, self._minute = text[:-2], value - int(text[-2:])
        self._same, self._value = text, value
        return value

    def seconds_or_nan(self, text: str) -> float:
        """Return a time in seconds, NaN where it is none, or has no date.

        Where all are none, they are not looked at for ever.
        """
        if not text or text.isspace() or self._failed == _HOPELESS:
            return math.nan
        try:
            value = self.seconds(text, dated=True)
        except ValueError as error:
            self.riddle = self.riddle or (text, *error.args)
            if self.ambiguous is None and self._readings.is_ambiguous(error):
                self.ambiguous = (text, *error.args)
            self._failed += self._failed >= 0
            return math.nan
        self._failed = -1
        return value

    def _meant(self, text: str) -> Match:
        """Return the shape of a time and what it means by that; the second is NaN where no shape fits."""
        usual = self._usual.shapes[0]
        value = math.nan if self._format is not None else float(self._usual.tell(text)[0])
        if not math.isnan(value):
            self._present = usual
            return usual, value
        matches = self._matches(text)
        if not matches:
            return usual, math.nan
        shape, value = self._readings.meant(text, matches)
        self._present = shape if self._readings.settled(shape) else None
        return shape, value

    def _matches(self, text: str) -> list[Match]:
        """Return the shapes that fit a text, with the seconds."""
        shapes, found = self._shapes.shapes, self._shapes.tell(text)
        return [(shapes[place], float(found[place])) for place in np.flatnonzero(~np.isnan(found)).tolist()]

    def _otherwise(self, text: str) -> float:
        """Return the seconds of a time that none of the shapes fits."""
        if self._format is not None:
            raise ValueError(f"is no time of the form {self._format}", f"times that {parameter('time_format')} fits")
        try:
            if _NUMBER.match(text):
                return epoch(float(text))
            if text.startswith("/Date(") and (found := _DOT_NET.match(text)):
                return int(found[1]) / 1000.0
            if "W" in text:
                moment = datetime.fromisoformat(text)
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
        form = f"or the form of all with {parameter('time_format')}"
        raise ValueError("is no time", f"for example 2026-01-31T23:59:00Z, {form}")

    def many(
        self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int, lenient: bool = False
    ) -> NDArray[np.float64]:
        """Return the seconds of many times, up to the first that is none, or NaN for that one and all others likewise.

        Parameters
        ----------
        buffer : uint8 array
            Valid UTF-8.
        spans : int64 matrix
            A row a time; where it starts stands in ``column`` and where it stops one column on.
        column : int
        lenient : bool
            Go on behind what is no time.
        """
        seconds, row = np.empty(len(spans)), 0
        if lenient and self._failed == _HOPELESS:
            seconds[:] = np.nan
            return seconds
        while row < len(spans):
            row, ended = self._some(buffer, spans, column, seconds, row, lenient)
            if ended:
                return seconds[:row]
        return seconds

    def _some(
        self,
        buffer: NDArray[np.uint8],
        spans: NDArray[np.int64],
        column: int,
        seconds: NDArray[np.float64],
        row: int,
        lenient: bool,
    ) -> tuple[int, bool]:
        """Fill in seconds from a row on, as long as most have one shape; return where to go on, and whether to end."""
        shape, start, alike = self._present, row, 0
        if shape is None:
            start = _first_filled(spans, column, seconds, row) if lenient else row
            holes = [start] if start < len(spans) else []
        else:
            seconds[row:] = told = self._told(shape, buffer, spans[row:], column)
            holes = (row + np.flatnonzero(np.isnan(told))).tolist()
            if lenient and holes:  # most are blank
                blank = spans[holes, column] == spans[holes, column + 1]
                holes = np.array(holes)[~blank].tolist()
        for hole in holes:
            self._turn(shape, seconds[start:hole])
            alike = alike + 1 if hole == start else 1
            first, stop = spans[hole, column : column + 2].tolist()
            text = buffer[first:stop].tobytes().decode("utf-8")
            if lenient:
                seconds[hole] = self.seconds_or_nan(text)
            else:
                try:
                    seconds[hole] = self.seconds(text)
                except ValueError:
                    return hole, True
            start = hole + 1
            if shape is None or (self._present is not shape and alike >= _ANOTHER_SHAPE):
                return start, False
        self._turn(shape, seconds[start:])
        return len(spans), False

    def _told(
        self, shape: Shape, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int
    ) -> NDArray[np.float64]:
        from ..time_shapes import Shapes

        alone = self._alone.setdefault(shape, Shapes([shape]))
        return alone.tell_all(buffer, spans, column)[:, 0]

    def _turn(self, shape: Shape | None, seconds: NDArray[np.float64]) -> None:
        if shape is not None and shape.kind != "absolute":
            known = ~np.isnan(seconds)
            seconds[known] = self._turns.unrolled(shape.kind, seconds[known])


def _first_filled(spans: NDArray[np.int64], column: int, seconds: NDArray[np.float64], row: int) -> int:
    """Return the first row from one on with a time that is not empty; those before it have none."""
    filled = np.flatnonzero(spans[row:, column] < spans[row:, column + 1])
    first = row + int(filled[0]) if len(filled) else len(spans)
    seconds[row:first] = np.nan
    return first
