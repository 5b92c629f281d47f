"""Words of arrows that stay readable where another arrow crosses them: white behind them, drawn after what crosses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .geometry import width_of

MOST = 200
"""Arrows up to which it is looked for which of them cross words; with more nobody reads a picture."""
_STEPS = 128
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BLOCK = re.compile(r'^<!-- [^\n]* -->\n<g id="(?:node|edge|turned)\d+" class="(node|edge)">', re.MULTILINE)
_PATH = re.compile(r'<path [^>]*?\bd="([^"]*)"')
_TEXT = re.compile(r'<text [^>]*?\bx="([^"]*)" y="([^"]*)"[^>]*?font-size="([\d.]+)"[^>]*>([^<]*)</text>')

Area = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def backed(picture: str) -> str:
    """Return a picture of Graphviz's with white behind the words of its arrows, those that cross words drawn first.

    Where arrows cross each other's words one of them is drawn before the other all the same.  Boxes stay where they
    are in the file.
    """
    starts = [*_BLOCK.finditer(picture)]
    end = picture.rfind("</g>\n</svg>")
    if not starts or end < 0:
        return picture
    cuts = [start.start() for start in starts] + [end]
    blocks = [picture[one:other] for one, other in pairwise(cuts)]
    places = [at for at, start in enumerate(starts) if start[1] == "edge"]
    edges = [blocks[at] for at in places]
    if len(edges) <= MOST:
        order = crossing_first([path[1] if (path := _PATH.search(one)) else "" for one in edges], [*map(_boxes, edges)])
        edges = [edges[at] for at in order]
    for place, edge in zip(places, edges, strict=True):
        blocks[place] = _TEXT.sub(lambda found: _white(found) + found[0], edge)
    return picture[: cuts[0]] + "".join(blocks) + picture[end:]


def behind(box: Area) -> str:
    """Return what stands behind a line of words, in SVG."""
    left, top, right, bottom = box
    size = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
    return f'<rect {size} fill="white" fill-opacity="0.85"/>'


def box_of(line: str, x: float, y: float, size: float) -> Area:
    """Return where a line of words lies that begins at a point of its base line."""
    words = line.lstrip("\u00a0")
    left = x + 0.28 * size * (len(line) - len(words))
    return left, y - 0.8 * size, left + 0.95 * width_of(words, size), y + 0.25 * size


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
        for at in owners[_crossed(points(path), corners)].tolist():
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


def _box(found: re.Match[str]) -> Area:
    return box_of(unescape(found[4]), float(found[1]), float(found[2]), float(found[3]))


def _white(found: re.Match[str]) -> str:
    return behind(_box(found))


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


def _crossed(points: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which boxes a path runs through, shape (boxes,); corners: their four sides, shape (4, boxes)."""
    x, y = points[:, :1], points[:, 1:]
    left, top, right, bottom = corners
    found: NDArray[np.bool_] = ((x > left) & (x < right) & (y > top) & (y < bottom)).any(axis=0)
    return found
