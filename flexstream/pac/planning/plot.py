"""A picture of the strings that each theorem asks for, against eps and mu, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...errors import UsageError
from ..demand import Demand
from .plan import THEOREMS, sizes_of

_COLOURS = ("#1b6ca8", "#c8553d", "#3d8b5f", "#7a5195", "#8a6d1d")
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 300.0, 260.0, 60.0, 40.0, 60.0
_POINTS = 41


def curve(theorem: str, demand: Demand, what: str, values: Sequence[float]) -> list[tuple[float, float]]:
    """Return (value, log10 of the strings) for each value of ``eps`` or ``mu`` for which there is a number."""
    points = []
    for value in values:
        try:
            points.append((value, math.log10(sizes_of(theorem, demand.with_(**{what: value})).strings)))
        except UsageError:
            continue
    return points


def svg(demand: Demand) -> str:
    """Return the picture: strings against eps on the left, against mu on the right, both axes logarithmic.

    Examples
    --------
    >>> svg(Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05))[:38]
    '<svg xmlns="http://www.w3.org/2000/svg'
    """
    panels = []
    for what, least, most in (("eps", 0.01, 0.99), ("mu", 0.01, 1.0)):
        values = [least * (most / least) ** (step / (_POINTS - 1)) for step in range(_POINTS)]
        panels.append((what, least, most, {name: curve(name, demand, what, values) for name in THEOREMS}))
    heights = [y for *_, curves in panels for points in curves.values() for _, y in points]
    top = math.ceil(max(heights, default=1))
    parts = [_panel(number, *panel, demand, top) for number, panel in enumerate(panels)]
    width, height = 2 * (_WIDTH + _LEFT + _GAP), _TOP + _HEIGHT + 60 + 18 * len(THEOREMS)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join([*parts, *_legend()])
        + "\n</svg>\n"
    )


def _panel(
    number: int,
    what: str,
    least: float,
    most: float,
    curves: dict[str, list[tuple[float, float]]],
    demand: Demand,
    top: int,
) -> str:
    left = _LEFT + number * (_WIDTH + _LEFT + _GAP)

    def x(value: float) -> float:
        return left + _WIDTH * math.log(value / least) / math.log(most / least)

    def y(power: float) -> float:
        return _TOP + _HEIGHT * (1 - power / top)

    other = f"mu = {demand.mu:g}" if what == "eps" else f"eps = {demand.eps:g}"
    lines = [f'<text x="{left + _WIDTH / 2:.1f}" y="20" text-anchor="middle">strings against {what} ({other})</text>']
    for power in range(0, top + 1, max(1, top // 6)):
        lines.append(f'<path d="M{left:.1f} {y(power):.1f}h{_WIDTH}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 6:.1f}" y="{y(power) + 4:.1f}" text-anchor="end">10^{power}</text>')
    for value in (0.01, 0.03, 0.1, 0.3, 0.9):
        lines.append(
            f'<text x="{x(value):.1f}" y="{_TOP + _HEIGHT + 18:.1f}" text-anchor="middle">{value:g}</text>'
            f'<path d="M{x(value):.1f} {_TOP + _HEIGHT:.1f}v4" stroke="black"/>'
        )
    for colour, points in zip(_COLOURS, curves.values(), strict=True):
        way = " ".join(f"{x(value):.1f},{y(power):.1f}" for value, power in points)
        lines.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
    lines.append(f'<path d="M{left:.1f} {_TOP:.1f}v{_HEIGHT}h{_WIDTH}" fill="none" stroke="black"/>')
    return "\n".join(lines)


def _legend() -> list[str]:
    rows = []
    for row, (colour, name) in enumerate(zip(_COLOURS, THEOREMS, strict=True)):
        y = _TOP + _HEIGHT + 46 + 18 * row
        rows.append(f'<path d="M{_LEFT} {y}h24" stroke="{colour}" stroke-width="2"/>')
        rows.append(f'<text x="{_LEFT + 32}" y="{y + 4}">{name}</text>')
    return rows
