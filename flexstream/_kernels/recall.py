"""What sketches remember of the futures below the leaves of a tree: estimated counts, laid out as nodes and edges.

Below an edge that has not grown, the sketch of its node still knows how often each longer future left that node.  From
these counts nodes are made as if the tree had grown there, so that a search compares them like all others.
"""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .growth import TreeColumns
from .hints import Given, NDArray
from .library import kernel

LEAST = 2.0  # estimated events without which a future makes no node


@record
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
    estimates: NDArray[np.float64]  # scratch: estimated events of the end and of each likely symbol
    size: NDArray[np.int64]  # nodes, edges


@kernel
def recall_futures(recall: RecallColumns, tree: TreeColumns, codes: Given[np.uint64], likely: Given[np.int64]) -> bool:
    """Make nodes below all edges that have not grown; return False if there was not capacity for all.

    Only the ``likely`` symbols are looked for: a sketch can be asked for every symbol, but each question costs,
    and of many rare symbols it knows little but collisions.
    """
