"""The fold: a tree's columns, copied, on which nodes are merged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.folding import FoldColumns, enter_children
from .._kernels.growth import EDGES, NODES
from .._kernels.hints import EDGE, NODE
from .._kernels.keys import split_keys
from .._kernels.recall import RecallColumns, recall_futures
from .._kernels.rows import side_by_side
from .._kernels.table import rebuild
from ..summary.tree import PrefixTree

_NODE_COLUMNS = ("entry", "owner", "code", "length", "visits", "ends")
_EDGE_COLUMNS = ("keys", "counts", "child")
MOST_RECALLED = 1024
"""Symbols that sketches are asked for, the most frequent ones: the cost is theirs times the nodes recalled."""


def open_fold(tree: PrefixTree, remembered: RecallColumns | None = None) -> FoldColumns:
    """Return the unmerged fold of a tree; the tree itself is never touched again.

    Scratch that only a search uses is left uninitialised, so that it costs memory only once it is touched.

    Parameters
    ----------
    tree : PrefixTree
    remembered : RecallColumns, optional
        What its sketches remember, see :func:`recall`; the fold then holds that instead of the sketches.
    """
    columns = tree.columns
    nodes, edges = len(tree), tree.edges
    if remembered is None:
        fold = _empty(nodes, edges, columns.slots.copy(), tree.sketch.additive)
        fold = fold._replace(sketch=columns.sketch[:nodes].copy())
    else:
        lines = edges + len(remembered.keys)
        slots = np.empty(1 << max(4, (2 * lines).bit_length()), np.int32)
        fold = _empty(nodes + len(remembered.visits), lines, slots, tree.sketch.additive)
    for name in ("visits", "ends", "first"):
        getattr(fold, name)[:nodes] = getattr(columns, name)[:nodes]
    for name in ("keys", "counts", "child", "next"):
        getattr(fold, name)[:edges] = getattr(columns, name)[:edges]
    if remembered is not None:
        _append(fold, nodes, edges, remembered)
    enter_children(fold)
    return fold


def _empty(nodes: int, edges: int, slots: NDArray[np.int32], additive: bool) -> FoldColumns:
    """Return a fold with capacity for so many nodes and edges, without sketches; rows beyond these hang on nothing."""
    fold = FoldColumns(
        **side_by_side(FoldColumns, NODE, nodes),
        **side_by_side(FoldColumns, EDGE, edges),
        slots=slots,
        sketch=np.empty((nodes, 0, 1, 1), np.int32),
        additive=int(additive),
        pairs=np.empty((nodes + 1, 2), np.int32),
        marks=np.empty((nodes + 1, 2), np.int32),
        twins=np.empty(edges + 1, np.int32),
        moves=np.empty((nodes + edges + 1, 3), np.int32),
        trail=np.zeros(3, np.int64),
    )
    fold.first[nodes:] = fold.keys[edges:] = fold.child[edges:] = -1
    return fold


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

    >>> from flexstream.stream.batch import TraceBatch
    >>> tree = PrefixTree()
    >>> _ = tree.count(TraceBatch(np.array([2, 0, 2, 1, 1]), np.array([0, 2, 5])))
    >>> likely_symbols(tree, alphabet=3, most=2)
    array([1, 2])
    """
    totals = tree.totals(alphabet)[1]
    return np.sort(np.argsort(-totals, kind="stable")[:most])


def _append(fold: FoldColumns, nodes: int, edges: int, more: RecallColumns) -> None:
    """Put the nodes and edges that sketches remember behind those of the tree."""
    rows, lines = slice(nodes, nodes + len(more.visits)), slice(edges, edges + len(more.keys))
    (owner, _), newest = split_keys(more.keys), np.arange(lines.start, lines.stop)
    # The edges of a node stand together: each points to the one before it.
    first_of = np.diff(owner, prepend=-1) != 0
    fold.visits[rows], fold.ends[rows], fold.first[rows] = more.visits, more.ends, -1
    fold.first[owner] = newest  # of equal indices NumPy keeps the last, the newest
    fold.keys[lines], fold.counts[lines], fold.child[lines] = more.keys, more.counts, more.child
    fold.next[lines] = np.where(first_of, -1, newest - 1)
    grown = np.flatnonzero(more.entry < edges)
    fold.child[more.entry[grown]] = nodes + grown
    rebuild(fold.slots, fold.keys, lines.stop)
