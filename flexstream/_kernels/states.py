"""How far the nodes of a tree lie below the states of an automaton."""

import numpy as np

from .growth import NODES, TreeColumns
from .hints import Given, NDArray
from .library import kernel


@kernel
def place_nodes(tree: TreeColumns, reds: Given[np.int32]) -> None:
    """Set each node's distance from its nearest red ancestor or itself; parents stand before their children."""


@kernel
def raise_levels(tree: TreeColumns, levels: NDArray[np.int32]) -> None:
    """Fill for each node how far it or the nearest node that hangs on it lies below a red one."""


def nearest_below(tree: TreeColumns) -> NDArray[np.int32]:
    """Return for each node how far it or the nearest node that hangs on it lies below a red one."""
    levels = np.empty(int(tree.size[NODES]), np.int32)
    raise_levels(tree, levels)
    return levels
