"""Words of arrows that stay readable where an arrow crosses them: white behind these, drawn after what crosses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .geometry import LINE, PLAIN, Route, printed_width

MOST = 200
"""Arrows up to which it is looked for which of them cross words; with more nobody reads a picture."""
_STEPS = 128
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BLOCK = re.compile(r'^<!-- [^\n]* -->\n<g id="(node|edge|turned)(\d+)" class="(node|edge)">', re.MULTILINE)
_END = "</g>\n</svg>"
_PATH = re.compile(r'<path [^>]*?\bd="([^"]*)"')
_TEXT = re.compile(r'<text [^>]*?\bx="([^"]*)" y="([^"]*)"[^>]*?font-size="([\d.]+)"[^>]*>([^<]*)</text>')

Area = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def backed(picture: str) -> str:
    """Return a picture of Graphviz's with white behind words of arrows that arrows cross, these drawn first.

    Where arrows cross each other's words one of them is drawn before the other all the same.  Boxes stay where they
    are in the file.
    """
    starts, blocks = _cut(picture)
    places = [at for at, start in enumerate(starts) if start[3] == "edge"]
    if not places or len(places) > MOST:
        return picture
    edges = [blocks[at] for at in places]
    paths, words = [*map(_path, edges)], [*map(_boxes, edges)]
    whites = [iter(white) for white in on_white(paths, words)]
    edges = [
        _TEXT.sub(lambda found, white=white: behind(next(white)) + found[0], edge)  # type: ignore[misc]
        for edge, white in zip(edges, whites, strict=True)
    ]
    for place, at in zip(places, crossing_first(paths, words), strict=True):
        blocks[place] = edges[at]
    return picture[: starts[0].start()] + "".join(blocks) + picture[picture.rfind(_END) :]


def _cut(picture: str) -> tuple[list[re.Match[str]], list[str]]:
    """Return how the boxes and arrows of a picture of Graphviz's begin, and what is written of each."""
    starts, end = [*_BLOCK.finditer(picture)], picture.rfind(_END)
    cuts = [start.start() for start in starts if start.start() < end]
    return starts[: len(cuts)], [picture[one:other] for one, other in pairwise([*cuts, end])]


def crossed(picture: str) -> frozenset[int]:
    """Return the numbers of the arrows of a picture of Graphviz's, from 0 in order, whose words arrows cross."""
    found = [(start, block) for start, block in zip(*_cut(picture), strict=True) if start[3] == "edge"]
    if len(found) > MOST:
        return frozenset()
    whites = on_white([_path(block) for _, block in found], [_boxes(block) for _, block in found])
    numbers = (int(start[2]) - (start[1] == "edge") for start, _ in found)  # Graphviz counts from 1
    return frozenset(number for number, white in zip(numbers, whites, strict=True) if any(white))


def on_white(paths: Sequence[str], words: Sequence[Sequence[Area]]) -> list[list[Area | None]]:
    """Return what is to be white behind words of arrows: nothing where no arrow runs, and nowhere other words.

    Parameters
    ----------
    paths, words : sequences
        As in `crossing_first`.

    Examples
    --------
    >>> on_white(["M0,50L100,50", "M50,0L50,100"], [[(40, 45, 60, 55), (40, 60, 60, 70)], [(58, 45, 80, 49)]])
    [[(40, 45, 58, 55), (40, 60, 60, 70)], [None]]
    """
    boxes = [box for lines in words for box in lines]
    corners = np.array(boxes).reshape(-1, 4).T
    met = np.zeros(len(boxes), np.bool_)
    for path in paths:
        met |= meets(points(path), corners)
    whites = iter([_between(box, boxes) if hit else None for box, hit in zip(boxes, met.tolist(), strict=True)])
    return [[next(whites) for _ in lines] for lines in words]


