"""The pictures of a page: where its sliders can stand."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from ..automata.pdfa import PDFA
from ..writers.choice import levels
from ..writers.figure import Figure, figure_of
from ..writers.layered import layered
from ..writers.picture import drawn
from ..writers.plain_svg import plain_svg
from ..writers.view import View, ViewOptions

COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
STATES = (3, 5, 8, 12, 20, 30, 45, 70, 100)
MOST_ARROWS = 160
"""Arrows of the largest picture: what has more is a picture that nobody reads."""
SECONDS = 20.0
"""What Graphviz may take for all pictures; after that they have layouts of our own."""
_NODE_ID = re.compile(r'id="(q\d+|start)" class="node"')
_ID = re.compile(r' id="[^"]*"')
_BEFORE_SVG = re.compile(r"^.*?(?=<svg)", re.DOTALL)


def stops(
    automaton: PDFA,
    seconds: float = SECONDS,
    coverages: Sequence[float] = COVERAGES,
    states: Sequence[int] = STATES,
) -> dict[str, Any]:
    """Return the pictures as SVG, and which of them stands where on the sliders.

    Parameters
    ----------
    automaton : PDFA
    seconds : float
        What Graphviz may take for all of them together, one more than that excepted.
    coverages, states : sequences of float and of int
        Where the sliders can stand; that of the states also at all of them.

    Returns
    -------
    dict
        ``pictures``: list of SVG; ``drawn``: of each the states in it and the share of the traces that stays within;
        ``readable``, ``activities``: places in it; ``coverage`` and ``states``: lists of ``[value, place]``,
        ascending, in both of which what can be read is found.  Of two shares with one picture there is one stop.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> found = stops(reber())
    >>> found["readable"], len(found["pictures"]), found["coverage"][-1]
    (0, 5, [1.0, 0])
    """
    shelf = _Shelf(seconds)
    readable = shelf.place(View.picture(automaton))
    found: dict[str, Any] = {"readable": readable, "coverage": [], "states": []}
    for _, part in levels(automaton, coverages, MOST_ARROWS):
        place = shelf.place(View.of_transitions(automaton, part))
        found["coverage"] = _with_stop(found["coverage"], shelf.drawn[place][1], place)
    for most in (*(few for few in states if few < len(automaton)), len(automaton)):
        view = View.of(automaton, ViewOptions(max_states=most)) if most <= STATES[-1] else None
        if view is not None and len(view.edges) <= MOST_ARROWS:
            found["states"].append([most, shelf.place(view)])
    for kind, value in zip(("states", "coverage"), shelf.drawn[readable], strict=True):
        found[kind] = _with_stop(found[kind], value, readable)
    found["activities"] = shelf.place(View.picture(automaton, ViewOptions(boxes="activities")))
    return found | {"pictures": shelf.pictures, "drawn": shelf.drawn}


def _with_stop(stops: list[list[Any]], value: float, place: int) -> list[list[Any]]:
    """Return the stops of a slider with one for a picture: in the stead of that of the same value, if there is one."""
    if any(stop[1] == place for stop in stops):
        return stops
    return sorted([*(stop for stop in stops if stop[0] != value), [value, place]])


class _Shelf:
    """Pictures, each of them once."""

    def __init__(self, seconds: float) -> None:
        self.pictures: list[str] = []
        self.drawn: list[tuple[int, float]] = []
        self._known: dict[bytes, int] = {}
        self._until = time.monotonic() + seconds

    def place(self, view: View) -> int:
        """Return the place of what a view shows."""
        key = view.options.boxes.encode() + view.shown.tobytes() + bytes(str(len(view.states)), "ascii")
        if key not in self._known:
            self._known[key] = len(self.pictures)
            self.drawn.append((len(view.states), view.coverage))
            self.pictures.append(self._drawn(figure_of(view)))
        return self._known[key]

    def _drawn(self, drawing: Figure) -> str:
        if time.monotonic() > self._until and not drawing.rows:
            return _without_ids(plain_svg(layered(drawing), drawing.legend))
        return as_part(drawing)


def as_part(drawing: Figure) -> str:
    """Return a picture as SVG that can stand in a page, beside others."""
    return _without_ids(_BEFORE_SVG.sub("", drawn(drawing)))


def _without_ids(picture: str) -> str:
    """Return a picture that can stand beside others in one page: an id is there once. Quotes in texts are escaped."""
    return _ID.sub("", _NODE_ID.sub(r'data-state="\1" class="node"', picture))
