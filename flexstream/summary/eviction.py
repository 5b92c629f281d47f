"""Eviction: which nodes and edges of a prefix tree stay where not all can."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import EDGES, NODES, GrowthRules, TreeColumns
from .._kernels.keys import split_keys
from .._kernels.states import nearest_below
from ..tuples import NamedTuple

SPARE = 0.7  # share of its capacity that a tree keeps when it evicts something
_MOST = 1 << 40  # visits that no node reaches
NEAREST = 2
"""Levels below a red node that are evicted only for lack of any other: enough to compare a blue node and its children
with a red one and its."""


class Rows(NamedTuple):
    """Nodes and edges that a tree can hold."""

    nodes: int
    edges: int

    def holds(self, columns: TreeColumns, keep_nodes: NDArray[np.bool_]) -> bool:
        """Tell whether some nodes of a tree and their edges fill 70 % at most."""
        owner, _ = split_keys(columns.keys[: columns.size[EDGES]])
        nodes, edges = np.count_nonzero(keep_nodes), np.count_nonzero(keep_nodes[owner])
        return bool(nodes <= SPARE * self.nodes and edges <= SPARE * self.edges)


class Choice(NamedTuple):
    """What stays of a tree, and how it grows from then on."""

    nodes: NDArray[np.bool_]
    edges: NDArray[np.bool_]
    rules: GrowthRules


def choose(columns: TreeColumns, rules: GrowthRules, rows: Rows) -> Choice:
    """Choose what stays so that tree and edges fill 70 % of their capacity, and hold growth back.

    First go the nodes far below the red nodes of the last refinement: what happens there repeats what is counted near
    red ones, while a rare way out of a state is seen nowhere else.  Of the first level that does not fit as a whole
    the heaviest stay, and there an edge must from now on gather more events before it grows.
    """
    levels = nearest_below(columns)
    reach = min(rules.reach, int(levels.max()))
    while reach > 0 and not rows.holds(columns, levels < reach):
        reach -= 1
    if reach < NEAREST:  # not even what is near fits
        reach = min(NEAREST, rules.reach)
        rules = rules._replace(far=0, grow_at=min(_MOST, 2 * rules.grow_at))
    else:
        rules = rules._replace(far=min(rules.far, reach))
    rules = rules._replace(grow_at=max(2, rules.grow_at))  # with 1 a trace would need capacity for all its nodes
    keep_nodes, least = _heaviest(columns, levels <= reach, levels < rules.far, rows)
    rules = rules._replace(reach=reach, hold=min(_MOST, max(2 * rules.hold, least)))
    return Choice(keep_nodes, _edges_that_fit(columns, keep_nodes, rows), rules)


def _heaviest(
    columns: TreeColumns, some: NDArray[np.bool_], always: NDArray[np.bool_], rows: Rows
) -> tuple[NDArray[np.bool_], int]:
    """Return which of some nodes fill 70 % of the capacity, and the least visits they have.

    The root, and those that stay ``always``, stay; of the others the heaviest.  A parent is never lighter.
    """
    visits, (owner, _) = columns.visits[: columns.size[NODES]], split_keys(columns.keys[: columns.size[EDGES]])
    always[0] = True
    rest = some & ~always
    least = max(
        _lightest(visits[rest], np.count_nonzero(some) - SPARE * rows.nodes),
        _lightest(visits[owner[rest[owner]]], np.count_nonzero(some[owner]) - SPARE * rows.edges),
    )
    return always | (rest & (visits >= least)), least


def _edges_that_fit(columns: TreeColumns, keep_nodes: NDArray[np.bool_], rows: Rows) -> NDArray[np.bool_]:
    """Return which edges of some nodes fill 70 % of the capacity.

    Edges of nodes that stay are dropped only if even that is not enough, as with an alphabet that does not fit:
    the lightest that have not grown.  Their events stay among the node's visits.
    """
    edges = int(columns.size[EDGES])
    child, counts = columns.child[:edges], columns.counts[:edges]
    keep_edges = keep_nodes[split_keys(columns.keys[:edges])[0]]
    bare = keep_edges & ((child < 0) | ~keep_nodes[child])
    few = _lightest(counts[bare], np.count_nonzero(keep_edges) - SPARE * rows.edges)
    return keep_edges & (~bare | (counts >= few))


def _lightest(weights: NDArray[np.int64], excess: float) -> int:
    """Return the smallest weight such that at least ``excess`` of the rows lie below it, 0 if there is no excess."""
    if excess <= 0 or not len(weights):
        return 0
    rank = min(len(weights), math.ceil(excess)) - 1
    return int(np.partition(weights, rank)[rank]) + 1
