"""Places in layers, from above to below, where Graphviz is missing or too slow.

Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures", IEEE Transactions on
Systems, Man, and Cybernetics 11, 1981: arrows that lead back are turned, long ones and labels get places of their own
in the layers they pass, layers are ordered by the means of their neighbours, and so are the places in them.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from .backing import MOST, areas, meets, points
from .figure import WIDEST, Arrow, Figure
from .geometry import LOOP_ROOM, Layout, Place, Point, Route, label_size, loop, size_of, smooth
from .layers import layers
from .orientation import turned

MOST_PASSED = 20_000
"""Places in layers that arrows pass, up to which these are given room; with more, arrows run straight."""
_SHORTER = 0.85
"""How long arrows may be at most where others lead back than those that are found in depth, for that to be done."""
_SWEEPS, _APART, _BETWEEN = 12, 18.0, 24.0
_CLEAR = 1.5
"""Room between an arrow and words that are not to be run into."""


def layered(drawing: Figure) -> Layout:
    """Return the places of a picture.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> from .figure import figure
    >>> layout = layered(figure(reber()))
    >>> len(layout.places), len(layout.routes), all(place.x > 0 and place.y > 0 for place in layout.places)
    (7, 11, True)
    """
    return _Layers(drawing).layout()


class _Layers:
    """Layers of nodes: those up to the number of boxes are boxes, the others places that arrows pass."""

    def __init__(self, drawing: Figure) -> None:
        self.drawing = drawing
        boxes = drawing.boxes
        number = {box.id: place for place, box in enumerate(boxes)}
        self.ends = [(number[arrow.source], number[arrow.target]) for arrow in drawing.arrows]
        looped = {source for source, target in self.ends if source == target}
        self.sizes = [size_of(box) for box in boxes]
        self.rooms = [(w + (2 * LOOP_ROOM if n in looped else 0.0), h) for n, (w, h) in enumerate(self.sizes)]
        self.depths = self._depths()
        self.shifts = [0.0] * len(boxes)  # from the middle of a node to the arrow through it: left of its label
        self.heights: list[float] = []  # of the layers
        self.links: list[tuple[int, int]] = []  # from above to below, between neighbouring layers
        self.ways = self._ways()

    def _depths(self) -> list[int]:
        """Return twice the layer of each box: between layers there is one for labels."""
        arrows = self.drawing.arrows
        likely = sorted(range(len(self.ends)), key=lambda place: -arrows[place].share)
        found = layers(len(self.sizes), [self.ends[place] for place in likely])
        back = turned(self.drawing, likely=False)
        ordered = []
        for place in likely:
            (source, target), arrow = self.ends[place], arrows[place]
            ordered.append((target, source) if (arrow.source, arrow.target) in back else (source, target))
        other = layers(len(self.sizes), ordered)
        if self._long(other) < _SHORTER * self._long(found) and self._wide(other) <= WIDEST:
            found = other
        if sum(2 * abs(found[one] - found[other]) for one, other in self.ends) > MOST_PASSED:
            found = _breadth(len(self.sizes), self.ends)
        return [2 * depth for depth in found]

    def _long(self, depths: Sequence[int]) -> float:
        """Return how many layers all arrows pass together."""
        return sum(abs(depths[one] - depths[other]) for one, other in self.ends)

    def _wide(self, depths: Sequence[int]) -> float:
        """Return the width of the widest layer, of its boxes alone."""
        widths: defaultdict[int, float] = defaultdict(float)
        for depth, (width, _) in zip(depths, self.rooms, strict=True):
            widths[depth] += width + _APART
        return max(widths.values())

    def _ways(self) -> list[list[int]]:
        """Return the nodes of each arrow from its source to its target, and make those that it passes."""
        passed = sum(abs(self.depths[one] - self.depths[other]) for one, other in self.ends)
        return [
            [source, target] if passed > MOST_PASSED or source == target else self._way(arrow, source, target)
            for arrow, (source, target) in zip(self.drawing.arrows, self.ends, strict=True)
        ]

    def _way(self, arrow: Arrow, source: int, target: int) -> list[int]:
        above, below = sorted((source, target), key=lambda node: self.depths[node])
        between = range(self.depths[above] + 1, self.depths[below])
        middle = (self.depths[above] + self.depths[below]) // 2 | 1
        way = [above]
        for depth in between:
            way.append(len(self.depths))
            self.depths.append(depth)
            self.rooms.append(label_size(arrow.lines) if depth == middle else (4.0, 0.0))
            self.shifts.append(2.0 - self.rooms[-1][0] / 2)
        way.append(below)
        self.links += [pair for pair in itertools.pairwise(way) if between]
        return way if above == source else way[::-1]

    def layout(self) -> Layout:
        """Return it."""
        rows = self._ordered()
        xs, ys = self._across(rows), self._down(rows)
        places = [Place(box, xs[n], ys[n], *self.sizes[n]) for n, box in enumerate(self.drawing.boxes)]
        routes = self._clear(places, xs, ys)
        width = max(xs[node] + self.rooms[node][0] / 2 for node in range(len(xs))) + 12.0
        height = max(ys[node] + max(60.0, self.rooms[node][1] / 2 + 12.0) for node in range(len(ys)))
        return Layout(tuple(places), tuple(routes), width, height)

    def _ordered(self) -> list[list[int]]:
        """Return the nodes of each layer, ordered by the means of their neighbours' places, now above, now below."""
        rows: list[list[int]] = [[] for _ in range(max(self.depths) + 1)]
        for node, depth in enumerate(self.depths):
            rows[depth].append(node)
        up, down = _neighbours(len(self.depths), self.links)
        place = {node: float(at) for row in rows for at, node in enumerate(row)}
        for sweep in range(_SWEEPS):
            side, order = (up, rows) if sweep % 2 == 0 else (down, rows[::-1])
            for row in order:
                mean = {node: _mean([place[other] for other in side[node]], place[node]) for node in row}
                row.sort(key=mean.__getitem__)
                place.update((node, float(at)) for at, node in enumerate(row))
        return rows

    def _across(self, rows: list[list[int]]) -> list[float]:
        """Return the middles of all nodes from the left: near their neighbours, in order, and apart."""
        xs = [0.0] * len(self.depths)
        for row in rows:
            self._spread(row, xs, dict.fromkeys(row, 0.0))
        up, down = _neighbours(len(self.depths), self.links)
        for sweep in range(_SWEEPS):
            side, order = (up, rows) if sweep % 2 == 0 else (down, rows[::-1])
            if sweep >= _SWEEPS - 2:
                side = [one + other for one, other in zip(up, down, strict=True)]
            for row in order:
                self._spread(row, xs, {node: self._wanted(node, side[node], xs) for node in row})
        left = min(xs[node] - self.rooms[node][0] / 2 for node in range(len(xs))) - 12.0
        return [x - left for x in xs]

    def _wanted(self, node: int, others: Sequence[int], xs: list[float]) -> float:
        """Return the middle of a node with which the arrows through it would be upright."""
        if not others:
            return xs[node]
        return sum(xs[other] + self.shifts[other] for other in others) / len(others) - self.shifts[node]

    def _spread(self, row: Sequence[int], xs: list[float], wanted: dict[int, float]) -> None:
        """Put the nodes of a layer where they are wanted, as far as their order and sizes allow.

        What is in the way of each other moves as one block to the mean of where its nodes want to be.
        """
        blocks: list[tuple[float, int, list[float]]] = []  # mean of the wanted starts, nodes, offsets within
        offset = 0.0
        for at, node in enumerate(row):
            offset += self._apart(row[at - 1], node) if at else 0.0
            blocks.append((wanted[node] - offset, 1, [offset]))
            while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
                (one, few, left), (other, more, right) = blocks[-2], blocks[-1]
                blocks[-2:] = [((one * few + other * more) / (few + more), few + more, left + right)]
        starts = [start + within for start, _, offsets in blocks for within in offsets]
        for node, x in zip(row, starts, strict=True):
            xs[node] = x

    def _apart(self, one: int, other: int) -> float:
        """Return how far the middles of two neighbours in a layer are from each other at least."""
        gap = _APART if min(one, other) < len(self.sizes) else 6.0
        return gap + (self.rooms[one][0] + self.rooms[other][0]) / 2

    def _down(self, rows: list[list[int]]) -> list[float]:
        ys, y = [0.0] * len(self.depths), 12.0
        self.heights = [max((self.rooms[node][1] for node in row), default=0.0) for row in rows]
        for row, height in zip(rows, self.heights, strict=True):
            for node in row:
                ys[node] = y + height / 2
            y += height + _BETWEEN
        return ys

    def _clear(self, places: list[Place], xs: list[float], ys: list[float]) -> list[Route]:
        """Return the routes of all arrows: what runs into words, or boxes, that it passes is upright beside them."""
        ways = [*zip(self.drawing.arrows, self.ways, strict=True)]
        found = [self._route(arrow, way, places, xs, ys, lambda node: False) for arrow, way in ways]
        if len(found) > MOST:
            return found
        boxes = [(p.x - p.width / 2, p.y - p.height / 2, p.x + p.width / 2, p.y + p.height / 2) for p in places]
        corners = np.array(boxes + [area for route in found for area in areas(route)]).T
        corners += np.array([[-1.0], [-1.0], [1.0], [1.0]]) * _CLEAR
        for at, (arrow, way) in enumerate(ways):
            others = np.delete(corners, [way[0], way[-1]], axis=1)
            for upright in (lambda node: self.rooms[node][1] > 0, lambda node: True):
                if meets(points(found[at].path), others).any():
                    found[at] = self._route(arrow, way, places, xs, ys, upright)
        return found

    def _route(
        self,
        arrow: Arrow,
        way: list[int],
        places: list[Place],
        xs: list[float],
        ys: list[float],
        upright: Callable[[int], bool],
    ) -> Route:
        """Return the route of an arrow; ``upright``: in which of the nodes that it passes, as high as their layer."""
        one, other = places[way[0]], places[way[-1]]
        if one is other:
            return loop(arrow, one)
        down = 1.0 if one.y <= other.y else -1.0
        passed = [
            (xs[node] + self.shifts[node], ys[node] + side * self.heights[self.depths[node]] / 2)
            for node in way[1:-1]
            for side in ((-down, down) if upright(node) else (0.0,))
        ]
        start = _edge(one, passed[0][0] if passed else other.x, down)
        end = _edge(other, passed[-1][0] if passed else one.x, -down)
        at = next(
            ((xs[node] + self.shifts[node], ys[node]) for node in way[1:-1] if self.rooms[node][1] > 0),
            ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2),
        )
        return Route(arrow, smooth([start, *passed, end]), (end[0], end[1] - down), end, (at[0] + 4.0, at[1]))


def _edge(place: Place, towards: float, down: float) -> Point:
    """Return where an arrow leaves a box, or arrives, on its lower or upper side."""
    room = max(place.width / 2 - 8.0, 0.0)
    side = place.height / 2 + (4.0 if place.box.ends else 0.0)
    return min(max(towards, place.x - room), place.x + room), place.y + down * side


def _neighbours(size: int, links: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    up: list[list[int]] = [[] for _ in range(size)]
    down: list[list[int]] = [[] for _ in range(size)]
    for above, below in links:
        up[below].append(above)
        down[above].append(below)
    return up, down


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _breadth(size: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """Return how many arrows it takes at least to come to each node from the last, where the picture starts."""
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    for source, target in ends:
        leaving[source].append(target)
    found, ring = {size - 1: 0}, [size - 1]
    while ring:
        ring = list(dict.fromkeys(target for node in ring for target in leaving[node] if target not in found))
        found |= dict.fromkeys(ring, max(found.values()) + 1)
    deepest = max(found.values()) + 1
    return [found.get(node, deepest) for node in range(size)]
