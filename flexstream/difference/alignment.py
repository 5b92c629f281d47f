"""Which states of two automata stand for each other: those that the same traces lead to.

States are put together into groups, so that (but for a few visits, which are counted) the same prefixes lead to a
group in both automata, however differently the two have merged their states.  If both were learned from one source,
then the outcomes of a group are two samples of one law.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.chain import Chain, expected_visits
from ..automata.compare import Row, Share, SideBySide, Step
from ..automata.pdfa import PDFA
from ..automata.smoothing import unsmoothed
from ..errors import ModelError
from .likeliest import CommonWays, Pair

TRUSTED = 0.01
"""Share of the visits of where it leads, in both automata, from which a transition is believed to lead there."""
EXACT = 2.0**27
"""Traces that stand for certainty, where an automaton is given by its probabilities alone."""
_MOST_COUNTED = 2**53
"""Traces that a model may say it was learned from; nobody has counted more."""

Edge = tuple[int, str]
"""A transition: the state that it leaves, and its symbol."""


class Side(NamedTuple):
    """A group as one of the automata has it.

    Attributes
    ----------
    states : tuple of int
        Ascending.
    counts : dict
        How often each outcome came; None is the end.
    strays : dict
        Visits by transitions, (state, symbol), that are not known to lead to this group in the other automaton too.
    lost : float
        Visits of whose outcomes nothing is known: of traces that were not followed to their ends.
    """

    states: tuple[int, ...]
    counts: dict[str | None, float]
    strays: dict[Edge, float]
    lost: float

    @property
    def visits(self) -> float:
        """Outcomes in all."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Group:
    """States that stand for each other.

    Attributes
    ----------
    path : tuple of str
        The likeliest way to it that both have: what it is called by.
    one, other : Side
    shortest : tuple of str
        A shortest way that both have.
    """

    path: tuple[str, ...]
    one: Side
    other: Side
    shortest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alignment:
    """The groups of two automata, in the order of their shortest ways, and the states that stand alone."""

    groups: tuple[Group, ...]
    only_one: frozenset[int]
    only_other: frozenset[int]


def align(one: PDFA, other: PDFA) -> Alignment:
    """Put together the states of two automata that the same traces lead to.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    >>> pair = from_rows({0: {"a": (50, 1), None: (50, 0)}, 1: {"a": (25, 0), None: (25, 0)}})
    >>> [(group.one.states, group.other.states) for group in align(loop, pair).groups]
    [((0,), (0, 1))]
    """
    from networkx import connected_components

    walk = _Walk(one, other)
    members = [
        tuple(tuple(sorted(state for number, state in found if number == side)) for side in (0, 1))
        for found in connected_components(walk.pairs)
    ]
    ones, others = (
        _sides(automaton, walk.rows[side], [pair[side] for pair in members])
        for side, automaton in enumerate((one, other))
    )
    walk.count_strays(ones, others)
    ways = CommonWays(walk.believed())
    home = {state: number for number, side in enumerate(ones) for state in side.states}
    pairs: list[list[Pair]] = [[] for _ in ones]
    for (_, state), (_, twin) in map(sorted, walk.pairs.edges):
        pairs[home[state]].append((state, twin))
    first = walk.first
    groups = [
        Group(
            ways.to(pairs[number]),
            side,
            others[number],
            min((first[state] for state in side.states), key=lambda step: step.length).path,
        )
        for number, side in enumerate(ones)
    ]
    groups.sort(key=lambda group: len(group.shortest))
    return Alignment(
        tuple(groups),
        frozenset(range(len(one))) - {state for side in ones for state in side.states},
        frozenset(range(len(other))) - {state for side in others for state in side.states},
    )


