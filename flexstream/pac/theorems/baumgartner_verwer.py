"""Baumgartner & Verwer, "PAC learning PDFA from data streams", arXiv 2604.02244, 2026, with corrections.

Their test, sketch and batches; docs/pac.md says what of the constants is ours, and why: the test has room for both of
its errors, and transitions of probability ε/(2n|Σ|) are found, where those of ε/(4n|Σ|) are not.
"""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes
from ..statistics.coverage import covering_size, least_share, node_size, row_width, rows_for
from ..statistics.hoeffding import overlapping_log_level
from .palmer_goldberg import probability_size


def batches(demand: Demand) -> int:
    """Return n|Σ| + 1: each batch finds a transition that has to be decided about, or is the last."""
    return demand.edges + 1


def sizes(demand: Demand) -> Sizes:
    """Return all sizes; tests, coverage and collisions get a third of δ each, shared by the batches but for the last.

    A batch is tested at no more than n + n|Σ| nodes, each with all cells of the sketch; what collides is the same in
    all batches.
    """
    rounds = batches(demand)
    failure = demand.delta / 3 / rounds
    width, depth = row_width(demand.mu), rows_for(demand.delta / 3, demand.states)
    cells = demand.futures * depth * width
    compared = (demand.states + demand.edges) * cells
    log_level = overlapping_log_level(failure / compared, demand.futures)
    node = node_size(demand.mu, log_level)
    batch = covering_size(least_share(demand), node, math.log(demand.edges / failure))
    return Sizes(
        theorem="baumgartner-verwer",
        node=node,
        batch=batch,
        batches=rounds,
        strings=batch * rounds,
        probabilities=probability_size(demand),
        width=width,
        depth=depth,
        memory=COUNTER_BYTES * (demand.states + demand.edges) * cells,
        promise="the structure; L1 below eps, once the probabilities have had their strings too",
        options={
            "alpha": 2 * math.exp(-log_level),
            "futures": demand.futures,
            "depth": depth,
            "width": width,
            "cells": 1,
            "light": node,
        },
    )
