"""The state of a prefix tree: what is kept of it, and how it is read back without trust.

What follows from the rest is not kept: parents and symbols of nodes, the lists of edges and the table follow from the
edges.  Spare rows are empty, but their number is kept, since it says when a tree asks for more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import (
    EDGES,
    FREED,
    LOST_EVENTS,
    LOST_TAILS,
    NODES,
    SALT,
    STORED,
    SYMBOLS_SEEN,
    TAILS,
    WANTED,
    GrowthRules,
    TreeColumns,
    relink,
)
from .._kernels.keys import split_keys
from ..ordered import distinct
from ..saved import MOST, Saved
from . import columns as layout
from .cut import Cut
from .repeated import NOTHING
from .sketch import AnyShape
from .tree import AMOUNTS, UNLIMITED, PrefixTree

_SPARE_ROWS = 1 << 20  # of a tree without a capacity, for each row in use
_NODES, _EDGES, _TAILS = ("visits", "ends", "below"), ("keys", "counts", "child", "tails"), layout.TAIL_COLUMNS
_SIZES = {"freed": FREED, "wanted": WANTED, "symbols_seen": SYMBOLS_SEEN, "lost_tails": LOST_TAILS}
_SIZES |= {"lost_events": LOST_EVENTS, "salt": SALT}


def state_of(tree: PrefixTree) -> dict[str, Any]:
    """Return the state of a tree, as views of its columns: it is to be written before the tree counts more."""
    columns, size = tree.columns, tree.columns.size
    kept = {"nodes": (_NODES, size[NODES]), "edges": (_EDGES, size[EDGES]), "tails": (_TAILS, size[TAILS])}
    capacity = len(columns.parent), len(columns.keys), len(columns.tail_start), len(columns.store)
    return {
        "amounts": {name: getattr(tree, name) for name in AMOUNTS},
        "rules": list(tree.rules),
        "limit": tree.limit,
        "capacity": list(capacity),
        "sizes": {name: int(size[place]) for name, place in _SIZES.items()},
        "cut": cut_state(tree.cut),
        **{part: {name: getattr(columns, name)[:rows] for name in names} for part, (names, rows) in kept.items()},
        "store": columns.store[: size[STORED]],
        "sketch": columns.sketch[: size[NODES]],
    }


def restore(tree: PrefixTree, saved: Saved, alphabet: int) -> None:
    """Let a tree that has counted nothing be one that was saved; a tree that was made likewise.

    Raises
    ------
    StateError
        If no such tree can have been saved: every link of it is followed before it is used.
    """
    amounts = saved.part("amounts")
    values = {name: amounts.whole(name) for name in AMOUNTS}
    rules, limit = _rules(saved, tree), saved.whole("limit", 0, UNLIMITED)
    saved.check(limit <= tree.limit, "limit is out of range")
    columns = _columns(saved, tree, alphabet)
    cut = cut_from(saved.part("cut"), int(columns.size[NODES]), alphabet)
    tree.__dict__.update(values, rules=rules, limit=limit, columns=columns, cut=cut, repeated=NOTHING)


def cut_state(cut: Cut) -> dict[str, Any]:
    """Return the state of the transitions that states had."""
    return cut._asdict()


def cut_from(saved: Saved, nodes: int, alphabet: int) -> Cut:
    """Return what `cut_state` was given."""
    rows = len(saved.column("nodes", np.int64))
    ends = (saved.ids(name, np.int64, nodes, rows) for name in ("nodes", "targets"))
    node, target = ends
    return Cut(node, saved.ids("symbols", np.int64, alphabet, rows), target)


def _rules(saved: Saved, tree: PrefixTree) -> GrowthRules:
    given = saved.raw("rules", list)
    whole = len(given) == len(tree.rules) and all(type(value) is int for value in given)
    saved.check(whole and given[-1] == tree.rules.longest, "the rules of growth are others")
    least = (tree.rules.grow_at, 1, 0, 0)
    saved.check(all(low <= value <= UNLIMITED for low, value in zip(least, given, strict=False)), "rules out of range")
    return GrowthRules(*given)


# --- columns ---------------------------------------------------------------------------------------------------


def _columns(saved: Saved, tree: PrefixTree, alphabet: int) -> TreeColumns:
    nodes, edges, tails = saved.part("nodes"), saved.part("edges"), saved.part("tails")
    lengths = len(nodes.column("visits", np.int64)), len(edges.column("keys", np.int64))
    rows = *lengths, len(tails.column("tail_start", np.int64)), len(saved.column("store", np.int32))
    _check_nodes(nodes, rows[0])
    _check_edges(edges, nodes, rows, alphabet)
    store = saved.ids("store", np.int32, alphabet, rows[3])
    sizes = _sizes(saved.part("sizes"), edges, store, rows)
    _check_tails(tails, edges, sizes, rows)
    sketch = _sketch(saved, tree.sketch, rows[0])
    columns = layout.allocate(*_capacity(saved, tree, rows), tree.sketch)
    for part, names, length in ((nodes, _NODES, rows[0]), (edges, _EDGES, rows[1]), (tails, _TAILS, rows[2])):
        for name in names:
            getattr(columns, name)[:length] = part.raw(name)
    columns.store[: rows[3]], columns.sketch[: rows[0]], columns.size[:] = store, sketch, sizes
    _link(columns, rows[0], rows[1])
    return columns


def _link(columns: TreeColumns, nodes: int, edges: int) -> None:
    """Fill what follows from the edges."""
    child, (owner, symbol) = columns.child[:edges], split_keys(columns.keys[:edges])
    grown = child >= 0
    columns.parent[child[grown]], columns.symbol[child[grown]] = owner[grown], symbol[grown]
    columns.first[:nodes] = -1
    relink(columns)


def _capacity(saved: Saved, tree: PrefixTree, rows: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return how many rows the columns had, which is not more than a tree of this size may have."""
    given = saved.raw("capacity", list)
    saved.check(len(given) == 4 and all(type(value) is int for value in given), "the capacity is of another type")
    nodes, edges, tails, store = given
    saved.check(all(0 <= used <= most for used, most in zip(rows, given, strict=True)), "the capacity is exceeded")
    half = tree.limit if tree.capacity is not None else _SPARE_ROWS * (1 + sum(rows))
    least = layout.tree_bytes(64, 64, tree.sketch)
    fits = max(nodes, edges, tails, store) <= MOST and layout.tree_bytes(nodes, edges, tree.sketch) <= half + least
    fits = fits and layout.TAIL_BYTES * tails + 4 * store <= half + layout.TAIL_BYTES * 64
    saved.check(fits and nodes <= max(2, tree.most_nodes), "the capacity is out of range")
    return nodes, edges, tails, store


