"""Counting traces into the columns of a prefix tree.

Where the walk of a trace leaves the part of the tree that has grown, the rest of the trace is kept as a tail of the
edge by which it left.  When that edge grows a child, its tails move one level down, so that a node's counts are
complete however late it was born, as long as memory allows tails at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .futures import CODING, sketch_futures
from .jit import bare_kernel_of, columns_type, hot, inline, kernel
from .rows import Edge, Node, Tail
from .spacesaving import combine
from .table import FREE, find_slot, key_node, key_symbol, make_key

NODES, EDGES, TAILS, STORED, FREED, WANTED, SYMBOLS_SEEN, LOST_TAILS, LOST_EVENTS = range(9)
SIZES = 9


class TreeColumns(NamedTuple):
    """The columns of a prefix tree; rows past ``size`` are spare room."""

    visits: Node[np.int64]  # node: traces that came by
    ends: Node[np.int64]  # node: traces that ended here
    parent: Node[np.int32]  # node: -1 at the root
    symbol: Node[np.int32]  # node: on the edge from the parent, -1 at the root
    below: Node[np.int32]  # node: levels below the nearest red node of the last refinement
    first: Node[np.int32]  # node: newest edge, -1 if none
    keys: Edge[np.int64]  # edge: node and symbol, see table.py
    counts: Edge[np.int64]  # edge: events
    child: Edge[np.int32]  # edge: -1 if it has not grown
    next: Edge[np.int32]  # edge: the next older edge of the node
    tails: Edge[np.int32]  # edge: newest tail, -1 if none; an edge with a child has none
    slots: NDArray[np.int32]  # table from key to edge
    sketch: NDArray[np.int32]  # node x future length x depth x width; or see spacesaving.py
    tail_next: Tail[np.int32]  # tail: the next older tail of the edge, or the next free row
    tail_start: Tail[np.int64]  # tail: its first symbol in the store, -1 in a free row
    tail_stop: Tail[np.int64]  # tail: one past its last symbol, after which the trace ended
    store: NDArray[np.int32]  # symbols of all tails
    size: NDArray[np.int64]  # as named above: rows in use, first free tail, rows wanted, largest symbol + 1, losses


class GrowthRules(NamedTuple):
    """When a node gets a child."""

    grow_at: int  # visits the parent must have
    hold: int  # events its edge must have where it is far, above 1 only once memory is short
    far: int  # levels below a red node from which on a child is far
    reach: int  # levels below a red node at which growth stops
    longest: int  # longest tail that is kept; -1: none are


TREE = columns_type(TreeColumns, sketch=4)
GROWTH = columns_type(GrowthRules)
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
    tree.tails[edge] = -1
    tree.next[edge] = tree.first[node]
    tree.first[node] = edge
    tree.size[SYMBOLS_SEEN] = max(tree.size[SYMBOLS_SEEN], symbol + 1)
    return edge


@hot
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


@hot
def visit_of(tree, node):
    """Return a number that no two visits of nodes share, from which resamples are drawn."""
    return np.uint64(make_key(node, tree.visits[node]))


@hot
def keep_tail(tree, edge, symbols, start, stop, rules):
    """Keep the rest of a trace at the edge by which it left the tree."""
    if stop - start > rules.longest:
        tree.size[LOST_TAILS] += 1
        tree.size[LOST_EVENTS] += stop - start
        return
    tail = tree.size[FREED]
    if tail >= 0:
        tree.size[FREED] = tree.tail_next[tail]
    else:
        tail = tree.size[TAILS]
        tree.size[TAILS] = tail + 1
    stored = tree.size[STORED]
    for at in range(stop - start):
        tree.store[stored + at] = symbols[start + at]
    tree.size[STORED] = stored + stop - start
    tree.tail_start[tail], tree.tail_stop[tail] = stored, stored + stop - start
    tree.tail_next[tail] = tree.tails[edge]
    tree.tails[edge] = tail


@inline
def place_tail(tree, coding, node, tail):
    """Count a tail from a node on, down to where the tree has not grown."""
    position, stop = tree.tail_start[tail], tree.tail_stop[tail]
    while True:
        tree.visits[node] += 1
        sketch_futures(tree.sketch[node], coding, tree.store, position, stop, visit_of(tree, node))
        if position == stop:
            tree.ends[node] += 1
            tree.tail_start[tail] = -1
            tree.tail_next[tail] = tree.size[FREED]
            tree.size[FREED] = tail
            return
        edge = find_or_add_edge(tree, node, tree.store[position])
        tree.counts[edge] += 1
        position += 1
        if tree.child[edge] < 0:
            tree.tail_start[tail] = position
            tree.tail_next[tail] = tree.tails[edge]
            tree.tails[edge] = tail
            return
        node = np.int64(tree.child[edge])


@inline
def grow_edge(tree, coding, node, symbol, edge):
    """Give an edge a child, to which its tails move."""
    child = add_node(tree, node, symbol)
    tree.child[edge] = child
    tail = np.int64(tree.tails[edge])
    tree.tails[edge] = -1
    while tail >= 0:
        following = np.int64(tree.tail_next[tail])
        place_tail(tree, coding, child, tail)
        tail = following
    return child


@inline
def count_tails(tree, edge):
    """Return how many tails an edge has."""
    number, tail = 0, np.int64(tree.tails[edge])
    while tail >= 0:
        number += 1
        tail = np.int64(tree.tail_next[tail])
    return number


@hot
def may_grow(tree, node, edge, rules):
    """Tell whether an edge gets a child now; where only room is missing, ask for it."""
    below = tree.below[node]
    if tree.visits[node] < rules.grow_at or below >= rules.reach:
        return False
    if below + 1 >= rules.far and tree.counts[edge] < rules.hold:
        return False
    # Each tail that moves down may need an edge of its own, and so may the trace itself.
    edges = min(count_tails(tree, edge), tree.size[SYMBOLS_SEEN]) + 1
    if tree.size[NODES] < len(tree.parent) and tree.size[EDGES] + edges <= len(tree.keys):
        return True
    tree.size[WANTED] = edges
    return False


@kernel
def grow_tails(tree, coding, start, levels):
    """Move tails that hang close below red nodes into the tree; return the first node that had no room, or all nodes.

    Nodes that are made on the way come later in the order of rows, so one pass reaches them too.
    """
    node = start
    while node < tree.size[NODES]:
        edge = np.int64(tree.first[node]) if tree.below[node] < levels else np.int64(-1)
        while edge >= 0:
            if tree.child[edge] < 0 and tree.tails[edge] >= 0:
                edges = min(count_tails(tree, edge), tree.size[SYMBOLS_SEEN])
                if tree.size[NODES] == len(tree.parent) or tree.size[EDGES] + edges > len(tree.keys):
                    tree.size[WANTED] = edges
                    return node
                grow_edge(tree, coding, node, key_symbol(tree.keys[edge]), edge)
            edge = np.int64(tree.next[edge])
        node += 1
    return node


@hot
def count_trace(tree, coding, symbols, start, stop, rules):
    """Walk one trace down from the root, counting; keep as a tail what goes further than the tree."""
    node, sketched = np.int64(0), tree.sketch.size > 0
    for position in range(start, stop):
        tree.visits[node] += 1
        if sketched:
            sketch_futures(tree.sketch[node], coding, symbols, position, stop, visit_of(tree, node))
        edge = find_or_add_edge(tree, node, symbols[position])
        tree.counts[edge] += 1
        if tree.child[edge] < 0:
            if not may_grow(tree, node, edge, rules):
                keep_tail(tree, edge, symbols, position + 1, stop, rules)
                return
            grow_edge(tree, coding, node, symbols[position], edge)
        node = np.int64(tree.child[edge])
    tree.visits[node] += 1
    tree.ends[node] += 1
    if sketched:
        sketch_futures(tree.sketch[node], coding, symbols, stop, stop, visit_of(tree, node))


@hot
def has_room(tree, length, rules):
    """Tell whether a trace of this length can be counted; in any case it can leave by a new edge with a tail."""
    rows = length + 1 if rules.grow_at == 1 else 1
    if tree.size[NODES] + rows > len(tree.parent) or tree.size[EDGES] + rows > len(tree.keys):
        return False
    if length > rules.longest:
        return True
    no_row = tree.size[FREED] < 0 and tree.size[TAILS] == len(tree.tail_start)
    return not no_row and tree.size[STORED] + length <= len(tree.store)


@bare_kernel_of(types.int64(TREE, CODING, SYMBOLS, OFFSETS, types.int64, types.int64, GROWTH))
def count_traces(tree, coding, symbols, offsets, start, stop, rules):
    """Count traces ``start`` to ``stop``; return the first that was not counted because room is wanted."""
    tree.size[WANTED] = 0
    for trace in range(start, stop):
        if not has_room(tree, offsets[trace + 1] - offsets[trace], rules):
            tree.size[WANTED] = 1
            return trace
        count_trace(tree, coding, symbols, offsets[trace], offsets[trace + 1], rules)
        if tree.size[WANTED] > 0:
            return trace + 1
    return stop


@bare_kernel_of(types.void(TREE, OFFSETS))
def compact_tails(tree, order):
    """Move the tails, in the order in which they are stored, to the front of the store."""
    stored = np.int64(0)
    for tail in order:
        length = tree.tail_stop[tail] - tree.tail_start[tail]
        for symbol in range(length):
            tree.store[stored + symbol] = tree.store[tree.tail_start[tail] + symbol]
        tree.tail_start[tail], tree.tail_stop[tail] = stored, stored + length
        stored += length
    tree.size[STORED] = stored


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


@inline
def adopt_tail(tree, other, tail, symbol_map):
    """Copy a tail of another tree; return its row here."""
    row, stored = tree.size[TAILS], tree.size[STORED]
    tree.size[TAILS] = row + 1
    tree.tail_start[row] = stored
    for position in range(other.tail_start[tail], other.tail_stop[tail]):
        tree.store[stored] = symbol_map[other.store[position]]
        stored += 1
    tree.tail_stop[row] = tree.size[STORED] = stored
    return row


@inline
def add_edge_of(tree, coding, other, edge, here, symbol_map):
    """Add an edge of another tree to a node, with its tails; return where its child is here, -1 if it has none."""
    symbol = symbol_map[key_symbol(other.keys[edge])]
    twin = find_or_add_edge(tree, here, symbol)
    if other.child[edge] >= 0 and tree.child[twin] < 0:
        grow_edge(tree, coding, here, symbol, twin)
    tree.counts[twin] += other.counts[edge]
    tail = np.int64(other.tails[edge])
    while tail >= 0:
        row = adopt_tail(tree, other, tail, symbol_map)
        if tree.child[twin] >= 0:
            place_tail(tree, coding, np.int64(tree.child[twin]), row)
        else:
            tree.tail_next[row] = tree.tails[twin]
            tree.tails[twin] = row
        tail = np.int64(other.tail_next[tail])
    return np.int64(tree.child[twin]) if other.child[edge] >= 0 else np.int64(-1)


@kernel
def add_tree(tree, coding, other, symbol_map):
    """Add the counts and tails of another tree.

    There must be room.  Parents stand before their children, so one pass in the order of rows meets every node
    after its place here is known.
    """
    place = np.zeros(other.size[NODES], np.int64)
    room = np.empty((2, 2 * tree.sketch.shape[3]), np.int32)
    for node in range(other.size[NODES]):
        here = place[node]
        tree.visits[here] += other.visits[node]
        tree.ends[here] += other.ends[node]
        if coding.prefixes == 1:
            combine(tree.sketch[here], other.sketch[node], room)
        else:
            tree.sketch[here] += other.sketch[node]
        edge = np.int64(other.first[node])
        while edge >= 0:
            child = add_edge_of(tree, coding, other, edge, here, symbol_map)
            if child >= 0:
                place[other.child[edge]] = child
            edge = np.int64(other.next[edge])
    tree.size[LOST_TAILS] += other.size[LOST_TAILS]
    tree.size[LOST_EVENTS] += other.size[LOST_EVENTS]
