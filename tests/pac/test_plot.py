"""The picture of a plan, measured: where its axes, curves and words stand on the paper."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from flexstream.pac.demand import Demand
from flexstream.pac.planning import plot
from flexstream.pac.planning.plan import THEOREMS, sizes_of

DEMAND = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
COLOURS = ["#1b6ca8", "#c8553d", "#3d8b5f", "#7a5195", "#8a6d1d"]
SVG = "{http://www.w3.org/2000/svg}"
TOP, BOTTOM, WIDTH, SIDES = 40.0, 300.0, 300.0, (60.0, 480.0)
"""Of the two panels: upper and lower edge, width, left edges; pixels."""
RANGES = (("eps", 0.01, 0.99), ("mu", 0.01, 1.0))


@pytest.fixture(scope="module")
def root() -> ElementTree.Element:
    return ElementTree.fromstring(plot.svg(DEMAND))


@pytest.fixture(scope="module")
def decades() -> int:
    """Decades up to the largest number of strings in either panel."""
    most = max(sizes_of(name, DEMAND.with_(**{what: least})).strings for what, least, _ in RANGES for name in THEOREMS)
    return math.ceil(math.log10(most))


def words(root: ElementTree.Element) -> list[tuple[str, float, float, str]]:
    found = root.findall(f"{SVG}text")
    return [
        (str(one.text), float(one.get("x", "")), float(one.get("y", "")), one.get("text-anchor", "")) for one in found
    ]


def test_the_paper() -> None:
    """Twice 60 + 300 + 60 wide; 40 above, 260 high, 60 for the axis and 18 for each theorem below."""
    text = plot.svg(DEMAND)
    assert text.splitlines()[:2] == [
        '<svg xmlns="http://www.w3.org/2000/svg" width="840" height="450" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    assert text.endswith("\n</svg>\n")


def test_curves(root: ElementTree.Element, decades: int) -> None:
    """Forty-one points, at even distances on a logarithmic axis, each as high as the theorem asks for strings."""
    curves = root.findall(f"{SVG}polyline")
    assert [curve.get("stroke") for curve in curves] == COLOURS * 2
    assert {(curve.get("fill"), curve.get("stroke-width")) for curve in curves} == {("none", "2")}
    for number, curve in enumerate(curves):
        panel, theorem = divmod(number, len(THEOREMS))
        what, least, most = RANGES[panel]
        points = [tuple(map(float, point.split(","))) for point in curve.get("points", "").split()]
        assert [x for x, _ in points] == pytest.approx(
            [SIDES[panel] + WIDTH * step / 40 for step in range(41)], abs=0.051
        )
        for step, (_, y) in enumerate(points):
            demand = DEMAND.with_(**{what: least * (most / least) ** (step / 40)})
            share = math.log10(sizes_of(list(THEOREMS)[theorem], demand).strings) / decades
            assert y == pytest.approx(BOTTOM - (BOTTOM - TOP) * share, abs=0.051)


def test_axes(root: ElementTree.Element, decades: int) -> None:
    paths = [(one.get("d"), one.get("stroke")) for one in root.findall(f"{SVG}path")]
    told = words(root)
    for side, (what, least, most), other in zip(SIDES, RANGES, ("mu = 0.2", "eps = 0.1"), strict=True):
        assert (f"strings against {what} ({other})", side + 150, 20.0, "middle") in told
        assert (f"M{side:.1f} 40.0v260.0h300.0", "black") in paths
        for power in range(0, decades + 1, decades // 6):
            y = BOTTOM - 260 * power / decades
            assert (f"M{side:.1f} {y:.1f}h300.0", "#ddd") in paths
            assert (f"10^{power}", side - 6, float(f"{y + 4:.1f}"), "end") in told
        for value in (0.01, 0.03, 0.1, 0.3, 0.9):
            x = side + 300 * math.log(value / least) / math.log(most / least)
            assert (f"{value:g}", float(f"{x:.1f}"), 318.0, "middle") in told
            assert (f"M{x:.1f} 300.0v4", "black") in paths
    lines = len(range(0, decades + 1, decades // 6))
    assert len(paths) == 2 * (1 + lines + 5) + len(THEOREMS)
    assert len(told) == 2 * (1 + lines + 5) + len(THEOREMS)


def test_a_line_for_each_power_where_there_are_few() -> None:
    """Up to six decades each has a line, up to thirteen too; from 12 on every second, from 18 on every third."""
    for top, step in ((1, 1), (5, 1), (11, 1), (12, 2), (17, 2), (18, 3)):
        panel = plot._panel(0, "eps", 0.01, 0.99, {name: [] for name in THEOREMS}, DEMAND, top)
        assert re.findall(r"10\^(\d+)<", panel) == [str(power) for power in range(0, top + 1, step)]


def test_the_legend_names_the_curves(root: ElementTree.Element) -> None:
    told, paths = words(root), root.findall(f"{SVG}path")
    for row, (name, colour) in enumerate(zip(THEOREMS, COLOURS, strict=True)):
        assert (name, 92.0, 350.0 + 18 * row, "") in told
        assert any((one.get("d"), one.get("stroke")) == (f"M60.0 {346.0 + 18 * row}h24", colour) for one in paths)


def test_a_curve_leaves_out_what_passes_all_numbers() -> None:
    """Palmer and Goldberg's sizes fall with the square of eps: at 1e-200 they are beyond all numbers."""
    found = plot.curve("palmer-goldberg", DEMAND, "eps", [1e-200, 0.5, 0.25])
    assert found == [
        (eps, math.log10(sizes_of("palmer-goldberg", DEMAND.with_(eps=eps)).strings)) for eps in (0.5, 0.25)
    ]
    huge = DEMAND.with_(states=10**200, symbols=10**200)
    assert plot.curve("flexstream", huge, "mu", [0.1, 0.2]) == []
    empty = ElementTree.fromstring(plot.svg(huge))
    assert [one.get("points") for one in empty.findall(f"{SVG}polyline")] == [""] * 10
    assert [text for text, *_ in words(empty) if text.startswith("10^")] == ["10^0", "10^1"] * 2
