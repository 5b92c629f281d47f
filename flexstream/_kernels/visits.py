"""What a report counts at the nodes of a tree that have states, parents in front of their children."""

import numpy as np

from .growth import TreeColumns
from .hints import Given, Matrix, NDArray
from .library import kernel


@kernel
def measure_depths(parent: Given[np.int64], depth: NDArray[np.int64]) -> None:
    """Fill in the depth of each node, given its parent, -1 at the root; the root's is 0."""


@kernel
def find_again(
    parent: Given[np.int64], state: Given[np.int64], met: Matrix[np.uint64], again: NDArray[np.bool_]
) -> None:
    """Tell for each node whether one on the way to it has the same state.

    Parameters
    ----------
    parent, state : int64 arrays, shape (nodes,)
    met : uint64 matrix, shape (nodes, words)
        Is filled with a bit for each state met on the way or at the node itself.
    again : bool array, shape (nodes,)
        Is filled.
    """


@kernel
def add_outcomes(
    group: Given[np.int64],
    chosen: Given[np.bool_],
    ends: Given[np.int64],
    owner: Given[np.int64],
    following: Given[np.int64],
    counts: Given[np.int64],
    sums: Matrix[np.int64],
) -> None:
    """Add up the outcomes at the chosen nodes by group.

    Parameters
    ----------
    group, chosen, ends : arrays, shape (nodes,)
        Row of ``sums`` of each node, whether it counts, and the traces that ended there.
    owner, following, counts : int64 arrays, shape (edges,)
        Node and symbol of each edge, and its events.
    sums : int64 matrix, shape (groups, 1 + symbols)
        The end is outcome 0.
    """


@kernel
def add_tail_symbols(tree: TreeColumns, totals: NDArray[np.int64]) -> None:
    """Add the events in the tails of a tree to the totals of their symbols; what has no total is left out."""


@kernel
def count_lengths(tree: TreeColumns, depth: Given[np.int64], lengths: NDArray[np.int64]) -> None:
    """Add one to ``lengths`` for each trace that a tree holds, given the depth of its nodes."""
