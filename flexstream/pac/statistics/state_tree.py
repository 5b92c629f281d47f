"""A prefix tree whose nodes have states: what the checks of a report count, as arrays that stand close together."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..._kernels.growth import EDGES, NODES
from ..._kernels.keys import split_keys
from ..._kernels.visits import add_outcomes, measure_depths
from ...classes import dataclass
from ...summary.tree import PrefixTree

_SPARSE = 8
"""A table is made while it has at most so many cells for each key; beyond that keys are sorted."""


@dataclass(frozen=True, eq=False)
class StateTree:
    """The nodes and edges of a tree, each node with its state.

    Attributes
    ----------
    states, alphabet : int
        How many there are.
    state : int64 array, shape (nodes,)
        State of each node.
    parent, symbol : int64 arrays, shape (nodes,)
        Of each node, -1 at the root, which is node 0.
    ends : int64 array, shape (nodes,)
        Traces that ended at each node.
    grown : bool array, shape (nodes,)
        Whether a node has the visits that it takes to grow; what others hold may be due to the states near them.
    owner, following, counts : int64 arrays, shape (edges,)
        Node and symbol of each edge, and its events.
    """

    states: int
    alphabet: int
    state: NDArray[np.int64]
    parent: NDArray[np.int64]
    symbol: NDArray[np.int64]
    ends: NDArray[np.int64]
    grown: NDArray[np.bool_]
    owner: NDArray[np.int64]
    following: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, tree: PrefixTree, state_of: NDArray[np.int32], states: int, alphabet: int) -> StateTree:
        """Return a tree with these states.

        Parameters
        ----------
        tree : PrefixTree
        state_of : int32 array, shape (nodes,)
            State of each node.
        states, alphabet : int
            How many there are.
        """
        columns = tree.columns
        nodes, edges = int(columns.size[NODES]), int(columns.size[EDGES])
        owner, following = split_keys(np.ascontiguousarray(columns.keys[:edges]))
        return cls(
            states=states,
            alphabet=alphabet,
            state=state_of[:nodes].astype(np.int64),
            parent=columns.parent[:nodes].astype(np.int64),
            symbol=columns.symbol[:nodes].astype(np.int64),
            ends=np.ascontiguousarray(columns.ends[:nodes]),
            grown=columns.visits[:nodes] >= tree.rules.grow_at,
            owner=owner,
            following=following,
            counts=np.ascontiguousarray(columns.counts[:edges]),
        )

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Depth of each node, the root's is 0."""
        return depths(self.parent)

    @cached_property
    def trunk(self) -> StateTree:
        """The root and the nodes that have grown; a node has no more visits than its parent, so they are one tree."""
        kept = self.grown.copy()
        kept[:1] = True
        nodes, edges = np.flatnonzero(kept), np.flatnonzero(kept[self.owner])
        place = np.cumsum(kept) - 1
        return StateTree(
            states=self.states,
            alphabet=self.alphabet,
            state=self.state[nodes],
            parent=np.where(self.parent[nodes] < 0, -1, place[self.parent[nodes]]),
            symbol=self.symbol[nodes],
            ends=self.ends[nodes],
            grown=self.grown[nodes],
            owner=place[self.owner[edges]],
            following=self.following[edges],
            counts=self.counts[edges],
        )


def depths(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the depth of each node below node 0; parents stand before their children.

    >>> depths(np.array([-1, 0, 1, 0])).tolist()
    [0, 1, 2, 1]
    """
    depth = np.empty(len(parent), np.int64)
    measure_depths(parent, depth)
    return depth


def numbered(keys: NDArray[np.int64], bound: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, rising, and for each key which of them it is; keys are from 0 to below ``bound``.

    >>> [part.tolist() for part in numbered(np.array([5, 2, 5]), 6)]
    [[2, 5], [1, 0, 1]]
    """
    if bound > _SPARSE * len(keys):
        found, which = np.unique(keys, return_inverse=True)
        return found, which.astype(np.int64)
    there = np.zeros(bound, np.bool_)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def outcomes_by(
    tree: StateTree, group: NDArray[np.int64], groups: int, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return group times outcomes and outcome of what was seen at the chosen nodes, rising, and how often it was.

    Parameters
    ----------
    tree : StateTree
    group : int64 array, shape (nodes,)
        Of each node.
    groups : int
        How many there are.
    chosen : bool array, shape (nodes,)
        Which nodes count.
    """
    outcomes = tree.alphabet + 1
    if groups * outcomes <= _SPARSE * (len(tree.owner) + len(group)):
        sums = np.zeros((groups, outcomes), np.int64)
        add_outcomes(group, chosen, tree.ends, tree.owner, tree.following, tree.counts, sums)
        cells = np.flatnonzero(sums)
        return cells, sums.ravel()[cells]
    keys = np.concatenate([group[tree.owner] * outcomes + 1 + tree.following, group * outcomes])
    amounts = np.concatenate([tree.counts * chosen[tree.owner], tree.ends * chosen])
    return summed(keys, amounts, groups * outcomes)


def summed(
    keys: NDArray[np.int64], amounts: NDArray[np.int64], bound: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, rising, and the sum of the amounts of each, without those whose sum is 0.

    >>> [part.tolist() for part in summed(np.array([5, 2, 5, 0]), np.array([1, 2, 3, 0]), 6)]
    [[2, 5], [2, 4]]
    """
    found: NDArray[np.int64] = np.arange(bound if bound <= _SPARSE * len(keys) else 0)
    if bound > len(found):
        found, keys = numbered(keys, bound)
    sums = np.bincount(keys, amounts, len(found)).astype(np.int64)
    some = sums > 0
    return found[some], sums[some]
