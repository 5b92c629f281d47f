"""Traces counted along states that are given: the automaton whose structure somebody else has found."""

from __future__ import annotations

import numpy as np

from flexstream import PDFA, Alphabet
from flexstream.automata.smoothing import Smoothing
from flexstream.merging.freeze import common_targets
from flexstream.merging.strength import STRENGTH

Steps = list[dict[int, int]]
"""For each state where its symbols lead, the initial state first; negative symbols are ends."""


def counted(steps: Steps, traces: list[list[int]], alphabet: Alphabet) -> PDFA:
    """Count traces along the transitions and smooth what comes out; states that no trace leaves are left out."""
    counts = [dict.fromkeys(row, 0) for row in steps]
    ends = [0] * len(steps)
    for trace in traces:
        state = 0
        for symbol in trace:
            counts[state][symbol] += 1
            state = steps[state][symbol]
        ends[state] += 1
    kept = [state for state in range(len(steps)) if state == 0 or ends[state] or any(counts[state].values())]
    number = {state: place for place, state in enumerate(kept)}
    edges = [
        (number[state], symbol, number[steps[state][symbol]], count)
        for state in kept
        for symbol, count in sorted(counts[state].items())
        if symbol >= 0 and count
    ]
    source, symbol, target, weight = np.array(edges, np.int64).reshape(-1, 4).T
    stops = np.array([ends[state] for state in kept], np.float64)
    totals = np.bincount(symbol, weight, len(alphabet)).astype(np.int64)
    fallback = common_targets(symbol, target, weight, len(alphabet))
    return PDFA(
        alphabet.texts,
        stops + np.bincount(source, weight, len(kept)),
        stops,
        np.searchsorted(source, np.arange(len(kept) + 1)),
        symbol,
        target,
        weight,
        smoothing=Smoothing.from_counts(STRENGTH, int(stops.sum()), totals, fallback),
    )
