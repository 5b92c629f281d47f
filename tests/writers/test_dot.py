"""DOT, read back by Graphviz itself."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.visible import visible
from flexstream.writers import View, ViewOptions
from flexstream.writers.dot import dot, quote
from flexstream.writers.labels import label_lines, short_labels
from flexstream.writers.picture import render

from .strategies import NASTY, pdfas, symbols, view_options

SVG = "{http://www.w3.org/2000/svg}"
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's program 'dot' is not installed")


def drawn(text: str, kind: str) -> dict[str, list[str]]:
    """Return the lines of text that Graphviz draws for each node or edge, by its title."""
    root = ET.fromstring(render(text, "svg"))
    found = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == kind:
            title = group.findtext(f"{SVG}title") or ""
            found[title] = ["".join(line.itertext()).replace("\u00a0", " ") for line in group.iter(f"{SVG}text")]
    return found


def expected(view: View) -> dict[str, list[str]]:
    labels = short_labels(dict.fromkeys(row.symbol for row in view.transitions))
    edges = {
        f"q{edge.source}->q{edge.target}": [
            line.replace("\u00a0", " ") for line in label_lines(edge.transitions, labels)
        ]
        for edge in view.edges
    }
    return {"start->q0": [], **edges}


@needs_dot
@settings(max_examples=30)
@given(pdfas(), view_options)
def test_graphviz_draws_every_label_as_it_is(automaton: PDFA, options: ViewOptions) -> None:
    assert drawn(dot(automaton, options), "edge") == expected(View.of(automaton, options))


@needs_dot
def test_graphviz_draws_each_nasty_symbol() -> None:
    size = len(NASTY)
    loop = PDFA(NASTY, [size] * size, [0] * size, range(size + 1), range(size), range(size), [1] * size)
    text = dot(loop, ViewOptions())
    assert drawn(text, "edge") == expected(View.of(loop))
    assert set(drawn(text, "node")) == {"start", *(f"q{state}" for state in range(size))}


@needs_dot
def test_states_show_number_visits_and_end(automaton: PDFA) -> None:
    nodes = drawn(dot(automaton, ViewOptions()), "node")
    assert nodes["q1"] == ["1", "26k"]
    assert nodes["q4"] == ["4", "18.1k", "end 0.67"]


@given(pdfas(), view_options)
def test_one_line_an_edge_and_symbols_only_in_strings(automaton: PDFA, options: ViewOptions) -> None:
    view, text = View.of(automaton, options), dot(automaton, options)
    lines = text.splitlines()
    assert sum(" -> " in STRING.sub("", line) for line in lines) == len(view.edges) + 1
    bare = re.sub(r"label=<<b>.*?>, fill", "fill", STRING.sub("S", text))
    allowed = r"[a-zA-Z0-9_=\[\]{},;.\-> \n]*"
    assert re.fullmatch(allowed, bare)
    assert sum(line.startswith(f"  q{state} [") for line in lines for state in view.states) == len(view.states)


@given(st.one_of(symbols, st.text()))
def test_quote_can_be_undone(symbol: str) -> None:
    text = visible(symbol)
    quoted = quote([text])
    assert STRING.fullmatch(quoted)
    assert re.sub(r"\\(.)", r"\1", quoted[1:-1]).replace("&amp;", "&") == text


def test_backslashes_and_quotes() -> None:
    assert quote(["\\N", '"', "&lt;"], r"\l") == r'"\\N\l\"\l&amp;lt;\l"'


def edge_line(text: str, edge: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"  {edge} ["))


def test_the_look_follows_the_numbers(automaton: PDFA) -> None:
    text = dot(automaton, ViewOptions())
    widths = [
        float(re.search(r"penwidth=([\d.]+)", edge_line(text, edge))[1])
        for edge in ("q1 -> q4", "q1 -> q2", "q1 -> q3", "q0 -> q1")
    ]
    assert widths == sorted(widths) and len(set(widths)) == 4
    assert "style=dashed" in edge_line(text, "q4 -> q0") and text.count("dashed") == 1
    assert "peripheries=2" in edge_line(text, "q4") and text.count("peripheries") == 1
    assert "graph [label" not in text


def test_the_caption_says_what_is_hidden(automaton: PDFA) -> None:
    text = dot(automaton, ViewOptions(max_states=3))
    assert 'label="3 of 5 states, 3 of 9 transitions shown; 53.3 % of the events hidden"' in text


def test_rarely_ended_states_have_one_outline() -> None:
    rare = PDFA(["a"], [1000], [1], [0, 1], [0], [0], [999])
    assert "peripheries" not in dot(rare, ViewOptions())


def test_an_automaton_known_exactly_shows_no_visits() -> None:
    coin = PDFA(["a"], [1], [0.5], [0, 1], [0], [0], [0.5])
    assert 'label=<<b>0</b><br/><font point-size="9" color="#34495b">end 0.50</font>>' in dot(coin, ViewOptions())


def test_tips_list_full_symbols_up_to_a_limit() -> None:
    size = 60
    loop = PDFA([f"s{n}" for n in range(size)], [size], [0], [0, size], range(size), [0] * size, [1] * size)
    line = edge_line(dot(loop, ViewOptions()), "q0 -> q0")
    assert r"+55 more 0.92\l" in line and r"+20 more\n" in line
