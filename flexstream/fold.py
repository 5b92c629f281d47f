"""The fold: a tree's columns, copied, on which nodes are merged."""

from __future__ import annotations

import numpy as np

from ._kernels.folding import WHITE, FoldColumns
from ._kernels.growth import EDGES, NODES
from .tree import PrefixTree


def open_fold(tree: PrefixTree) -> FoldColumns:
    """Return the unmerged fold of a tree; the tree itself is never touched again.

    Room that only a search uses is left uninitialised, so that it costs memory only once it is touched.
    """
    columns = tree.columns
    nodes, edges = int(columns.size[NODES]), int(columns.size[EDGES])
    child = columns.child[:edges].copy()
    grown = np.flatnonzero(child >= 0)
    entry = np.full(nodes, -1, np.int32)
    entry[child[grown]] = grown
    return FoldColumns(
        visits=columns.visits[:nodes].copy(),
        ends=columns.ends[:nodes].copy(),
        first=columns.first[:nodes].copy(),
        colour=np.full(nodes, WHITE, np.int8),
        entry=entry,
        keys=columns.keys[:edges].copy(),
        counts=columns.counts[:edges].copy(),
        child=child,
        next=columns.next[:edges].copy(),
        slots=columns.slots.copy(),
        sketch=columns.sketch[:nodes].copy(),
        additive=int(tree.sketch.additive),
        pairs=np.empty((nodes + 1, 2), np.int32),
        marks=np.empty(nodes + 1, np.int32),
        moves=np.empty((nodes + edges + 1, 3), np.int32),
        trail=np.zeros(2, np.int64),
    )
