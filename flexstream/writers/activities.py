"""Activities as boxes: the automaton with all its states merged into one for each symbol that leads to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..automata.timing import Durations
from ..tuples import NamedTuple

MOST_STEPS = 100_000
"""Pairs of what leads to a state and what follows it, added up over states: of symbols with more, which grow with the
square of their number where one state has them all, the rarer ones have one box together."""
_FEWEST = 30
"""Symbols that have boxes of their own however many pairs that makes: more are in no picture that can be read."""
RARER = "rarer"


class _Leaving(NamedTuple):
    """All transitions of a state whose symbols have one box."""

    group: int
    weight: float
    edges: list[int]


def by_activity(automaton: PDFA, most_steps: int = MOST_STEPS) -> PDFA:
    """Return what follows what directly, as process mining draws it.

    State 0 is the start; each other one stands for all visits of all states that one symbol led to, which stands at its
    place in ``provenance["activities"]``.  What follows an activity is what the states it leads to do next, by how
    often it leads to each: of what is further back nothing is kept.

    Where that makes too many pairs, the symbols that are taken least are one activity, the last one; how many they are
    is ``provenance["rarer"]``.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (9, 1)}, 1: {"test": (3, 1), "run": (9, 2)}, 2: {None: (9, 0)}}
    >>> found = by_activity(from_rows(rows))
    >>> [(edge.source, edge.symbol, edge.target) for edge in found.transitions() if edge.source == 2]
    [(2, 'run', 3), (2, 'test', 2)]
    >>> found.provenance["activities"]
    ('load', 'test', 'run')
    """
    used = _used(automaton)
    kept, groups = _grouped(automaton, used, most_steps)
    shares, leaving = _entries(automaton, groups), _leaving(automaton, groups)
    number = {group: place + 1 for place, group in enumerate(kept)}
    stops = np.zeros(len(kept) + 1)
    visits = np.zeros(len(kept) + 1)
    flows: defaultdict[tuple[int, int], float] = defaultdict(float)
    parts: defaultdict[tuple[int, int], list[tuple[_Leaving, float]]] = defaultdict(list)
    for (before, state), share in shares.items():
        row = number.get(before, 0)
        stops[row] += share * automaton.stops[state]
        visits[row] += share * automaton.visits[state]
        for step in leaving[state]:
            key = row, step.group
            flows[key] += share * step.weight
            parts[key].append((step, share))
    keys = sorted(flows)
    symbols, told = _named(automaton, kept, len(used))
    return PDFA(
        symbols,
        visits,
        stops,
        np.searchsorted([row for row, _ in keys], np.arange(len(kept) + 2)),
        np.array([group for _, group in keys], np.int32),
        np.array([number[group] for _, group in keys], np.int32),
        np.array([flows[key] for key in keys]),
        provenance=told,
        durations=_durations(automaton, [parts[key] for key in keys]),
    )


def _grouped(automaton: PDFA, used: list[int], most_steps: int) -> tuple[list[int], NDArray[np.int64]]:
    """Return the groups that have boxes, and the group of each symbol: itself, or one behind all for the rarer ones."""
    size = len(automaton.symbols)
    groups = np.arange(size)
    if _steps(automaton, groups) <= most_steps:
        return used, groups
    taken = np.bincount(automaton.edge_symbols, automaton.weights, size)
    order = sorted(used, key=lambda symbol: (-taken[symbol], symbol))
    most = len(order)
    while most > _FEWEST and _steps(automaton, groups) > most_steps:
        most = max(_FEWEST, most // 2)
        groups = np.arange(size)
        groups[order[most:]] = size
    return [symbol for symbol in used if groups[symbol] == symbol] + [size] * (most < len(order)), groups


def _steps(automaton: PDFA, groups: NDArray[np.int64]) -> int:
    """Count pairs of what leads to a state and what follows it, over all states."""
    taken = automaton.weights > 0
    told, width = groups[automaton.edge_symbols[taken]], len(groups) + 1
    ends = [states[taken].astype(np.int64) for states in (automaton.targets, automaton.sources)]
    into, out = (np.bincount(np.unique(end * width + told) // width, minlength=len(automaton)) for end in ends)
    return int(into @ out)


def _leaving(automaton: PDFA, groups: NDArray[np.int64]) -> list[list[_Leaving]]:
    """Return what is taken from each state, by groups of symbols."""
    taken: list[defaultdict[int, float]] = [defaultdict(float) for _ in range(len(automaton))]
    edges: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    told, weights = groups[automaton.edge_symbols].tolist(), automaton.weights.tolist()
    for edge, (state, group, weight) in enumerate(zip(automaton.sources.tolist(), told, weights, strict=True)):
        if weight > 0:
            taken[state][group] += weight
            edges[state, group].append(edge)
    return [
        [_Leaving(group, weight, edges[state, group]) for group, weight in row.items()]
        for state, row in enumerate(taken)
    ]


def _named(automaton: PDFA, kept: list[int], used: int) -> tuple[Sequence[str], dict[str, Any]]:
    """Return the symbols, with one for those that are rarer, and what is told of the activities."""
    symbols, size = automaton.symbols, len(automaton.symbols)
    if size not in kept:
        return symbols, {"activities": tuple(symbols[symbol] for symbol in kept)}
    rarer = used - len(kept) + 1
    name = f"{rarer:,} rarer symbols"
    while name in symbols:
        name += " …"
    symbols = (*symbols, name)
    return symbols, {"activities": tuple(symbols[symbol] for symbol in kept), RARER: rarer}


def _used(automaton: PDFA) -> list[int]:
    """Return the ids of symbols that are on some transition that was taken, by the first state that they lead to."""
    taken = automaton.weights > 0
    pairs = sorted(zip(automaton.targets[taken].tolist(), automaton.edge_symbols[taken].tolist(), strict=True))
    return list(dict.fromkeys(symbol for _, symbol in pairs))


def _entries(automaton: PDFA, groups: NDArray[np.int64]) -> dict[tuple[int, int], float]:
    """Return the share of a state's visits that symbols of a group led to, by both; -1 stands for the start."""
    into: defaultdict[tuple[int, int], float] = defaultdict(float)
    rows = zip(
        groups[automaton.edge_symbols].tolist(), automaton.targets.tolist(), automaton.weights.tolist(), strict=True
    )
    for group, target, weight in rows:
        if weight > 0:
            into[group, target] += weight
    arrived = np.bincount(automaton.targets, automaton.weights, len(automaton))
    started = max(float(automaton.visits[0] - arrived[0]), 0.0) or (0.0 if arrived[0] else 1.0)
    into[-1, 0] = started
    arrived[0] += started
    return {key: weight / arrived[key[1]] for key, weight in into.items() if weight > 0}


