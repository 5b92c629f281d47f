"""Mermaid: nothing that its parser could take for syntax stands in a label."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.writers import ViewOptions, write
from flexstream.writers.figure import figure
from flexstream.writers.mermaid import escape

from .strategies import pdfas, view_options

LABEL = r'"((?:[^"#<>&;:|`\[\]{}()\\*\n-]|#\d+;|<br/>)*)"'
EDGE = re.compile(rf"  q(\d+) (?:-->|==>|-\.->)\|{LABEL}\| q(\d+)")
STATE = re.compile(rf"  (q\d+)(?:\({LABEL}\)|\(\(\({LABEL}\)\)\)|\[{LABEL}\])")
PLAIN = re.compile(r"  (\w+) (?:-->|==>|-\.->) (\w+)")
OTHER = re.compile(
    r"flowchart (?:LR|TB)|  start\(\( \)\) --> q0|  %% [^\n{}]*"
    rf"|  note\[{LABEL}\]|  style \w+ fill:(?:none|#\w{{6}}),stroke:(?:none|#\w{{6}})(?:,color:#\w{{6}})?"
    r"(?:,stroke-dasharray:2 3)?"
)


def shown(label: str) -> list[str]:
    """Return the lines that Mermaid shows for a label."""
    return [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), line) for line in label.split("<br/>")]


@given(pdfas(), view_options)
def test_every_line_is_known_and_labels_read_back(automaton: PDFA, options: ViewOptions) -> None:
    drawing = figure(automaton, options)
    states, edges = {}, []
    for line in str(write(automaton, "mermaid", options)).removesuffix("\n").split("\n"):
        if edge := EDGE.fullmatch(line):
            edges.append((f"q{edge[1]}", f"q{edge[3]}", shown(edge[2])))
        elif edge := PLAIN.fullmatch(line):
            edges.append((edge[1], edge[2], []))
        elif state := STATE.fullmatch(line):
            states[state[1]] = shown(next(filter(None, state.groups()[1:])))
        else:
            assert OTHER.fullmatch(line), line
    boxes = [box for box in drawing.boxes if box.kind != "start"]
    assert states == {box.id: [*filter(None, [box.head]), *box.name, *box.small, *box.loops] for box in boxes}
    arrows = [arrow for arrow in drawing.arrows if arrow.kind != "start"]
    assert edges == [(arrow.source, arrow.target, list(arrow.lines)) for arrow in arrows]


@given(st.text())
def test_escape_leaves_no_special_character(text: str) -> None:
    assert re.fullmatch(LABEL, f'"{escape(text)}"')
    assert shown(escape(text)) == [text]


def test_what_is_hidden_stands_in_a_comment_and_a_note(automaton: PDFA) -> None:
    text = str(write(automaton, "mermaid", ViewOptions(max_states=3)))
    assert "  %% 3 of 5 states, 3 of 9 transitions shown; 53.3 % of the events hidden" in text
    assert '  note["3 of 5 states, 3 of 9 transitions shown#59;' in text
    assert '  note["Box#58; a state' in str(write(automaton, "mermaid"))


def test_arrows_and_outlines_follow_the_numbers(automaton: PDFA) -> None:
    text = str(write(automaton, "mermaid"))
    assert 'q0 ==>|"load 1"| q1' in text
    assert 'q1 -->|"fail 0.004"| q4' in text
    assert "q4 -.->|" in text
    assert 'q4((("4<br/>after unload<br/>18.1k<br/>end 0.67")))' in text
