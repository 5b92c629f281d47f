"""The fold: a tree's columns, copied, on which nodes are merged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._kernels.folding import WHITE, FoldColumns
from ._kernels.growth import EDGES, NODES
from ._kernels.recall import RecallColumns, recall_futures
from ._kernels.table import rebuild
from .tree import PrefixTree

_NODE_COLUMNS = ("entry", "owner", "code", "length", "visits", "ends")
_EDGE_COLUMNS = ("keys", "counts", "child")
MOST_RECALLED = 1024
"""Symbols that sketches are asked for, the most frequent ones: the cost is theirs times the nodes recalled."""


def open_fold(tree: PrefixTree, remembered: RecallColumns | None = None) -> FoldColumns:
    """Return the unmerged fold of a tree; the tree itself is never touched again.

    Room that only a search uses is left uninitialised, so that it costs memory only once it is touched.

    Parameters
    ----------
    tree : PrefixTree
    remembered : RecallColumns, optional
        What its sketches remember, see :func:`recall`; the fold then holds that instead of the sketches.
    """
    columns = tree.columns
    nodes, edges = int(columns.size[NODES]), int(columns.size[EDGES])
    child = columns.child[:edges].copy()
    grown = np.flatnonzero(child >= 0)
    entry = np.full(nodes, -1, np.int32)
    entry[child[grown]] = grown
    fold = FoldColumns(
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
        sketch=columns.sketch[:nodes].copy() if remembered is None else np.empty((nodes, 0, 1, 1), np.int32),
        additive=int(tree.sketch.additive),
        pairs=np.empty((nodes + 1, 2), np.int32),
        marks=np.empty(nodes + 1, np.int32),
        moves=np.empty((nodes + edges + 1, 3), np.int32),
        trail=np.zeros(2, np.int64),
    )
    return fold if remembered is None else _extended(fold, remembered)


def recall(tree: PrefixTree, codes: NDArray[np.uint64], most: int = MOST_RECALLED) -> RecallColumns:
    """Return the nodes and edges that the sketches of a tree remember below its leaves.

    Parameters
    ----------
    tree : PrefixTree
        With count-min sketches of futures longer than 1.
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol, as the tree was counted with.
    most : int
        Symbols that are looked for, the most frequent ones.
    """
    likely = likely_symbols(tree, len(codes), most)
    nodes = edges = 1 << 12
    while True:
        found = RecallColumns(
            entry=np.empty(nodes, np.int32),
            owner=np.empty(nodes, np.int32),
            code=np.empty(nodes, np.uint64),
            length=np.empty(nodes, np.int32),
            visits=np.empty(nodes, np.int64),
            ends=np.empty(nodes, np.int64),
            keys=np.empty(edges, np.int64),
            counts=np.empty(edges, np.int64),
            child=np.empty(edges, np.int32),
            estimates=np.empty(len(likely) + 1),
            size=np.zeros(2, np.int64),
        )
        if recall_futures(found, tree.columns, codes, likely):
            rows, lines = int(found.size[NODES]), int(found.size[EDGES])
            lengths = dict.fromkeys(_NODE_COLUMNS, rows) | dict.fromkeys(_EDGE_COLUMNS, lines)
            return found._replace(**{name: getattr(found, name)[:length] for name, length in lengths.items()})
        nodes, edges = 4 * nodes, 4 * edges


def likely_symbols(tree: PrefixTree, alphabet: int, most: int) -> NDArray[np.int64]:
    """Return the symbols counted most often, at most ``most`` of them, in the order of their ids.

    >>> from flexstream.batch import TraceBatch
    >>> tree = PrefixTree()
    >>> _ = tree.count(TraceBatch(np.array([2, 0, 2, 1, 1]), np.array([0, 2, 5])))
    >>> likely_symbols(tree, alphabet=3, most=2)
    array([1, 2])
    """
    totals = tree.totals(alphabet)[1]
    return np.sort(np.argsort(-totals, kind="stable")[:most])


def _extended(fold: FoldColumns, more: RecallColumns) -> FoldColumns:
    """Return a fold with the nodes and edges that sketches remember behind those of the tree."""
    nodes, edges = len(fold.visits), len(fold.keys)
    rows, lines = len(more.visits), len(more.keys)
    owner = (more.keys >> 32) - nodes
    newest = np.arange(lines) + edges
    # The edges of a node stand together: each points to the one before it.
    first_of = np.diff(owner, prepend=-1) != 0
    first = np.full(rows, -1, np.int32)
    first[owner] = newest  # of equal indices NumPy keeps the last, the newest
    fold.child[more.entry[more.entry < edges]] = nodes + np.flatnonzero(more.entry < edges)
    slots = np.empty(1 << max(4, (2 * (edges + lines)).bit_length()), np.int32)
    fold = fold._replace(
        visits=np.concatenate([fold.visits, more.visits]),
        ends=np.concatenate([fold.ends, more.ends]),
        first=np.concatenate([fold.first, first]),
        colour=np.full(nodes + rows, WHITE, np.int8),
        entry=np.concatenate([fold.entry, more.entry]),
        keys=np.concatenate([fold.keys, more.keys]),
        counts=np.concatenate([fold.counts, more.counts]),
        child=np.concatenate([fold.child, more.child]),
        next=np.concatenate([fold.next, np.where(first_of, -1, newest - 1).astype(np.int32)]),
        slots=slots,
        sketch=np.empty((nodes + rows, 0, 1, 1), np.int32),
        pairs=np.empty((nodes + rows + 1, 2), np.int32),
        marks=np.empty(nodes + rows + 1, np.int32),
        moves=np.empty((nodes + rows + edges + lines + 1, 3), np.int32),
    )
    rebuild(slots, fold.keys, len(fold.keys))
    return fold