def _durations(automaton: PDFA, parts: list[list[tuple[_Leaving, float]]]) -> Durations | None:
    """Return how long steps from activity to activity take: what the transitions behind them do, by their shares."""
    known = automaton.durations
    if known is None:
        return None
    tallies: dict[int, Counter[int]] = {}
    edges, bins, counts = [], [], []
    for number, behind in enumerate(parts):
        tally: defaultdict[int, float] = defaultdict(float)
        for step, share in behind:
            first = step.edges[0]
            if first not in tallies:
                tallies[first] = _tally(known, step.edges)
            for bin_, count in tallies[first].items():
                tally[bin_] += share * count
        whole = [(bin_, round(count)) for bin_, count in sorted(tally.items()) if round(count) > 0]
        edges += [number] * len(whole)
        bins += [bin_ for bin_, _ in whole]
        counts += [count for _, count in whole]
    dependence = [max(float(known.dependence[step.edges].max()) for step, _ in behind) for behind in parts]
    return Durations(
        np.array(edges, np.int32),
        np.array(bins, np.int16),
        np.array(counts, np.int64),
        np.array(dependence),
        known.one_in,
    )


def _tally(known: Durations, edges: list[int]) -> Counter[int]:
    """Return how often some transitions together took how long."""
    total: Counter[int] = Counter()
    for edge in edges:
        for bin_, count in zip(*(column.tolist() for column in known.of(edge)), strict=True):
            total[bin_] += count
    return total
