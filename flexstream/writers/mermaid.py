"""Mermaid: the picture as text that wikis and code hosts draw in the browser."""

from __future__ import annotations

from collections.abc import Sequence

from ..automata.pdfa import PDFA
from . import palette
from .figure import Arrow, Box, figure
from .view import ViewOptions
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
    >>> print(next(line for line in text.splitlines() if line.startswith("  q0(")))
      q0((("0<br/>start<br/>4<br/>end 0.25<br/>#8635; a #45;#62; b 0.75")))
    """
    drawing = figure(automaton, options)
    boxes = [box for box in drawing.boxes if box.kind != "start"]
    lines = [f"flowchart {drawing.direction}", *_note(drawing.legend), "  start(( )) --> q0"]
    lines += [f"  {box.id}{_shape(box)}" for box in boxes]
    lines += [_edge(arrow) for arrow in drawing.arrows if arrow.kind != "start"]
    lines.append(f"  style start fill:{palette.OUTLINE},stroke:{palette.OUTLINE}")
    lines += [_style(box) for box in boxes]
    return "\n".join([*lines, ""])


def escape(text: str) -> str:
    """Return a text for a quoted label: everything but letters, digits and a few marks as ``#code;``.

    Examples
    --------
    >>> escape('say "é" #1')
    'say #34;é#34; #35;1'
    """
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)


def _note(legend: Sequence[str]) -> list[str]:
    text = "<br/>".join(map(escape, legend))
    comments = (f"  %% {line.replace('{', '(').replace('}', ')')}" for line in legend)  # braces would be directives
    return [*comments, f'  note["{text}"]', "  style note fill:none,stroke:none"]


def _shape(box: Box) -> str:
    text = "<br/>".join(map(escape, [*filter(None, [box.head]), *box.name, *box.small, *box.loops]))
    if box.kind == "state":
        return f'((("{text}")))' if box.ends else f'("{text}")'
    return f'[["{text}"]]' if box.ends else f'["{text}"]'


def _edge(arrow: Arrow) -> str:
    arrow_ = "-.->" if arrow.kind == "guessed" else "==>" if arrow.share >= _THICK_FROM else "-->"
    text = "<br/>".join(map(escape, arrow.lines))
    label = f'|"{text}"|' if text else ""
    return f"  {arrow.source} {arrow_}{label} {arrow.target}"


def _style(box: Box) -> str:
    dots = ",stroke-dasharray:2 3" if box.open else ""
    return f"  style {box.id} fill:{box.fill},stroke:{box.outline},color:{palette.TEXT}{dots}"


MERMAID = Writer(mermaid, (".mmd", ".mermaid"), times=True)
