"""The part of a difference that is drawn where all of it is too large: the surest changes, and the ways to them."""

from __future__ import annotations

from typing import NamedTuple

from ..writers.labels import counted
from ..writers.ways import Ways
from .alignment import Edge
from .changes import Change
from .difference import Difference


class Part(NamedTuple):
    """What is drawn.

    Attributes
    ----------
    changes : tuple of Change
        Most certain first.
    ways : frozenset of (int, str)
        Transitions of the second automaton on the likeliest ways to where these are.
    told : str
        What is drawn, and how much there is, in words.
    """

    changes: tuple[Change, ...]
    ways: frozenset[Edge]
    told: str


def part_of(difference: Difference, most: int) -> Part:
    """Return the most certain changes that make so many arrows together, or the first alone.

    Examples
    --------
    >>> from flexstream.difference import diff
    >>> from flexstream.targets import from_rows
    >>> old = from_rows({0: {"load": (900, 1), "setup": (100, 0)}, 1: {None: (900, 0)}})
    >>> new = from_rows({0: {"load": (700, 1), "setup": (300, 0)}, 1: {None: (700, 0)}})
    >>> part_of(diff(old, new), 1).told
    'the surest of 2 changes and the ways there, of 2 arrows in all'
    """
    taken: list[Change] = []
    arrows = 0
    for change in difference.changes:
        arrows += max(len(change.group.one.states), len(change.group.other.states))
        if taken and arrows > most:
            break
        taken.append(change)
    found = len(difference.changes)
    some = f"the {f'{len(taken):,} surest' if len(taken) > 1 else 'surest'} of {counted(found, 'change')}"
    which = "no change beyond chance" if not found else some if len(taken) < found else counted(found, "change")
    there = " and the ways there" if taken else ""
    told = f"{which}{there}, of {counted(len(difference.other.targets), 'arrow')} in all"
    return Part(tuple(taken), _ways_to(difference, taken), told)


def _ways_to(difference: Difference, changes: list[Change]) -> frozenset[Edge]:
    """Return the transitions on the likeliest ways to the states of changes."""
    ways = Ways(difference.other)
    target = {(edge.source, edge.symbol): edge.target for edge in difference.other.transitions()}
    found: set[Edge] = set()
    for state in {state for change in changes for state in change.group.other.states}:
        at = 0
        for symbol in ways.likeliest(state):
            found.add((at, symbol))
            at = target[at, symbol]
    return frozenset(found)
