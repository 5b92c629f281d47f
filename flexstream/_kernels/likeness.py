"""Which traces are the same, and how often classes, or events, come together."""

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


@kernel
def count_pairs(
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    rows: Given[np.int64],
    before: int,
    size: int,
    kinds: Given[np.int64],
    width: int,
    counts: Matrix[np.int32],
) -> None:
    """Count how often each kind of event comes behind each other in some traces, by groups of as many.

    Parameters
    ----------
    symbols : int32 array, shape (events,)
    offsets : int64 array, shape (traces + 1,)
    rows : int64 array
        The traces.
    before : int
        Traces of all groups that were counted before; below 0: so many of these are in none.
    size : int
        Traces of a group.
    kinds : int64 array, shape (symbols,)
        Kind of each symbol, from 1 on; 0 is before a trace, and its end.
    width : int
        How many kinds there are, 0 among them.
    counts : int32 matrix, shape (groups, width * width)
        Is added to, in column ``width * kind + next kind``.
    """


@kernel
def count_symbols(
    symbols: Given[np.int32], offsets: Given[np.int64], rows: Given[np.int64], times: NDArray[np.int64]
) -> None:
    """Count how often each symbol comes in some traces.

    Parameters
    ----------
    symbols : int32 array, shape (events,)
    offsets : int64 array, shape (traces + 1,)
    rows : int64 array
        The traces.
    times : int64 array, shape (symbols,)
        Is added to.
    """
