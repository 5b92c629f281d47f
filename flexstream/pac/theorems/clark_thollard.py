"""Clark & Thollard, "PAC-learnability of probabilistic deterministic finite state automata", JMLR 5, 2004."""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes


def node_size(demand: Demand) -> float:
    """Return m0, the strings a candidate needs (section 4.2 there), with δ' = δ / (2 (n|Σ| + 2))."""
    n, k, edges = demand.states, demand.symbols, demand.edges
    share = _share(demand)
    eps1 = demand.eps**2 / (16 * (k + 1) * (demand.length + 1) ** 2)
    similar = 8 / demand.mu**2 * math.log(96 * edges / (share * demand.mu))
    return math.ceil(max(similar, math.log(12 * n * k * (k + 1) / share) / (2 * eps1**2)))


def step_size(demand: Demand) -> float:
    """Return N, the strings drawn in each step; at most n|Σ| + 2 steps follow one another."""
    n, k, edges, length = demand.states, demand.symbols, demand.edges, demand.length
    eps3 = demand.eps / (2 * (n + 1) * math.log(4 * (length + 1) * (k + 1) / demand.eps))
    need = max(2 * edges * node_size(demand), 4 * math.log(1 / _share(demand)))
    return math.ceil(4 * edges * length**2 * (length + 1) ** 3 / eps3**2 * need)


def sizes(demand: Demand) -> Sizes:
    """Return all sizes; the distance is the KL divergence, the test L∞ <= μ/2."""
    step, steps = step_size(demand), demand.edges + 2
    return Sizes(
        theorem="clark-thollard",
        node=node_size(demand),
        batch=step,
        batches=steps,
        strings=float(step) * steps,
        probabilities=0,
        width=0,
        depth=0,
        memory=COUNTER_BYTES * float(step) * (demand.length + 1),
        promise="KL divergence below eps",
    )


def _share(demand: Demand) -> float:
    return demand.delta / (2 * (demand.edges + 2))
