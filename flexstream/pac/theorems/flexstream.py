"""What FlexStream itself needs for a promise: one batch, all decisions from the same counts (docs/pac.md, theorem 4).

The other theorems draw fresh strings for each decision or ask for a test of exact frequencies.  Here the counts of a
whole stream are used for all decisions, in the cells of count-min rows, and again at every refinement; the union
over all that could be compared is in the level of the test.
"""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes
from .balle import look_share
from .baumgartner_verwer import batch_size, sketch_depth

MASKED = 0.25
"""Share of μ that other futures in a cell may hide; a larger one needs narrower rows and more strings."""
LEAST_LEVEL = 1e-300
"""A level that would have to be smaller is no number any more, and there is no run."""
_ROUNDS = 20


def sketch(demand: Demand) -> tuple[int, int]:
    """Return width and depth of the rows; collisions are the same at every look and have one share of δ."""
    failure = look_share(demand.delta, 1) / 3
    return math.ceil(2 * math.e / (MASKED * demand.mu)), sketch_depth(2 * failure / demand.states**2)


def level(demand: Demand, look: int, events: int) -> float:
    """Return α for the i-th look at a stream of so many events, ends counted as events.

    Examples
    --------
    >>> demand = Demand(states=6, symbols=5, mu=0.4, length=6.2, eps=0.5, delta=0.1)
    >>> level(demand, 1, 10**6) > level(demand, 2, 10**6) > level(demand, 2, 10**7)
    True
    """
    width, depth = sketch(demand)
    failure = look_share(demand.delta, look) / 3
    exact = log_level(demand, failure, demand.futures * depth * width, max(2, events))
    return max(2 * math.exp(-exact), LEAST_LEVEL)


def log_level(demand: Demand, failure: float, cells: float, events: float) -> float:
    """Return ln(2/α) for the level α at which no share of any node is off in any of the comparisons.

    There are at most 2^{n|Σ|} sets of transitions already decided, and for each at most ``events`` nodes and, for
    each of n states, as many sizes; each has ``cells`` shares.  The futures of one string overlap, so that only every
    F-th visit of a state is independent of the one before: that costs a factor F.
    """
    compared = demand.edges * math.log(2) + math.log((demand.states + 1) * cells * demand.futures) + math.log(events)
    return demand.futures * (math.log(2 / failure) + compared)


def sizes(demand: Demand) -> Sizes:
    """Return all sizes for the first look, which gets δ_1 = 6δ/π², a third each to tests, collisions and coverage.

    Later looks get δ_i = 6δ/(π²i²) and a level of their own, see `level`.
    """
    failure = look_share(demand.delta, 1) / 3
    width, depth = sketch(demand)
    cells = demand.futures * depth * width
    batch = 1.0
    for _ in range(_ROUNDS):  # the level depends on the batch, but only by its logarithm: a contraction
        log_alpha = log_level(demand, failure, cells, max(2.0, batch * (demand.length + 1)))
        node = math.ceil(8 / ((1 - MASKED) * demand.mu) ** 2 * log_alpha)
        batch = batch_size(demand, node, failure)
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
        promise="all transitions of probability >= eps/(4n|Σ|) found, the rest weighs at most eps/2",
        options={
            "alpha": max(2 * math.exp(-log_alpha), LEAST_LEVEL),
            "futures": demand.futures,
            "depth": depth,
            "width": width,
            "cells": 1,
            "light": node,
        },
    )
