"""Listing the futures of the nodes of a tree."""

from typing import NamedTuple

import numpy as np

from .columns import record
from .futures import Coding
from .growth import TreeColumns
from .hints import Matrix, NDArray
from .library import kernel

FOUND, FULL = 0, 1


@record
class FutureColumns(NamedTuple):
    """Futures, told apart by their length and cells."""

    cells: Matrix[np.int32]  # future x (length - 1, cell in each row)
    weights: NDArray[np.int64]  # future: how often it was met
    slots: NDArray[np.int32]  # table from the hash of a row to the future
    size: NDArray[np.int64]  # futures found, 1 if there was no capacity for all
    lengths: int  # longest future
    width: int  # cells of a row


@kernel
def note_futures(found: FutureColumns, tree: TreeColumns, coding: Coding, path: NDArray[np.int32]) -> None:
    """List the futures of all nodes of a tree, given scratch for twice the longest."""


def list_futures(found: FutureColumns, tree: TreeColumns, coding: Coding) -> None:
    """List the futures of all nodes of a tree.

    Each edge is looked at with the path of up to ``lengths`` symbols that ends with it: each suffix of the path is a
    future of a node.  Beyond the edge comes the end of the trace, or what its tails begin with.
    """
    note_futures(found, tree, coding, np.empty(2 * max(1, found.lengths), np.int32))
