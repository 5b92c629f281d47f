"""Folding one node of a prefix tree into another, recursively, and taking it back exactly.

The fold works on copies of the tree's columns.  Every step it takes can be undone in reverse order: additions by
subtraction (they are integers), moved edges by a log.  An undone fold leaves every array bit for bit as it was,
except room that is not in use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .jit import columns_type, hot, inline, kernel_of
from .rows import Edge, Node, fetch
from .table import FREE, find_slot, home_slot, key_node, key_symbol, make_key

WHITE, BLUE, RED, ABSORBED = 0, 1, 2, 3
PAIRS, MOVES, TWINS = 0, 1, 2


class FoldColumns(NamedTuple):
    """The merged view of a tree: its columns, copied, and what the search adds to them."""

    visits: Node[np.int64]  # node
    ends: Node[np.int64]  # node
    first: Node[np.int32]  # node: newest edge
    colour: Node[np.int8]  # node: WHITE, BLUE, RED, ABSORBED
    entry: Node[np.int32]  # node: the edge that leads to it, -1 at the root
    keys: Edge[np.int64]  # edge
    counts: Edge[np.int64]  # edge
    child: Edge[np.int32]  # edge
    next: Edge[np.int32]  # edge
    slots: NDArray[np.int32]  # table from key to edge
    sketch: NDArray[np.int32]  # node x future length x depth x width
    additive: int  # 1: the sketches of two nodes add up; 0: they are combined once a merge is decided
    # The trail of the fold under way: pairs of nodes in the order in which they meet, and the edges it moved.
    pairs: NDArray[np.int32]  # pair x (target, source)
    marks: NDArray[np.int32]  # pair x (moves made, twins found before it)
    twins: NDArray[np.int32]  # for each edge of each source, in order: the target's edge with its symbol, or FREE
    moves: NDArray[np.int32]  # move x (edge, its slot or -1 - the edge a graft came from, former next edge)
    trail: NDArray[np.int64]  # pairs, moves, twins


FOLD = columns_type(FoldColumns, sketch=4, pairs=2, marks=2, moves=2)


@kernel_of(types.void(FOLD))
def enter_children(fold):
    """Colour all nodes white and note for each which edge leads to it."""
    fold.colour[:] = WHITE
    fold.entry[:] = -1
    for edge in range(len(fold.keys)):
        if fold.child[edge] >= 0:
            fold.entry[fold.child[edge]] = edge


@hot
def start_fold(fold, target, source):
    """Redirect the edge to ``source`` to ``target`` and put the two on the trail, nothing merged yet."""
    fold.child[fold.entry[source]] = target
    fold.pairs[0, 0] = target
    fold.pairs[0, 1] = source
    fold.trail[PAIRS] = 1
    fold.trail[MOVES] = 0
    fold.trail[TWINS] = 0


@hot
def fetch_twin(fold, target, source):
    """Ask the memory for the place of the table at which `find_twins` will begin."""
    edge = np.int64(fold.first[source])
    if edge >= 0:
        fetch(fold.slots, np.int64(home_slot(fold.slots, make_key(target, key_symbol(fold.keys[edge])))))


@hot
def fetch_pairs(fold, pair):
    """Ask the memory for what the next pairs of the trail need: a large tree lies far from the processor."""
    if pair + 2 < fold.trail[PAIRS]:
        fetch_twin(fold, np.int64(fold.pairs[pair + 1, 0]), np.int64(fold.pairs[pair + 1, 1]))
        fetch(fold.keys, max(np.int64(0), np.int64(fold.first[fold.pairs[pair + 2, 1]])))


@hot
def find_twins(fold, pair):
    """Find the edges that the two nodes of a pair have in common, before they are compared or merged.

    A search looks at most pairs several times: to compare, to merge, to take the merge back.  The table is asked once.
    """
    fetch_pairs(fold, pair)
    target, source = np.int64(fold.pairs[pair, 0]), np.int64(fold.pairs[pair, 1])
    found = fold.trail[TWINS]
    fold.marks[pair, 0], fold.marks[pair, 1] = fold.trail[MOVES], found
    edge = np.int64(fold.first[source])
    while edge >= 0:
        key = make_key(target, key_symbol(fold.keys[edge]))
        fold.twins[found] = fold.slots[find_slot(fold.slots, fold.keys, key)]
        found += 1
        edge = np.int64(fold.next[edge])
    fold.trail[TWINS] = found


@hot
def fold_pair(fold, pair):
    """Merge the source of one pair of the trail, twins found, into its target; children that meet join the trail."""
    target, source = np.int64(fold.pairs[pair, 0]), np.int64(fold.pairs[pair, 1])
    fold.visits[target] += fold.visits[source]
    fold.ends[target] += fold.ends[source]
    if fold.additive == 1:
        add_sketch(fold.sketch, target, source, 1)
    at = np.int64(fold.marks[pair, 1])
    edge = np.int64(fold.first[source])
    while edge >= 0:
        following = np.int64(fold.next[edge])
        twin = np.int64(fold.twins[at])
        at += 1
        if twin == FREE:
            move_edge(fold, edge, target)
        else:
            fold.counts[twin] += fold.counts[edge]
            meet_children(fold, twin, edge)
        edge = following


@inline
def add_sketch(sketch, target, source, sign):
    """Add (or, with sign -1, subtract) the sketch rows of one node to those of another."""
    into, rows = sketch[target], sketch[source]
    for length in range(sketch.shape[1]):
        for row in range(sketch.shape[2]):
            for cell in range(sketch.shape[3]):
                into[length, row, cell] += sign * rows[length, row, cell]


@hot
def move_edge(fold, edge, target):
    """Hand an edge over to a node that has none with its symbol.

    The slot of the old key still holds the edge, which is harmless: its old node is not looked up before the undo.
    """
    key = make_key(target, key_symbol(fold.keys[edge]))
    slot = find_slot(fold.slots, fold.keys, key)
    move = fold.trail[MOVES]
    fold.trail[MOVES] = move + 1
    fold.moves[move, 0] = edge
    fold.moves[move, 1] = slot
    fold.moves[move, 2] = fold.next[edge]
    fold.keys[edge] = key
    fold.slots[slot] = edge
    fold.next[edge] = fold.first[target]
    fold.first[target] = edge


@hot
def meet_children(fold, twin, edge):
    """Pair the children of two edges that became one, or graft the only child there is."""
    child = fold.child[edge]
    if child < 0:
        return
    if fold.child[twin] >= 0:
        pair = fold.trail[PAIRS]
        fold.trail[PAIRS] = pair + 1
        fold.pairs[pair, 0] = fold.child[twin]
        fold.pairs[pair, 1] = child
        fetch(fold.visits, np.int64(fold.child[twin]))
        fetch(fold.visits, np.int64(child))
        return
    move = fold.trail[MOVES]
    fold.trail[MOVES] = move + 1
    fold.moves[move, 0] = twin
    fold.moves[move, 1] = -1 - edge
    fold.child[twin] = child
    fold.entry[child] = twin


@hot
def undo_pair(fold, pair):
    """Take the merge of one pair back; the pairs must be undone in reverse order."""
    target, source = np.int64(fold.pairs[pair, 0]), np.int64(fold.pairs[pair, 1])
    for move in range(fold.trail[MOVES] - 1, fold.marks[pair, 0] - 1, -1):
        undo_move(fold, move, target, source)
    fold.trail[MOVES] = fold.marks[pair, 0]
    at = np.int64(fold.marks[pair, 1])
    edge = np.int64(fold.first[source])
    while edge >= 0:
        twin = fold.twins[at]
        at += 1
        if twin != FREE:
            fold.counts[twin] -= fold.counts[edge]
        edge = np.int64(fold.next[edge])
    fold.visits[target] -= fold.visits[source]
    fold.ends[target] -= fold.ends[source]
    if fold.additive == 1:
        add_sketch(fold.sketch, target, source, -1)


@hot
def undo_move(fold, move, target, source):
    """Give an edge or a grafted child back."""
    edge = fold.moves[move, 0]
    where = fold.moves[move, 1]
    if where < 0:
        fold.entry[fold.child[edge]] = -1 - where
        fold.child[edge] = -1
        return
    fold.first[target] = fold.next[edge]
    fold.next[edge] = fold.moves[move, 2]
    fold.keys[edge] = make_key(source, key_symbol(fold.keys[edge]))
    fold.slots[where] = FREE


@hot
def undo_fold(fold, merged):
    """Take back the first ``merged`` pairs of the trail and the redirected edge."""
    for pair in range(merged - 1, -1, -1):
        undo_pair(fold, pair)
    source = fold.pairs[0, 1]
    fold.child[fold.entry[source]] = source
    fold.trail[PAIRS] = 0


@hot
def edge_owner(fold, edge):
    """Return the node an edge leaves."""
    return key_node(fold.keys[edge])
