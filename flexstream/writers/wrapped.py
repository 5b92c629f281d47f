"""A long chain in rows, to and fro like a meander; arrows that leave it run between the rows and beside them."""

from __future__ import annotations

from collections import defaultdict

from .figure import Arrow, Figure
from .geometry import Layout, Place, Point, Route, label_size, size_of

_LANE, _GAP, _ROUND = 9.0, 44.0, 6.0
_OUT, _IN = 0.34, 0.16
"""Share of a box's width from its middle to where arrows leave it, and arrive."""


def wrapped(drawing: Figure) -> Layout:
    """Return the places of a picture whose rows are given.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> from .figure import figure
    >>> long = from_rows({**{n: {f"step number {n}": (9, n + 1)} for n in range(24)}, 24: {None: (9, 0)}})
    >>> layout = wrapped(figure(long))
    >>> layout.width < 1700, len(layout.places)
    (True, 26)
    """
    return _Meander(drawing).layout()


class _Meander:
    def __init__(self, drawing: Figure) -> None:
        self.drawing = drawing
        self.boxes = {box.id: box for box in drawing.boxes}
        self.rows = [list(row) for row in drawing.rows]
        self.rows[0].insert(0, "start")
        self.at = {id: (row, place) for row, ids in enumerate(self.rows) for place, id in enumerate(ids)}
        self.labels: dict[tuple[str, str], float] = {}
        for arrow in drawing.arrows:
            self.labels[arrow.source, arrow.target] = label_size(arrow.lines)[0]
        self.channels: dict[int, list[Arrow]] = defaultdict(list)  # arrows in the room below each row; -1 is above all
        self.lanes: list[Arrow] = []
        for arrow in drawing.arrows:
            self._assign(arrow)

    def _near(self, arrow: Arrow) -> bool:
        """Whether an arrow leads along its row to the next box."""
        (row, place), (other_row, other) = self.at[arrow.source], self.at[arrow.target]
        between = self.rows[row][place + 1 : other]
        return row == other_row and place < other and not between

    def _turns(self, arrow: Arrow) -> bool:
        """Whether an arrow leads from the end of a row straight down to the next."""
        (row, place), (other_row, other) = self.at[arrow.source], self.at[arrow.target]
        return other_row == row + 1 and other == 0 and place >= len(self.rows[row]) - 1

    def _assign(self, arrow: Arrow) -> None:
        if arrow.loops or self._near(arrow) or self._turns(arrow):
            return
        row, other = self.at[arrow.source][0], self.at[arrow.target][0]
        self.channels[row].append(arrow)
        if other not in (row, row + 1):
            self.channels[other - 1].append(arrow)
            self.lanes.append(arrow)

    def layout(self) -> Layout:
        """Return it."""
        widths = [self._row(row) for row in range(len(self.rows))]
        self.width = max(total for _, total in widths)
        widths[:-1] = [self._justified(xs, total) for xs, total in widths[:-1]]
        turning = max((self._label(arrow) for arrow in self.drawing.arrows if self._turns(arrow)), default=0.0)
        self.margin = self.width + max(turning - 40.0, 0.0)
        room = self.margin - self.width + 14.0 + _LANE * len(self.lanes)
        places: dict[str, Place] = {}
        y = 14.0 + self._room(-1)
        self.below: dict[int, float] = {-1: 10.0}
        for row, (xs, _) in enumerate(widths):
            height = max(size_of(self.boxes[id])[1] for id in self.rows[row])
            for id, x in xs.items():
                box = self.boxes[id]
                places[id] = Place(box, x if row % 2 == 0 else self.width - x, y + height / 2, *size_of(box))
            y += height
            self.below[row] = y
            y += self._room(row)
        routes = tuple(self._route(arrow, places) for arrow in self.drawing.arrows)
        return Layout(tuple(places[box.id] for box in self.drawing.boxes), routes, self.width + room, y)

    def _label(self, arrow: Arrow) -> float:
        return self.labels[arrow.source, arrow.target]

    def _room(self, row: int) -> float:
        """Return the height between a row and the next."""
        lanes = sum(self._step(row, arrow) for arrow in self.channels[row])
        if row == len(self.rows) - 1:
            return lanes + 14.0
        turning = [label_size(arrow.lines)[1] for arrow in self.drawing.arrows if self._turns(arrow)]
        return lanes + (max([24.0, *turning]) + 22.0 if row >= 0 else 10.0)

    def _step(self, row: int, arrow: Arrow) -> float:
        """Return the height that an arrow between two rows takes: its words stand above it where it begins."""
        height = label_size(arrow.lines)[1] + 8.0 if len(arrow.lines) > 1 and self.at[arrow.source][0] == row else 0.0
        return max(2 * _LANE, height)

    def _lane(self, row: int, arrow: Arrow) -> float:
        """Return where an arrow runs between a row and the next."""
        channel = self.channels[row]
        above = channel[: channel.index(arrow) + 1]
        return self.below[row] + 14.0 + sum(self._step(row, other) for other in above) - 2 * _LANE

    def _row(self, row: int) -> tuple[dict[str, float], float]:
        """Return the middles of the boxes of a row from where it begins, and its width."""
        xs: dict[str, float] = {}
        x = 10.0
        for place, id in enumerate(self.rows[row]):
            width = size_of(self.boxes[id])[0]
            xs[id] = x + width / 2
            following = self.rows[row][place + 1 : place + 2]
            gap = self.labels.get((id, following[0]), 0.0) + 24.0 if following else 10.0
            x += width + (max(gap, _GAP if self.boxes[id].kind != "start" else 24.0) if following else gap)
        return xs, x

    def _justified(self, xs: dict[str, float], total: float) -> tuple[dict[str, float], float]:
        """Stretch a row, so that it ends where the next one begins."""
        more = (self.width - total) / max(len(xs) - 1, 1)
        return {id: x + number * more for number, (id, x) in enumerate(xs.items())}, self.width

    def _route(self, arrow: Arrow, places: dict[str, Place]) -> Route:
        one, other = places[arrow.source], places[arrow.target]
        if arrow.loops:
            return _loop_above(arrow, one)
        if self._near(arrow):
            side = 1.0 if one.x < other.x else -1.0
            start = one.x + side * (one.width / 2 + _ring(one)), one.y
            end = other.x - side * (other.width / 2 + _ring(other)), other.y
            left = (start[0] + end[0] - self._label(arrow)) / 2
            height = label_size(arrow.lines)[1]
            return Route(arrow, _line([start, end]), start, end, (left + 4.0, start[1] - height / 2 - 3.0))
        if self._turns(arrow):
            down = one.x if abs(one.x - other.x) > one.width / 2 - 8.0 else other.x
            start, end = (down, _low(one)), (other.x, other.y - other.height / 2 - _ring(other))
            middle = (start[1] + end[1]) / 2
            points = [start, (start[0], middle), (end[0], middle), end]
            # The words are below the arrows that run between the rows, and above a loop.
            above = label_size(arrow.lines)[1] / 2 + (18.0 if other.box.loops else 8.0)
            return Route(arrow, _line(points), (end[0], middle), end, (end[0] + 6.0, end[1] - above))
        return self._around(arrow, one, other)

    def _around(self, arrow: Arrow, one: Place, other: Place) -> Route:
        """Return a route between the rows, and beside them where it is more than one row.

        It leaves a box on the side to which it leads, and arrives on that from which it comes.
        """
        row, there = self.at[arrow.source][0], self.at[arrow.target][0]
        near, lane = there in (row, row + 1), 0.0
        if not near:
            lane = self.margin + 6.0 + _LANE * self.lanes.index(arrow)
        side = 1.0 if (other.x if near else lane) >= one.x else -1.0
        start = (one.x + side * _OUT * one.width, _low(one))
        first = self._lane(row, arrow)
        low = _low(other) if there == row else other.y - other.height / 2 - _ring(other)
        end = (other.x - (side if near else -1.0) * _IN * other.width, low)
        if there == row + 1 and abs(start[0] - other.x) < other.width / 2 - 8.0:
            end = (start[0], low)  # straight down
        if near:
            points = [start, (start[0], first), (end[0], first), end]
        else:
            last = self._lane(there - 1, arrow) + _LANE - 6.0
            points = [start, (start[0], first), (lane, first), (lane, last), (end[0], last), end]
        width, across = self._label(arrow), points[2][0] - start[0]
        left, line = start[0] + 6.0 if across > 0 else start[0] - width - 2.0, first
        if abs(across) < width + 8.0:  # there is no room above it: the words stand beside it, or where it arrives
            left, line = (max(start[0], end[0]) + 2.0, first) if near else (lane - width - 2.0, points[3][1])
        return Route(arrow, _line(points), points[-2], end, (left, line - label_size(arrow.lines)[1] / 2 - 1.0))


