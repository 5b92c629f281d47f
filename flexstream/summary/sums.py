"""Sums of prefix trees: added without giving anything up, grown as far as their counts let, in an order of their own.

Whatever a stream is divided into, the sum of the trees of its parts holds the same counts, and so it does whichever are
added first: nodes are matched by their paths, counts and the cells of sketches add up, tails move down to where any of
the trees has grown.  A part sees fewer visits than the whole, so it may not have grown where the whole would have;
`close` makes up for that.  A tree that is closed is a function of the traces alone, as long as no tail was given up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.addition import add_same, add_tree, close_growth, find_owners
from .._kernels.growth import EDGES, FREED, STORED, SYMBOLS_SEEN, TAILS, WANTED, GrowthRules, TreeColumns, relink
from .._kernels.keys import make_keys, split_keys
from . import columns as layout
from .cut import Cut
from .hashes import hashes_of, spread
from .tree import AMOUNTS, UNLIMITED, PrefixTree


def unbound(tree: PrefixTree) -> PrefixTree:
    """Let a tree, which grows by its rules as before, take any number of rows; return it."""
    tree.capacity, tree.limit, tree.most_nodes = None, UNLIMITED, UNLIMITED
    return tree


def add_to(
    tree: PrefixTree,
    other: PrefixTree,
    symbol_map: NDArray[np.int32],
    codes: NDArray[np.uint64],
    same: tuple[int, int] | None = None,
) -> None:
    """Add another tree to one without bounds.

    Parameters
    ----------
    tree, other : PrefixTree
    symbol_map : int32 array, shape (other's alphabet,)
        Ids of its symbols here.
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol; needed where there are sketches.
    same : tuple of int, optional
        How many nodes and edges, the first, are the same in both.
    """
    _make_room(tree, other)
    given = tree.columns, tree._coding(codes), other.columns, symbol_map
    place = add_tree(*given) if same is None else add_same(*given, *same)
    for amount in AMOUNTS:
        setattr(tree, amount, getattr(tree, amount) + getattr(other, amount))
    tree.rules = _both(tree.rules, other.rules)
    if len(other.cut.nodes):
        moved = Cut(place[other.cut.nodes], symbol_map[other.cut.symbols].astype(np.int64), place[other.cut.targets])
        tree.cut = _once(Cut(*(np.append(*pair) for pair in zip(tree.cut, moved, strict=True))))


def _both(one: GrowthRules, other: GrowthRules) -> GrowthRules:
    """Return the rules by which both trees have grown."""
    held = max(one.grow_at, other.grow_at), max(one.hold, other.hold)
    return GrowthRules(*held, min(one.far, other.far), min(one.reach, other.reach), one.longest)


def _once(cut: Cut) -> Cut:
    """Return the transitions in their order, each once."""
    return Cut(*np.unique(np.stack(cut), axis=1))


def _make_room(tree: PrefixTree, other: PrefixTree) -> None:
    """Get rows for all of another tree, twice as many as there are where these do not do."""
    size, more, columns = tree.columns.size, other.columns.size, tree.columns
    tails, store = int(more[TAILS]), int(more[STORED])
    # A tail that moves down needs at most one edge of its own.
    nodes = len(tree) + len(other)
    edges = tree.edges + other.edges + int(size[TAILS]) + tails
    if nodes > len(columns.parent) or edges > len(columns.keys):
        tree.columns = layout.resize(
            columns, _at_least(nodes, len(columns.parent)), _at_least(edges, len(columns.keys)), tree.sketch
        )
    have = len(columns.tail_start), len(columns.store)
    if size[TAILS] + tails > have[0] or size[STORED] + store > have[1]:
        pack_tails(tree)
        tails, store = tails + int(size[TAILS]), store + int(size[STORED])
        tree.columns = layout.resize_tails(tree.columns, _at_least(tails, have[0]), _at_least(store, have[1]))


def shrink(tree: PrefixTree) -> None:
    """Take no more rows than are in use, from which it is reckoned how many would fit."""
    pack_tails(tree)
    size = tree.columns.size
    tree.columns = layout.resize(tree.columns, len(tree), tree.edges, tree.sketch)
    tree.columns = layout.resize_tails(tree.columns, int(size[TAILS]), int(size[STORED]))


def _at_least(needed: int, there: int) -> int:
    return there if needed <= there else max(needed, 2 * there)


def pack_tails(tree: PrefixTree) -> None:
    """Move the tails, and their symbols, to the front of their rows: what has moved into the tree leaves no gaps."""
    owners, live = _owners(tree.columns)
    rows = live[np.argsort(tree.columns.tail_start[live], kind="stable")]
    tails, store = len(tree.columns.tail_start), len(tree.columns.store)
    laid = _laid(tree.columns, rows)
    tree.columns.tails[: tree.edges] = -1
    tree.columns = _hung(layout.resize_tails(tree.columns, tails, store), laid, owners[rows])


def _owners(columns: TreeColumns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return on which edge each tail hangs, and the rows in use."""
    owners = np.full(int(columns.size[TAILS]), -1, np.int64)
    find_owners(columns, owners)
    return owners, np.flatnonzero(owners >= 0)


def _laid(columns: TreeColumns, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the lengths of some tails and their symbols, one behind the other."""
    start = columns.tail_start[rows]
    lengths = columns.tail_stop[rows] - start
    return lengths, columns.store[spread(start, lengths)]


def tails_of(tree: PrefixTree) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Return on which edge each tail hangs, its length, and the symbols of all, one tail behind the other."""
    owners, live = _owners(tree.columns)
    return owners[live], *_laid(tree.columns, live)


def _hung(
    columns: TreeColumns, laid: tuple[NDArray[np.int64], NDArray[np.int32]], edges: NDArray[np.int64]
) -> TreeColumns:
    """Hang tails on edges that have none, into the first rows; those of an edge follow one another as given."""
    lengths, symbols = laid
    tails = len(lengths)
    stop = np.cumsum(lengths)
    columns.tail_start[:tails], columns.tail_stop[:tails] = stop - lengths, stop
    columns.store[: len(symbols)] = symbols
    by = np.argsort(edges, kind="stable")
    own = edges[by]
    goes_on = own[1:] == own[:-1]
    columns.tail_next[:tails] = -1
    columns.tail_next[by[:-1][goes_on]] = by[1:][goes_on]
    columns.tails[own[::-1]] = by[::-1]  # of each edge the first is written last
    columns.size[[TAILS, STORED, FREED]] = tails, len(symbols), -1
    return columns


# --- growth ----------------------------------------------------------------------------------------------------


def bytes_of(tree: PrefixTree, more: int = 0, edges: int = 0) -> int:
    """Return the bytes that nodes and edges take, with so many more of both, and edges beside."""
    return layout.tree_bytes(len(tree) + more, tree.edges + more + edges, tree.sketch)


def has_room(tree: PrefixTree, most: int) -> bool:
    """Tell whether nodes and edges stay within so many bytes, however much of the tails moves into the tree."""
    size = tree.columns.size
    return bytes_of(tree, int(size[STORED]), int(size[TAILS])) <= most


def close(tree: PrefixTree, codes: NDArray[np.uint64], most: int = UNLIMITED) -> bool:
    """Grow every edge whose node has the visits that it takes, so that the tree is as grown as its counts let.

    Parameters
    ----------
    tree : PrefixTree
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol; needed where there are sketches.
    most : int
        Bytes for nodes and edges at which growth stops.

    Returns
    -------
    bool
        Whether all has grown.

    Examples
    --------
    >>> from flexstream import Alphabet, TraceBatch
    >>> from flexstream.summary.tree import PrefixTree
    >>> tree, alphabet = PrefixTree(grow_at=2), Alphabet()
    >>> _ = tree.count(TraceBatch.from_traces([["a"], ["b"]], alphabet))
    >>> before = len(tree)
    >>> close(tree, np.empty(0, np.uint64)), before, len(tree)
    (True, 2, 3)
    """
    node = 0
    while True:
        node = close_growth(tree.columns, tree._coding(codes), tree.rules, node)
        if node == len(tree):
            return True
        columns, wanted = tree.columns, int(tree.columns.size[WANTED])
        nodes = max(2 * len(columns.parent), len(tree) + 1)
        edges = max(2 * len(columns.keys), tree.edges + wanted)
        if layout.tree_bytes(len(tree) + 1, tree.edges + wanted, tree.sketch) > most:
            return False
        tree.columns = layout.resize(columns, nodes, edges, tree.sketch)


# --- order -----------------------------------------------------------------------------------------------------


def rearrange(tree: PrefixTree, rank: NDArray[np.int32]) -> None:
    """Lay the rows of a tree in the one order that hangs on nothing but what it holds: level by level, by symbol.

    Parameters
    ----------
    tree : PrefixTree
    rank : int32 array, shape (alphabet,)
        New id of each symbol; no two the same.
    """
    old = tree.columns
    owners, live = _owners(old)
    nodes, edges = _levels(old, rank)
    number, edge_number = _inverse(nodes), _inverse(edges)
    rows = live[_order_of_tails(old, rank, live, edge_number[owners[live]])]
    lengths, symbols = _laid(old, rows)
    fresh = layout.allocate(len(nodes), len(edges), len(rows), len(symbols), tree.sketch)
    fresh.size[:] = old.size
    fresh.size[WANTED] = 0
    _lay_rows(fresh, old, (nodes, edges), (number, rank))
    held = split_keys(fresh.keys[: len(edges)])[1].max(initial=-1), rank[symbols].max(initial=-1)
    fresh.size[SYMBOLS_SEEN] = 1 + max(held)
    tree.columns = _hung(fresh, (lengths, rank[symbols]), edge_number[owners[rows]])
    relink(tree.columns)
    if len(tree.cut.nodes):
        cut = tree.cut
        tree.cut = _once(Cut(number[cut.nodes], rank[cut.symbols].astype(np.int64), number[cut.targets]))


def _lay_rows(
    fresh: TreeColumns,
    old: TreeColumns,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    numbers: tuple[NDArray[np.int64], NDArray[np.int32]],
) -> None:
    """Copy nodes and edges in another order; numbers are those of nodes and symbols then."""
    (nodes, edges), (number, rank) = rows, numbers
    for name in ("visits", "ends", "below", "sketch"):
        getattr(fresh, name)[: len(nodes)] = getattr(old, name)[nodes]
    fresh.parent[1 : len(nodes)] = number[old.parent[nodes[1:]]]
    fresh.symbol[1 : len(nodes)] = rank[old.symbol[nodes[1:]]]
    owner, symbol = split_keys(old.keys[edges])
    fresh.keys[: len(edges)] = make_keys(number[owner], rank[symbol])
    fresh.counts[: len(edges)] = old.counts[edges]
    child = old.child[edges]
    fresh.child[: len(edges)] = np.where(child >= 0, number[child], -1)
    fresh.tails[: len(edges)] = -1


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order))
    return found


def _levels(columns: TreeColumns, rank: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return nodes and edges level by level, within a level by their parents' order, then by symbol."""
    rows = int(columns.size[EDGES])
    owner, symbol = split_keys(columns.keys[:rows])
    child = columns.child[:rows]
    by = np.lexsort((rank[symbol], owner))
    starts = np.searchsorted(owner[by], np.arange(columns.size[0] + 1))
    level, nodes, edges = np.zeros(1, np.int64), [np.zeros(1, np.int64)], [np.empty(0, np.int64)]
    while len(level):
        found = by[spread(starts[level], starts[level + 1] - starts[level])]
        level = child[found].astype(np.int64)
        level = level[level >= 0]
        nodes.append(level)
        edges.append(found)
    return np.concatenate(nodes), np.concatenate(edges)


def _order_of_tails(
    columns: TreeColumns, rank: NDArray[np.int32], rows: NDArray[np.int64], edges: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the order of some tails: by edge, then by length, then by a hash of their symbols."""
    lengths, symbols = _laid(columns, rows)
    return np.lexsort((hashes_of(rank[symbols], np.cumsum(lengths)), lengths, edges))
