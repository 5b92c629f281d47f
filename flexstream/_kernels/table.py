"""The open-addressing table from (node, symbol) to edge, and the hash functions.

An edge's key is one int64, node in the high half and symbol in the low half, kept in the edge's own column; a
slot holds only the edge's number.  Linear probing, load at most one half.  Entries are never deleted one by one
except the newest first (the undo of a fold), which linear probing allows exactly.
"""

import numpy as np

from .hints import NDArray, Strided
from .library import kernel

FREE = -1


@kernel
def rebuild(slots: NDArray[np.int32], keys: Strided[np.int64], edges: int) -> None:
    """Clear the table and enter the first ``edges`` keys."""