def _ring(place: Place) -> float:
    """Return how far the outer of two outlines is from the box."""
    return 4.0 if place.box.ends else 0.0


def _low(place: Place) -> float:
    """Return the lower side of a box."""
    return place.y + place.height / 2 + _ring(place)


def _loop_above(arrow: Arrow, place: Place) -> Route:
    """Return the route of a loop above its box: beside it the next arrow begins."""
    top, left, right = (
        place.y - place.height / 2 - _ring(place),
        place.x + 0.2 * place.width,
        place.x + 0.2 * place.width + 14.0,
    )
    path = f"M{left:.1f} {top:.1f}C{left - 4:.1f} {top - 17:.1f} {right + 4:.1f} {top - 17:.1f} {right:.1f} {top:.1f}"
    return Route(arrow, path, (right + 1.0, top - 10.0), (right, top), (right + 4.0, top - 8.0))


def _line(points: list[Point]) -> str:
    """Return a path of straight pieces with round corners."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(here, before), _towards(here, after)
        parts.append(f"L{near[0]:.1f} {near[1]:.1f}Q{here[0]:.1f} {here[1]:.1f} {far[0]:.1f} {far[1]:.1f}")
    return "".join([*parts, f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"])


def _towards(here: Point, there: Point) -> Point:
    length = max(abs(there[0] - here[0]), abs(there[1] - here[1]))
    share = min(_ROUND / length, 0.5) if length else 0.0
    return here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])
