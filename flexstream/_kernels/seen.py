"""Listing the futures that were seen in a tree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .futures import cell, longer_future
from .growth import EDGES
from .jit import inline, kernel
from .table import FREE, chain, key_node, key_symbol, mix

FOUND, FULL = 0, 1


class FutureColumns(NamedTuple):
    """Futures, told apart by their length and cells."""

    cells: NDArray[np.int32]  # future x (length - 1, cell in each row)
    weights: NDArray[np.int64]  # future: how often it was met
    slots: NDArray[np.int32]  # table from the hash of a row to the future
    size: NDArray[np.int64]  # futures found, 1 if there was no room for all
    lengths: int  # longest future
    width: int  # cells of a row


@kernel
def list_futures(found, tree, coding):
    """List the futures of all nodes of a tree.

    Each edge is looked at with the path of up to ``lengths`` symbols that ends with it: each suffix of the path is a
    future of a node.  Beyond the edge comes the end of the trace, or what its tails begin with.
    """
    path = np.empty(2 * found.lengths, np.int32)
    note(found, coding, path, 1, 0, 0, True, tree.ends[0])
    for edge in range(tree.size[EDGES]):
        steps = climb(tree, edge, found.lengths, path)
        note(found, coding, path, steps, steps - 1, steps, False, tree.counts[edge])
        child = np.int64(tree.child[edge])
        if child >= 0:
            note(found, coding, path, steps + 1, steps, steps, True, tree.ends[child])
        tail = np.int64(tree.tails[edge])
        while tail >= 0:
            symbols = tree.store[tree.tail_start[tail] : tree.tail_stop[tail]]
            more = min(len(symbols), found.lengths)
            path[steps : steps + more] = symbols[:more]
            note(found, coding, path, steps, steps, steps + more, more == len(symbols), 1)
            tail = np.int64(tree.tail_next[tail])
        if found.size[FULL] > 0:
            return


@inline
def climb(tree, edge, longest, path):
    """Write the last symbols of the path that ends with an edge; return how many."""
    steps, above = np.int64(1), key_node(tree.keys[edge])
    while steps < longest and above > 0:
        steps, above = steps + 1, np.int64(tree.parent[above])
    at, above = steps - 1, key_node(tree.keys[edge])
    path[at] = key_symbol(tree.keys[edge])
    while at > 0:
        at -= 1
        path[at] = tree.symbol[above]
        above = np.int64(tree.parent[above])
    return steps


@inline
def note(found, coding, path, starts, fresh, stop, ended, weight):
    """Enter the futures that start at the first ``starts`` positions of a path and reach its position ``fresh``."""
    if weight == 0:
        return
    for start in range(starts):
        future = np.uint64(0)
        for length in range(found.lengths):
            at = start + length
            if at >= stop and not ended:
                break
            future = longer_future(coding, future, path, start, at, stop)
            if at >= fresh:
                enter(found, future, length, weight)


@inline
def enter(found, future, length, weight):
    """Enter one future, or add to the weight of those that share its cells."""
    row = found.size[FOUND]
    if 2 * row >= len(found.slots):
        found.size[FULL] = 1
        return
    found.cells[row, 0] = length
    code = np.uint64(length)
    for column in range(1, found.cells.shape[1]):
        found.cells[row, column] = cell(future, column - 1, found.width)
        code = chain(code, found.cells[row, column])
    mask = np.uint64(len(found.slots) - 1)
    slot = mix(code) & mask
    while found.slots[slot] != FREE and not same(found.cells, found.slots[slot], row):
        slot = (slot + np.uint64(1)) & mask
    if found.slots[slot] == FREE:
        found.slots[slot] = row
        found.size[FOUND] = row + 1
    found.weights[found.slots[slot]] += weight


@inline
def same(cells, one, other):
    """Tell whether two futures have the same length and cells."""
    for column in range(cells.shape[1]):
        if cells[one, column] != cells[other, column]:
            return False
    return True
