"""Mermaid: the picture as text that wikis and code hosts draw in the browser."""

from __future__ import annotations

from collections.abc import Mapping

from ..automata.pdfa import PDFA
from . import palette
from .dot import ENDS_FROM
from .labels import count, label_lines, probability, short_labels
from .view import Edge, View, ViewOptions
from .writer import Writer

_PLAIN = frozenset(" _.,/…")
_THICK_FROM = 0.5


def mermaid(automaton: PDFA, options: ViewOptions) -> str:
    """Return the automaton as a Mermaid flow chart.

    States where traces end have a double outline, probable edges are thick, those with little evidence
    dotted. Mermaid draws no more than 500 edges by default: hide rare ones.

    Examples
    --------
    >>> text = mermaid(PDFA(["a -> b"], [4], [1], [0, 1], [0], [0], [3]), ViewOptions())
    >>> print(next(line for line in text.splitlines() if line.startswith("  q0 ")))
      q0 ==>|"a #45;#62; b 0.75"| q0
    """
    view = View.of(automaton, options)
    labels = short_labels(dict.fromkeys(row.symbol for row in view.transitions))
    peak = float(automaton.visits[list(view.states)].max()) if view.counted else 0.0
    lines = ["flowchart LR", *_note(view.legend), "  start(( )) --> q0"]
    lines += [f"  q{state}{_shape(view, state)}" for state in view.states]
    lines += [_edge(edge, labels, view.times) for edge in view.edges]
    lines.append(f"  style start fill:{palette.OUTLINE},stroke:{palette.OUTLINE}")
    lines += [_style(view, state, peak) for state in view.states]
    return "\n".join([*lines, ""])


def escape(text: str) -> str:
    """Return a text for a quoted label: everything but letters, digits and a few marks as ``#code;``.

    Examples
    --------
    >>> escape('say "é" #1')
    'say #34;é#34; #35;1'
    """
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)


def _note(legend: list[str]) -> list[str]:
    if not legend:
        return []
    text = "<br/>".join(map(escape, legend))
    return [*(f"  %% {line}" for line in legend), f'  note["{text}"]', "  style note fill:none,stroke:none"]


def _shape(view: View, state: int) -> str:
    automaton = view.automaton
    stop = float(automaton.stop_probabilities[state])
    ends = bool(automaton.stops[state] > 0 and stop >= ENDS_FROM)
    lines = [str(state), *([count(float(automaton.visits[state]))] if view.counted else [])]
    lines += [f"end {probability(stop)}"] if ends else []
    text = "<br/>".join(lines)
    return f'((("{text}")))' if ends else f'(("{text}"))'


def _edge(edge: Edge, labels: dict[str, str], times: Mapping[tuple[int, str], str]) -> str:
    arrow = "-.->" if edge.guessed else "==>" if edge.probability >= _THICK_FROM else "-->"
    text = "<br/>".join(escape(line) for line in label_lines(edge.transitions, labels, times=times))
    return f'  q{edge.source} {arrow}|"{text}"| q{edge.target}'


def _style(view: View, state: int, peak: float) -> str:
    fill = palette.fill(float(view.automaton.visits[state]) / peak if peak else 0.2)
    return f"  style q{state} fill:{fill},stroke:{palette.OUTLINE},color:{palette.TEXT}"


MERMAID = Writer(mermaid, (".mmd", ".mermaid"), times=True)
