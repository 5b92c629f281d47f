"""Palmer & Goldberg, "PAC-learnability of PDFA in terms of variation distance", Theoretical Computer Science 387, 2007.

Half of δ goes to the structure, half to the probabilities.
"""

from __future__ import annotations

import math

from ..demand import Demand
from ..sizes import COUNTER_BYTES, Sizes


def node_size(demand: Demand) -> int:
    """Return m0, the strings a candidate needs."""
    edges = demand.edges
    bits = math.log2(16 / (demand.delta / 2 * demand.mu)) + math.log2(edges) + edges
    return math.ceil((16 / demand.mu) ** 2 * bits)


def structure_size(demand: Demand) -> float:
    """Return the strings after which the structure is found, but for parts that weigh little."""
    edges = demand.edges
    log_tests = edges * math.log(2) + math.log(edges / (demand.delta / 2))  # ln(2^{n|Σ|} n|Σ| / δ'), without overflow
    return math.ceil(max(8 * edges**2 / demand.eps**2 * log_tests, 4 * node_size(demand) * edges / demand.eps))


def probability_size(demand: Demand) -> float:
    """Return the strings more after which the probabilities are good enough."""
    edges, share, eps = demand.edges, demand.delta / 2, demand.eps
    visits = (64 * edges / (eps * share)) ** 2
    return math.ceil(2 * edges / share * visits * (32 * edges / eps) * math.log(2 * edges / share))


def sizes(demand: Demand) -> Sizes:
    """Return all sizes; no expected length is needed but for the memory."""
    structure = structure_size(demand)
    return Sizes(
        theorem="palmer-goldberg",
        node=node_size(demand),
        batch=structure,
        batches=1,
        strings=structure,
        probabilities=probability_size(demand),
        width=0,
        depth=0,
        memory=COUNTER_BYTES * float(structure) * (demand.length + 1),
        promise="L1 below eps, once the probabilities have had their strings too",
    )
