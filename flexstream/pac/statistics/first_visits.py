"""First visits: the outcomes of a state when a string comes to it for the first time.

How many there are, no outcome of the state has a part in, so they are a fixed number of independent draws; of all its
visits that cannot be said, as an outcome may lead back (docs/pac.md, theorem 5).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .state_tree import StateTree, summed

MOST_BYTES = 1 << 28
"""For the table of states met on the way to each node; a larger one is not made."""
_BITS = 64


class FirstVisits(NamedTuple):
    """Counts of outcomes at first visits."""

    stops: NDArray[np.int64]  # state: strings that ended
    keys: NDArray[np.int64]  # transition: state times alphabet and symbol, rising
    steps: NDArray[np.int64]  # transition: events


def first_visits(tree: StateTree) -> FirstVisits | None:
    """Count the outcomes at the first visits of each state, at nodes that grew for their visits' sake alone.

    The tree must have grown by visits only, not near its states (`flexstream.summary.tree.GrowthRules.reach`).

    Returns
    -------
    FirstVisits or None
        None for lack of memory.
    """
    if len(tree.state) * (tree.states // _BITS + 1) * 8 > MOST_BYTES:
        return None
    chosen = ~again(tree.parent, tree.depth, tree.state, tree.states) & tree.grown
    alphabet = max(1, tree.alphabet)
    rows = np.flatnonzero(chosen[tree.owner])
    keys = tree.state[tree.owner[rows]] * alphabet + tree.following[rows]
    stops = np.bincount(tree.state, tree.ends * chosen, tree.states).astype(np.int64)
    return FirstVisits(stops, *summed(keys, tree.counts[rows], tree.states * alphabet))


def again(
    parent: NDArray[np.int64], depth: NDArray[np.int64], state: NDArray[np.int64], states: int
) -> NDArray[np.bool_]:
    """Tell for each node of a tree whether a node on the way to it has the same state.

    >>> again(np.array([-1, 0, 1]), np.array([0, 1, 2]), np.array([0, 1, 0]), states=2).tolist()
    [False, False, True]
    """
    # Level by level, nodes of one level side by side, a bit for each state met on the way or at the node itself.
    order = np.argsort(depth.astype(np.uint16) if depth.max(initial=0) < 1 << 16 else depth, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    above, own = place[np.maximum(parent, 0)][order], state[order]
    word, bit = own // _BITS, np.uint64(1) << (own % _BITS).astype(np.uint64)
    met = np.zeros((len(order), states // _BITS + 1), np.uint64)
    met[np.arange(len(order)), word] = bit
    for start, stop in pairwise(np.cumsum(np.bincount(depth)).tolist()):
        met[start:stop] |= met.take(above[start:stop], axis=0)
    found = (met[above, word] & bit) > 0
    found[:1] = False  # nothing lies on the way to the root
    return found[place]
