"""Which states of two automata stand for each other: those that the same traces lead to.

States are put together into groups, so that (but for a few visits, which are counted) the same prefixes lead to a
group in both automata, however differently the two have merged their states.  If both were learned from one source,
then the outcomes of a group are two samples of one law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.chain import Chain, expected_visits
from ..automata.compare import Row, SideBySide, Step
from ..automata.pdfa import PDFA
from ..automata.smoothing import unsmoothed
from ..errors import ModelError

TRUSTED = 0.01
"""Share of the visits of where it leads, in both automata, from which a transition is believed to lead there."""
EXACT = 2.0**27
"""Traces that stand for certainty, where an automaton is given by its probabilities alone."""


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
    """

    states: tuple[int, ...]
    counts: dict[str | None, float]
    strays: dict[Edge, float]

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
        A shortest way to it that both have.
    one, other : Side
    """

    path: tuple[str, ...]
    one: Side
    other: Side


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
    from networkx import Graph, connected_components

    walk = SideBySide(one, other)
    walk.ones, walk.others = _counts(one, walk.ones), _counts(other, walk.others)
    entries = _entries(walk.ones), _entries(walk.others)
    pairs, first = Graph(), dict[int, Step]()
    taken: tuple[set[Edge], set[Edge]] = (set(), set())
    for step in walk:
        if step.before is not None:
            edges = (step.before.one, step.symbol), (step.before.other, step.symbol)
            shares = walk.ones[edges[0][0]][step.symbol], walk.others[edges[1][0]][step.symbol]
            if any(share.weight < TRUSTED * entry[share.target] for share, entry in zip(shares, entries, strict=True)):
                continue
            for edge, known in zip(edges, taken, strict=True):
                known.add(edge)
        pair = (0, step.one), (1, step.other)
        if not pairs.has_edge(*pair):
            pairs.add_edge(*pair)
            first.setdefault(step.one, step)
            walk.enter(step)
    members = [
        tuple(tuple(sorted(state for number, state in found if number == side)) for side in (0, 1))
        for found in connected_components(pairs)
    ]
    ones = _sides(walk.ones, [states for states, _ in members], taken[0])
    others = _sides(walk.others, [states for _, states in members], taken[1])
    groups = [
        Group(min((first[state] for state in side.states), key=lambda step: step.length).path, side, twin)
        for side, twin in zip(ones, others, strict=True)
    ]
    groups.sort(key=lambda group: len(group.path))
    return Alignment(
        tuple(groups),
        frozenset(range(len(one))) - {state for side in ones for state in side.states},
        frozenset(range(len(other))) - {state for side in others for state in side.states},
    )


def _entries(rows: list[Row]) -> list[float]:
    """Return for each state the weight of all ways into it."""
    found = [0.0] * len(rows)
    for row in rows:
        for share in row.values():
            if share.target >= 0:
                found[share.target] += share.weight
    return found


def _sides(rows: list[Row], groups: list[tuple[int, ...]], taken: set[Edge]) -> list[Side]:
    """Return groups as one automaton has them."""
    sides = [Side(states, {}, {}) for states in groups]
    home = {state: side for side in sides for state in side.states}
    for source, row in enumerate(rows):
        for symbol, share in row.items():
            if source in home:
                outcomes = home[source].counts
                outcomes[symbol] = outcomes.get(symbol, 0.0) + share.weight
            if symbol is not None and share.target in home and (source, symbol) not in taken:
                home[share.target].strays[source, symbol] = share.weight
    return sides


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
