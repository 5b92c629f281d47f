"""Where the boxes and arrows of a picture lie, and how large their words are; units are points."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from .figure import Arrow, Box

HEAD, PLAIN, TITLE = 13.0, 10.0, 12.0
"""Sizes of letters: numbers of states; all other words; names of activities."""
LINE = 1.22
"""Height of a line of words by the size of its letters."""
LOOP_ROOM = 26.0
"""What an arrow that leads back to its box takes beside it."""
_WIDE = frozenset("mwMW@%—…⋯")
_NARROW = frozenset("ijltfrI.,:;'|! ()[]")
_EAST_ASIAN = 0x2E80

_PRINTED = {
    0.22: "ijl'",
    0.28: " !,./:;I[\\]ft|\u00a0\u00b7",
    0.34: '"()-`r{}*',
    0.5: "Jcksvxyz^",
    0.59: "+<=>~",
    0.61: "FTZ",
    0.67: "&ABEKPSVXY",
    0.72: "CDHNRUw",
    0.78: "GOQ",
    0.86: "%Mm",
    0.95: "W",
    1.02: "@\u2014\u2026\u22ef\u2192\u21bb",
}
_PRINTED_OF = {letter: share for share, letters in _PRINTED.items() for letter in letters}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A box at its place: the middle, and its size."""

    box: Box
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """An arrow on its way: ``path`` in SVG's language, the last point and the one before, and its label's place."""

    arrow: Arrow
    path: str
    before: Point
    tip: Point
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with places for all that is in it, from 0 to its width and height."""

    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def width_of(text: str, size: float = PLAIN) -> float:
    """Return about how wide a line is, rather more than less: which font there will be is not known.

    Examples
    --------
    >>> round(width_of("load 0.90"))
    46
    """
    shares = (0.95 if c in _WIDE or ord(c) >= _EAST_ASIAN else 0.34 if c in _NARROW else 0.6 for c in text)
    return size * sum(shares)


def printed_width(text: str, size: float = PLAIN) -> float:
    """Return how wide a line is in Helvetica, or in Arial, whose letters are as wide.

    Examples
    --------
    >>> round(printed_width("load 0.90"))
    41
    """
    return size * sum(_PRINTED_OF.get(c, 1.0 if ord(c) >= _EAST_ASIAN else 0.56) for c in text)


def lines_of(box: Box) -> list[tuple[str, float, str]]:
    """Return the lines of a box: text, size and what it is (head, name, small or loop)."""
    name = PLAIN if box.head else TITLE
    return [
        *([(box.head, HEAD, "head")] if box.head else []),
        *((line, name, "name") for line in box.name),
        *((line, PLAIN, "small") for line in box.small),
        *((line, PLAIN, "loop") for line in box.loops),
    ]


def size_of(box: Box) -> Point:
    """Return width and height of a box."""
    if box.kind == "start":
        return 8.0, 8.0
    lines = lines_of(box)
    width = max((width_of(text, size) for text, size, _ in lines), default=0.0) + 14.0
    return max(width, 44.0), sum(LINE * size for _, size, _ in lines) + 8.4


def label_size(lines: Sequence[str]) -> Point:
    """Return width and height of an arrow's label, with some room around it."""
    if not lines:
        return 0.0, 0.0
    return max(map(width_of, lines)) + 8.0, LINE * PLAIN * len(lines) + 2.0


def smooth(points: Sequence[Point]) -> str:
    """Return a path through points from above to below, or the other way round, that is upright in each of them.

    Examples
    --------
    >>> smooth([(0, 0), (8, 10)])
    'M0.0 0.0C0.0 5.0 8.0 5.0 8.0 10.0'
    """
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        middle = (y + next_y) / 2
        parts.append(f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}")
    return "".join(parts)


def loop(arrow: Arrow, place: Place) -> Route:
    """Return the route of an arrow that leads back to its box: on the right of it."""
    right, high, low = place.x + place.width / 2, place.y - 7.0, place.y + 7.0
    bend = right + LOOP_ROOM - 4.0
    path = f"M{right:.1f} {high:.1f}C{bend:.1f} {high - 3:.1f} {bend:.1f} {low + 3:.1f} {right:.1f} {low:.1f}"
    return Route(arrow, path, (right + 10.0, low + 1.0), (right, low), (bend, place.y))
