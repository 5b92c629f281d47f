"""Adding up prefix trees, and growing what their sum lets grow."""

import numpy as np

from .futures import Coding
from .growth import NODES, GrowthRules, TreeColumns, check_codes
from .hints import Given, Matrix, NDArray
from .library import kernel


@kernel
def add_rows(
    tree: TreeColumns,
    coding: Coding,
    other: TreeColumns,
    symbol_map: Given[np.int32],
    place: NDArray[np.int64],
    items: Matrix[np.int32],
) -> None:
    """Add the counts and tails of another tree, given room for where each of its nodes is here, and for its items."""


def add_tree(tree: TreeColumns, coding: Coding, other: TreeColumns, symbol_map: NDArray[np.int32]) -> NDArray[np.int64]:
    """Add the counts and tails of another tree; return where each of its nodes is here.

    There must be room.  Parents stand before their children, so one pass in the order of rows meets every node
    after its place here is known.
    """
    place, items = _room(tree, coding, other, symbol_map)
    add_rows(tree, coding, other, symbol_map, place, items)
    return place


@kernel
def add_aligned(
    tree: TreeColumns,
    coding: Coding,
    other: TreeColumns,
    symbol_map: Given[np.int32],
    place: NDArray[np.int64],
    items: Matrix[np.int32],
    nodes: int,
    edges: int,
) -> None:
    """Add as `add_rows` does, where the first nodes and edges of both are the same."""


def add_same(
    tree: TreeColumns,
    coding: Coding,
    other: TreeColumns,
    symbol_map: NDArray[np.int32],
    nodes: int,
    edges: int,
) -> NDArray[np.int64]:
    """Add another tree whose first rows, so many nodes and edges, are those of this one; return as `add_tree` does.

    There must be room.  So it is where both began as copies of one tree: rows are added to rows, and only what grew
    since has to find its place.
    """
    place, items = _room(tree, coding, other, symbol_map)
    add_aligned(tree, coding, other, symbol_map, place, items, nodes, edges)
    return place


def _room(
    tree: TreeColumns, coding: Coding, other: TreeColumns, symbol_map: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return room for where each node of another tree is here, and for the items of two sketches."""
    if tree.sketch.size:
        check_codes(coding, symbol_map)
    place = np.zeros(max(1, int(other.size[NODES])), np.int64)
    return place, np.empty((2, 2 * tree.sketch.shape[3]), np.int32)


@kernel
def close_growth(tree: TreeColumns, coding: Coding, rules: GrowthRules, start: int) -> int:
    """Grow every edge that has tails and whose node has the visits that it takes, from a node on.

    Returns the first node for which there was no room, or all nodes.
    """


@kernel
def find_owners(tree: TreeColumns, owners: NDArray[np.int64]) -> None:
    """Fill for each tail the edge on which it hangs; free rows are left as they are."""
