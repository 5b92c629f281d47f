"""What sketches remember of the futures below the leaves of a tree: estimated counts, laid out as nodes and edges.

Below an edge that has not grown, the sketch of its node still knows how often each longer future left that node.  From
these counts nodes are made as if the tree had grown there, so that a search compares them like all others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .futures import END, cell
from .growth import EDGES, NODES, TREE
from .jit import columns_type, inline, kernel_of
from .table import chain, key_node, key_symbol, make_key

LEAST = 2.0  # estimated events without which a future makes no node


class RecallColumns(NamedTuple):
    """Nodes and edges that sketches remember; numbers go on from those of the tree."""

    entry: NDArray[np.int32]  # node: the edge that leads to it
    owner: NDArray[np.int32]  # node: the node of the tree whose sketch knows it
    code: NDArray[np.uint64]  # node: code of the future that leads from the owner to it
    length: NDArray[np.int32]  # node: length of that future
    visits: NDArray[np.int64]  # node
    ends: NDArray[np.int64]  # node
    keys: NDArray[np.int64]  # edge
    counts: NDArray[np.int64]  # edge
    child: NDArray[np.int32]  # edge: -1 if none
    estimates: NDArray[np.float64]  # room: estimated events of the end and of each likely symbol
    size: NDArray[np.int64]  # nodes, edges


RECALL = columns_type(RecallColumns)
CODES = types.Array(types.uint64, 1, "C")
SYMBOLS = types.Array(types.int64, 1, "C")


@inline
def counted(sketch, length):
    """Return how many futures of some length were counted."""
    total = 0.0
    for at in range(sketch.shape[2]):
        total += sketch[length - 1, 0, at]
    return total


@inline
def estimate(sketch, length, future, total):
    """Return how often a future left a node that counted ``total``: the least cell less what collisions add on average.

    Count-min with its mean noise taken off (Deng & Rafiei, "New estimation algorithms for streaming data: Count-min can
    do more", 2007), the mean over the cells of the row that the future does not fall into.
    """
    depth, width = sketch.shape[1], sketch.shape[2]
    least = np.inf
    for row in range(depth):
        least = min(least, np.float64(sketch[length - 1, row, cell(future, row, width)]))
    return least - (total - least) / max(1, width - 1)


@inline
def add_recalled(recall, nodes, edge, owner, code, length):
    """Make a node that an edge leads to; return its number."""
    row = recall.size[NODES]
    recall.size[NODES] = row + 1
    recall.entry[row], recall.owner[row] = edge, owner
    recall.code[row], recall.length[row] = code, length
    return nodes + row


@inline
def fill(recall, tree, codes, likely, row, limit):
    """Estimate the outcomes of a node that had ``limit`` events; return whether there was room for them."""
    nodes, edges = tree.size[NODES], tree.size[EDGES]
    owner, code, length = recall.owner[row], recall.code[row], recall.length[row]
    sketch, estimates = tree.sketch[owner], recall.estimates
    held = counted(sketch, length + 1)
    estimates[0] = max(0.0, estimate(sketch, length + 1, chain(code, END), held))
    total = estimates[0]
    for rank, symbol in enumerate(likely):
        estimates[1 + rank] = max(0.0, estimate(sketch, length + 1, chain(code, codes[symbol]), held))
        total += estimates[1 + rank]
    scale = limit / total if total > limit else 1.0
    recall.ends[row] = np.int64(estimates[0] * scale + 0.5)
    recall.visits[row] = recall.ends[row]
    for rank, symbol in enumerate(likely):
        count = np.int64(estimates[1 + rank] * scale + 0.5)
        if count == 0:
            continue
        at = recall.size[EDGES]
        if at == len(recall.keys) or recall.size[NODES] == len(recall.entry):
            return False
        recall.size[EDGES] = at + 1
        recall.keys[at] = make_key(nodes + row, symbol)
        recall.counts[at], recall.child[at] = count, -1
        recall.visits[row] += count
        if count >= LEAST and length + 1 < sketch.shape[0]:
            further = chain(code, codes[symbol])
            recall.child[at] = add_recalled(recall, nodes, edges + at, owner, further, length + 1)
    return True


@kernel_of(types.boolean(RECALL, TREE, CODES, SYMBOLS))
def recall_futures(recall, tree, codes, likely):
    """Make nodes below all edges that have not grown; return False if there was not room for all.

    Only the ``likely`` symbols are looked for: a sketch can be asked for every symbol, but each question costs,
    and of many rare symbols it knows little but collisions.
    """
    nodes = tree.size[NODES]
    for edge in range(tree.size[EDGES]):
        if tree.child[edge] < 0 and tree.counts[edge] >= LEAST and tree.sketch.shape[1] > 1:
            if recall.size[NODES] == len(recall.entry):
                return False
            code = chain(np.uint64(0), codes[key_symbol(tree.keys[edge])])
            add_recalled(recall, nodes, edge, key_node(tree.keys[edge]), code, 1)
    row = 0
    while row < recall.size[NODES]:
        entry = recall.entry[row]
        grown = entry < tree.size[EDGES]
        limit = tree.counts[entry] if grown else recall.counts[entry - tree.size[EDGES]]
        if not fill(recall, tree, codes, likely, row, np.float64(limit)):
            return False
        row += 1
    return True
