"""Which traces are the same, and how often classes come together."""

import numpy as np

from .hints import Given, GivenMatrix, Matrix, NDArray
from .library import kernel


@kernel
def number_traces(
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    traces: int,
    slots: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> int:
    """Number traces from 0 as they come first, those that are the same alike; return how many differ.

    Parameters
    ----------
    symbols : int32 array, shape (events,)
    offsets : int64 array, shape (traces + 1,)
    traces : int
    slots : int64 array
        -1 everywhere, a power of two of them and more than there are traces; is filled with the first of each.
    numbers : int64 array, shape (traces,)
        Is filled.
    """


@kernel
def count_together(
    ones: GivenMatrix[np.int64],
    others: GivenMatrix[np.int64],
    first: int,
    second: int,
    things: int,
    table: Matrix[np.int64],
) -> None:
    """Count how often each class of some classifications comes with each of others.

    Parameters
    ----------
    ones, others : int64 matrices, shapes (first, things) and (second, things)
        Row and column of each thing.
    first, second, things : int
    table : int64 matrix
        Is added to.
    """
