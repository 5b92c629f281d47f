"""Layouts of our own: every box has its place, none lies on another, and arrows arrive where they should."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers import ViewOptions
from flexstream.writers import layered as layering
from flexstream.writers.backing import areas, meets, points
from flexstream.writers.figure import WIDEST, Figure, figure
from flexstream.writers.geometry import Layout, Place
from flexstream.writers.layered import layered
from flexstream.writers.layers import backward, layers
from flexstream.writers.plain_svg import plain_svg
from flexstream.writers.wrapped import wrapped

from .strategies import NASTY, pdfas, view_options

NUMBER = re.compile(r"-?\d+\.\d+")


def chain(length: int, label: str = "check the valve of line") -> PDFA:
    rows = {n: {f"{label} {n}": (90, n + 1), "retry": (9, n)} for n in range(length)}
    for n in range(0, length, 5):
        rows[n]["abort"] = (1, length)
    return from_rows({**rows, length: {None: (1, 0)}})


def apart(one: Place, other: Place) -> bool:
    return (
        abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
        or abs(one.y - other.y) >= (one.height + other.height) / 2 - 0.01
    )


def check(drawing: Figure, layout: Layout) -> None:
    """Check that nothing is missing, lies on another, or leads elsewhere."""
    assert [place.box for place in layout.places] == list(drawing.boxes)
    assert all(apart(one, other) for one, other in combinations(layout.places, 2))
    at = {place.box.id: place for place in layout.places}
    assert [route.arrow for route in layout.routes] == list(drawing.arrows)
    for route in layout.routes:
        numbers = [float(number) for number in NUMBER.findall(route.path)]
        for id, (x, y) in ((route.arrow.source, numbers[:2]), (route.arrow.target, numbers[-2:])):
            place = at[id]
            assert abs(x - place.x) <= place.width / 2 + 4.1 and abs(y - place.y) <= place.height / 2 + 4.1
    for place in layout.places:
        assert place.width / 2 <= place.x <= layout.width - place.width / 2
        assert place.height / 2 <= place.y <= layout.height - place.height / 2
    root = ET.fromstring(plain_svg(layout, drawing.legend))
    words = "".join(root.itertext())
    assert all(line in words for box in drawing.boxes for line in (*box.name, *box.small, *box.loops))


@settings(max_examples=60)
@given(pdfas(), view_options)
def test_layers_of_any_automaton(automaton: PDFA, options: ViewOptions) -> None:
    drawing = figure(automaton, options)
    check(drawing, layered(drawing))


@pytest.mark.parametrize("states", [8, 15, 40, 250])
def test_layers_of_random_machines(states: int) -> None:
    drawing = figure(random_pdfa(Recipe(states=states, symbols=8), seed=1).to_pdfa())
    layout = layered(drawing)
    check(drawing, layout)
    assert layout.width <= WIDEST


def test_so_many_arrows_that_there_is_no_room_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layering, "MOST_PASSED", 5)
    drawing = figure(random_pdfa(Recipe(states=20, symbols=6), seed=1).to_pdfa(), ViewOptions(whole=True))
    check(drawing, layered(drawing))


@pytest.mark.parametrize("length", [12, 25, 29])
def test_a_chain_is_wrapped_and_can_be_read(length: int) -> None:
    drawing = figure(chain(length))
    assert len(drawing.rows) > 1
    assert sorted(id for row in drawing.rows for id in row) == sorted(
        box.id for box in drawing.boxes if box.kind == "state"
    )
    layout = wrapped(drawing)
    check(drawing, layout)
    assert layout.width <= WIDEST and layout.width < 4 * layout.height


def test_a_chain_of_hostile_symbols() -> None:
    rows = {n: {symbol: (9, n + 1)} for n, symbol in enumerate(NASTY[:28])}
    drawing = figure(from_rows({**rows, 28: {None: (9, 0)}}))
    for layout in (layered(drawing), *([wrapped(drawing)] if drawing.rows else [])):
        check(drawing, layout)


def test_what_leaves_a_chain_far_away_runs_beside_the_rows() -> None:
    drawing = figure(chain(25))
    layout = wrapped(drawing)
    place = {place.box.id: place for place in layout.places}
    far = [route for route in layout.routes if route.arrow.target == "q25" and route.arrow.source in ("q0", "q5")]
    right = max(place.x + place.width / 2 for place in layout.places)
    assert len(far) == 2
    for route in far:
        assert max(float(x) for x in re.findall(r"[LQ](-?[\d.]+)", route.path)) > right
        assert place["q25"].y > place[route.arrow.source].y


graphs = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.just(size), st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=40)
    )
)


@given(graphs)
def test_arrows_that_do_not_lead_back_lead_down(graph: tuple[int, list[tuple[int, int]]]) -> None:
    size, arrows = graph
    back, depth = backward(size, arrows), layers(size, arrows)
    for number, (source, target) in enumerate(arrows):
        if source != target and number not in back:
            assert depth[source] < depth[target]
    forward = [pair for number, pair in enumerate(arrows) if number not in back and pair[0] != pair[1]]
    for node in range(size):
        above = [depth[source] for source, target in forward if target == node]
        assert depth[node] == (max(above) + 1 if above else 0)


LINE = {
    0: {"diffuse the wafer of this lot": (995, 1)},
    1: {"implant the wafer of this lot": (95, 2), "break down for good": (5, 8)},
    2: {"expose the wafer of this lot": (99, 3)},
    3: {"implant the other side of it": (85, 4), "rework the wafer of this lot": (15, 2)},
    4: {"diffuse the other side of it": (95, 5), "break down for good": (5, 8)},
    5: {"expose the other side of it": (99, 6)},
    6: {"inspect both sides": (83, 7), "rework the wafer of this lot": (17, 5)},
    7: {"ship the wafer of this lot": (97, 8), "rework the wafer of this lot": (3, 5)},
    8: {None: (9, 0)},
}


@pytest.mark.parametrize("automaton", [from_rows(LINE), chain(20)])
def test_words_of_the_arrows_of_a_chain_lie_on_no_others(automaton: PDFA) -> None:
    layout = wrapped(figure(automaton))
    words = [box for route in layout.routes if not route.arrow.loops for box in areas(route)]
    assert len(words) > 12
    for one, other in combinations(words, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


LONG = "Connection of the wafers of lot <*> from <*> port <*> was {} by user <*> of host <*>"
LONG_LINE = {
    state: {symbol and LONG.format(symbol): outcome for symbol, outcome in outcomes.items()}
    for state, outcomes in LINE.items()
}


@pytest.mark.parametrize("automaton", [from_rows(LINE), from_rows(LONG_LINE), chain(20)])
def test_no_box_of_a_chain_covers_the_words_of_an_arrow(automaton: PDFA) -> None:
    drawing = figure(automaton)
    layout = wrapped(drawing)
    check(drawing, layout)
    words = [box for route in layout.routes if not route.arrow.loops for box in areas(route)]
    boxes = [
        (one.x, one.y, one.width / 2 + 4 * one.box.ends, one.height / 2 + 4 * one.box.ends) for one in layout.places
    ]
    for left, top, right, bottom in words:
        for x, y, wide, high in boxes:
            assert right <= x - wide or left >= x + wide or bottom <= y - high or top >= y + high


def test_layers_are_few_where_there_is_no_main_way() -> None:
    machine = random_pdfa(Recipe(states=40, symbols=8, mean_length=20), seed=6).to_pdfa()
    layout = layered(figure(machine))
    assert len(layout.places) > 16
    rows = {round(place.y) for place in layout.places}
    assert len(rows) < 14 and layout.width < WIDEST
    line = layered(figure(from_rows({**{n: {"on": (9, n + 1), "stop": (1, 9)} for n in range(9)}, 9: {None: (9, 0)}})))
    heights = {place.box.id: place.y for place in line.places}
    assert max(heights, key=heights.__getitem__) == "q9"  # though a trace may stop at once, the end is at the end


@pytest.mark.parametrize("seed", range(4))
def test_no_arrow_runs_through_words_its_own_neither(seed: int) -> None:
    machine = random_pdfa(Recipe(states=16, symbols=8, mean_length=12), seed=seed).to_pdfa()
    several = from_rows(
        {
            0: {"Wareneingang buchen": (630, 1), "Rechnung erfassen": (260, 2), "Freigabe abgelehnt": (110, 3)},
            1: {"zahlen": (500, 4), "Rechnung klären (Rückfrage Menge)": (100, 2), "mahnen": (30, 2)},
            2: {"zahlen": (390, 4)},
            3: {None: (110, 0)},
            4: {None: (890, 0)},
        }
    )
    for automaton in (machine, several):
        layout = layered(figure(automaton))
        words = [area for route in layout.routes for area in areas(route)]
        for route in layout.routes:
            assert not meets(points(route.path), np.array(words).T).any()
