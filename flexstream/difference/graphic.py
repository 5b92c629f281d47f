"""A difference as a picture: the second automaton, with what is new, what has changed, and what is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from ..automata.pdfa import PDFA, Transition
from ..writers import palette
from ..writers.backing import backed, crossed
from ..writers.dot import ENDS_FROM, head, markup, quote, words
from ..writers.figure import WIDEST, name_lines
from ..writers.graphviz_layout import SlowLayoutError, render, width_of_picture
from ..writers.labels import count, label_lines, probability, short_labels, shorten
from ..writers.view import LONGEST_NAME
from .called import namers
from .difference import Difference
from .part import Part, part_of

NEW, GONE, CHANGED = "#1a7f37", "#b42318", "#b45309"
"""Colours, told apart by more than that: what is new is bold, what is gone dashed, what has changed has an arrow."""
_NO_BREAK = "\u00a0"
_MOST = 1000
"""Arrows above which Graphviz is not asked for all of them: it finds no layout in its time."""
_PARTS = (60, 15)
"""Changed arrows of a part, and of one that is tried where the first takes too long."""
_CAPTION = "green, bold: new    red, dashed: gone    amber, with an arrow: changed"


def picture(difference: Difference, format: str, tell: Callable[[str], object] | None = None) -> bytes:
    """Draw a difference, with white behind the words of arrows; of one that is too large the surest changes.

    Parameters
    ----------
    difference : Difference
    format : str
        svg, or another as Graphviz names it.
    tell : callable, optional
        Called with what is drawn in words, where that is a part; the picture says it as well.

    Raises
    ------
    FlexStreamError
        If Graphviz's program is not installed, fails, or takes too long.
    """
    if len(difference.other.targets) <= _MOST:
        with suppress(SlowLayoutError):
            return _drawn(difference, format)
    *large, least = _PARTS
    for most in large:
        with suppress(SlowLayoutError):
            return _told(difference, format, part_of(difference, most), tell)
    return _told(difference, format, part_of(difference, least), tell)


def _told(difference: Difference, format: str, part: Part, tell: Callable[[str], object] | None) -> bytes:
    drawn = _drawn(difference, format, part)
    if tell is not None:
        tell(part.told)
    return drawn


def _drawn(difference: Difference, format: str, part: Part | None = None) -> bytes:
    """Draw it from left to right, or from above to below where that is too wide for a page, and less wide."""
    picture, direction = render(dot(difference, part), "svg").decode("utf-8"), "LR"
    if width_of_picture(picture) > WIDEST:
        other = render(dot(difference, part, direction="TB"), "svg").decode("utf-8")
        if width_of_picture(other) < width_of_picture(picture):
            picture, direction = other, "TB"
    if format == "svg":
        return backed(picture).encode()
    return render(dot(difference, part, crossed(picture), direction), format)


def dot(
    difference: Difference, part: Part | None = None, on_white: Collection[int] = frozenset(), direction: str = "LR"
) -> str:
    """Return a difference, or a part of it, as a DOT graph.

    ``on_white``: numbers of arrows, that into the start is 0, whose words are to stand on white; ``direction``: as
    Graphviz names it.

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
    places = _Places(difference, part)
    edges = [*_edges(difference, places, labels), *_gone(difference, places, labels)]
    lost, name = namers(difference, labels)
    shown = None if part is None else {"q0", *(edge.source for edge in edges), *(edge.target for edge in edges)}
    lines = [
        *head(*_caption(difference, part), direction=direction),
        *(
            _state(difference.other, at, places, name(at))
            for at in range(len(difference.other))
            if _in(shown, f"q{at}")
        ),
        *(_lost(state, lost(state)) for state in difference.vanished if _in(shown, f"old{state}")),
        '  start [shape=point, width=0.09, label="", tooltip="start"];',
        f'  start -> q0 [color="{palette.OUTLINE}", penwidth=1.4, tooltip="start"];',
        *(_edge(edge, number in on_white) for number, edge in enumerate(edges, 1)),
    ]
    return "\n".join([*lines, "}", ""])


def _in(shown: set[str] | None, node: str) -> bool:
    return shown is None or node in shown


def _caption(difference: Difference, part: Part | None) -> tuple[str, ...]:
    legend = () if difference.same else (_CAPTION,)
    if part is None:
        return legend or ("no change beyond chance",)
    return (*legend, f"Too large to be drawn whole; drawn: {part.told}.")


class _Edge(NamedTuple):
    source: str
    target: str
    lines: list[str]
    colour: str
    width: float
    dashed: bool = False


class _Places:
    """Where the changes stand in the second automaton, and which of its transitions lead there.

    Attributes
    ----------
    edges, ends : dict
        Shares before and after of transitions, and of ends.
    new : set of int
        States.
    partner : dict
        For each state of the first automaton the one that stands for it.
    changes : sequence of Change
        Those that are drawn.
    ways : frozenset, or None
        Transitions that are drawn though they have not changed; None: all.
    """

    def __init__(self, difference: Difference, part: Part | None = None) -> None:
        self.changes = difference.changes if part is None else part.changes
        self.ways = None if part is None else part.ways
        self.edges: dict[tuple[int, str], tuple[float, float]] = {}
        self.ends: dict[int, tuple[float, float]] = {}
        self.new = set(difference.appeared)
        self.partner = {
            state: group.other.states[0] for group in difference.alignment.groups for state in group.one.states
        }
        for change in self.changes:
            for state in change.group.other.states:
                if change.symbol is None:
                    self.ends[state] = change.one, change.other
                else:
                    self.edges[state, change.symbol] = change.one, change.other


def _state(automaton: PDFA, state: int, places: _Places, name: str) -> str:
    end, new = places.ends.get(state), state in places.new
    stop = float(automaton.stop_probabilities[state])
    small = [count(float(automaton.visits[state]))] if automaton.visits.max() > 1 else []
    ends = bool(automaton.stops[state] > 0 and stop >= ENDS_FROM)
    if end is not None:
        small.append(f"end {probability(end[0])} → {probability(end[1])}")
    elif ends:
        small.append(f"end {probability(stop)}")
    colour = f', color="{NEW if new else CHANGED}", penwidth=2.5' if new or end is not None else ""
    look = f'fillcolor="{palette.fill(0.1)}"{", peripheries=2" if ends else ""}{colour}'
    return f"  q{state} [label=<{_label(state, name, small)}>, {look}, tooltip={quote([name])}];"


def _lost(state: int, name: str) -> str:
    look = f'color="{GONE}", style="dashed,filled", fillcolor="white"'
    return f"  old{state} [label=<{_label(state, name, ['gone'])}>, {look}, tooltip={quote([name])}];"


def _label(state: int, name: str, small: Sequence[str]) -> str:
    """Return what stands in a box, as in the picture of an automaton."""
    names = (f'<font point-size="10">{markup(line)}</font>' for line in name_lines(shorten(name, LONGEST_NAME)))
    quiet = (f'<font point-size="10" color="{palette.QUIET}">{markup(line)}</font>' for line in small)
    return "<br/>".join([f"<b>{state}</b>", *names, *quiet])


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
        elif places.ways is not None and (edge.source, edge.symbol) not in places.ways:
            continue
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
        for change in places.changes
        if not change.other and change.symbol is not None
        for state in change.group.one.states
    }

    def node(state: int) -> str:
        return f"old{state}" if state in lost else f"q{places.partner.get(state, 0)}"

    for edge in difference.one.transitions():
        share = gone.get((edge.source, edge.symbol))
        if edge.weight > 0 and (share is not None or (edge.source in lost and places.ways is None)):
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
