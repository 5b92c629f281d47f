"""Whole files of one small automaton, written out: every number, name and colour that a format chooses.

State 0 has 1,000 visits, 754 of which loop and 246 go on; of the 250 of state 1 one goes back and one, a guess, to
state 2, which ends.  Fills go by the square root of the share of the most visits: 1, 1/2 and 0.063.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from flexstream.automata.pdfa import PDFA
from flexstream.visible import visible
from flexstream.writers import ViewOptions, graphviz_layout, write
from flexstream.writers.dot import text
from flexstream.writers.figure import figure
from flexstream.writers.labels import (
    count,
    counted,
    decimals,
    percent,
    probability,
    short_labels,
    shorten,
    significant,
    tenths,
)
from flexstream.writers.palette import fill, ink

AUTOMATON = PDFA(
    ["go", "x & <y>"],
    visits=[1000, 250, 4],
    stops=[0, 248, 4],
    offsets=[0, 2, 4, 4],
    edge_symbols=[0, 1, 0, 1],
    targets=[1, 0, 2, 0],
    weights=[246, 754, 1, 1],
    guessed=[0, 0, 1, 0],
)
FONT = 'fontname="Helvetica,Arial,sans-serif"'

LEGEND = (
    "Box: a state, by number and what leads to it; visits, darker for more; double outline: traces",
    "end here, with this probability; arrow: symbol and probability, thicker for more; dashed, ?: too",
    "little evidence to say where it leads",
)
DOT_HEAD = f"""digraph pdfa {{
  graph [rankdir=LR, nodesep=0.35, ranksep=0.55, pad=0.2, bgcolor="white", tooltip=" ", {FONT}];
  node [shape=box, style="rounded,filled", margin="0.1,0.05", width=0.6, color="#3d5a73", \
{FONT}, fontsize=13, fontcolor="#14212c"];
  edge [arrowsize=0.7, {FONT}, fontsize=10, fontcolor="#14212c"];
"""


def legend(*lines: str) -> str:
    text = "".join(line + r"\l" for line in lines)
    return f'  graph [label="{text}", labelloc=b, labeljust=l, fontsize=11, fontcolor="#34495b"];'


DOT_BODY = [
    '  q0 [label=<<b>0</b><br/><font point-size="10">start</font><br/>'
    '<font point-size="10" color="#34495b">1k</font><br/>'
    '<font point-size="10">↻ x &amp; &lt;y&gt; 0.75</font>>, fillcolor="#a0c8e6", tooltip="state 0, '
    'start: 1,000 visits, ends with probability 0"];',
    '  q1 [label=<<b>1</b><br/><font point-size="10">after go</font><br/>'
    '<font point-size="10" color="#34495b">250</font><br/>'
    '<font point-size="10" color="#34495b">end 0.992</font>>, fillcolor="#cce1f1", peripheries=2, '
    'tooltip="state 1, after go: 250 visits, ends with probability 0.992"];',
    '  q2 [label=<<b>2</b><br/><font point-size="10">after go go</font><br/>'
    '<font point-size="10" color="#34495b">4</font><br/>'
    '<font point-size="10" color="#34495b">end 1</font>>, fillcolor="#f1f7fb", peripheries=2, '
    'tooltip="state 2, after go go: 4 visits, ends with probability 1"];',
    '  start [shape=point, width=0.09, label="", tooltip="start"];',
    '  start -> q0 [color="#3d5a73", penwidth=1.4, tooltip="start"];',
    r'  q0 -> q0 [color="#375169", penwidth=2.31, weight=4, tooltip="state 0 to 0: 75.4 %\n'
    r'x &amp; <y>: 0.75, count 754\n"];',
    '  q0 -> q1 [label="'
    "\u00a0"
    r'go 0.25\l", color="#6f8192", penwidth=1.29, weight=1, '
    r'tooltip="state 0 to 1: 24.6 %\ngo: 0.25, count 246\n", labeltooltip="state 0 to 1: 24.6 %\n'
    r'go: 0.25, count 246\n"];',
    '  q1 -> q0 [label="'
    "\u00a0"
    r'x &amp; <y> 0.004\l", color="#8a98a5", penwidth=0.81, weight=1, '
    r'tooltip="state 1 to 0: 0.4 %\nx &amp; <y>: 0.004, count 1\n", labeltooltip="state 1 to 0: 0.4 %\n'
    r'x &amp; <y>: 0.004, count 1\n"];',
    '  q1 -> q2 [label="'
    "\u00a0"
    r'go 0.004 ?\l", color="#8a98a5", penwidth=0.81, weight=1, '
    r'tooltip="state 1 to 2: 0.4 %\ngo: 0.004, count 1, little evidence\n", '
    r'labeltooltip="state 1 to 2: 0.4 %\ngo: 0.004, count 1, little evidence\n", style=dashed];',
    "}",
]

_NOTE = "<br/>".join(LEGEND).replace(":", "#58;").replace(";", "#59;").replace("#58#59;", "#58;").replace("?", "#63;")
MERMAID = """\
flowchart LR
  %% Box: a state, by number and what leads to it; visits, darker for more; double outline: traces
  %% end here, with this probability; arrow: symbol and probability, thicker for more; dashed, ?: too
  %% little evidence to say where it leads
@NOTE
  style note fill:none,stroke:none
  start(( )) --> q0
  q0("0<br/>start<br/>1k<br/>#8635; x #38; #60;y#62; 0.75")
  q1((("1<br/>after go<br/>250<br/>end 0.992")))
  q2((("2<br/>after go go<br/>4<br/>end 1")))
  q0 ==> q0
  q0 -->|"go 0.25"| q1
  q1 -->|"x #38; #60;y#62; 0.004"| q0
  q1 -.->|"go 0.004 #63;"| q2
  style start fill:#3d5a73,stroke:#3d5a73
  style q0 fill:#a0c8e6,stroke:#3d5a73,color:#14212c
  style q1 fill:#cce1f1,stroke:#3d5a73,color:#14212c
  style q2 fill:#f1f7fb,stroke:#3d5a73,color:#14212c
""".replace("@NOTE", f'  note["{_NOTE}"]')

PRISM = """\
// A probabilistic deterministic finite automaton learned by FlexStream.
// State q of the automaton is q=0..2; q=3 is reached when a trace has ended.
// Probabilities are observed frequencies without smoothing, scaled to sum to 1 in each state;
// a state without any observation ends.

dtmc

module pdfa
  q : [0..3] init 0;

  [] q=0 -> 0.246 : (q'=1) // "go"
    + 0.754 : (q'=0); // "x & <y>"

  [] q=1 -> 0.004 : (q'=2) // "go"
    + 0.004 : (q'=0) // "x & <y>"
    + 0.992 : (q'=3); // end

  [] q=2 -> 1.0 : (q'=3); // end

  [] q=3 -> 1 : (q'=3);
endmodule

label "end" = q=3;

rewards "events"
  q=0 : 1.0;
  q=1 : 0.008;
endrewards
"""


def test_dot() -> None:
    text = write(AUTOMATON, "dot")
    assert isinstance(text, str)
    assert text[: len(DOT_HEAD)] == DOT_HEAD
    assert text[len(DOT_HEAD) :].split("\n") == [legend(*LEGEND), *DOT_BODY, ""]


def test_dot_of_what_is_not_hidden() -> None:
    said = legend(
        "2 of 3 states, 2 of 4 transitions shown; 0.2 % of the events hidden; 99.2 % of the traces stay",
        "within what is shown; ⋯ share of what follows that is hidden",
        LEGEND[0],
        LEGEND[1].removesuffix("; dashed, ?: too"),
    )
    shown = [line for line in DOT_BODY if not line.startswith(("  q2", "  q1 ->"))]
    stub = '<br/><font point-size="10" color="#34495b">⋯ 0.8 %</font>>'
    tip = "ends with probability 0.992"
    shown = [
        line.replace("end 0.992</font>>", f"end 0.992</font>{stub}").replace(
            tip, f"{tip}; 0.8 % of what follows is hidden"
        )
        for line in shown
    ]
    assert str(write(AUTOMATON, "dot", ViewOptions(0.2))).split("\n") == [*DOT_HEAD.split("\n")[:-1], said, *shown, ""]


def test_mermaid() -> None:
    assert write(AUTOMATON, "mermaid") == MERMAID
    hidden = str(write(AUTOMATON, "mermaid", ViewOptions(0.2))).splitlines()
    assert hidden[1] == (
        "  %% 2 of 3 states, 2 of 4 transitions shown; 0.2 % of the events hidden; 99.2 % of the traces stay"
    )
    assert hidden[5].startswith(
        '  note["2 of 3 states, 2 of 4 transitions shown#59; 0.2 #37; of the events hidden#59; 99'
    )
    assert hidden[6] == "  style note fill:none,stroke:none"


def test_prism() -> None:
    assert write(AUTOMATON, "prism") == PRISM
    hidden = str(write(AUTOMATON, "prism", ViewOptions(0.2))).splitlines()
    assert hidden[4] == (
        "// 2 of 3 states, 2 of 4 transitions shown; 0.2 % of the events hidden: probabilities are those among what is "
        "shown."
    )
    assert hidden[5:7] == ["", "dtmc"]


def test_graphml() -> None:
    text = str(write(AUTOMATON, "graphml"))
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n<graphml ")
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ElementTree.fromstring(text.encode())
    names = {key.get("id"): key.get("attr.name") for key in root.iter(f"{space}key")}
    facts = [
        (part.get("id"), part.get("source"), part.get("target"), {names[d.get("key")]: d.text for d in part})
        for kind in ("node", "edge")
        for part in root.iter(space + kind)
    ]
    states = [("q0", "1000.0", "0.0", "0.0", "True"), ("q1", "250.0", "248.0", "0.992", "False")]
    states.append(("q2", "4.0", "4.0", "1.0", "False"))
    edges = [("q0", "q1", "go", "0.246", "246.0", "False"), ("q0", "q0", "x & <y>", "0.754", "754.0", "False")]
    edges += [("q1", "q2", "go", "0.004", "1.0", "True"), ("q1", "q0", "x & <y>", "0.004", "1.0", "False")]
    of_state, of_edge = (
        ("visits", "stops", "stop_probability", "initial"),
        ("symbol", "probability", "count", "guessed"),
    )
    assert facts == [
        *((name, None, None, dict(zip(of_state, row, strict=True))) for name, *row in states),
        *((f"e{n}", one, two, dict(zip(of_edge, row, strict=True))) for n, (one, two, *row) in enumerate(edges)),
    ]


# --- pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arguments"), [("svg", "-Tsvg"), ("png", "-Tpng -Gdpi=144"), ("pdf", "-Tpdf")])
def test_what_graphviz_is_asked_for(name: str, arguments: str, fake_dot: Callable[[str], None]) -> None:
    fake_dot('echo "$@"; /bin/cat')
    found = write(AUTOMATON, name)
    said, asked = (found.decode() if isinstance(found, bytes) else found).split("\n", 1)
    assert said == arguments
    assert asked == text(figure(AUTOMATON))
    assert name != "svg" or asked == write(AUTOMATON, "dot")
    assert isinstance(found, str) == (name == "svg")


def test_a_layout_has_eight_seconds(fake_dot: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    assert graphviz_layout.TIME_LIMIT == 8
    fake_dot("exec /bin/sleep 30")
    monkeypatch.setattr(graphviz_layout, "TIME_LIMIT", 0.2)
    with pytest.raises(Exception, match=r"^Graphviz found no layout in 0\.2 s: show fewer states or only probable"):
        graphviz_layout.render("digraph {}", "svg")


def test_the_first_line_that_says_something(fake_dot: Callable[[str], None]) -> None:
    fake_dot("printf ' \\n  why so \\nmore' >&2; exit 1")
    with pytest.raises(Exception, match=r"^Graphviz failed: why so$"):
        graphviz_layout.render("digraph {}", "svg")


# --- colours, numbers and words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "state", "edge"),
    [
        (0.0, "#f7fafc", "#8a98a5"),
        (0.25, "#cce1f1", "#6e8091"),
        (1.0, "#a0c8e6", "#1c3a56"),
        (2.0, "#a0c8e6", "#1c3a56"),
    ],
)
def test_shades(share: float, state: str, edge: str) -> None:
    """A quarter: half way between 247 250 252 and 160 200 230, a quarter from 138 152 165 to 28 58 86."""
    assert (fill(share), ink(share)) == (state, edge)
    assert ink(-1.0) == "#8a98a5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "0"), (-1.0, "0"), (1.0, "1"), (1.1, "1"), (1 - 0.9e-12, "1"), (1 - 1.1e-12, ">0.999")),
        *((0.00049, "<0.001"), (0.0005, "0.001"), (0.0051, "0.005"), (0.00994, "0.010"), (0.00995, "0.01")),
        *((0.99, "0.99"), (0.9901, "0.990"), (0.99949, "0.999"), (0.9995, ">0.999")),
    ],
)
def test_probabilities_in_words(value: float, text: str) -> None:
    assert probability(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.125, "0.125"), (999.4, "999"), (999.5, "1k"), (1234, "1.23k"), (999_400, "999k"), (999_500, "1M")),
        *((999.5e6, "1G"), (999.5e9, "1T"), (1.5e12, "1.5T"), (998e12, "998T"), (5e15, "5000T")),
    ],
)
def test_counts_in_words(value: float, text: str) -> None:
    assert count(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.0, "0 %"), (0.000499, "<0.1 %"), (0.0005, "0.1 %"), (0.333, "33.3 %"), (1.0, "100 %")),
        *((0.9994, "99.9 %"), (0.99951, ">99.9 %")),
    ],
)
def test_shares_in_per_cent(share: float, text: str) -> None:
    assert percent(share) == text


def test_numbers_with_their_nouns() -> None:
    assert [counted(n, "string") for n in (0, 1, 2, 1500)] == ["0 strings", "1 string", "2 strings", "1,500 strings"]
    assert [counted(n, "entry", "entries") for n in (1, 2)] == ["1 entry", "2 entries"]


@pytest.mark.parametrize(
    ("character", "text"),
    [
        *(("\n", r"\n"), ("\r", r"\r"), ("\t", r"\t"), ("\x00", r"\x00"), ("\x7f", r"\x7f"), ("\x85", r"\x85")),
        *(
            ("\u2028", r"\u2028"),
            ("\u2029", r"\u2029"),
            ("\ud800", r"\ud800"),
            ("\ufffe", r"\ufffe"),
            ("\uffff", r"\uffff"),
        ),
        *(
            ("\U0001ffff", r"\U0001ffff"),
            ("\ufdd0", r"\ufdd0"),
            ("\ufdef", r"\ufdef"),
            ("\ufdcf", "\ufdcf"),
            ("\ufdf0", "\ufdf0"),
        ),
        *((c, f"\\u{ord(c):04x}") for c in "\u200b\u200e\u200f\u2060\ufeff\u202a\u202e\u2066\u2069"),
        *(
            ("\u200d", "\u200d"),
            ("\u2029a", r"\u2029a"),
            ("\u202f", "\u202f"),
            ("\u206a", "\u206a"),
            ("\ufffd", "\ufffd"),
        ),
    ],
)
def test_characters_that_cannot_be_seen_are_written_out(character: str, text: str) -> None:
    assert visible(character) == text


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc…fg"),
        ("abcdefg", 5, "ab…fg"),
        ("abc defg hijk lmno", 12, "abc … lmno"),  # whole words cost three characters at most on each side
        ("abcdefgh ijklmnop", 12, "abcdef…lmnop"),  # the blank is farther away
    ],
)
def test_long_texts_lose_their_middle(text: str, length: int, short: str) -> None:
    assert shorten(text, length) == short


def test_labels_of_sixty_characters_then_ninety_then_numbers() -> None:
    same = ["a" * 40 + letter + "b" * 30 for letter in "xy"]  # the letter is left out of 60, not of 90
    assert short_labels([*same, "c" * 61]) == {text: text for text in same} | {"c" * 61: "c" * 30 + "…" + "c" * 29}
    far = ["a" * 70 + letter + "b" * 70 for letter in "xy"]
    assert short_labels(far) == {text: f"{'a' * 30}…{'b' * 29} #{n}" for n, text in enumerate(far, 1)}
    assert short_labels(["", " ", "\u00a0"]) == {"": '""', " ": '" "', "\u00a0": '"\u00a0"'}


@pytest.mark.parametrize("value", [1e-11, 1e-6, 0.00004, 0.9996, 0.99996, 1 - 1e-7, 1 - 1e-11])
def test_what_is_not_certain_is_not_written_so(value: float) -> None:
    written = (probability(value), decimals(value, 4), significant(value), percent(value), tenths(value))
    for one in written:
        number = float(one.strip("<>% "))
        assert one[0] in "<>" or 0 < number < (100 if "%" in one else 1), written
