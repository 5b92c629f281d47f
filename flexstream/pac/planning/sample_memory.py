"""What the sample of a plan takes in the learner that runs it."""

from __future__ import annotations

from ...budget import parse_memory
from ...summary.columns import EDGE_BYTES, NODE_BYTES, TAIL_BYTES
from .plan import Plan
from .planned_learner import PlannedLearner

SYMBOL_BYTES, SLOT_BYTES = 4, 8


def sample_bytes(plan: Plan) -> float:
    """Return about how many bytes the counts of a plan's strings take at most, infinite if it has no run.

    A node of the tree grows at its second visit, so of N strings, of which N·(L/(L + 1))^d are longer than d on
    average, at most half as many nodes lie at depth d, and at most as many as there are words of d symbols.  What goes
    further than the tree is kept as it came.

    Parameters
    ----------
    plan : Plan

    Examples
    --------
    >>> from flexstream.pac.demand import Demand
    >>> round(sample_bytes(Plan.make(Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1))) / 2**20)
    18
    """
    if plan.run is None:
        return float("inf")
    learner, sizes, demand = PlannedLearner(plan), plan.sizes[plan.theorem], plan.demand
    strings, longer = float(sizes.strings), demand.length / (1 + demand.length)
    held, words, nodes = strings / learner.tree.rules.grow_at, 1.0, 0.0
    while held >= 1:
        nodes += min(words, held)
        words, held = min(words * demand.symbols, strings), held * longer
    row = NODE_BYTES + learner.tree.sketch.bytes_per_node + 2 * (EDGE_BYTES + SLOT_BYTES)
    return nodes * row + strings * (TAIL_BYTES + SYMBOL_BYTES * demand.length)


def fits(plan: Plan) -> bool:
    """Tell whether the sample surely fits into the memory of the plan's run."""
    return plan.run is not None and sample_bytes(plan) <= parse_memory(plan.run["memory"])
