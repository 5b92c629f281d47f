"""Frontier: states against bits for automata of one tree, and its file: JSON that may hold some of the automata."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..automata.document import Document, build_values, damage_named, parsed, pdfa_values, read
from ..automata.layout import text_of
from ..automata.pdfa import PDFA
from ..errors import ModelError
from ..own_files import FRONTIER

FORMAT, VERSION = "flexstream-frontier", 1
MOST_AUTOMATA, MOST_STATES = 12, 300
"""Automata that a frontier holds where they are asked for, and states of the largest of them."""


@dataclass(frozen=True)
class Point:
    """One automaton of a frontier.

    Attributes
    ----------
    states : int
    bits : float
        Of a trace, each left out of the counts by which it is told.
    margin : float
        Nats above which two states were merged; below 0 a state had to save more than its negative.
    strength : float
        Observations that the prior of the heuristic was worth.
    worth : float
        Nats per event that a state had to save.
    """

    states: int
    bits: float
    margin: float
    strength: float
    worth: float


@dataclass(frozen=True)
class Frontier:
    """Automata of one tree of which none with as few states takes fewer bits.

    Attributes
    ----------
    points : tuple of Point
        With ever more states and ever fewer bits.
    traces : int
        Of the stream.
    automata : tuple of PDFA
        Those of some of the points, with ever more states; empty unless they were asked for.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b", "a"], ["b"], ["a", "b", "c"]] * 200)
    >>> found = learner.frontier()
    >>> [(point.states, round(point.bits, 2)) for point in found.points]
    [(1, 6.33), (2, 3.91), (3, 3.22), (4, 1.6)]
    >>> found.elbow.states, found.bends
    (4, False)
    """

    points: tuple[Point, ...]
    traces: int
    automata: tuple[PDFA, ...] = field(default=(), compare=False, repr=False)

    @property
    def elbow(self) -> Point:
        """The point after which more states save little: farthest below the line from the first to the last.

        States are taken by their logarithm (Satopää et al., "Finding a 'kneedle' in a haystack", ICDCS workshops 2011).
        The last point where the curve has no elbow, as `bends` tells.
        """
        return max(self.points, key=self._below) if self.bends else self.points[-1]

    @property
    def bends(self) -> bool:
        """Whether there is an elbow: a point farther below that line than any later one is above it.

        Where there is none the last states save most, as all of a counter's do together.
        """
        gaps = [self._below(point) for point in self.points[1:-1]]
        return bool(gaps) and max(gaps) > max(0.0, -min(gaps[gaps.index(max(gaps)) :]))

    def _below(self, point: Point) -> float:
        """Return how far a point lies below the line, in parts of all that is saved."""
        first, last = self.points[0], self.points[-1]
        width, height = math.log(last.states / first.states), first.bits - last.bits
        return (first.bits - point.bits) / height - math.log(point.states / first.states) / width

    def table(self) -> str:
        """Return the frontier as text, the elbow marked."""
        lines = [f"{'states':>7} {'bits a trace':>13} {'worth of a state':>17}"]
        for point in self.points:
            mark = f"  <- {self.mark}" if point == self.elbow else ""
            lines.append(f"{point.states:>7,} {point.bits:>13.4f} {point.worth:>17.3g}{mark}")
        return "\n".join(lines) + "\n"

    @property
    def mark(self) -> str:
        """What is said beside the point of the elbow."""
        return "elbow" if self.bends else "no elbow before this" if len(self.points) > 1 else "the only one"

    def to_document(self) -> dict[str, Any]:
        """Return the frontier as JSON values; each automaton stands there as in a model file."""
        points = [dataclasses.asdict(point) for point in self.points]
        automata = {"automata": [pdfa_values(automaton) for automaton in self.automata]} if self.automata else {}
        named = {"format": FORMAT, "version": VERSION}
        return {**named, "traces": self.traces, "elbow": self.elbow.states, "points": points, **automata}

    def to_json(self) -> str:
        """Return the frontier as JSON text."""
        return text_of(self.to_document())


def spread(found: Frontier) -> list[Point]:
    """Return some points of a frontier, by their states: about as many times more from each to the next, and the elbow.

    Examples
    --------
    >>> line = Frontier(tuple(Point(n, 300.0 / n, 0.0, 1.0, 0.0) for n in range(1, 101)), 9)
    >>> [point.states for point in spread(line)]
    [1, 2, 3, 4, 5, 6, 10, 16, 25, 40, 63, 100]
    """
    small = [point for point in found.points if point.states <= MOST_STATES]
    if len(small) <= MOST_AUTOMATA:
        return small
    sizes = np.array([point.states for point in small], np.float64)
    wanted = np.geomspace(sizes[0], sizes[-1], MOST_AUTOMATA - 1)
    nearest = {int(np.abs(sizes - size).argmin()) for size in wanted}
    return [point for at, point in enumerate(small) if at in nearest or point == found.elbow]


def frontier_of(text: str) -> Frontier:
    """Read the text of a frontier's file; raises ModelError if it is none, or is damaged.

    Examples
    --------
    >>> found = Frontier((Point(1, 6.0, 0.0, 1.0, 0.5), Point(2, 3.0, 0.0, 1.0, 0.0)), 600)
    >>> frontier_of(found.to_json()) == found
    True
    """
    values = parsed(text)
    if not isinstance(values, Mapping) or values.get("format") != FORMAT:
        raise ModelError(f'not a frontier of FlexStream: "format" is not "{FORMAT}"')
    if values.get("version") != VERSION:
        raise ModelError(
            f"frontier of version {values.get('version')!r}, this FlexStream reads version {VERSION}: update FlexStream"
        )
    with damage_named():
        points = tuple(_point(one) for one in values["points"])
        traces, parts = values["traces"], values.get("automata", [])
        if type(traces) is not int or traces < 1:
            raise ValueError("the number of traces is no whole number above 0")
        if not points or any(b.states <= a.states or b.bits >= a.bits for a, b in pairwise(points)):
            raise ValueError("the points do not have ever more states and ever fewer bits")
        return Frontier(points, traces, tuple(_automata(parts, points)))


def load_frontier(path: str | Path) -> Frontier:
    """Read a frontier's file; raises ModelError that names it if it cannot be read."""
    return read(path, frontier_of, FRONTIER)


def _point(values: Mapping[str, Any]) -> Point:
    point = Point(**values)
    numbers = dataclasses.astuple(point)
    if type(point.states) is not int or not all(type(one) in (int, float) and math.isfinite(one) for one in numbers):
        raise ValueError("a point holds what is no number")
    return point


def _automata(parts: Any, points: tuple[Point, ...]) -> list[PDFA]:
    found = [build_values(part, _one) for part in parts]
    sizes = [len(automaton) for automaton in found]
    if sizes != sorted(set(sizes)) or not {point.states for point in points}.issuperset(sizes):
        raise ValueError("the automata are not those of points, with ever more states")
    if any(automaton.symbols != found[0].symbols for automaton in found):
        raise ValueError("the automata have different symbols")
    return found


def _one(document: Document) -> PDFA:
    if document.mixed:
        raise ValueError("an ensemble is no automaton of a frontier")
    return PDFA(**document.members[0])
