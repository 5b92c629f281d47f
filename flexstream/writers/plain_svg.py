"""SVG without any other program: boxes, arrows and words at their places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from . import palette
from .backing import MOST, Area, areas, behind, crossing_first, first_line, on_white
from .figure import Box
from .geometry import LINE, PLAIN, Layout, Place, Route, lines_of, width_of

_LEGEND = 11.0
_FONT = "Helvetica,Arial,sans-serif"


def plain_svg(layout: Layout, legend: Sequence[str]) -> str:
    """Return a picture as SVG; full symbols and counts appear under the mouse.

    Examples
    --------
    >>> plain_svg(Layout((), (), 10.0, 10.0), ["nothing"])[:42]
    '<svg width="64pt" height="37pt" viewBox="0'
    """
    width = max([layout.width, *(width_of(line, _LEGEND) + 24.0 for line in legend)])
    height = layout.height + LINE * _LEGEND * len(legend) + 14.0
    parts = [
        f'<svg width="{width:.0f}pt" height="{height:.0f}pt" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="{_FONT}">',
        f'<g id="graph0" class="graph"><rect width="{width:.1f}" height="{height:.1f}" fill="white"/>',
        *(part for route, white in _in_order(layout.routes) for part in _edge(route, white)),
        *(part for place in layout.places for part in _node(place)),
        *_words(legend, 12.0, layout.height + _LEGEND + 4.0, _LEGEND, palette.QUIET),
        "</g></svg>",
    ]
    return "\n".join([*parts, ""])


def _node(place: Place) -> Iterator[str]:
    box = place.box
    left, top = place.x - place.width / 2, place.y - place.height / 2
    yield f'<g id="{box.id}" class="node"><title>{escape(box.tip)}</title>'
    if box.kind == "start":
        yield f'<circle cx="{place.x:.1f}" cy="{place.y:.1f}" r="4" fill="{box.fill}"/>'
    else:
        if box.ends:
            yield _rect(left - 4, top - 4, place.width + 8, place.height + 8, box, "white")
        yield _rect(left, top, place.width, place.height, box, box.fill)
    lines = lines_of(box)
    y = place.y - sum(LINE * size for _, size, _ in lines) / 2
    for text, size, kind in lines:
        y += LINE * size
        look = f'fill="{palette.QUIET if kind == "small" else palette.TEXT}"'
        look += ' font-weight="bold"' if kind == "head" else ""
        spot = f'x="{place.x:.1f}" y="{y - 0.28 * size:.1f}" text-anchor="middle" font-size="{size:g}"'
        yield f"<text {spot} {look}>{escape(text)}</text>"
    yield "</g>"


def _rect(left: float, top: float, width: float, height: float, box: Box, fill: str) -> str:
    more = (' rx="8"' if box.kind == "state" else "") + (' stroke-dasharray="1 3"' if box.open else "")
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"{more} fill="{fill}" '
        f'stroke="{box.outline}" stroke-width="{1.0 if box.outline == palette.OUTLINE else 2.2}"/>'
    )


def _edge(route: Route, white: Sequence[Area | None]) -> Iterator[str]:
    arrow = route.arrow
    dashes = {"guessed": ' stroke-dasharray="5 3"'}.get(arrow.kind, "")
    thick = 0.8 + 2.0 * arrow.share if arrow.kind in ("sure", "guessed") else 1.0
    tip = escape("\n".join(arrow.tip))
    yield f'<g class="edge" data-source="{arrow.source}" data-target="{arrow.target}"><title>{tip}</title>'
    yield f'<path d="{route.path}" fill="none" stroke="{arrow.colour}" stroke-width="{thick:.2f}"{dashes}/>'
    yield f'<polygon points="{_head(route, thick)}" fill="{arrow.colour}"/>'
    yield from filter(None, map(behind, white))
    yield from _words(arrow.lines, route.label[0], first_line(route), PLAIN, palette.TEXT)
    yield "</g>"


def _in_order(routes: Sequence[Route]) -> list[tuple[Route, list[Area | None]]]:
    """Return arrows in the order in which they are drawn, so that none runs over the words of another.

    With each what is white behind its words.
    """
    if len(routes) > MOST:
        return [(route, []) for route in routes]
    paths, words = [route.path for route in routes], [areas(route) for route in routes]
    whites = on_white(paths, words)
    return [(routes[at], whites[at]) for at in crossing_first(paths, words)]


def _head(route: Route, thick: float) -> str:
    """Return the corners of an arrow's head."""
    (x, y), (from_x, from_y) = route.tip, route.before
    angle = math.atan2(y - from_y, x - from_x)
    long, wide = 6.0 + thick, 2.0 + 0.8 * thick
    back_x, back_y = x - long * math.cos(angle), y - long * math.sin(angle)
    side_x, side_y = wide * math.sin(angle), -wide * math.cos(angle)
    corners = ((x, y), (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y))
    return " ".join(f"{one:.1f},{other:.1f}" for one, other in corners)


def _words(lines: Sequence[str], x: float, y: float, size: float, colour: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        at = y + LINE * size * number
        yield f'<text x="{x:.1f}" y="{at:.1f}" font-size="{size:g}" fill="{colour}">{escape(line)}</text>'
