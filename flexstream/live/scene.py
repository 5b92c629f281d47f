"""Scenes: pictures of one automaton after the other, in which a state keeps its name and its place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..automata.pdfa import PDFA
from ..visible import visible
from ..writers.backing import areas, points
from ..writers.figure import figure_of
from ..writers.geometry import Layout, Place, Route, lines_of
from ..writers.labels import shorten
from ..writers.view import View
from .lineage import Lineage, News
from .steady import Placing

MOST_NEWS = 30
"""News that are told of one version."""
LONGEST_TIP = 400
_MARGIN = 20.0
_STATE = re.compile(r"(q)(\d+)")


class Scenes:
    """Draws automata.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> scenes = Scenes()
    >>> first, second = scenes.scene(reber()), scenes.scene(reber())
    >>> [box["key"] for box in first["boxes"]]
    ['q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'start']
    >>> len(first["news"]), len(second["news"]), first["boxes"][3]["x"] == second["boxes"][3]["x"]
    (6, 0, True)
    """

    def __init__(self) -> None:
        self._lineage, self._placing = Lineage(), Placing()
        self._names: dict[int, str] = {}

    def scene(self, automaton: PDFA) -> dict[str, Any]:
        """Return the picture of the next automaton as JSON values, and what is new in it."""
        view = View.picture(automaton)
        news = self._lineage.follow(automaton)
        keys = self._lineage.keys
        names = {key: visible(view.names[state]) for state, key in enumerate(keys)}

        def name(box: str) -> str:
            found = _STATE.fullmatch(box)
            return f"{found[1]}{keys[int(found[2])]}" if found else box

        drawing = figure_of(view)
        layout = self._placing.layout(drawing, name)
        known, self._names = self._names | names, names
        return {
            "boxes": [_box(place, name(place.box.id)) for place in layout.places],
            "arrows": [_arrow(route, name(route.arrow.source), name(route.arrow.target)) for route in layout.routes],
            "frame": _frame(layout),
            "legend": list(drawing.legend),
            "states": len(automaton),
            "transitions": len(automaton.targets),
            "news": [_told(one, known) for one in news[:MOST_NEWS]],
            "changed": len(news),
        }


def _frame(layout: Layout) -> list[float]:
    """Return left, top, width and height of what is drawn: of boxes, arrows and words, wherever they stand."""
    boxes = [(p.x - p.width / 2, p.y - p.height / 2, p.x + p.width / 2, p.y + p.height / 2) for p in layout.places]
    words = [area for route in layout.routes for area in areas(route)]
    ways = [(x, y, x, y) for route in layout.routes for x, y in points(route.path).tolist()]
    corners = np.array([*boxes, *words, *ways]).reshape(-1, 4)
    left, top = np.minimum(corners[:, :2].min(axis=0, initial=math.inf) - _MARGIN, 0.0).tolist()
    right, bottom = np.maximum(corners[:, 2:].max(axis=0, initial=0.0) + _MARGIN, 0.0).tolist()
    return [round(value, 1) for value in (left, top, right - left, bottom - top)]


def _box(place: Place, key: str) -> dict[str, Any]:
    box = place.box
    return {
        "key": key,
        "kind": box.kind,
        "lines": [[text, size, kind] for text, size, kind in lines_of(box)],
        "x": round(place.x, 1),
        "y": round(place.y, 1),
        "width": round(place.width, 1),
        "height": round(place.height, 1),
        "fill": box.fill,
        "outline": box.outline,
        "ends": box.ends,
        "open": box.open,
        "tip": shorten(box.tip, LONGEST_TIP),
    }


def _arrow(route: Route, source: str, target: str) -> dict[str, Any]:
    arrow = route.arrow
    return {
        "source": source,
        "target": target,
        "kind": arrow.kind,
        "lines": list(arrow.lines),
        "path": route.path,
        "tip": [round(value, 1) for value in (*route.before, *route.tip)],
        "label": [round(value, 1) for value in route.label],
        "share": round(arrow.share, 4),
        "colour": arrow.colour,
        "words": [shorten(line, LONGEST_TIP) for line in arrow.tip],
    }


def _told(news: News, names: Mapping[int, str]) -> dict[str, Any]:
    """Return what has become of a state, in words and by keys."""
    name, other = names[news.key], None if news.other is None else names[news.other]
    words = {
        "appeared": f"new: {name}",
        "apart": f"{name} came apart from {other}",
        "merged": f"{name} was merged into {other}",
        "gone": f"{name} is gone",
    }
    return {
        "kind": news.kind,
        "key": f"q{news.key}",
        "other": None if news.other is None else f"q{news.other}",
        "words": words[news.kind],
    }
