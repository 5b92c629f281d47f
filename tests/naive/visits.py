"""Slow twins of what a report counts at the nodes of a tree that have states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .registry import twin


def way_to(parents: Sequence[int], node: int) -> list[int]:
    """Return the nodes on the way to a node, the nearest first."""
    found = []
    while (node := parents[node]) >= 0:
        found.append(node)
    return found


@twin("visits.measure_depths")
def depths(parents: Sequence[int]) -> list[int]:
    """Return the depth of each node."""
    return [len(way_to(parents, node)) for node in range(len(parents))]


@twin("visits.find_again")
def again(parents: Sequence[int], states: Sequence[int]) -> list[bool]:
    """Tell for each node whether one on the way to it has the same state."""
    return [states[node] in {states[up] for up in way_to(parents, node)} for node in range(len(parents))]


@twin("visits.add_outcomes")
def outcomes_by_group(
    groups: Sequence[int], chosen: Sequence[bool], ends: Sequence[int], edges: Iterable[tuple[int, int, int]]
) -> Counter[tuple[int, int | None]]:
    """Add up the outcomes at the chosen nodes by group; an edge is a node, a symbol and events, the end is None."""
    found: Counter[tuple[int, int | None]] = Counter()
    for node, group in enumerate(groups):
        found[group, None] += ends[node] * chosen[node]
    for node, symbol, events in edges:
        found[groups[node], symbol] += events * chosen[node]
    return +found


@twin("visits.add_tail_symbols")
def symbols_beyond(tails: Iterable[Sequence[int]], alphabet: int) -> list[int]:
    """Count the symbols of tails."""
    events = [symbol for tail in tails for symbol in tail]
    return [events.count(symbol) for symbol in range(alphabet)]


@twin("visits.count_lengths")
def lengths(traces: Iterable[Sequence[str]]) -> Counter[int]:
    """Count traces by their lengths."""
    return Counter(map(len, traces))
