"""Counting traces into the columns of a prefix tree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import inline, kernel
from .table import FREE, chain, find_slot, make_key, mix

END = np.uint64(0xFFFFFFFF)
NODES, EDGES = 0, 1


class TreeColumns(NamedTuple):
    """The columns of a prefix tree; rows past ``size`` are spare room."""

    visits: NDArray[np.int64]  # node: traces that came by
    ends: NDArray[np.int64]  # node: traces that ended here
    parent: NDArray[np.int32]  # node: -1 at the root
    symbol: NDArray[np.int32]  # node: on the edge from the parent, -1 at the root
    below: NDArray[np.int32]  # node: levels below the nearest red node of the last refinement
    first: NDArray[np.int32]  # node: newest edge, -1 if none
    keys: NDArray[np.int64]  # edge: node and symbol, see table.py
    counts: NDArray[np.int64]  # edge: events
    child: NDArray[np.int32]  # edge: -1 if it has not grown
    next: NDArray[np.int32]  # edge: the next older edge of the node
    slots: NDArray[np.int32]  # table from key to edge
    sketch: NDArray[np.int32]  # node x future length x depth x width
    size: NDArray[np.int64]  # nodes, edges


@inline
def add_edge(tree, slot, node, symbol):
    """Enter an edge that the table does not hold at the slot where it belongs."""
    edge = tree.size[EDGES]
    tree.size[EDGES] = edge + 1
    tree.slots[slot] = edge
    tree.keys[edge] = make_key(node, symbol)
    tree.counts[edge] = 0
    tree.child[edge] = -1
    tree.next[edge] = tree.first[node]
    tree.first[node] = edge
    return edge


@inline
def find_or_add_edge(tree, node, symbol):
    """Return the edge of (node, symbol), made if it is new."""
    slot = find_slot(tree.slots, tree.keys, make_key(node, symbol))
    edge = tree.slots[slot]
    if edge == FREE:
        return add_edge(tree, slot, node, symbol)
    return np.int64(edge)


@inline
def add_node(tree, parent, symbol):
    """Make a node with nothing counted; its row may hold what a given-up node left, so clear it."""
    node = tree.size[NODES]
    tree.size[NODES] = node + 1
    tree.visits[node] = 0
    tree.ends[node] = 0
    tree.parent[node] = parent
    tree.symbol[node] = symbol
    tree.below[node] = tree.below[parent] + 1
    tree.first[node] = -1
    tree.sketch[node] = 0
    return node


@inline
def sketch_futures(sketch, symbols, position, stop):
    """Count the futures of length 1..F at a position; one cut short by the end counts as itself then END."""
    lengths, depth, width = sketch.shape
    future = np.uint64(0)
    for length in range(lengths):
        if position + length < stop:
            future = chain(future, symbols[position + length])
        elif position + length == stop:
            future = chain(future, END)
        for row in range(depth):
            sketch[length, row, cell(future, row, width)] += 1


@inline
def cell(future, row, width):
    """Return the cell of a future in a row: an independent hash for each row, scaled to the width."""
    scrambled = mix(future + np.uint64(row) * np.uint64(0xD6E8FEB86659FD93))
    return np.int64(((scrambled >> np.uint64(32)) * np.uint64(width)) >> np.uint64(32))


@inline
def count_trace(tree, symbols, start, stop, grow_at, reach):
    """Walk one trace down from the root, counting; stop where the tree has not grown."""
    node = np.int64(0)
    for position in range(start, stop):
        tree.visits[node] += 1
        sketch_futures(tree.sketch[node], symbols, position, stop)
        edge = find_or_add_edge(tree, node, symbols[position])
        tree.counts[edge] += 1
        child = np.int64(tree.child[edge])
        if child < 0:
            if tree.visits[node] < grow_at or tree.below[node] >= reach:
                return
            child = add_node(tree, node, symbols[position])
            tree.child[edge] = child
        node = child
    tree.visits[node] += 1
    tree.ends[node] += 1
    sketch_futures(tree.sketch[node], symbols, stop, stop)


@kernel
def count_traces(tree, symbols, offsets, start, stop, grow_at, reach):
    """Count traces ``start`` to ``stop``; return the first that was not counted for lack of room.

    With ``grow_at`` above 1 a trace makes at most one node and two edges, because a node just made has one visit.
    """
    node_room = len(tree.parent)
    edge_room = len(tree.keys)
    for trace in range(start, stop):
        need = 2 if grow_at > 1 else offsets[trace + 1] - offsets[trace] + 1
        if tree.size[NODES] + need > node_room or tree.size[EDGES] + need > edge_room:
            return trace
        count_trace(tree, symbols, offsets[trace], offsets[trace + 1], grow_at, reach)
    return stop
