"""Folding one node of a prefix tree into another, recursively, and taking it back exactly.

The fold works on copies of the tree's columns.  Every step it takes can be undone in reverse order: additions by
subtraction (they are integers), moved edges by a log.  An undone fold leaves every array bit for bit as it was,
except scratch that is not in use.
"""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Edge, Matrix, NDArray, Node, Sketches
from .library import kernel

WHITE, BLUE, RED, ABSORBED = 0, 1, 2, 3
PAIRS, MOVES, TWINS = 0, 1, 2


@record
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
    sketch: Sketches[np.int32]  # node x future length x depth x width
    additive: int  # 1: the sketches of two nodes add up; 0: they are combined once a merge is decided
    # The trail of the fold under way: pairs of nodes in the order in which they meet, and the edges it moved.
    pairs: Matrix[np.int32]  # pair x (target, source)
    marks: Matrix[np.int32]  # pair x (moves made, twins found before it)
    twins: NDArray[np.int32]  # for each edge of each source, in order: the target's edge with its symbol, or FREE
    moves: Matrix[np.int32]  # move x (edge, its slot or -1 - the edge a graft came from, former next edge)
    trail: NDArray[np.int64]  # pairs, moves, twins


@kernel
def enter_children(fold: FoldColumns) -> None:
    """Colour all nodes white and note for each which edge leads to it."""


@kernel
def fold_pairs(fold: FoldColumns, target: int, source: int, most: int) -> int:
    """Fold a node into another, and what hangs on it, at most so many pairs of nodes; return how many were folded."""


@kernel
def undo_pairs(fold: FoldColumns, pairs: int) -> None:
    """Take back the first pairs of the fold under way, so many as were folded, and the redirected edge."""
