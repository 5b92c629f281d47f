"""Which states of two automata stand for each other: those that the same traces lead to.

States are put together into groups, so that (but for a few visits, which are counted) the same prefixes lead to a
group in both automata, however differently the two have merged their states.  If both were learned from one source,
then the outcomes of a group are two samples of one law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..automata.compare import Row, SideBySide, Step
from ..automata.pdfa import PDFA

TRUSTED = 0.01
"""Share of the visits of where it leads, in both automata, from which a transition is believed to lead there."""
EXACT = 1e8
"""Visits that stand for certainty, where an automaton is given by its probabilities alone."""


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
    walk = SideBySide(one, other)
    entries = _entries(walk.ones), _entries(walk.others)
    links, first = _Links(), dict[int, Step]()
    taken: tuple[set[Edge], set[Edge]] = (set(), set())
    pairs: set[tuple[int, int]] = set()
    for step in walk:
        if step.before is not None:
            edges = (step.before.one, step.symbol), (step.before.other, step.symbol)
            shares = walk.ones[edges[0][0]][step.symbol], walk.others[edges[1][0]][step.symbol]
            if any(share.weight < TRUSTED * entry[share.target] for share, entry in zip(shares, entries, strict=True)):
                continue
            for edge, known in zip(edges, taken, strict=True):
                known.add(edge)
        if (step.one, step.other) in pairs:
            continue
        pairs.add((step.one, step.other))
        links.join(step.one, ~step.other)
        first.setdefault(step.one, step)
        walk.enter(step)
    counted = one.visits.max() > 1, other.visits.max() > 1
    groups = []
    for members in links.groups():
        states = tuple(sorted(m for m in members if m >= 0)), tuple(sorted(~m for m in members if m < 0))
        path = min((first[state] for state in states[0]), key=lambda step: step.length).path
        sides = (
            _side(states[side], rows, taken[side], bool(counted[side]))
            for side, rows in enumerate((walk.ones, walk.others))
        )
        groups.append(Group(path, *sides))
    groups.sort(key=lambda group: len(group.path))
    return Alignment(
        tuple(groups),
        frozenset(range(len(one))) - {state for group in groups for state in group.one.states},
        frozenset(range(len(other))) - {state for group in groups for state in group.other.states},
    )


def _entries(rows: list[Row]) -> list[float]:
    """Return for each state the weight of all ways into it."""
    found = [0.0] * len(rows)
    for row in rows:
        for share in row.values():
            if share.target >= 0:
                found[share.target] += share.weight
    return found


def _side(states: tuple[int, ...], rows: list[Row], taken: set[Edge], counted: bool) -> Side:
    """Return a group as one automaton has it; one that is not counted is given by its probabilities."""
    counts: dict[str | None, float] = {}
    for state in states:
        for symbol, share in rows[state].items():
            counts[symbol] = counts.get(symbol, 0.0) + (share.weight if counted else EXACT * share.probability)
    inside = set(states)
    ways = {
        (source, symbol): share.weight
        for source, row in enumerate(rows)
        for symbol, share in row.items()
        if symbol is not None and share.target in inside
    }
    scale = 1.0 if counted or not ways else sum(counts.values()) / sum(ways.values())
    return Side(states, counts, {edge: scale * weight for edge, weight in ways.items() if edge not in taken})


class _Links:
    """Groups of numbers that were joined, directly or through others (union and find)."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def _top(self, number: int) -> int:
        above = self._above.setdefault(number, number)
        while above != number:
            self._above[number] = above = self._above[above]
            number, above = above, self._above[above]
        return number

    def join(self, number: int, twin: int) -> None:
        """Put the groups of two numbers together."""
        self._above[self._top(twin)] = self._top(number)

    def groups(self) -> list[list[int]]:
        """Return the groups."""
        found: dict[int, list[int]] = {}
        for number in self._above:
            found.setdefault(self._top(number), []).append(number)
        return list(found.values())