class _Walk:
    """The walk through both automata, as far as transitions are believed.

    Attributes
    ----------
    rows : tuple of list of Row
        What follows each state, with how often it came, in either automaton.
    pairs : Graph
        Has an edge between (0, state) and (1, state) where the same traces lead to both.
    first : dict of int to Step
        By which step a state of the first automaton was first reached.
    """

    def __init__(self, one: PDFA, other: PDFA) -> None:
        from networkx import Graph

        walk = SideBySide(one, other)
        walk.ones, walk.others = _counts(one, walk.ones), _counts(other, walk.others)
        self.rows = walk.ones, walk.others
        self.pairs, self.first = Graph(), dict[int, Step]()
        self._steps: list[tuple[Edge, Edge]] = []
        self._entries = _entries(walk.ones), _entries(walk.others)
        for step in walk:
            if step.before is not None:
                self._steps.append(((step.before.one, step.symbol), (step.before.other, step.symbol)))
                if not self._trusted(self._steps[-1]):
                    continue
            pair = (0, step.one), (1, step.other)
            if not self.pairs.has_edge(*pair):
                self.pairs.add_edge(*pair)
                self.first.setdefault(step.one, step)
                walk.enter(step)

    def _shares(self, edges: tuple[Edge, Edge]) -> tuple[Share, Share]:
        (one, symbol), (other, _) = edges
        return self.rows[0][one][symbol], self.rows[1][other][symbol]

    def _trusted(self, edges: tuple[Edge, Edge]) -> bool:
        """Tell whether two transitions are believed to lead to states that stand for each other."""
        return all(
            share.weight >= TRUSTED * entries[share.target]
            for share, entries in zip(self._shares(edges), self._entries, strict=True)
        )

    def believed(self) -> Iterator[tuple[Pair, str, Pair, float]]:
        """Yield the steps that are believed to lead to states that stand for each other, with both probabilities."""
        for edges in self._steps:
            if self._trusted(edges):
                (one, symbol), (other, _) = edges
                mine, theirs = self._shares(edges)
                yield (one, other), symbol, (mine.target, theirs.target), mine.probability * theirs.probability

    def count_strays(self, ones: list[Side], others: list[Side]) -> None:
        """Count for each group the visits by transitions that may not lead to it in the other automaton.

        A transition that no step took to the same group on both sides strays with its whole weight.  One that some
        steps took there and others elsewhere strays with what the latter may have of it: as many visits as come by the
        other automaton's transition, in proportion to the visits of the group that both leave.
        """
        homes = tuple(
            {state: number for number, side in enumerate(sides) for state in side.states} for sides in (ones, others)
        )
        met: tuple[set[Edge], set[Edge]] = (set(), set())
        parted: tuple[dict[Edge, float], dict[Edge, float]] = ({}, {})
        for edges in self._steps:
            shares = self._shares(edges)
            if homes[0].get(shares[0].target, -1) == homes[1].get(shares[1].target, -2):
                for edge, known in zip(edges, met, strict=True):
                    known.add(edge)
                continue
            group = homes[0][edges[0][0]]
            visits = ones[group].visits, others[group].visits
            for side in (0, 1):
                expected = shares[1 - side].weight * visits[side] / visits[1 - side]
                parted[side][edges[side]] = parted[side].get(edges[side], 0.0) + expected
        for side, sides in enumerate((ones, others)):
            for source, row in enumerate(self.rows[side]):
                for symbol, share in row.items():
                    group = homes[side].get(share.target, -1)
                    if symbol is None or group < 0:
                        continue
                    edge, weight = (source, symbol), share.weight
                    if edge in met[side]:
                        expected = parted[side].get(edge, 0.0)
                        weight = min(weight, expected + 3 * math.sqrt(expected))
                    if weight:
                        sides[group].strays[edge] = weight


def _entries(rows: list[Row]) -> list[float]:
    """Return for each state the weight of all ways into it."""
    found = [0.0] * len(rows)
    for row in rows:
        for share in row.values():
            if share.target >= 0:
                found[share.target] += share.weight
    return found


def _sides(automaton: PDFA, rows: list[Row], groups: list[tuple[int, ...]]) -> list[Side]:
    """Return groups as one automaton has them, their strays not yet counted."""
    lost = _lost(automaton, rows)
    sides = [Side(states, {}, {}, sum(lost[state] for state in states)) for states in groups]
    for side in sides:
        for state in side.states:
            for symbol, share in rows[state].items():
                side.counts[symbol] = side.counts.get(symbol, 0.0) + share.weight
    return sides


def _lost(automaton: PDFA, rows: list[Row]) -> list[float]:
    """Return for each state the visits whose outcome was not counted, as the prefix tree ends before it."""
    if not was_counted(automaton):
        return [0.0] * len(rows)
    entries, traces = _entries(rows), automaton.provenance.get("traces")
    entries[0] += traces if isinstance(traces, int) and 0 <= traces < _MOST_COUNTED else 0
    return [
        max(0.0, entered - sum(share.weight for share in row.values()))
        for entered, row in zip(entries, rows, strict=True)
    ]


def _counts(automaton: PDFA, found: list[Row]) -> list[Row]:
    """Return the outcomes of all states with how often they came; one that was not counted came ``EXACT`` times."""
    if was_counted(automaton):
        return found
    scales = EXACT * visits(automaton)
    return [
        {symbol: share._replace(weight=scale * share.probability) for symbol, share in row.items()}
        for row, scale in zip(found, scales.tolist(), strict=True)
    ]


def visits(automaton: PDFA) -> NDArray[np.float64]:
    """Return how often each state is visited, in all or, of an automaton that was not counted, by a trace.

    One that was not counted and whose traces never end has nothing to say of that: 1 for each state.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> visits(from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {None: (1.0, 0)}}))
    array([1. , 0.5])
    """
    if was_counted(automaton):
        return automaton.visits.astype(np.float64)
    try:
        return expected_visits(chain_of(automaton), np.eye(1, len(automaton))[0])
    except ModelError:
        return np.ones(len(automaton))


def was_counted(automaton: PDFA) -> bool:
    """Tell whether an automaton was counted, not given by its probabilities alone."""
    return bool(automaton.visits.max() > 1)


def chain_of(automaton: PDFA) -> Chain:
    """Return the chain of an automaton's states, without smoothing."""
    return Chain.of(len(automaton), automaton.sources, automaton.targets.astype(np.int64), unsmoothed(automaton)[1])
