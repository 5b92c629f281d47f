"""The picture before it is written down: boxes, arrows and words, the same for DOT, Mermaid and SVG."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..automata.pdfa import PDFA
from ..visible import visible
from . import palette
from .colours import Colours
from .labels import count, label_lines, percent, picture_labels, probability, shorten
from .layers import layers
from .legend import OPEN, STUB, legend
from .view import Edge, View
from .view_options import ViewOptions

#: Points: the widest picture whose smallest text, of 10 points, has 8 pixels on a page of 1,400.
WIDEST = 1745.0
_TIP_LINES, _TIP_LENGTH = 40, 200
#: The mark of an arrow that leads back to its own box.
LOOP = "↻"
_NAME_WIDTH, _NAME_LINES = 20, 4
_LETTER, _GAP = 5.6, 55.0
#: Layers for each box, at least, and arrows, at most, of what is drawn as a chain.
_CHAIN, _FORKS = 0.75, 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A node of a picture.

    ``head`` is its number, or empty; ``name`` says what it is, ``small`` how often, and how it ends.  What leads back
    to it stands in it as well, in ``loops``, and what is hidden behind it in ``small``: beside it words would lie on
    arrows.  ``kind`` is state, activity or start; ``open``: most of what follows is hidden.
    """

    id: str
    kind: str
    head: str
    name: tuple[str, ...]
    small: tuple[str, ...]
    loops: tuple[str, ...]
    fill: str
    outline: str
    ends: bool
    open: bool
    tip: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of a picture: ``share`` is its probability, ``kind`` is sure, guessed or start."""

    source: str
    target: str
    kind: str
    lines: tuple[str, ...]
    share: float
    colour: str
    tip: tuple[str, ...]

    @property
    def loops(self) -> bool:
        """Whether it leads back to where it comes from."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Attributes
    ----------
    boxes : tuple of Box
    arrows : tuple of Arrow
    legend : tuple of str
        Lines below the picture.
    direction : str
        LR or TB: where arrows lead; TB where LR would be too wide to be read.
    rows : tuple of tuples of str
        The ids of boxes that stand beside each other, where the picture is a chain that is wrapped; every second row
        runs from the right to the left.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    legend: tuple[str, ...]
    direction: str
    rows: tuple[tuple[str, ...], ...]


def figure(automaton: PDFA, options: ViewOptions | None = None) -> Figure:
    """Return the picture of an automaton.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> found = figure(reber())
    >>> [box.id for box in found.boxes], found.direction
    (['q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'start'], 'LR')
    """
    return figure_of(View.picture(automaton, options))


def figure_of(view: View) -> Figure:
    """Return the picture of a view."""
    colours = Colours(view)
    arrows = [*_edges(view, colours)]
    loops = {arrow.source: (f"{LOOP} {arrow.lines[0]}", *arrow.lines[1:]) for arrow in arrows if arrow.loops}
    arrows = [replace(arrow, lines=()) if arrow.loops else arrow for arrow in arrows]
    boxes = [*_states(view, colours, loops)]
    direction, rows = _arranged(boxes, arrows)
    start = Box("start", "start", "", (), (), (), palette.OUTLINE, palette.OUTLINE, False, False, "start")
    into = Arrow("start", "q0", "start", (), 1.0, palette.OUTLINE, ("start",))
    words = legend(view, any(arrow.kind == "guessed" for arrow in arrows), colours.legend())
    return Figure((*boxes, start), (into, *arrows), tuple(words), direction, rows)


# --- boxes ---------------------------------------------------------------------------------------------------------


