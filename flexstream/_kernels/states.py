"""How far the nodes of a tree lie below the states of an automaton."""

from __future__ import annotations

from .growth import NODES
from .jit import kernel


@kernel
def place_nodes(tree, reds):
    """Set each node's distance from its nearest red ancestor or itself; parents stand before their children."""
    for node in range(1, tree.size[NODES]):
        tree.below[node] = -1
    tree.below[0] = 0
    for red in reds:
        tree.below[red] = 0
    for node in range(1, tree.size[NODES]):
        if tree.below[node] < 0:
            tree.below[node] = tree.below[tree.parent[node]] + 1


@kernel
def nearest_below(tree):
    """Return for each node how far it or the nearest node that hangs on it lies below a red one."""
    levels = tree.below[: tree.size[NODES]].copy()
    for node in range(len(levels) - 1, 0, -1):
        levels[tree.parent[node]] = min(levels[tree.parent[node]], levels[node])
    return levels
