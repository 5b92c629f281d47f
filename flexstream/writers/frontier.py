"""States against bits as a picture, SVG without any other program."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .labels import counted

if TYPE_CHECKING:
    from ..learning.frontiers import Frontier

_COLOUR, _MARK = "#1b6ca8", "#c8553d"
_WIDTH, _HEIGHT, _LEFT, _TOP = 480.0, 280.0, 70.0, 40.0
_TICKS = 5

Scale = Callable[[float], float]


def frontier_svg(frontier: Frontier) -> str:
    """Return the picture of a frontier: bits of a trace against states, these on a logarithmic axis; the elbow marked.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b", "a"], ["b"]] * 50)
    >>> frontier_svg(learner.frontier())[:38]
    '<svg xmlns="http://www.w3.org/2000/svg'
    """
    least, most = frontier.points[0].states, max(frontier.points[-1].states, frontier.points[0].states + 1)
    low, high = frontier.points[-1].bits, frontier.points[0].bits
    spare = 0.05 * (high - low) or 1.0
    low, high = max(0.0, low - spare), high + spare

    def x(states: float) -> float:
        return _LEFT + _WIDTH * math.log(states / least) / math.log(most / least)

    def y(bits: float) -> float:
        return _TOP + _HEIGHT * (high - bits) / (high - low)

    parts = [
        f'<text x="{_LEFT + _WIDTH / 2:.1f}" y="20" text-anchor="middle">bits of a trace against states '
        f"({counted(frontier.traces, 'trace')})</text>",
        *_grid(x, y, (least, most), (low, high)),
        *_curve(frontier, x, y),
        f'<path d="M{_LEFT:.1f} {_TOP:.1f}v{_HEIGHT}h{_WIDTH}" fill="none" stroke="black"/>',
    ]
    width, height = _LEFT + _WIDTH + 40, _TOP + _HEIGHT + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _grid(x: Scale, y: Scale, states: tuple[int, int], bits: tuple[float, float]) -> Iterator[str]:
    for step in range(_TICKS):
        value = bits[0] + (bits[1] - bits[0]) * step / (_TICKS - 1)
        yield f'<path d="M{_LEFT:.1f} {y(value):.1f}h{_WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6:.1f}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.4g}</text>'
    for count in ticks(*states):
        yield (
            f'<text x="{x(count):.1f}" y="{_TOP + _HEIGHT + 18:.1f}" text-anchor="middle">{count:,}</text>'
            f'<path d="M{x(count):.1f} {_TOP + _HEIGHT:.1f}v4" stroke="black"/>'
        )


def _curve(frontier: Frontier, x: Scale, y: Scale) -> Iterator[str]:
    places = [(x(point.states), y(point.bits)) for point in frontier.points]
    way = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    yield f'<polyline points="{way}" fill="none" stroke="{_COLOUR}" stroke-width="2"/>'
    for point, (across, down) in zip(frontier.points, places, strict=True):
        words = f"{counted(point.states, 'state')}, {point.bits:.4g} bits"
        yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{_COLOUR}"><title>{words}</title></circle>'
    elbow = frontier.elbow
    across, down = x(elbow.states), y(elbow.bits)
    yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="7" fill="none" stroke="{_MARK}" stroke-width="2"/>'
    side = "end" if across > _LEFT + 0.7 * _WIDTH else "start"
    shift = -12 if side == "end" else 12
    yield (
        f'<text x="{across + shift:.1f}" y="{down - 8:.1f}" text-anchor="{side}" fill="{_MARK}">'
        f"{frontier.mark}: {counted(elbow.states, 'state')}</text>"
    )


def ticks(least: int, most: int) -> list[int]:
    """Return round numbers of states from the least to the most, at most three a decade.

    >>> ticks(1, 70), ticks(3, 9)
    ([1, 2, 5, 10, 20, 50], [5])
    """
    decades = range(len(str(most)))
    return [lead * 10**power for power in decades for lead in (1, 2, 5) if least <= lead * 10**power <= most]
