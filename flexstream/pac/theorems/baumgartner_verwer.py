"""Baumgartner & Verwer, "PAC learning PDFA from data streams", arXiv 2604.02244, 2026."""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes
from ..statistics.hoeffding import node_size
from .balle import look_share


def sketch_width(mu: float) -> int:
    """Return w = ⌈e/β⌉ for the largest sound β, μ/4 (docs/pac.md, lemma 2)."""
    return math.ceil(4 * math.e / mu)


def sketch_depth(gamma: float) -> int:
    """Return d = ⌈ln(1/γ)⌉ (Cormode & Muthukrishnan 2005, theorem 1)."""
    return max(1, math.ceil(math.log(1 / gamma)))


def covering_size(demand: Demand, failure: float) -> float:
    """Return the first term of the batch size: (8n²|Σ|²/ε²) ln(2n²|Σ|²/δ')."""
    return 8 * demand.edges**2 / demand.eps**2 * math.log(2 * demand.edges**2 / failure)


def batch_size(demand: Demand, node: float, failure: float) -> float:
    """Return B: after so many strings every transition of probability >= ε/(4n|Σ|) has ``node`` of them.

    With probability >= 1 - ``failure``; what was not found then weighs at most ε/2.
    """
    return math.ceil(max(covering_size(demand, failure), 4 * node * demand.edges / demand.eps))


def sizes(demand: Demand) -> Sizes:
    """Return all sizes, valid up to the last of the n|Σ| + 1 batches: the i-th gets δ_i = 6δ/(π²i²).

    The rejections of a batch share half of its δ_i: n²|Σ| pairs of nodes, each compared in every cell of the sketch.
    """
    batches = demand.edges + 1
    failure = look_share(demand.delta, batches)
    width, depth = sketch_width(demand.mu), sketch_depth(failure / (2 * demand.states**2))
    cells = demand.futures * depth * width
    alpha = failure / (4 * demand.states * demand.edges * cells)
    node = node_size(demand.mu, alpha, failure / (2 * demand.edges**2))
    batch = batch_size(demand, node, failure)
    return Sizes(
        theorem="baumgartner-verwer",
        node=node,
        batch=batch,
        batches=batches,
        strings=batch * batches,
        probabilities=0,
        width=width,
        depth=depth,
        memory=COUNTER_BYTES * (demand.states + demand.edges) * cells,
        promise="L1 below eps",
        options={"alpha": alpha, "futures": demand.futures, "depth": depth, "width": width, "cells": 1, "light": node},
    )
