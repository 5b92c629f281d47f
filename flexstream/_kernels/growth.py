"""Counting traces into the columns of a prefix tree.

Where the walk of a trace leaves the part of the tree that has grown, the rest of the trace is kept as a tail of the
edge by which it left.  When that edge grows a child, its tails move one level down, so that a node's counts are
complete however late it was born, as long as memory allows tails at all.
"""

import numpy as np

from ..errors import UsageError
from ..tuples import NamedTuple
from .columns import record
from .futures import Coding
from .hints import Edge, Given, NDArray, Node, Sketches, Tail
from .library import kernel

NODES, EDGES, TAILS, STORED, FREED, WANTED, SYMBOLS_SEEN, LOST_TAILS, LOST_EVENTS, SALT = range(10)
SIZES = 10


@record
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
    sketch: Sketches[np.int32]  # node x future length x depth x width; or see spacesaving.py
    tail_next: Tail[np.int32]  # tail: the next older tail of the edge, or the next free row
    tail_start: Tail[np.int64]  # tail: its first symbol in the store, -1 in a free row
    tail_stop: Tail[np.int64]  # tail: one past its last symbol, after which the trace ended
    store: NDArray[np.int32]  # symbols of all tails
    size: NDArray[np.int64]  # as named above: rows in use, first free tail, rows wanted, largest symbol + 1, losses, …


@record
class GrowthRules(NamedTuple):
    """When a node gets a child."""

    grow_at: int  # visits the parent must have
    hold: int  # events its edge must have where it is far, above 1 only once memory is short
    far: int  # levels below a red node from which on a child is far
    reach: int  # levels below a red node at which growth stops
    longest: int  # longest tail that is kept; -1: none are


@kernel
def count_batch(
    tree: TreeColumns,
    coding: Coding,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    start: int,
    stop: int,
    rules: GrowthRules,
) -> int:
    """Count traces as :func:`count_traces` says; where there are sketches, each symbol must have a code."""


def count_traces(
    tree: TreeColumns,
    coding: Coding,
    symbols: NDArray[np.int32],
    offsets: NDArray[np.int64],
    start: int,
    stop: int,
    rules: GrowthRules,
) -> int:
    """Count traces ``start`` to ``stop``; return the first that was not counted because room is wanted."""
    if tree.sketch.size:
        check_codes(coding, symbols[offsets[start] : offsets[stop]])
    return count_batch(tree, coding, symbols, offsets, start, stop, rules)


def check_codes(coding: Coding, symbols: NDArray[np.int32]) -> None:
    """Raise UsageError unless each symbol has a code, of which sketches are made."""
    most = int(symbols.max(initial=-1))
    if most >= len(coding.codes):
        raise UsageError(f"{len(coding.codes)} codes for the sketches of {most + 1} symbols (expected: one a symbol)")


@kernel
def grow_tails(tree: TreeColumns, coding: Coding, start: int, levels: int) -> int:
    """Move tails that hang close below red nodes into the tree; return the first node that had no room, or all nodes.

    Nodes that are made on the way come later in the order of rows, so one pass reaches them too.
    """


@kernel
def compact_tails(tree: TreeColumns, order: Given[np.int64]) -> None:
    """Move the tails, in the order in which they are stored, to the front of the store."""


@kernel
def relink(tree: TreeColumns) -> None:
    """Rebuild the nodes' edge lists and the table after the edges were renumbered."""
