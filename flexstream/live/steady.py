"""Places that stay: what is drawn again stands where it stood, what is new finds room beside it.

Only where much is new is all laid out anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..writers.figure import Arrow, Box, Figure
from ..writers.geometry import Layout, Place, Point, Route, loop, size_of
from ..writers.layered import layered
from .curves import Walls, fitted

NEW = 0.34
"""Share of the boxes that have come since the last layout, above which all are laid out anew."""
MARGIN, TOUCHING = 14.0, 1.0
"""Room around a box that finds a place, and around one that stays where it is."""
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
        known = {at: self._known(arrow, places, name) for at, arrow in enumerate(drawing.arrows)}
        walls = Walls(places.values(), [route for route in known.values() if route is not None])
        for at, arrow in enumerate(drawing.arrows):
            if known[at] is None:
                known[at] = walls.free(arrow, places[name(arrow.source)], places[name(arrow.target)])
        routes = tuple(route for route in known.values() if route is not None)
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
                near = (source.x, source.y + source.height + 50.0) if source else (60.0, 60.0)
                found[key] = _with_room(box, near, found.values())
                self._at[key] = found[key].x, found[key].y
        return {key: found[key] for key in boxes}

    def _known(self, arrow: Arrow, places: Mapping[str, Place], name: Name) -> Route | None:
        """Return the route that an arrow had, with its ends where the boxes are now; None if it has to be another."""
        ends = name(arrow.source), name(arrow.target)
        one, other = places[ends[0]], places[ends[1]]
        if one is other:
            return loop(arrow, one)
        known = self._routes.get(ends)
        return None if known is None else fitted(replace(known, arrow=arrow), one, other)


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


def _framed(places: tuple[Place, ...], routes: tuple[Route, ...]) -> Layout:
    width = max(place.x + place.width / 2 for place in places) + 40.0
    height = max(place.y + place.height / 2 for place in places) + 40.0
    return Layout(places, routes, width, height)
