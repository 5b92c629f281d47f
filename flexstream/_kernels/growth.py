"""Counting traces into the columns of a prefix tree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .jit import columns_type, inline, kernel, kernel_of
from .table import FREE, chain, find_slot, key_node, key_symbol, make_key, mix

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


class GrowthRules(NamedTuple):
    """When a node gets a child."""

    grow_at: int  # visits the parent must have
    hold: int  # events its edge must have, above 1 only once memory is short
    reach: int  # levels below a red node at which growth stops


TREE = columns_type(TreeColumns, sketch=4)
GROWTH = columns_type(GrowthRules)
CODES = types.Array(types.uint64, 1, "C")
SYMBOLS = types.Array(types.int32, 1, "C")
OFFSETS = types.Array(types.int64, 1, "C")


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
def sketch_futures(sketch, codes, symbols, position, stop):
    """Count the futures of length 1..F at a position; one cut short by the end counts as itself then END."""
    lengths, depth, width = sketch.shape
    future = np.uint64(0)
    for length in range(lengths):
        if position + length < stop:
            future = chain(future, codes[symbols[position + length]])
        elif position + length == stop:
            future = chain(future, END)
        for row in range(depth):
            sketch[length, row, cell(future, row, width)] += 1


@inline
def cell(future, row, width):
    """Return the cell of a future in a row: an independent hash for each row, scaled to the width."""
    scrambled = mix(future + np.uint64(row) * np.uint64(0xD6E8FEB86659FD93))
    return np.int64(((scrambled >> np.uint64(32)) * np.uint64(width)) >> np.uint64(32))


@kernel
def future_cells(codes, ended, depth, width):
    """Return the cell of one future in each row of the sketch of its length."""
    future = np.uint64(0)
    for code in codes:
        future = chain(future, code)
    if ended:
        future = chain(future, END)
    cells = np.empty(depth, np.int64)
    for row in range(depth):
        cells[row] = cell(future, row, width)
    return cells


@inline
def count_trace(tree, codes, symbols, start, stop, rules):
    """Walk one trace down from the root, counting; stop where the tree has not grown."""
    node = np.int64(0)
    for position in range(start, stop):
        tree.visits[node] += 1
        sketch_futures(tree.sketch[node], codes, symbols, position, stop)
        edge = find_or_add_edge(tree, node, symbols[position])
        tree.counts[edge] += 1
        child = np.int64(tree.child[edge])
        if child < 0:
            if tree.visits[node] < rules.grow_at or tree.counts[edge] < rules.hold or tree.below[node] >= rules.reach:
                return
            child = add_node(tree, node, symbols[position])
            tree.child[edge] = child
        node = child
    tree.visits[node] += 1
    tree.ends[node] += 1
    sketch_futures(tree.sketch[node], codes, symbols, stop, stop)


@inline
def room_needed(offsets, trace, grow_at):
    """Return how many rows a trace can add."""
    return np.int64(2) if grow_at > 1 else offsets[trace + 1] - offsets[trace] + 1


@kernel_of(types.int64(TREE, CODES, SYMBOLS, OFFSETS, types.int64, types.int64, GROWTH))
def count_traces(tree, codes, symbols, offsets, start, stop, rules):
    """Count traces ``start`` to ``stop``; return the first that was not counted for lack of room.

    With ``grow_at`` above 1 a trace makes at most one node and two edges, because a node just made has one visit.
    """
    node_room = len(tree.parent)
    edge_room = len(tree.keys)
    for trace in range(start, stop):
        need = room_needed(offsets, trace, rules.grow_at)
        if tree.size[NODES] + need > node_room or tree.size[EDGES] + need > edge_room:
            return trace
        count_trace(tree, codes, symbols, offsets[trace], offsets[trace + 1], rules)
    return stop


@kernel
def relink(tree):
    """Rebuild the nodes' edge lists and the table after the edges were renumbered."""
    tree.first[: tree.size[NODES]] = -1
    tree.slots[:] = FREE
    for edge in range(tree.size[EDGES]):
        node = key_node(tree.keys[edge])
        tree.next[edge] = tree.first[node]
        tree.first[node] = edge
        tree.slots[find_slot(tree.slots, tree.keys, tree.keys[edge])] = edge


@kernel
def add_tree(tree, other, symbol_map):
    """Add the counts of another tree; returns for each of its nodes the node here.

    There must be room.  Parents stand before their children, so one pass in the order of rows meets every node
    after its place here is known.
    """
    place = np.zeros(other.size[NODES], np.int64)
    for node in range(other.size[NODES]):
        here = place[node]
        tree.visits[here] += other.visits[node]
        tree.ends[here] += other.ends[node]
        tree.sketch[here] += other.sketch[node]
        edge = np.int64(other.first[node])
        while edge >= 0:
            symbol = symbol_map[key_symbol(other.keys[edge])]
            twin = find_or_add_edge(tree, here, symbol)
            tree.counts[twin] += other.counts[edge]
            if other.child[edge] >= 0:
                if tree.child[twin] < 0:
                    tree.child[twin] = add_node(tree, here, symbol)
                place[other.child[edge]] = tree.child[twin]
            edge = np.int64(other.next[edge])
    return place
