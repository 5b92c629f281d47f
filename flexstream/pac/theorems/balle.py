"""Balle, Castro & Gavaldà, "Adaptively learning probabilistic deterministic automata from data streams", 2014.

Machine Learning 96.  The learner tests a candidate at 128 · 2^i of its strings with δ_i = 6 δ' / (π² i²).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ..demand import Demand
from ..sizes import Sizes
from ..statistics.coverage import covering_size

FIRST_TEST = 128
COUNTER_BYTES = 16
"""A Space-Saving counter holds a prefix's code and its count."""


def share(demand: Demand) -> float:
    """Return δ', the part of δ that one candidate gets."""
    return demand.delta / (2 * demand.symbols * demand.states * (demand.states + 2))


def look_share(share: float, look: int) -> float:
    """Return δ_i = 6 δ' / (π² i²), the part of the i-th look, i = 1, 2, …; all looks together get δ'.

    >>> round(sum(look_share(0.05, i) for i in range(1, 100_000)), 6)
    0.05
    """
    return 6 * share / (math.pi**2 * look**2)


def vc_width(visits: float, others: float, delta: float) -> float:
    """Return Δ = sqrt((8/M') ln(16 (m + m') / δ)), M' = m m' / (√m + √m')²: how far a distance may be off."""
    size = visits * others / (math.sqrt(visits) + math.sqrt(others)) ** 2
    return math.sqrt(8 / size * math.log(16 * (visits + others) / delta))


def deciding_test(demand: Demand) -> int:
    """Return i, the first test at which two nodes of 128 · 2^i strings each have Δ <= μ/8 and so are decided about."""
    test = 1
    while vc_width(_strings_at(test), _strings_at(test), look_share(share(demand), test)) > demand.mu / 8:
        test += 1
    return test


def significance_size(demand: Demand) -> float:
    """Return after how many strings a candidate is first dropped if its share is below 3ε / (8 n|Σ|)."""
    return 64 * demand.edges / demand.eps * math.log(2 / share(demand))


class StringsRead(NamedTuple):
    """After how many strings of the stream the learner surely has what it is to have, but with probability δ."""

    states: float
    """All states that a word of probability ε/(2n|Σ|) leads to are found."""
    pairs: float
    """Every candidate is decided about, or dropped."""


def strings_read(demand: Demand) -> StringsRead:
    """Return how many strings are read until the published sizes are surely met (docs/pac.md, theorem 11).

    The paper has the expected number, without its constant.

    Examples
    --------
    >>> reber = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
    >>> read = strings_read(reber)
    >>> read.pairs / read.states
    2.4
    """
    nodes, stages = 1 + demand.edges, 2 * demand.states
    cost = math.log(2 * nodes * stages / demand.delta)
    window = covering_size(demand.eps / (4 * demand.edges), _strings_at(deciding_test(demand)), cost)
    return StringsRead((demand.states - 1) * window, stages * window)


def expected_term(demand: Demand) -> float:
    """Return n²|Σ|² / (ε μ²), the leading term of the expected number of strings, without its constant."""
    return demand.edges**2 / (demand.eps * demand.mu**2)


def sizes(demand: Demand) -> Sizes:
    """Return all sizes.

    The paper gives the expected number of strings without its constant.  The number here is our reading of the
    algorithm: a candidate that stays has at least the share 3ε / (8n|Σ|) of the strings, so its deciding test comes
    after at most 8n|Σ|/(3ε) times its size in expectation, and at most n candidates wait for one another.
    """
    node = _strings_at(deciding_test(demand))
    batch = max(node * 8 * demand.edges / (3 * demand.eps), significance_size(demand))
    counters = math.ceil(8 / demand.mu)
    held = demand.states + demand.edges
    return Sizes(
        theorem="balle-castro-gavalda",
        node=node,
        batch=math.ceil(batch),
        batches=demand.states,
        strings=math.ceil(batch * demand.states),
        probabilities=0,
        width=math.ceil((demand.length + 1) * counters),
        depth=1,
        memory=math.ceil(COUNTER_BYTES * held * (demand.length + 1) * counters),
        promise="states above the share found; L1 below eps after enough strings more",
        options={
            "mu": demand.mu,
            "delta": demand.delta,
            "states": demand.states,
            "symbols": demand.symbols,
            "counters": math.ceil((demand.length + 1) * counters),
        },
    )


def _strings_at(test: int) -> float:
    return FIRST_TEST * 2.0**test
