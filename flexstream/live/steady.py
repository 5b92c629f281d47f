"""Places that stay: what is drawn again stands where it stood, what is new finds room beside it.

Only where much is new is all laid out anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..writers.figure import Arrow, Box, Figure
from ..writers.geometry import Layout, Place, Point, Route, loop, size_of
from ..writers.layered import layered

NEW = 0.34
"""Share of the boxes that have come since the last layout, above which all are laid out anew."""
MARGIN, TOUCHING = 14.0, 1.0
"""Room around a box that finds a place, and around one that stays where it is."""
_BENDS = (0.0, 0.14, -0.14, 0.3, -0.3, 0.5, -0.5, 0.8, -0.8)
_RINGS, _STEP = 40, 36.0

Name = Callable[[str], str]
"""Returns what stays of the id of a box."""


@dataclass
class Placing:
    """Where boxes stand and arrows run, by names that stay.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> from flexstream.writers.figure import figure
    >>> placing, drawing = Placing(), figure(reber())
    >>> first, second = (placing.layout(drawing, lambda box: box) for _ in range(2))
    >>> [place.x for place in first.places] == [place.x for place in second.places]
    True
    """

    _at: dict[str, Point] = field(default_factory=dict)
    _routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    _late: set[str] = field(default_factory=set)

    def layout(self, drawing: Figure, name: Name) -> Layout:
        """Return the layout of a picture, as like to that of the last one as can be."""
        boxes = {name(box.id): box for box in drawing.boxes}
        states = set(boxes)
        self._late = (self._late & states) | (states - self._at.keys())
        if len(self._late) > max(1.0, NEW * len(states)):
            return self._anew(drawing, name)
        gone = self._at.keys() - boxes.keys()
        self._at = {key: at for key, at in self._at.items() if key not in gone}
        self._move(boxes)
        places = self._places(drawing, boxes, name)
        routes = tuple(self._route(arrow, places, name) for arrow in drawing.arrows)
        self._keep(routes, name)
        return _framed(tuple(places.values()), routes)

    def _anew(self, drawing: Figure, name: Name) -> Layout:
        found = layered(drawing)
        self._late = set()
        self._at = {name(place.box.id): (place.x, place.y) for place in found.places}
        self._keep(found.routes, name)
        return found

    def _keep(self, routes: Iterable[Route], name: Name) -> None:
        self._routes = {(name(route.arrow.source), name(route.arrow.target)): route for route in routes}

    def _move(self, boxes: Mapping[str, Box]) -> None:
        """Forget the places of boxes that others have grown into, and the routes of their arrows: they are as if new.

        Boxes grow with what is written in them. Those that have stood longest stay.
        """
        kept: list[Place] = []
        for key in sorted((key for key in boxes if key in self._at), key=self._late.__contains__):
            place = Place(boxes[key], *self._at[key], *size_of(boxes[key]))
            if any(_near(place, other, TOUCHING) for other in kept):
                del self._at[key]
                self._late.add(key)
            else:
                kept.append(place)
        self._routes = {ends: route for ends, route in self._routes.items() if self._at.keys() >= set(ends)}

    def _places(self, drawing: Figure, boxes: Mapping[str, Box], name: Name) -> dict[str, Place]:
        """Return the boxes at their places; a new one stands as near as there is room to one that leads to it."""
        found = {key: Place(box, *self._at[key], *size_of(box)) for key, box in boxes.items() if key in self._at}
        before = {name(arrow.target): name(arrow.source) for arrow in reversed(drawing.arrows)}
        for key, box in boxes.items():
            if key not in found:
                source = found.get(before.get(key, ""))
                near = (source.x, source.y + source.height + 30.0) if source else (60.0, 60.0)
                found[key] = _with_room(box, near, found.values())
                self._at[key] = found[key].x, found[key].y
        return {key: found[key] for key in boxes}

    def _route(self, arrow: Arrow, places: Mapping[str, Place], name: Name) -> Route:
        """Return the route of an arrow: the one that it had, or one that meets as few boxes as can be."""
        ends = name(arrow.source), name(arrow.target)
        one, other = places[ends[0]], places[ends[1]]
        if one is other:
            return loop(arrow, one)
        known = self._routes.get(ends)
        if known is not None:
            return Route(arrow, known.path, known.before, known.tip, known.label)
        others = [place for key, place in places.items() if key not in ends]
        return min((_curve(arrow, one, other, bend) for bend in _BENDS), key=lambda found: _met(found[1], others))[0]


def _with_room(box: Box, near: Point, others: Iterable[Place]) -> Place:
    """Return a box at the free place nearest to a point."""
    width, height = size_of(box)
    known = list(others)
    for x, y in _around(near):
        place = Place(box, x, y, width, height)
        if not any(_near(place, other, MARGIN) for other in known):
            return place
    lowest = max((place.y + place.height for place in known), default=0.0)
    return Place(box, near[0], lowest + height + MARGIN, width, height)


def _near(one: Place, other: Place, margin: float) -> bool:
    """Tell whether two boxes lie on each other, or less than a margin apart."""
    return (
        abs(one.x - other.x) < (one.width + other.width) / 2 + margin
        and abs(one.y - other.y) < (one.height + other.height) / 2 + margin
    )


def _around(point: Point) -> Iterator[Point]:
    """Yield places around a point, the nearer ones first."""
    steps = range(-_RINGS // 4, _RINGS // 4 + 1)
    grid = ((across * 2 * _STEP, down * _STEP) for across, down in itertools.product(steps, steps))
    for across, down in sorted(grid, key=lambda shift: (math.hypot(*shift), shift)):
        yield point[0] + across, point[1] + down


def _curve(arrow: Arrow, one: Place, other: Place, bend: float) -> tuple[Route, list[Point]]:
    """Return a bent route between two boxes, and points on it."""
    across, down = other.x - one.x, other.y - one.y
    middle = one.x + across / 2 - bend * down, one.y + down / 2 + bend * across
    start, end = _side(one, middle), _side(other, middle)
    path = f"M{start[0]:.1f} {start[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    points = [_on(start, middle, end, step / 12) for step in range(1, 12)]
    label = _on(start, middle, end, 0.5)
    return Route(arrow, path, _on(start, middle, end, 0.95), end, (label[0] + 4.0, label[1])), points


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
    room = 4.0 if place.box.ends else 0.0
    wide, high = place.width / 2 + room, place.height / 2 + room
    scale = min(wide / abs(across) if across else math.inf, high / abs(down) if down else math.inf)
    return (place.x, place.y) if math.isinf(scale) else (place.x + scale * across, place.y + scale * down)


def _met(points: list[Point], places: list[Place]) -> int:
    """Return how many of some points lie in boxes."""
    return sum(
        abs(x - place.x) < place.width / 2 + 4.0 and abs(y - place.y) < place.height / 2 + 4.0
        for x, y in points
        for place in places
    )


def _framed(places: tuple[Place, ...], routes: tuple[Route, ...]) -> Layout:
    width = max(place.x + place.width / 2 for place in places) + 40.0
    height = max(place.y + place.height / 2 for place in places) + 40.0
    return Layout(places, routes, width, height)