def _between(box: Area, others: Sequence[Area]) -> Area:
    """Return as much of a box as lies beside others: it ends where one begins that reaches into it."""
    left, top, right, bottom = box
    for one in others:
        if one[1] < bottom and top < one[3]:
            right = one[0] if box[0] < one[0] < right else right
            left = one[2] if left < one[2] < box[2] else left
    return (left, top, right, bottom) if left < right else box


def behind(box: Area | None) -> str:
    """Return what stands behind a line of words, in SVG: nothing for None."""
    if box is None:
        return ""
    left, top, right, bottom = box
    size = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
    return f'<rect {size} fill="white" fill-opacity="0.85"/>'


def box_of(line: str, x: float, y: float, size: float) -> Area:
    """Return where a line of words lies that begins at a point of its base line."""
    words = line.lstrip("\u00a0")
    left = x + 0.28 * size * (len(line) - len(words))
    return left, y - 0.8 * size, left + printed_width(words, size), y + 0.25 * size


def first_line(route: Route) -> float:
    """Return where the first line of an arrow's words stands, in a layout of our own."""
    return route.label[1] - LINE * PLAIN * len(route.arrow.lines) / 2 + 0.85 * PLAIN


def areas(route: Route) -> list[Area]:
    """Return where the lines of an arrow's words lie, in a layout of our own."""
    top = first_line(route)
    return [box_of(line, route.label[0], top + LINE * PLAIN * at, PLAIN) for at, line in enumerate(route.arrow.lines)]


def crossing_first(paths: Sequence[str], words: Sequence[Sequence[Area]]) -> list[int]:
    """Return the order in which to draw arrows: those that cross words of others before these, else as they are.

    Parameters
    ----------
    paths : sequence of str
        Of each arrow, in SVG's language: one M, then C or L.
    words : sequence of sequences of Area
        Of each arrow, where its words lie.

    Examples
    --------
    >>> crossing_first(["M0,50L100,50", "M50,0L50,100"], [[(40, 40, 60, 60)], []])
    [1, 0]
    """
    owners = np.repeat(np.arange(len(words)), [len(boxes) for boxes in words])
    corners = np.array([box for boxes in words for box in boxes]).reshape(-1, 4).T
    before: list[set[int]] = [set() for _ in paths]
    for one, path in enumerate(paths):
        for at in owners[meets(points(path), corners)].tolist():
            if at != one:
                before[at].add(one)
    left, order = set(range(len(paths))), list[int]()
    while left:  # the first that waits for nobody; in a circle that which waits for the fewest
        found = min(left, key=lambda at: (len(before[at] & left), at))
        left.remove(found)
        order.append(found)
    return order


def _boxes(edge: str) -> list[Area]:
    return [_box(found) for found in _TEXT.finditer(edge)]


def _path(edge: str) -> str:
    return path[1] if (path := _PATH.search(edge)) else ""


def _box(found: re.Match[str]) -> Area:
    return box_of(unescape(found[4]), float(found[1]), float(found[2]), float(found[3]))


def points(path: str) -> NDArray[np.float64]:
    """Return points along a path of SVG, close to each other, shape (points, 2)."""
    ends = np.array([float(number) for number in _NUMBER.findall(path)]).reshape(-1, 2)
    if not len(ends):
        return ends
    if "C" in path:
        curves = (len(ends) - 1) // 3
        corners = ends[np.arange(curves)[:, None] * 3 + np.arange(4)]
        t = np.linspace(0, 1, _STEPS)[:, None]
        weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
        return np.einsum("sk,ckd->csd", weights, corners).reshape(-1, 2)
    t = np.linspace(0, 1, _STEPS)[:, None, None]
    return (ends[:-1] * (1 - t) + ends[1:] * t).reshape(-1, 2)


def meets(points: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which boxes a path runs through, shape (boxes,); corners: their four sides, shape (4, boxes)."""
    x, y = points[:, :1], points[:, 1:]
    left, top, right, bottom = corners
    found: NDArray[np.bool_] = ((x > left) & (x < right) & (y > top) & (y < bottom)).any(axis=0)
    return found
