"""Which arrows of a picture lead back up: those against the order in which its boxes are come to from the start."""

from __future__ import annotations

import math
from collections import defaultdict

from ..automata.shortest import BestWays, Cost
from .figure import Figure

Turned = frozenset[tuple[str, str]]
"""Ends of arrows that are laid out as if they led the other way, their heads where they are."""
_SAME = 1e-3


def turned(drawing: Figure, likely: bool) -> Turned:
    """Return which arrows lead to a box that is come to earlier than theirs, from the start on.

    Graphviz finds such arrows by itself, in depth; its layers are many then, and arrows long, where an automaton has no
    main way.  The fewest layers are those by the number of arrows from the start.  What leads to a box that is never
    left does not lead back: the end of a process is at the end.

    Parameters
    ----------
    drawing : Figure
    likely : bool
        Whether boxes are come to by the likeliest way, instead of the shortest.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> from .figure import figure
    >>> sorted(turned(figure(reber()), likely=False))
    [('q3', 'q2'), ('q4', 'q3')]
    """
    layer = _layers(drawing, likely)
    left = {arrow.source for arrow in drawing.arrows if not arrow.loops}
    place = {box: (depth, number) for number, (box, depth) in enumerate(layer.items())}
    return frozenset(
        (arrow.source, arrow.target)
        for arrow in drawing.arrows
        if not arrow.loops and arrow.target in left and place[arrow.target] < place[arrow.source]
    )


def _layers(drawing: Figure, likely: bool) -> dict[str, int]:
    """Return how many arrows the way to each box has, the soonest reached first."""
    leaving: defaultdict[str, list[tuple[Cost, str, str]]] = defaultdict(list)
    for arrow in drawing.arrows:
        step = _SAME - math.log(max(arrow.share, 1e-9)) if likely else 1.0
        leaving[arrow.source].append(((step, 1), "", arrow.target))
    found = {box: int(arrows) for box, (_, arrows) in BestWays("start", leaving.__getitem__).costs.items()}
    rest = {box.id: len(drawing.boxes) for box in drawing.boxes if box.id not in found}
    return found | rest
