"""The columns of a prefix tree: how many bytes they take, and how they get more rows or fewer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import EDGES, FREED, NODES, SIZES, STORED, TAILS, TreeColumns, relink
from .._kernels.hints import EDGE, NODE, TAIL
from .._kernels.keys import make_keys, split_keys
from .._kernels.rows import copy_rows, layout, names_of, side_by_side
from .._kernels.visits import add_tail_symbols
from ..arguments import fitting
from ..budget import format_memory
from ..errors import UsageError, parameter
from .sketch import AnyShape

SMALL = 1 << 13  # rows below which copying the columns costs more than capacity for many
NODE_COLUMNS = (*names_of(TreeColumns, NODE), "sketch")
EDGE_COLUMNS, TAIL_COLUMNS = names_of(TreeColumns, EDGE), names_of(TreeColumns, TAIL)
NODE_BYTES, EDGE_BYTES, TAIL_BYTES = (layout(TreeColumns, kind).itemsize for kind in (NODE, EDGE, TAIL))


def check_sizes(sketch: AnyShape, grow_at: int, reach: int | None, capacity: int | None, nodes: int | None) -> None:
    """Raise UsageError where a tree of these sizes makes no sense; see `PrefixTree`."""
    fitting("grow_at", grow_at, int)
    for name, value in (("reach", reach), ("capacity", capacity), ("nodes", nodes)):
        fitting(name, value, int | None)
    least = (("grow_at", grow_at, 1), ("reach", reach, 1), ("capacity", capacity, 0), ("nodes", nodes, 2))
    for name, value, fewest in least:
        if value is not None and value < fewest:
            raise UsageError(f"{parameter(name)} is {value} (expected: at least {fewest})")
    if capacity is not None and 64 * sketch.bytes_per_node > capacity:
        raise UsageError(
            f"sketches of {format_memory(sketch.bytes_per_node)} a node do not fit into {format_memory(capacity)} "
            f"for the tree (expected: smaller sketches, or more memory)"
        )


def more_rows(rows: int, needed: int) -> int:
    """Return how many rows a tree gets that needs more than it has: twice as many, at first eight times."""
    return max(8 * rows if rows < SMALL else 2 * rows, needed)


def slots_for(edges: int) -> int:
    return 1 << max(4, (2 * edges - 1).bit_length())


def tree_bytes(nodes: int, edges: int, sketch: AnyShape) -> int:
    """Return the bytes of columns for so many rows, tails left out."""
    return nodes * (NODE_BYTES + sketch.bytes_per_node) + edges * EDGE_BYTES + 4 * slots_for(edges) + 8 * SIZES


def allocate(nodes: int, edges: int, tails: int, store: int, sketch: AnyShape) -> TreeColumns:
    size = np.zeros(SIZES, np.int64)
    size[FREED] = -1
    of_nodes = side_by_side(TreeColumns, NODE, nodes)  # one more where a single one is asked for
    columns = TreeColumns(
        **of_nodes,
        **side_by_side(TreeColumns, EDGE, edges),
        **side_by_side(TreeColumns, TAIL, tails),
        slots=np.full(slots_for(edges), -1, np.int32),
        sketch=np.zeros((len(of_nodes["parent"]), *sketch.dimensions), np.int32),
        store=np.zeros(store, np.int32),
        size=size,
    )
    for column in (columns.parent, columns.symbol, columns.first):
        column[:1] = -1  # the root; later rows are set as they come into use
    return columns


def fresh(most_nodes: int, sketch: AnyShape) -> TreeColumns:
    """Return the columns of a tree that has counted nothing: its root."""
    columns = allocate(min(64, most_nodes), 64, 0, 0, sketch)
    columns.size[NODES] = 1
    return columns


def resize(columns: TreeColumns, nodes: int, edges: int, sketch: AnyShape) -> TreeColumns:
    """Return columns for so many nodes and edges, the rows in use copied."""
    fresh = allocate(nodes, edges, 0, 0, sketch)
    copy_rows(NODE, fresh, columns, int(columns.size[NODES]))
    copy_rows(EDGE, fresh, columns, int(columns.size[EDGES]))
    fresh.sketch[: columns.size[NODES]] = columns.sketch[: columns.size[NODES]]
    kept = {name: getattr(columns, name) for name in (*TAIL_COLUMNS, "store", "size")}
    fresh = fresh._replace(**kept)
    relink(fresh)
    return fresh


def enlarge(columns: TreeColumns, nodes: int, edges: int, sketch: AnyShape) -> TreeColumns:
    """Return columns for so many nodes and edges; those given, where they have room for as many."""
    same = (nodes, edges) == (len(columns.parent), len(columns.keys))
    return columns if same else resize(columns, nodes, edges, sketch)


def resize_tails(columns: TreeColumns, tails: int, store: int) -> TreeColumns:
    """Return columns for so many tails and symbols, the rows in use copied."""
    fresh = columns._replace(**side_by_side(TreeColumns, TAIL, tails), store=np.zeros(store, np.int32))
    copy_rows(TAIL, fresh, columns, int(columns.size[TAILS]))
    fresh.store[: columns.size[STORED]] = columns.store[: columns.size[STORED]]
    return fresh


def compact(columns: TreeColumns, keep_nodes: NDArray[np.bool_], keep_edges: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Move the kept rows to the front in their order; return the new number of each old node, -1 if gone."""
    nodes, edges = np.flatnonzero(keep_nodes), np.flatnonzero(keep_edges)
    renumbering = np.full(len(keep_nodes), -1, np.int64)
    renumbering[nodes] = np.arange(len(nodes))
    for names, rows in ((NODE_COLUMNS, nodes), (EDGE_COLUMNS, edges)):
        for name in names:
            column = getattr(columns, name)
            column[: len(rows)] = column[rows]
    columns.parent[1 : len(nodes)] = renumbering[columns.parent[1 : len(nodes)]]
    keys, child = columns.keys[: len(edges)], columns.child[: len(edges)]
    owner, symbol = split_keys(keys)
    keys[:] = make_keys(renumbering[owner], symbol)
    child[:] = np.where(child >= 0, renumbering[child], -1)
    columns.size[[NODES, EDGES]] = len(nodes), len(edges)
    relink(columns)
    return renumbering


def edge_totals(columns: TreeColumns, alphabet: int) -> NDArray[np.int64]:
    """Return how often each symbol was counted by an edge, shape (alphabet,)."""
    edges = int(columns.size[EDGES])
    totals = np.zeros(alphabet, np.int64)
    np.add.at(totals, split_keys(columns.keys[:edges])[1], columns.counts[:edges])
    return totals


def held_totals(columns: TreeColumns, alphabet: int) -> NDArray[np.int64]:
    """Return how many events of each symbol edges and tails hold, shape (alphabet,)."""
    totals = edge_totals(columns, alphabet)
    add_tail_symbols(columns, totals)
    return totals


def edge_counts(columns: TreeColumns, edges: list[int]) -> dict[int, int]:
    """Return symbol and count of some edges of one node."""
    _, symbols = split_keys(columns.keys[edges])
    return dict(zip(symbols.tolist(), columns.counts[edges].tolist(), strict=True))


def path_to(columns: TreeColumns, node: int) -> list[int]:
    """Return the symbols that lead from the root to a node."""
    symbols = []
    while node > 0:
        symbols.append(int(columns.symbol[node]))
        node = int(columns.parent[node])
    return symbols[::-1]
