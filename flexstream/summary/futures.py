"""The futures that were seen anywhere in a tree, so that sketches can be asked for each of them by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.future_lists import FOUND, FULL, FutureColumns, list_futures
from .sketch import SketchShape, coding
from .tree import PrefixTree


def seen_futures(tree: PrefixTree, codes: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return every future of length 1..F that left a node of a tree, the most frequent first.

    They are read off the edges and tails; what lived only in tails that were evicted is not found.  Futures that share
    their cells in all rows are one to the sketches, so one of them stands for all.

    Parameters
    ----------
    tree : PrefixTree
        With count-min sketches.
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol, as the tree was counted with.

    Returns
    -------
    int32 array, shape (futures, 1 + depth)
        Length - 1 and the cell in each row.

    Examples
    --------
    >>> from flexstream import Alphabet, TraceBatch
    >>> from flexstream.stream.hashing import symbol_code
    >>> alphabet, tree = Alphabet(), PrefixTree(SketchShape(futures=2, depth=1, width=1000))
    >>> batch = TraceBatch.from_traces([["a", "b"], ["a"]], alphabet)
    >>> codes = np.array([symbol_code(text, seed=0) for text in alphabet], np.uint64)
    >>> _ = tree.count(batch, codes)
    >>> np.bincount(seen_futures(tree, codes)[:, 0]).tolist()  # a, b, end; ab, a end, b end, end
    [3, 4]
    """
    shape = tree.sketch
    if not isinstance(shape, SketchShape):
        raise TypeError(f"{shape} does not count futures by their length")
    rows = 1 << 12
    while True:
        found = FutureColumns(
            cells=np.empty((rows, 1 + shape.depth), np.int32),
            weights=np.zeros(rows, np.int64),
            slots=np.full(2 * rows, -1, np.int32),
            size=np.zeros(2, np.int64),
            lengths=shape.futures,
            width=shape.width,
        )
        list_futures(found, tree.columns, coding(shape, codes))
        if not found.size[FULL]:
            order = np.argsort(-found.weights[: found.size[FOUND]], kind="stable")
            return found.cells[order]
        rows *= 4
