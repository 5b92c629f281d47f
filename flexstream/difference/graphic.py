"""A difference as a picture: the second automaton, with what is new, what has changed, and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..automata.pdfa import PDFA, Transition
from ..writers import palette
from ..writers.backing import backed
from ..writers.dot import ENDS_FROM, head, words
from ..writers.graphviz_layout import render
from ..writers.labels import count, label_lines, probability, short_labels
from .difference import Difference

NEW, GONE, CHANGED = "#1a7f37", "#b42318", "#b45309"
"""Colours, told apart by more than that: what is new is bold, what is gone dashed, what has changed has an arrow."""
_NO_BREAK = "\u00a0"
_CAPTION = "green, bold: new    red, dashed: gone    amber, with an arrow: changed"


def picture(difference: Difference, format: str) -> bytes:
    """Draw a difference, with white behind the words of arrows.

    Parameters
    ----------
    difference : Difference
    format : str
        svg, or another as Graphviz names it.

    Raises
    ------
    FlexStreamError
        If Graphviz's program is not installed, fails, or takes too long.
    """
    if format != "svg":
        return render(dot(difference, on_white=True), format)
    return backed(render(dot(difference), format).decode("utf-8")).encode()


def dot(difference: Difference, on_white: bool = False) -> str:
    """Return a difference as a DOT graph; ``on_white``: words of arrows stand on white.

    Examples
    --------
    >>> from flexstream.difference import diff
    >>> from flexstream.targets import from_rows
    >>> old = from_rows({0: {"load": (900, 1), "setup": (100, 0)}, 1: {None: (900, 0)}})
    >>> new = from_rows({0: {"load": (700, 1), "setup": (300, 0)}, 1: {None: (700, 0)}})
    >>> [line.split(", ")[0].strip() for line in dot(diff(old, new)).splitlines() if "q0 -> q1" in line]
    ['q0 -> q1 [label="\xa0load 0.90 → 0.70\\\\l"']
    """
    labels = short_labels(dict.fromkeys([*difference.one.symbols, *difference.other.symbols]))
    places = _Places(difference)
    lines = [
        *head(_CAPTION if not difference.same else "no change beyond chance"),
        *(_state(difference.other, state, places) for state in range(len(difference.other))),
        *(_lost(difference.one, state) for state in difference.vanished),
        '  start [shape=point, width=0.09, label="", tooltip="start"];',
        f'  start -> q0 [color="{palette.OUTLINE}", penwidth=1.4, tooltip="start"];',
        *(_edge(edge, on_white) for edge in (*_edges(difference, places, labels), *_gone(difference, places, labels))),
    ]
    return "\n".join([*lines, "}", ""])


class _Edge(NamedTuple):
    source: str
    target: str
    lines: list[str]
    colour: str
    width: float
    dashed: bool = False


class _Places:
    """Where the changes stand in the second automaton."""

    def __init__(self, difference: Difference) -> None:
        self.edges: dict[tuple[int, str], tuple[float, float]] = {}
        self.ends: dict[int, tuple[float, float]] = {}
        self.new = set(difference.appeared)
        self.partner = {
            state: group.other.states[0] for group in difference.alignment.groups for state in group.one.states
        }
        for change in difference.changes:
            for state in change.group.other.states:
                if change.symbol is None:
                    self.ends[state] = change.one, change.other
                else:
                    self.edges[state, change.symbol] = change.one, change.other


def _state(automaton: PDFA, state: int, places: _Places) -> str:
    end, new = places.ends.get(state), state in places.new
    stop = float(automaton.stop_probabilities[state])
    small = [count(float(automaton.visits[state]))] if automaton.visits.max() > 1 else []
    ends = bool(automaton.stops[state] > 0 and stop >= ENDS_FROM)
    if end is not None:
        small.append(f"end {probability(end[0])} → {probability(end[1])}")
    elif ends:
        small.append(f"end {probability(stop)}")
    lines = "<br/>".join([f"<b>{state}</b>", *(f'<font point-size="9">{text}</font>' for text in small)])
    colour = f', color="{NEW if new else CHANGED}", penwidth=2.5' if new or end is not None else ""
    return f'  q{state} [label=<{lines}>, fillcolor="{palette.fill(0.1)}"{", peripheries=2" if ends else ""}{colour}];'


def _lost(automaton: PDFA, state: int) -> str:
    text = f'<b>{state}</b><br/><font point-size="9">gone</font>'
    return f'  old{state} [label=<{text}>, color="{GONE}", style="dashed,filled", fillcolor="white"];'


def _edges(difference: Difference, places: _Places, labels: dict[str, str]) -> Iterator[_Edge]:
    """Yield the transitions of the second automaton; unchanged ones between two states in one edge."""
    plain: dict[tuple[int, int], list[Transition]] = {}
    for edge in difference.other.transitions():
        shares = places.edges.get((edge.source, edge.symbol))
        if shares is not None:
            fresh = not shares[0]
            arrow = f"new {probability(shares[1])}" if fresh else f"{probability(shares[0])} → {probability(shares[1])}"
            colour, width = (NEW, 3.0) if fresh else (CHANGED, 2.0)
            yield _Edge(f"q{edge.source}", f"q{edge.target}", [f"{labels[edge.symbol]} {arrow}"], colour, width)
        elif edge.target in places.new or edge.source in places.new:
            line = f"{labels[edge.symbol]} {probability(edge.probability)}"
            yield _Edge(f"q{edge.source}", f"q{edge.target}", [line], NEW, 1.5)
        elif edge.weight > 0:
            plain.setdefault((edge.source, edge.target), []).append(edge)
    for (source, target), rows in plain.items():
        lines = label_lines(sorted(rows, key=lambda row: -row.probability), labels)
        yield _Edge(f"q{source}", f"q{target}", lines, palette.ink(0), 1.0)


def _gone(difference: Difference, places: _Places, labels: dict[str, str]) -> Iterator[_Edge]:
    """Yield the transitions that only the first automaton has, and those among its lost states."""
    lost = set(difference.vanished)
    gone = {
        (state, change.symbol): change.one
        for change in difference.changes
        if not change.other and change.symbol is not None
        for state in change.group.one.states
    }

    def node(state: int) -> str:
        return f"old{state}" if state in lost else f"q{places.partner.get(state, 0)}"

    for edge in difference.one.transitions():
        share = gone.get((edge.source, edge.symbol))
        if edge.weight > 0 and (share is not None or edge.source in lost):
            said = edge.probability if share is None else share
            line = f"{labels[edge.symbol]} gone, {probability(said)}"
            yield _Edge(node(edge.source), node(edge.target), [line], GONE, 2.0, True)


def _edge(edge: _Edge, on_white: bool) -> str:
    attributes = [
        words((_NO_BREAK + line for line in edge.lines), on_white),
        f'color="{edge.colour}", fontcolor="{palette.QUIET if edge.colour == palette.ink(0) else edge.colour}"',
        f"penwidth={edge.width}",
        *(["style=dashed"] if edge.dashed else []),
    ]
    return f"  {edge.source} -> {edge.target} [{', '.join(attributes)}];"
