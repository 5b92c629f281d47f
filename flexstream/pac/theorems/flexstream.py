"""What FlexStream itself needs for a promise: one batch, all decisions from the same counts (docs/pac.md, theorem 4).

The other theorems draw fresh strings for each decision or ask for a test of exact frequencies.  Here the counts of a
whole stream are used for all decisions, in the cells of count-min rows, and again at every refinement; the union
over all that could be compared is in the level of the test.
"""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes
from ..statistics.coverage import covering_size, least_share, node_size, row_width, rows_for
from ..statistics.hoeffding import overlapping_log_level
from .balle import look_share

LEAST_LEVEL = 1e-300
"""A level that would have to be smaller is no number any more, and there is no run."""
SHARES = 4
"""Of the δ of a look: tests, collisions, coverage, and the number of events get one each."""
_ROUNDS = 20


def sketch(demand: Demand) -> tuple[int, int]:
    """Return width and depth of the rows; collisions are the same at every look and have one share of δ."""
    return row_width(demand.mu), rows_for(_share(demand, 1), demand.states)


def level(demand: Demand, look: int, events: int) -> float:
    """Return α for the i-th look at a stream of so many events, ends counted as events.

    Examples
    --------
    >>> demand = Demand(states=6, symbols=5, mu=0.4, length=6.2, eps=0.5, delta=0.1)
    >>> level(demand, 1, 10**6) > level(demand, 2, 10**6) > level(demand, 2, 2 * 10**6)
    True
    """
    width, depth = sketch(demand)
    exact = log_level(demand, _share(demand, look), demand.futures * depth * width, max(2, events))
    return max(2 * math.exp(-exact), LEAST_LEVEL)


def log_level(demand: Demand, failure: float, cells: float, events: float) -> float:
    """Return ln(2/α) for the level α at which no share of any node is off in any of the comparisons.

    There are at most 2^{n|Σ|} sets of transitions already decided, and for each at most E nodes and, for each of n
    states, as many sizes; each has ``cells`` shares.  How many events come is chance, so E is the next power of two,
    2^j, and each j has a part of its own of the failure, 1/(j(j+1)).
    """
    doublings = max(1, math.ceil(math.log2(events)))
    compared = demand.edges * math.log(2) + math.log((demand.states + 1) * cells) + doublings * math.log(2)
    parts = math.log(doublings * (doublings + 1))
    # One share at a time: failure / exp(compared + parts) would be too small for a number.
    return overlapping_log_level(failure, demand.futures) + demand.futures * (compared + parts)


def sizes(demand: Demand) -> Sizes:
    """Return all sizes for the first look, which gets δ_1 = 6δ/π².

    Later looks get δ_i = 6δ/(π²i²) and a level of their own, see `level`.  More than B(L + 1)/κ events come with
    probability κ at most (Markov), so that the level of fewer is no lower than this one.
    """
    failure = _share(demand, 1)
    width, depth = sketch(demand)
    cells = demand.futures * depth * width
    cost = demand.edges * math.log(2) + math.log(demand.edges / failure)
    batch = 1.0
    for _ in range(_ROUNDS):  # the level depends on the batch, but only by its logarithm: a contraction
        log_alpha = log_level(demand, failure, cells, max(2.0, batch * (demand.length + 1) / failure))
        node = node_size(demand.mu, log_alpha)
        batch = covering_size(least_share(demand), node, cost)
    return Sizes(
        theorem="flexstream",
        node=node,
        batch=batch,
        batches=1,
        strings=batch,
        probabilities=0,
        width=width,
        depth=depth,
        memory=COUNTER_BYTES * (demand.states + demand.edges) * cells,
        promise="all transitions of probability >= eps/(2n|Σ|) found, the rest weighs at most eps/2",
        options={
            "alpha": max(2 * math.exp(-log_alpha), LEAST_LEVEL),
            "futures": demand.futures,
            "depth": depth,
            "width": width,
            "cells": 1,
            "light": node,
        },
        proven=True,
    )


def _share(demand: Demand, look: int) -> float:
    return look_share(demand.delta, look) / SHARES
