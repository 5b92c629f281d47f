"""Drawing traces from an automaton."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .automaton import PDFA


def sample(automaton: PDFA, n: int, seed: int, max_length: int) -> list[list[str]]:
    """Draw ``n`` traces; see :meth:`PDFA.sample`.

    Every state's outcomes, the end first, become one rising row of cumulated weights in a single array, so that
    a step is one binary search.
    """
    random = np.random.default_rng(seed)
    weights = np.insert(automaton.weights, automaton.offsets[:-1], automaton.stops)
    bounds = (automaton.offsets + np.arange(len(automaton.offsets))).tolist()
    rising = np.concatenate([[0.0], np.cumsum(weights)])
    symbols, targets = automaton.edge_symbols.tolist(), automaton.targets.tolist()
    traces = []
    for _ in range(n):
        trace: list[str] = []
        state = 0
        while len(trace) < max_length:
            low, high = bounds[state], bounds[state + 1]
            at = rising[low] + random.random() * (rising[high] - rising[low])
            edge = min(int(np.searchsorted(rising[low + 1 : high + 1], at, side="right")), high - low - 1)
            if edge == 0 or rising[high] == rising[low]:
                break
            edge += int(automaton.offsets[state]) - 1
            trace.append(automaton.symbols[symbols[edge]])
            state = targets[edge]
        traces.append(trace)
    return traces
