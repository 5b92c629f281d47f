"""First visits: the outcomes of a state when a string comes to it for the first time.

How many there are, no outcome of the state has a part in, so they are a fixed number of independent draws; of all its
visits that cannot be said, as an outcome may lead back (docs/pac.md, theorem 5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.growth import EDGES, NODES
from ..._kernels.keys import split_keys
from ...summary.tree import UNLIMITED, PrefixTree

MOST_BYTES = 1 << 28
"""For the table of states met on the way to each node; a larger one is not made."""


class FirstVisits(NamedTuple):
    """Counts of outcomes at first visits."""

    stops: NDArray[np.int64]  # state: strings that ended
    keys: NDArray[np.int64]  # transition: state times alphabet and symbol, rising
    steps: NDArray[np.int64]  # transition: events


def first_visits(tree: PrefixTree, state_of: NDArray[np.int32], states: int, alphabet: int) -> FirstVisits | None:
    """Count the outcomes at the first visits of each state, at nodes that grew for their visits' sake alone.

    Parameters
    ----------
    tree : PrefixTree
    state_of : int32 array, shape (nodes,)
        State of each node.
    states, alphabet : int
        How many there are.

    Returns
    -------
    FirstVisits or None
        None if the tree grew near its states only, so that what it holds depends on them; or for lack of memory.
    """
    columns, rules = tree.columns, tree.rules
    nodes, edges = int(columns.size[NODES]), int(columns.size[EDGES])
    if rules.reach < UNLIMITED or nodes * (states // 64 + 1) * 8 > MOST_BYTES:
        return None
    state = state_of[:nodes].astype(np.int64)
    chosen = ~again(columns.parent[:nodes], state, states) & (columns.visits[:nodes] >= rules.grow_at)
    owner, symbol = split_keys(columns.keys[:edges])
    rows = np.flatnonzero(chosen[owner])
    keys, where = np.unique(state[owner[rows]] * max(1, alphabet) + symbol[rows], return_inverse=True)
    return FirstVisits(
        stops=np.bincount(state[chosen], columns.ends[:nodes][chosen], states).astype(np.int64),
        keys=keys,
        steps=np.bincount(where, columns.counts[:edges][rows], len(keys)).astype(np.int64),
    )


def again(parent: NDArray[np.int32], state: NDArray[np.int64], states: int) -> NDArray[np.bool_]:
    """Tell for each node of a tree whether a node on the way to it has the same state.

    >>> again(np.array([-1, 0, 1]), np.array([0, 1, 0]), states=2).tolist()
    [False, False, True]
    """
    word, bit = state // 64, np.uint64(1) << (state % 64).astype(np.uint64)
    met = np.zeros((len(parent), states // 64 + 1), np.uint64)
    for level in _levels(parent)[1:]:
        above = parent[level]
        met[level] = met[above]
        met[level, word[above]] |= bit[above]
    return (met[np.arange(len(parent)), word] & bit) > 0


def _levels(parent: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    """Return the nodes at each depth."""
    depth = depths(parent)
    order = np.argsort(depth, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1)


def depths(parent: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the depth of each node, by doubling the steps towards the root.

    >>> depths(np.array([-1, 0, 1, 0])).tolist()
    [0, 1, 2, 1]
    """
    depth, above = (parent >= 0).astype(np.int64), parent.astype(np.int64)
    while (above >= 0).any():
        below = above >= 0
        depth[below] += depth[above[below]]
        above = np.where(below, above[above], -1)
    return depth
