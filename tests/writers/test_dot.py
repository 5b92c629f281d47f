"""DOT, read back by Graphviz itself."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.targets import from_rows
from flexstream.visible import visible
from flexstream.writers import View, ViewOptions
from flexstream.writers.dot import dot, quote, text
from flexstream.writers.figure import Box, Figure, figure
from flexstream.writers.graphviz_layout import render

from .strategies import NASTY, pdfas, symbols, view_options

SVG = "{http://www.w3.org/2000/svg}"
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's program 'dot' is not installed")


def drawn(drawing: str, kind: str) -> dict[str, list[str]]:
    """Return the lines of text that Graphviz draws for each node or edge, by its title."""
    root = ET.fromstring(render(drawing, "svg"))
    found = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == kind:
            title = group.findtext(f"{SVG}title") or ""
            found[title] = [
                "".join(line.itertext()).replace("\u00a0", " ").strip() for line in group.iter(f"{SVG}text")
            ]
    return found


def expected(drawing: Figure) -> dict[str, list[str]]:
    """Return the lines that each edge of a picture is to have."""
    return {
        f"{arrow.source}->{arrow.target}": [line.replace("\u00a0", " ").strip() for line in arrow.lines]
        for arrow in drawing.arrows
    }


def words(box: Box) -> list[str]:
    """Return the lines that a box is to have."""
    lines = [*filter(None, [box.head]), *box.name, *box.small, *box.loops]
    return [line.replace("\u00a0", " ").strip() for line in lines]


@needs_dot
@settings(max_examples=30)
@given(pdfas(), view_options)
def test_graphviz_draws_every_label_as_it_is(automaton: PDFA, options: ViewOptions) -> None:
    drawing = figure(automaton, options)
    told = text(drawing, drawing.direction)  # not in rows: every other one has its arrows told from their heads
    assert drawn(told, "edge") == expected(drawing)
    assert drawn(told, "node") == {box.id: words(box) for box in drawing.boxes}


@needs_dot
def test_graphviz_draws_each_nasty_symbol() -> None:
    size = len(NASTY)
    loop = PDFA(NASTY, [size] * size, [0] * size, range(size + 1), range(size), range(size), [1] * size)
    drawing = figure(loop, ViewOptions(whole=True))
    assert drawn(text(drawing), "edge") == expected(drawing)
    nodes = drawn(text(drawing), "node")
    assert nodes == {box.id: words(box) for box in drawing.boxes}
    assert set(nodes) == {"start", *(f"q{state}" for state in range(size))}


@needs_dot
def test_states_show_number_visits_and_end(automaton: PDFA) -> None:
    nodes = drawn(dot(automaton, ViewOptions()), "node")
    assert nodes["q1"] == ["1", "after load", "26k"]
    assert nodes["q4"] == ["4", "after unload", "18.1k", "end 0.67"]


@given(pdfas(), view_options)
@example(PDFA(["a long symbol"], [1] * 5, [0] * 5, range(6), [0] * 5, [1, 2, 3, 0, 0], [1, 1, 1, 0, 1]), ViewOptions())
def test_one_line_an_edge_and_symbols_only_in_strings(automaton: PDFA, options: ViewOptions) -> None:
    view, found = View.picture(automaton, options), dot(automaton, options)
    lines = found.splitlines()
    bones = [STRING.sub("", line) for line in lines]
    arrows = [line for line in bones if " -> " in line and "style=invis" not in line]  # these hold rows together
    assert len(arrows) == len(view.edges) + 1
    bare = re.sub(r"label=<.*>, fill", "fill", STRING.sub("S", found))
    allowed = r"[a-zA-Z0-9_=\[\]{},;.\-> \n]*"
    assert re.fullmatch(allowed, bare)
    assert sum(line.startswith(f"  q{state} [") for line in lines for state in view.states) == len(view.states)


@given(st.one_of(symbols, st.text()))
def test_quote_can_be_undone(symbol: str) -> None:
    found = visible(symbol)
    quoted = quote([found])
    assert STRING.fullmatch(quoted)
    assert re.sub(r"\\(.)", r"\1", quoted[1:-1]).replace("&amp;", "&") == found


def test_backslashes_and_quotes() -> None:
    assert quote(["\\N", '"', "&lt;"], r"\l") == r'"\\N\l\"\l&amp;lt;\l"'


def edge_line(text: str, edge: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"  {edge} ["))


def test_the_look_follows_the_numbers(automaton: PDFA) -> None:
    found = dot(automaton, ViewOptions())
    widths = [
        float(re.search(r"penwidth=([\d.]+)", edge_line(found, edge))[1])
        for edge in ("q1 -> q4", "q1 -> q2", "q1 -> q3", "q0 -> q1")
    ]
    assert widths == sorted(widths) and len(set(widths)) == 4
    assert "style=dashed" in edge_line(found, "q4 -> q0") and found.count("style=dashed") == 1
    assert "peripheries=2" in edge_line(found, "q4") and found.count("peripheries") == 1


def test_the_caption_says_what_is_hidden(automaton: PDFA) -> None:
    found = dot(automaton, ViewOptions(max_states=3))
    assert '"3 of 5 states, 3 of 9 transitions shown; 53.3 % of the events hidden; ' in found
    assert "share of what follows that is" in found and "⋯" not in edge_line(found, "q0")
    assert ">⋯ 39 %<" in edge_line(found, "q1") and "39 %" not in edge_line(found, "q3")


def test_the_outline_of_a_state_is_dotted_where_most_of_what_follows_is_hidden() -> None:
    for weights, dotted in (((3, 3, 4), True), ((3, 7), False)):
        rows = {0: {f"s{number}": (weight, 1) for number, weight in enumerate(weights)}, 1: {None: (10, 0)}}
        found = dot(from_rows(rows), ViewOptions(min_prob=0.35))
        assert ("dotted outline" in found) == ("dotted" in edge_line(found, "q0")) == dotted


def test_rarely_ended_states_have_one_outline() -> None:
    rare = PDFA(["a"], [1000], [1], [0, 1], [0], [0], [999])
    assert "peripheries" not in dot(rare, ViewOptions())


def test_an_automaton_known_exactly_shows_no_visits() -> None:
    coin = PDFA(["a"], [1], [0.5], [0, 1], [0], [0], [0.5])
    small = '<font point-size="10" color="#34495b">end 0.50</font>'
    assert f'<font point-size="10">start</font><br/>{small}<br/>' in dot(coin, ViewOptions())


def test_tips_list_full_symbols_up_to_a_limit() -> None:
    size = 60
    loop = PDFA([f"s{n}" for n in range(size)], [size], [0], [0, size], range(size), [0] * size, [1] * size)
    found = dot(loop, ViewOptions())
    assert "+55 more 0.92<" in edge_line(found, "q0") and r"+20 more\n" in edge_line(found, "q0 -> q0")
