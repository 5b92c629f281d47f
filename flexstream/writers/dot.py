"""DOT, the language of Graphviz: the picture as text."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from html import escape

from ..automata.pdfa import PDFA
from . import palette
from .figure import Arrow, Box, Figure, figure
from .geometry import Layout
from .orientation import Turned
from .view import ENDS_FROM, ViewOptions
from .writer import Writer

__all__ = ["DOT", "ENDS_FROM", "dot", "head", "markup", "placed", "quote", "text", "words"]

TURNED = "turned"
"""How the ids of arrows begin that are written as if they led the other way."""
_NO_BREAK = "\u00a0"
_FONT = "Helvetica,Arial,sans-serif"
_BACKED = 'border="0" cellborder="0" cellspacing="0" cellpadding="0" bgcolor="#ffffffd9"'
"""White behind words, for pictures of pixels, into which nothing can be put once they are drawn."""


def dot(automaton: PDFA, options: ViewOptions) -> str:
    r"""Return the automaton as a DOT graph.

    A state shows its number, what leads to it, its visits and the probability that a trace ends there (double outline
    if it can); the deeper its fill, the more visits. An edge stands for all transitions between two states; the
    thicker and darker, the more probable. Transitions with little evidence are dashed and carry a question
    mark; a dotted outline says that most of what follows is hidden. In SVG, full symbols and counts appear under
    the mouse.

    Examples
    --------
    >>> text = dot(PDFA(["say \"a\"\n"], [4], [1], [0, 1], [0], [0], [3]), ViewOptions())
    >>> [line for line in text.splitlines() if line.startswith("  q0 [")][0].partition("<br/>")[0]
    '  q0 [label=<<b>0</b>'
    """
    return text(figure(automaton, options))


def text(
    drawing: Figure, direction: str = "", backed: Collection[int] = frozenset(), turned: Turned = frozenset()
) -> str:
    """Return a picture in DOT, in another direction if one is given; ``backed``: arrows whose words are on white."""
    rows = () if direction else drawing.rows
    lines = [
        *head(*drawing.legend, direction=direction or drawing.direction),
        *map(_box, drawing.boxes),
        *_arrows(drawing, rows, backed, turned),
        *_rows(rows),
    ]
    return "\n".join([*lines, "}", ""])


def placed(drawing: Figure, layout: Layout) -> str:
    """Return a picture in DOT whose boxes have their places, for ``neato -n2``; arrows run straight."""
    at = {place.box.id: f"{place.x:.1f},{layout.height - place.y:.1f}" for place in layout.places}
    lines = [
        *head(*drawing.legend),
        "  graph [splines=line];",
        *(_box(box).removesuffix("];") + f', pos="{at[box.id]}"];' for box in drawing.boxes),
        *_arrows(drawing, (), range(len(drawing.arrows))),
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


def words(lines: Iterable[str], backed: bool) -> str:
    """Return the label of an arrow, as an attribute; ``backed``: on white."""
    if backed:
        rows = "<br/>".join(map(markup, lines))
        return f'label=<<table {_BACKED}><tr><td balign="left">{rows}</td></tr></table>>'
    return f"label={quote(lines, chr(92) + 'l')}"


def head(*legend: str, direction: str = "LR") -> list[str]:
    """Return the first lines of a graph, with what stands below it."""
    apart = "nodesep=0.35, ranksep=0.55" if direction == "LR" else "nodesep=0.3, ranksep=0.4"
    lines = [
        "digraph pdfa {",
        f'  graph [rankdir={direction}, {apart}, pad=0.2, bgcolor="white", tooltip=" ", fontname="{_FONT}"];',
        f'  node [shape=box, style="rounded,filled", margin="0.1,0.05", width=0.6, color="{palette.OUTLINE}", '
        f'fontname="{_FONT}", fontsize=13, fontcolor="{palette.TEXT}"];',
        f'  edge [arrowsize=0.7, fontname="{_FONT}", fontsize=10, fontcolor="{palette.TEXT}"];',
    ]
    if any(legend):
        said = quote(legend, r"\l" if len(legend) > 1 else "")
        lines.append(f'  graph [label={said}, labelloc=b, labeljust=l, fontsize=11, fontcolor="{palette.QUIET}"];')
    return lines


def _box(box: Box) -> str:
    tip = f"tooltip={quote([box.tip])}"
    if box.kind == "start":
        return f'  start [shape=point, width=0.09, label="", {tip}];'
    parts = [f"<b>{box.head}</b>"] if box.head else []
    parts += [f'<font point-size="{10 if box.head else 12}">{markup(line)}</font>' for line in box.name]
    parts += [f'<font point-size="10" color="{palette.QUIET}">{markup(line)}</font>' for line in box.small]
    parts += [f'<font point-size="10">{markup(line)}</font>' for line in box.loops]
    looks = [*(["rounded"] if box.kind == "state" else []), "filled", *(["dotted"] if box.open else [])]
    style = f', style="{",".join(looks)}"' if box.open or box.kind == "activity" else ""
    style += f', color="{box.outline}", penwidth=2.2' if box.outline != palette.OUTLINE else ""
    style += ", peripheries=2" if box.ends else ""
    return f'  {box.id} [label=<{"<br/>".join(parts)}>, fillcolor="{box.fill}"{style}, {tip}];'


def markup(line: str) -> str:
    """Return a line for a label in HTML, in which Graphviz reads ``\\N`` and others as commands too."""
    return escape(line).replace("\\", "\\\\")


def _arrows(
    drawing: Figure, rows: tuple[tuple[str, ...], ...], backed: Collection[int], back: Turned = frozenset()
) -> Iterator[str]:
    place = {box: (row, at) for row, boxes in enumerate(rows) for at, box in enumerate(boxes)}
    for number, arrow in enumerate(drawing.arrows):
        source, target, extra = arrow.source, arrow.target, []
        if (source, target) in back:
            source, target, extra = target, source, ["dir=back", f"id={TURNED}{number}"]
        here, there = place.get(source), place.get(target)
        if here and there and here != there:
            turned = here[0] % 2 == 1
            if here[0] == there[0] and (here[1] < there[1]) == turned:
                source, target, extra = target, source, ["dir=back"]
            elif here[0] > there[0]:
                extra = ["constraint=false"]
        yield f"  {source} -> {target} [{', '.join([*_look(arrow, number in backed), *extra])}];"


def _look(arrow: Arrow, backed: bool) -> Iterator[str]:
    tip = quote(arrow.tip, r"\n" if len(arrow.tip) > 1 else "")
    if arrow.kind == "start":
        yield f'color="{arrow.colour}", penwidth=1.4, tooltip={tip}'
        return
    if arrow.lines:
        yield words((_NO_BREAK + line for line in arrow.lines), backed)
    yield f'color="{arrow.colour}"'
    yield f"penwidth={0.8 + 2.0 * arrow.share:.2f}"
    # Probable transitions are drawn short and straight, rare ones go around them.
    yield f"weight={1 + math.floor(4 * arrow.share)}"
    yield f"tooltip={tip}, labeltooltip={tip}" if arrow.lines else f"tooltip={tip}"
    if arrow.kind == "guessed":
        yield "style=dashed"


def _rows(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield what keeps the rows of a chain side by side and below each other."""
    for boxes in rows:
        yield f"  {{rank=same; {'; '.join(boxes)}}}"
    if rows:
        yield f"  {' -> '.join(boxes[0] for boxes in rows)} [style=invis, weight=0];"


DOT = Writer(dot, (".dot", ".gv"), times=True)