def _check_nodes(nodes: Saved, rows: int) -> None:
    nodes.check(rows >= 1, "there is no root")
    visits, ends = nodes.counts("visits", rows), nodes.counts("ends", rows)
    nodes.check(ends <= visits, "ends are more than visits")
    nodes.ids("below", np.int32, rows, rows)


def _check_edges(edges: Saved, nodes: Saved, rows: tuple[int, ...], alphabet: int) -> None:
    """Check that edges make a tree, parents before their children, and that no more left a node than came."""
    keys, counts = edges.column("keys", np.int64, rows[1]), edges.counts("counts", rows[1])
    child = edges.ids("child", np.int32, rows[0], rows[1], least=-1)
    edges.ids("tails", np.int32, rows[2], rows[1], least=-1)
    owner, symbol = split_keys(keys)
    edges.check_range("keys", owner, 0, rows[0] - 1)
    edges.check_range("keys", symbol, 0, alphabet - 1)
    edges.check(len(distinct(keys)) == rows[1], "two edges of a node have one symbol")
    grown = child >= 0
    edges.check(owner[grown] < child[grown], "a child stands before its parent")
    entries = np.bincount(child[grown], minlength=rows[0])
    edges.check(entries[0] == 0 and bool((entries[1:] == 1).all()), "a node is the child of none, or of two")
    visits, ends = nodes.raw("visits"), nodes.raw("ends")
    left = ends.copy()
    np.add.at(left, owner, counts)
    edges.check((left <= visits) & (left >= 0), "more left a node than came")
    edges.check(visits[child[grown]] <= counts[grown], "more came to a node than left for it")