def _states(view: View, colours: Colours, loops: Mapping[str, tuple[str, ...]]) -> Iterator[Box]:
    automaton, activities = view.automaton, view.options.boxes == "activities"
    for state in view.states:
        visits, stop = float(automaton.visits[state]), float(automaton.stop_probabilities[state])
        ends, hidden = view.ends(state), view.stubs.get(state, 0.0)
        name = visible(view.names[state])
        yield Box(
            f"q{state}",
            "activity" if activities else "state",
            "" if activities else str(state),
            name_lines(name),
            (
                *([count(visits)] if view.counted else []),
                *([f"end {probability(stop)}"] if ends else []),
                *([f"{STUB} {percent(hidden if hidden < 0.1 else round(hidden, 2))}"] if hidden > 0 else []),
            ),
            loops.get(f"q{state}", ()),
            colours.fill(state),
            colours.outline(state),
            ends,
            hidden >= OPEN,
            f"{'activity' if activities else f'state {state},'} {name}: {visits:,.10g} visits, "
            f"ends with probability {probability(stop)}"
            + (f"; {percent(hidden)} of what follows is hidden" if hidden > 0 else ""),
        )


def name_lines(name: str) -> tuple[str, ...]:
    """Return the lines in which a name stands in a box.

    >>> name_lines("between diffusion and implant")
    ('between diffusion', 'and implant')
    """
    return tuple(textwrap.wrap(name, _NAME_WIDTH)[:_NAME_LINES] or [name])


# --- arrows --------------------------------------------------------------------------------------------------------


def _edges(view: View, colours: Colours) -> Iterator[Arrow]:
    labels = picture_labels(dict.fromkeys(row.symbol for row in view.transitions))[0]
    for edge in view.edges:
        share = min(edge.probability, 1.0)
        yield Arrow(
            f"q{edge.source}",
            f"q{edge.target}",
            "guessed" if edge.guessed else "sure",
            tuple(_label(view, edge, labels)),
            share,
            colours.ink(edge),
            tuple(_tip(view, edge)),
        )


def _label(view: View, edge: Edge, labels: dict[str, str]) -> list[str]:
    if view.options.boxes == "states":
        return label_lines(edge.transitions, labels, times=view.times)
    row = edge.transitions[0]
    took = view.times.get((row.source, row.symbol))
    return [probability(row.probability) + (f" · {took}" if took else "")]


def _tip(view: View, edge: Edge) -> list[str]:
    lines = [f"state {edge.source} to {edge.target}: {percent(edge.probability)}"]
    for row in edge.transitions[:_TIP_LINES]:
        symbol, guessed = shorten(visible(row.symbol), _TIP_LENGTH), ", little evidence" if row.guessed else ""
        took = view.times.get((row.source, row.symbol))
        took = f", half take no longer than {took}" if took else ""
        lines.append(f"{symbol}: {probability(row.probability)}, count {row.weight:,.10g}{took}{guessed}")
    hidden = len(edge.transitions) - _TIP_LINES
    return [*lines, f"+{hidden} more"] if hidden > 0 else lines


# --- places -------------------------------------------------------------------------------------------------------


def _arranged(boxes: list[Box], arrows: list[Arrow]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return where arrows lead, and the rows of a chain that is too long for one."""
    number = {box.id: place for place, box in enumerate(boxes)}
    ordered = sorted(arrows, key=lambda arrow: -arrow.share)
    depths = layers(len(boxes), [(number[arrow.source], number[arrow.target]) for arrow in ordered])
    columns, labels = np.zeros(max(depths) + 1), np.zeros(max(depths) + 1)
    for box, depth in zip(boxes, depths, strict=True):
        columns[depth] = max(columns[depth], _wide(box.name + box.small + box.loops) + 20)
    for arrow in ordered:
        depth = depths[number[arrow.source]]
        labels[depth] = max(labels[depth], _wide(arrow.lines))
    widths = columns + labels + _GAP
    if widths.sum() <= WIDEST:
        return "LR", ()
    if len(columns) < _CHAIN * len(boxes) or sum(not arrow.loops for arrow in ordered) > _FORKS * len(boxes):
        return "TB", ()
    rows = np.cumsum(widths) // (0.8 * WIDEST)
    return "TB", tuple(
        tuple(
            box.id
            for depth, box in sorted(zip(depths, boxes, strict=True), key=lambda pair: pair[0])
            if rows[depth] == row
        )
        for row in range(int(rows[-1]) + 1)
    )


def _wide(lines: tuple[str, ...]) -> float:
    return _LETTER * max(map(len, lines), default=0)
