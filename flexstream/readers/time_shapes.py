"""Shapes of times, written as for ``strptime``: those that are known, and those that a user names."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from .._kernels import moments
from .._kernels.moments import BLANKS, LITERAL, tell_times
from ..errors import UsageError, parameter
from ..tuples import NamedTuple

ABSOLUTE, YEARLY, DAILY = "absolute", "yearly", "daily"

_TWO = {
    "m": moments.MONTH,
    "d": moments.DAY,
    "H": moments.HOUR,
    "I": moments.HOUR_OF_HALF,
    "M": moments.MINUTE,
    "S": moments.SECOND,
}
_FIELDS = {name: (field, 1, 2) for name, field in _TWO.items()} | {
    "Y": (moments.YEAR, 4, 4),
    "y": (moments.YEAR_OF_CENTURY, 2, 2),
    "j": (moments.DAY_OF_YEAR, 1, 3),
    "f": (moments.FRACTION, 1, 9),
    "b": (moments.MONTH_NAME, 0, 0),
    "a": (moments.WEEKDAY, 0, 0),
    "p": (moments.HALF, 0, 0),
    "z": (moments.ZONE, 0, 0),
    "s": (moments.EPOCH, 0, 0),
    "%": (LITERAL, ord("%"), 0),
    # Beyond strptime: a break between date and clock, a second, a fraction and a zone that may be there, blanks.
    "_": (moments.BREAK, 0, 0),
    ":": (moments.MAYBE_SECOND, 0, 0),
    ".": (moments.MAYBE_FRACTION, 0, 0),
    "?": (moments.MAYBE_ZONE, 0, 0),
    " ": (moments.MAYBE_BLANKS, 0, 0),
    "2": (moments.FRACTION, 2, 2),
    "3": (moments.FRACTION, 3, 3),
    "6": (moments.FRACTION, 6, 6),
}
_OWN = "_:.? 236"
_SHORT = {
    "h": "%b",
    "B": "%b",
    "A": "%a",
    "Z": "%z",
    "e": "% %d",
    "k": "% %H",
    "l": "% %I",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "c": "%a %b %d %H:%M:%S %Y",
    "n": " ",
    "t": " ",
}
_NUMERIC = {*_TWO.values(), moments.YEAR, moments.YEAR_OF_CENTURY, moments.DAY_OF_YEAR, moments.FRACTION}
_YEARS, _DATES = (
    {moments.YEAR, moments.YEAR_OF_CENTURY, moments.EPOCH},
    {moments.MONTH, moments.MONTH_NAME, moments.DAY},
)
_HOURS = {moments.HOUR, moments.HOUR_OF_HALF}
_DIRECTIVES = "%Y %m %d %H %M %S %f %z %b %y %j %I %p %a, or %s for a number of seconds since 1970"

# What stands for the own directives in a form for strptime, and is tried.
_MEANT = {"%_": " T", "%:": ("", ":%S", ":%S.%f"), "%?": ("", "%z", " %z"), "% ": (" ", "")}

Field = tuple[int, int, int]


class Shape(NamedTuple):
    """What times are made of.

    Attributes
    ----------
    text : str
        As for ``strptime``.
    fields : tuple of (int, int, int)
        For `tell_times`.
    family : str
        Of a shape that another may be mistaken for: those of one family are told apart by the times of a source
        together.  Empty for one whose times cannot mean anything else.
    reading : str
        What tells a shape from others of its family: the order of day, month and year.

    Examples
    --------
    >>> Shape.of("%d.%m.%Y %H:%M").kind, Shape.of("%b %d %H:%M:%S").kind, Shape.of("%H:%M").kind
    ('absolute', 'yearly', 'daily')
    """

    text: str
    fields: tuple[Field, ...]
    family: str = ""
    reading: str = ""

    @classmethod
    def of(cls, text: str, family: str = "", reading: str = "") -> Shape:
        """Return the shape that a format for ``strptime`` describes.

        Raises
        ------
        ValueError
            With the directive that is not known.
        """
        return cls(text, tuple(_tight(list(_parsed(_spelled_out(text))))), family, reading or text)

    @property
    def kind(self) -> str:
        """Whether a time is one for all, or only within its year or its day."""
        fields = {field for field, _, _ in self.fields}
        if fields & _YEARS:
            return ABSOLUTE
        return YEARLY if fields & (_DATES | {moments.DAY_OF_YEAR}) else DAILY

    @property
    def part(self) -> str:
        """What a time says: a ``"date"``, a ``"time of day"``, or both in a ``"moment"``."""
        clocks = any(field in _HOURS for field, _, _ in self.fields)
        return ("time of day" if self.kind == DAILY else "moment") if clocks else "date"


def _spelled_out(text: str) -> str:
    """Replace the directives that stand for others."""
    parts = text.split("%%")
    for name, long in _SHORT.items():
        parts = [part.replace("%" + name, long) for part in parts]
    return "%%".join(parts)


def _parsed(text: str) -> Iterator[Field]:
    """Yield the fields of a format."""
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if letter == "%":
            name = text[position : position + 1]
            position += 1
            if name not in _FIELDS or not name:
                raise ValueError(f"%{name}")
            yield _FIELDS[name]
        elif letter.isspace():
            yield BLANKS, 0, 0
        else:
            yield from ((LITERAL, byte, 0) for byte in letter.encode("utf-8", "surrogatepass"))


def _tight(fields: list[Field]) -> Iterator[Field]:
    """Yield fields, those of digits with all that they may have where digits stand right beside them."""
    for place, (field, least, most) in enumerate(fields):
        beside = {one[0] for one in (*fields[max(place - 1, 0) : place], *fields[place + 1 : place + 2])}
        yield field, most if field != moments.FRACTION and field in _NUMERIC and beside & _NUMERIC else least, most


def example_of(shape: Shape, time: str) -> str:
    """Return a form for ``strptime`` that a time of a shape has, without what only shapes know.

    >>> example_of(Shape.of("%m/%d/%Y%_%I:%M%:% %p%?"), "03/01/2026 08:00:06 AM")
    '%m/%d/%Y %I:%M:%S %p'
    >>> example_of(Shape.of("%d-%m-%y"), "01-02-26")
    '%d-%m-%y'
    """
    for signs in itertools.product(*_MEANT.values()):
        form = shape.text
        for own, sign in zip(_MEANT, signs, strict=True):
            form = form.replace(own, sign)
        with suppress(ValueError):
            datetime.strptime(time, form)  # whether it fits is all that is asked
            return form
    return shape.reading


def named_shape(text: str) -> Shape:
    """Return the shape that the user's ``time_format`` describes.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> named_shape("%d/%m/%Y").fields[0] == (moments.DAY, 1, 2)
    True
    """
    option = parameter("time_format")
    try:
        if any("%" + own in text.replace("%%", "") for own in _OWN):
            raise ValueError(next("%" + own for own in _OWN if "%" + own in text.replace("%%", "")))
        shape = Shape.of(text)
    except ValueError as error:
        raise UsageError(f"{option} has {error.args[0]!r}, which is not known (expected: {_DIRECTIVES})") from None
    if not {field for field, _, _ in shape.fields} - {LITERAL, BLANKS, moments.MAYBE_BLANKS}:
        raise UsageError(f"{option} {text!r} names no part of a time (expected: {_DIRECTIVES})")
    return shape


_CLOCKS = ("", "%_%H:%M%:%?", "%_%I:%M%:% %p%?")
_BEHIND_COMMAS = (*_CLOCKS, ",% %H:%M%:%?", ",% %I:%M%:% %p%?")


def _dated(dates: Sequence[str], family: str = "", clocks: Sequence[str] = _CLOCKS) -> Iterator[Shape]:
    """Yield shapes of dates: alone, with a time of day, and with one of half a day."""
    for clock in clocks:
        for date in dates:
            yield Shape.of(date + clock, family, date)


@functools.cache
def usual_shape() -> Shape:
    """Return the shape of most times; none of the others fits what it fits."""
    return Shape.of("%Y-%m-%d%_%H:%M%:%?")


@functools.cache
def known_shapes() -> tuple[Shape, ...]:
    """Return the shapes that are recognised."""
    own = [
        "%Y-%m-%d%_%H%?",
        "%Y-%m-%d-%H.%M.%S%.",
        "%Y.%m.%d-%H.%M.%S%.",
        "%Y-%m-%d %H.%M.%S%.",
        "%d-%b-%y %I.%M.%S%. %p%?",
        "%d/%b/%Y:%H:%M:%S%.%?",
        "%a %b %d %H:%M:%S%. %Y%?",
        "%a %b %d %H:%M:%S%. %z %Y",
        "%b %d %H:%M:%S%. %Y%?",
        "%b %d %H:%M:%S%.",
        "%a %b %d %H:%M:%S%.",
        "%Y%m%d%_%H%M%S%.%?",
        "%Y%m%d%_%H%M%?",
        "%Y%m%d%_%H:%M%:%?",
        "%Y%m%d-%H:%M:%S%.%?",
        "%Y%m%d-%H%M%S%.",
        "%y%m%d%_%H%M%S%.",
        "%y%m%d %H:%M:%S%.",
        "%H:%M:%S%.%?",
        "%I:%M:%S%.% %p",
    ]
    named = ["%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%Y %b %d", "%a, %d %b %Y"]
    digits = ["%Y%m%d", "%Y%m%d%H%M", "%y%m%d%H%M%S", "%Y%m%d%H%M%S"]
    digits += [f"%Y%m%d%H%M%S%{places}" for places in (2, 3, 6)]
    return (
        *_dated(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"]),
        *_dated(["%d.%m.%Y"], clocks=_BEHIND_COMMAS),
        *map(Shape.of, own),
        *_dated([*named, "%a %b %d %Y"]),
        *_dated(["%d/%m/%Y", "%m/%d/%Y"], "/", _BEHIND_COMMAS),
        *_dated(["%d-%m-%Y", "%m-%d-%Y"], "-"),
        *_dated(["%d.%m.%y", "%y.%m.%d"], ".2"),
        *_dated(["%d/%m/%y", "%m/%d/%y", "%y/%m/%d"], "/2"),
        *_dated(["%d-%m-%y", "%m-%d-%y", "%y-%m-%d"], "-2"),
        *(Shape.of(text, DIGITS) for text in digits),
        EPOCH,
    )


DIGITS = "digits"
EPOCH = Shape.of("%s", DIGITS)
"""Numbers, which dates of digits alone may be mistaken for."""


class Shapes:
    """Some shapes together, as a kernel takes them.

    Examples
    --------
    >>> Shapes([Shape.of("%d.%m.%Y"), EPOCH]).tell("31.01.1970").tolist()
    [2592000.0, nan]
    """

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = tuple(shapes)
        self._fields = np.array([field for shape in shapes for field in shape.fields], np.int64).reshape(-1, 3)
        self._ends = np.cumsum([len(shape.fields) for shape in shapes])

    def tell(self, text: str) -> NDArray[np.float64]:
        """Return the seconds that a text means by each shape, NaN where it has not that shape."""
        encoded = text.encode("utf-8", "surrogatepass")
        spans = np.array([[0, len(encoded)]])
        return self.tell_all(np.frombuffer(encoded + b"\n", np.uint8), spans, 0)[0]

    def tell_all(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int) -> NDArray[np.float64]:
        """Return the seconds of the times that a column of spans marks, a row a time, a column a shape."""
        seconds = np.empty((len(spans), len(self.shapes)))
        tell_times(buffer, spans, column, self._fields, self._ends, seconds)
        return seconds