def _sizes(saved: Saved, edges: Saved, store: NDArray[np.int32], rows: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the sizes of the columns."""
    sizes = np.zeros(1 + max(_SIZES.values()), np.int64)
    sizes[[NODES, EDGES, TAILS, STORED]] = rows
    for name, place in _SIZES.items():
        least, most = (-1, rows[2] - 1) if place == FREED else (0, MOST)
        if place != SALT or name in saved:  # states of streams that were not divided had none
            sizes[place] = saved.whole(name, least, most)
    symbols = split_keys(edges.raw("keys"))[1]
    known = 1 + max(int(symbols.max(initial=-1)), int(store.max(initial=-1)))
    saved.check(known <= sizes[SYMBOLS_SEEN] <= 2**31, "a symbol was not seen")
    return sizes


def _check_tails(tails: Saved, edges: Saved, sizes: NDArray[np.int64], rows: tuple[int, ...]) -> None:
    """Check that each tail hangs on one edge without a child, or is free, and that no two share a symbol."""
    start, stop = tails.column("tail_start", np.int64, rows[2]), tails.column("tail_stop", np.int64, rows[2])
    live = np.flatnonzero(start >= 0)
    order = live[np.lexsort((stop[live], start[live]))]
    bounds = np.column_stack([start[order], stop[order]]).ravel()
    tails.check((np.diff(bounds) >= 0) & (bounds[1:] <= rows[3]), "two tails share a symbol")
    tails.check((start >= 0) | (start == -1), "tail_start is out of range")
    following = tails.ids("tail_next", np.int32, rows[2], rows[2], least=-1)
    heads, child = edges.raw("tails"), edges.raw("child")
    tails.check((heads < 0) | (child < 0), "an edge with a child has tails")
    on = np.flatnonzero(heads >= 0)
    freed = sizes[FREED]
    owners = _owners(tails, following, np.append(heads[on], freed), np.append(on, rows[1]))
    tails.check((owners == rows[1]) == (start < 0), "a tail hangs nowhere, or is free and hangs on an edge")
    hanging = np.bincount(owners[live], minlength=rows[1])[: rows[1]]
    tails.check(hanging <= edges.raw("counts"), "an edge has more tails than events")


def _owners(
    tails: Saved, following: NDArray[np.int32], heads: NDArray[np.int64], edges: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return on which edge each tail hangs, once it is known that each hangs on one, and that none in a circle.

    Each tail points to the one before it, the first of an edge to itself; pointing on, twice as far each time, all
    come to the first of their edge.
    """
    rows = len(following)
    heads, edges = heads[heads >= 0], edges[heads >= 0]
    before, after = np.flatnonzero(following >= 0), following[following >= 0]
    met = np.bincount(np.concatenate([heads, after]), minlength=rows)
    tails.check(met == 1, "a tail is met twice, or never")
    points = np.empty(rows, np.int64)
    points[after], points[heads] = before, heads
    for _ in range(rows.bit_length()):
        points = points[points]
    owner = np.full(rows, -1, np.int64)
    owner[heads] = edges
    tails.check(owner[points] >= 0, "tails hang in a circle")
    return owner[points]


def _sketch(saved: Saved, shape: AnyShape, nodes: int) -> NDArray[np.int32]:
    sketch = saved.column("sketch", np.int32, nodes, *shape.dimensions)
    saved.check(sketch >= 0, "a sketch counts less than nothing")
    if not shape.additive:
        saved.check(sketch[:, :, 0, 0] < shape.dimensions[2], "a sketch has more counters than there are")
    return sketch
