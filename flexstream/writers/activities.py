"""Activities as boxes: the automaton with all its states merged into one for each symbol that leads to them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ..automata.pdfa import PDFA
from ..automata.timing import Durations


def by_activity(automaton: PDFA) -> PDFA:
    """Return what follows what directly, as process mining draws it.

    State 0 is the start; each other one stands for all visits of all states that one symbol led to, which stands at its
    place in ``provenance["activities"]``.  What follows an activity is what the states it leads to do next, by how
    often it leads to each: of what is further back nothing is kept.

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
    shares = _entries(automaton)
    used = _used(automaton)
    number = {symbol: place + 1 for place, symbol in enumerate(used)}
    stops = np.zeros(len(used) + 1)
    visits = np.zeros(len(used) + 1)
    flows: defaultdict[tuple[int, int], float] = defaultdict(float)
    parts: defaultdict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    for (before, state), share in shares.items():
        row = number.get(before, 0)
        stops[row] += share * automaton.stops[state]
        visits[row] += share * automaton.visits[state]
        for edge in range(int(automaton.offsets[state]), int(automaton.offsets[state + 1])):
            if automaton.weights[edge] > 0:
                key = row, int(automaton.edge_symbols[edge])
                flows[key] += share * float(automaton.weights[edge])
                parts[key].append((edge, share))
    keys = sorted(flows)
    return PDFA(
        automaton.symbols,
        visits,
        stops,
        np.searchsorted([row for row, _ in keys], np.arange(len(used) + 2)),
        np.array([symbol for _, symbol in keys], np.int32),
        np.array([number[symbol] for _, symbol in keys], np.int32),
        np.array([flows[key] for key in keys]),
        provenance={"activities": tuple(automaton.symbols[symbol] for symbol in used)},
        durations=_durations(automaton, [parts[key] for key in keys]),
    )


def _used(automaton: PDFA) -> list[int]:
    """Return the ids of symbols that are on some transition that was taken, by the first state that they lead to."""
    taken = automaton.weights > 0
    pairs = sorted(zip(automaton.targets[taken].tolist(), automaton.edge_symbols[taken].tolist(), strict=True))
    return list(dict.fromkeys(symbol for _, symbol in pairs))


def _entries(automaton: PDFA) -> dict[tuple[int, int], float]:
    """Return the share of a state's visits that a symbol led to, by symbol and state; -1 stands for the start."""
    into: defaultdict[tuple[int, int], float] = defaultdict(float)
    rows = zip(automaton.edge_symbols.tolist(), automaton.targets.tolist(), automaton.weights.tolist(), strict=True)
    for symbol, target, weight in rows:
        if weight > 0:
            into[symbol, target] += weight
    arrived = np.bincount(automaton.targets, automaton.weights, len(automaton))
    started = max(float(automaton.visits[0] - arrived[0]), 0.0) or (0.0 if arrived[0] else 1.0)
    into[-1, 0] = started
    arrived[0] += started
    return {key: weight / arrived[key[1]] for key, weight in into.items() if weight > 0}


def _durations(automaton: PDFA, parts: list[list[tuple[int, float]]]) -> Durations | None:
    """Return how long steps from activity to activity take: what the transitions behind them do, by their shares."""
    known = automaton.durations
    if known is None:
        return None
    edges, bins, counts = [], [], []
    for number, behind in enumerate(parts):
        tally: defaultdict[int, float] = defaultdict(float)
        for edge, share in behind:
            for bin_, count in zip(*(column.tolist() for column in known.of(edge)), strict=True):
                tally[bin_] += share * count
        whole = [(bin_, round(count)) for bin_, count in sorted(tally.items()) if round(count) > 0]
        edges += [number] * len(whole)
        bins += [bin_ for bin_, _ in whole]
        counts += [count for _, count in whole]
    dependence = [max(float(known.dependence[edge]) for edge, _ in behind) for behind in parts]
    return Durations(
        np.array(edges, np.int32),
        np.array(bins, np.int16),
        np.array(counts, np.int64),
        np.array(dependence),
        known.one_in,
    )
