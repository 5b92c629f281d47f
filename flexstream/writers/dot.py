"""DOT, the language of Graphviz: the picture as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ..automata.pdfa import PDFA
from ..visible import visible
from . import palette
from .labels import count, label_lines, percent, probability, short_labels, shorten
from .view import Edge, View, ViewOptions
from .writer import Writer

#: States where a trace ended, with at least this probability, have a double outline.
ENDS_FROM = 0.005
_TIP_LINES, _TIP_LENGTH = 40, 200
_FONT = "Helvetica,Arial,sans-serif"


def dot(automaton: PDFA, options: ViewOptions) -> str:
    r"""Return the automaton as a DOT graph.

    A state shows its number, its visits and the probability that a trace ends there (double outline if it
    can); the deeper its fill, the more visits. An edge stands for all transitions between two states; the
    thicker and darker, the more probable. Transitions with little evidence are dashed and carry a question
    mark. In SVG, full symbols and counts appear under the mouse.

    Examples
    --------
    >>> text = dot(PDFA(["say \"a\"\n"], [4], [1], [0, 1], [0], [0], [3]), ViewOptions())
    >>> [line for line in text.splitlines() if "q0 -> q0" in line][0].partition("color")[0]
    '  q0 -> q0 [label="say \\"a\\"\\\\n 0.75\\l", '
    """
    view = View.of(automaton, options)
    labels = short_labels(dict.fromkeys(row.symbol for row in view.transitions))
    peak = float(automaton.visits[list(view.states)].max()) if view.counted else 0.0
    lines = [
        *head(*view.legend),
        *(_state(view, state, peak) for state in view.states),
        '  start [shape=point, width=0.09, label="", tooltip="start"];',
        f'  start -> q0 [color="{palette.OUTLINE}", penwidth=1.4, tooltip="start"];',
        *(_edge(edge, labels, view.times) for edge in view.edges),
    ]
    return "\n".join([*lines, "}", ""])


def quote(lines: Iterable[str], end: str = "") -> str:
    r"""Return lines of text as a DOT string that shows exactly them.

    Backslashes are doubled, since Graphviz reads ``\N``, ``\l`` and others as commands; ampersands become
    ``&amp;``, since it reads entities too.

    Parameters
    ----------
    lines : iterable of str
        Without control characters.
    end : str
        How a line ends: ``\l`` aligns it to the left, ``\n`` centres it.

    Examples
    --------
    >>> print(quote([r'a "b" \N <i>&lt;'], r"\l"))
    "a \"b\" \\N <i>&amp;lt;\l"
    """
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "".join(line + end for line in escaped) + '"'


def head(*legend: str) -> list[str]:
    """Return the first lines of a graph, with what stands below it."""
    lines = [
        "digraph pdfa {",
        f'  graph [rankdir=LR, nodesep=0.35, ranksep=0.55, pad=0.2, bgcolor="white", tooltip=" ", fontname="{_FONT}"];',
        f'  node [shape=circle, style=filled, margin=0, width=0.75, color="{palette.OUTLINE}", '
        f'fontname="{_FONT}", fontsize=13, fontcolor="{palette.TEXT}"];',
        f'  edge [arrowsize=0.7, fontname="{_FONT}", fontsize=10, fontcolor="{palette.TEXT}"];',
    ]
    if any(legend):
        text = quote(legend, r"\n" if len(legend) > 1 else "")
        lines.append(f'  graph [label={text}, labelloc=b, fontsize=11, fontcolor="{palette.QUIET}"];')
    return lines


def _state(view: View, state: int, peak: float) -> str:
    automaton = view.automaton
    visits, stop = float(automaton.visits[state]), float(automaton.stop_probabilities[state])
    ends = bool(automaton.stops[state] > 0 and stop >= ENDS_FROM)
    small = ([count(visits)] if view.counted else []) + ([f"end {probability(stop)}"] if ends else [])
    text = f"<b>{state}</b>"
    if small:
        text += f'<br/><font point-size="9" color="{palette.QUIET}">{"<br/>".join(small)}</font>'
    tip = f"state {state}: {visits:,.10g} visits, ends with probability {probability(stop)}"
    fill = palette.fill(visits / peak if peak else 0.2)
    outlines = ", peripheries=2" if ends else ""
    return f'  q{state} [label=<{text}>, fillcolor="{fill}"{outlines}, tooltip={quote([tip])}];'


def _edge(edge: Edge, labels: dict[str, str], times: Mapping[tuple[int, str], str]) -> str:
    share = min(edge.probability, 1.0)
    label = quote(label_lines(edge.transitions, labels, times=times), r"\l")
    tip = quote(_tip(edge, times), r"\n")
    attributes = [
        f"label={label}",
        f'color="{palette.ink(share)}"',
        f"penwidth={0.8 + 2.0 * share:.2f}",
        # Probable transitions are drawn short and straight, rare ones go around them.
        f"weight={1 + math.floor(4 * share)}",
        f"tooltip={tip}, labeltooltip={tip}",
    ]
    if edge.guessed:
        attributes.append("style=dashed")
    return f"  q{edge.source} -> q{edge.target} [{', '.join(attributes)}];"


def _tip(edge: Edge, times: Mapping[tuple[int, str], str]) -> list[str]:
    lines = [f"state {edge.source} to {edge.target}: {percent(edge.probability)}"]
    for row in edge.transitions[:_TIP_LINES]:
        symbol, guessed = (
            shorten(visible(row.symbol), _TIP_LENGTH),
            ", little evidence" if row.guessed else "",
        )
        took = times.get((row.source, row.symbol))
        took = f", half take no longer than {took}" if took else ""
        lines.append(f"{symbol}: {probability(row.probability)}, count {row.weight:,.10g}{took}{guessed}")
    hidden = len(edge.transitions) - _TIP_LINES
    return [*lines, f"+{hidden} more"] if hidden > 0 else lines


DOT = Writer(dot, (".dot", ".gv"), times=True)
