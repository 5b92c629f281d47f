"""A binary heap of (weight, node): the heaviest first, of equals the node with the smallest number."""

import numpy as np

from .hints import Given, Matrix, NDArray
from .library import kernel


@kernel
def sort_by_heap(
    weights: Given[np.int64],
    nodes: Given[np.int32],
    heap: NDArray[np.int64],
    names: NDArray[np.int32],
    entries: Matrix[np.int64],
) -> None:
    """Push all entries and pop them again, as the search does one by one; fill (weight, node), shape (entries, 2).

    ``heap`` and ``names`` are scratch for as many entries.
    """
