"""Arrows in a layout that stays: old ones whose boxes have grown or shrunk, and new ones that find a way."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..writers.backing import Area, areas, meets, points
from ..writers.figure import Arrow
from ..writers.geometry import LINE, PLAIN, Place, Point, Route, printed_width

_BENDS = (0.0, 0.14, -0.14, 0.3, -0.3, 0.5, -0.5, 0.8, -0.8)
_ALONG, _SIDES = (0.5, 0.35, 0.65), (False, True)
"""Where along an arrow its words may stand; whether left of it."""
_STEPS, _SPARSE, _NEAR, _CORNER = 16, 8, 2.0, 6.0
_START = re.compile(r"^M(\S+) ([^A-Z]+)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_END = re.compile(r"\S+ \S+$")


def fitted(route: Route, one: Place, other: Place) -> Route | None:
    """Return a route whose ends lie on its boxes, which may be larger or smaller than before; None: it cannot be kept.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> from flexstream.writers.figure import figure
    >>> box = figure(reber()).boxes[0]
    >>> arrow = figure(reber()).arrows[1]
    >>> above, below = Place(box, 0.0, 0.0, 40.0, 20.0), Place(box, 0.0, 90.0, 40.0, 20.0)
    >>> route = Route(arrow, "M0.0 10.0C0.0 45.0 0.0 45.0 0.0 70.0", (0.0, 69.0), (0.0, 70.0), (4.0, 45.0))
    >>> fitted(route, above, below).path
    'M0.0 10.0C0.0 45.0 0.0 45.0 0.0 80.0'
    """
    found = _START.match(route.path)
    if found is None:
        return None
    start, end = _at((float(found[1]), float(found[2])), one), _at(route.tip, other)
    if start is None or end is None:
        return None
    shift = end[1] - route.tip[1]
    path = _END.sub(f"{end[0]:.1f} {end[1]:.1f}", route.path)
    path = f"M{start[0]:.1f} {start[1]:.1f}" + path[found.end() :]
    return Route(route.arrow, path, (route.before[0], route.before[1] + shift), end, route.label)


def _at(point: Point, place: Place) -> Point | None:
    """Return a point that was on the side of a box where it is now; None if that is not above it, or below."""
    wide, high = _half(place)
    across, down = point[0] - place.x, point[1] - place.y
    if abs(max(abs(across) - wide, abs(down) - high)) <= _NEAR:
        return point
    if abs(across) > max(wide - _CORNER, 0.0) or abs(down) < min(high, _CORNER):
        return None
    return point[0], place.y + math.copysign(high, down)


def _half(place: Place) -> Point:
    """Return half the width and half the height of a box, with the second outline of where traces end."""
    room = 4.0 if place.box.ends else 0.0
    return place.width / 2 + room, place.height / 2 + room


class Walls:
    """What a new arrow should not run through, and its words not lie on: boxes, words of arrows, and arrows.

    Parameters
    ----------
    places : iterable of Place
    routes : iterable of Route
        That are there already.
    """

    def __init__(self, places: Iterable[Place], routes: Iterable[Route]) -> None:
        self._places = list(places)
        self._words: list[Area] = []
        self._ways: list[NDArray[np.float64]] = []
        for route in routes:
            self._stand(route)

    def _stand(self, route: Route) -> None:
        self._words += areas(route)
        self._ways.append(points(route.path)[::_SPARSE] if "Q" not in route.path else _bent(route.path))

    def free(self, arrow: Arrow, one: Place, other: Place) -> Route:
        """Return a route between two boxes that meets as little as can be, and remember its words."""
        boxes = [(_area(place), place in (one, other)) for place in self._places]
        shut = [*(area for area, own in boxes if not own), *self._words]
        taken = np.array([*(area for area, _ in boxes), *self._words]).reshape(-1, 4).T

        ways = np.vstack([np.empty((0, 2)), *self._ways])

        def met(found: tuple[Route, list[Point]]) -> int:
            words = areas(found[0])
            through = meets(np.array(found[1]), np.array([*shut, *words]).reshape(-1, 4).T)
            under = meets(ways, np.array(words).reshape(-1, 4).T)
            return int(through.sum() + under.sum()) + 3 * sum(_covered(area, taken) for area in words)

        found = min((_curve(arrow, one, other, *way) for way in itertools.product(_BENDS, _ALONG, _SIDES)), key=met)[0]
        self._stand(found)
        return found


def _covered(area: Area, others: NDArray[np.float64]) -> int:
    """Return how many areas, shape (4, areas), one reaches into."""
    left, top, right, bottom = others
    return int(((area[0] < right) & (left < area[2]) & (area[1] < bottom) & (top < area[3])).sum())


def _area(place: Place) -> Area:
    wide, high = _half(place)
    return place.x - wide, place.y - high, place.x + wide, place.y + high


def _curve(arrow: Arrow, one: Place, other: Place, bend: float, along: float, left: bool) -> tuple[Route, list[Point]]:
    """Return a bent route between two boxes with its words somewhere along it, and points on it."""
    across, down = other.x - one.x, other.y - one.y
    middle = one.x + across / 2 - bend * down, one.y + down / 2 + bend * across
    start, end = _side(one, middle), _side(other, middle)
    path = f"M{start[0]:.1f} {start[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    passed = [_on(start, middle, end, step / _STEPS) for step in range(1, _STEPS)]
    x, y = _on(start, middle, end, along)
    # Beside the arrow: of one that runs from the left above to the right below the words stand above it.
    lean = (end[0] - start[0]) * (end[1] - start[1])
    high = math.copysign(0.5 * LINE * PLAIN * len(arrow.lines), lean if left else -lean)
    high = high if abs(across) > abs(down) / 4 else 0.0
    x += -4.0 - max(map(printed_width, arrow.lines), default=0.0) if left else 4.0
    return Route(arrow, path, _on(start, middle, end, 0.95), end, (x, y + high)), passed


def _bent(path: str) -> NDArray[np.float64]:
    """Return points along a route of `_curve`'s, shape (points, 2)."""
    numbers = [float(number) for number in _NUMBER.findall(path)]
    start, middle, end = zip(numbers[::2], numbers[1::2], strict=True)
    return np.array([_on(start, middle, end, step / (4 * _STEPS)) for step in range(4 * _STEPS + 1)])


def _on(start: Point, middle: Point, end: Point, share: float) -> Point:
    """Return a point of a quadratic curve."""
    one, two, three = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return (
        one * start[0] + two * middle[0] + three * end[0],
        one * start[1] + two * middle[1] + three * end[1],
    )


def _side(place: Place, towards: Point) -> Point:
    """Return where the line from the middle of a box to a point leaves it."""
    across, down = towards[0] - place.x, towards[1] - place.y
    wide, high = _half(place)
    scale = min(wide / abs(across) if across else math.inf, high / abs(down) if down else math.inf)
    return (place.x, place.y) if math.isinf(scale) else (place.x + scale * across, place.y + scale * down)
