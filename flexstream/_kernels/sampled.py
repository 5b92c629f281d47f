"""Traces with durations: which of them are kept."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, NDArray
from .library import kernel


@record
class TimedColumns(NamedTuple):
    """Traces with durations, one behind the other."""

    symbols: NDArray[np.int32]  # event
    bins: NDArray[np.int16]  # event: that of its duration, see stream/durations.py; -1: not known
    lengths: NDArray[np.int64]  # trace: its events
    counts: NDArray[np.int64]  # trace: how often it came
    hashes: NDArray[np.uint64]  # trace


@kernel
def sample_traces(
    codes: Given[np.uint64],
    symbols: Given[np.int32],
    bins: Given[np.int16],
    offsets: Given[np.int64],
    counts: Given[np.int64],
    longest: int,
    level: int,
    kept: TimedColumns,
    size: NDArray[np.int64],
) -> int:
    """Keep the first events of each trace of two events or more that is chosen; return how many traces are.

    Parameters
    ----------
    codes : uint64 array, shape (alphabet,)
        Hash of the text of each symbol.
    symbols, bins : arrays, shape (events,)
    offsets, counts : int64 arrays, shapes (traces + 1,) and (traces,)
    longest : int
        Events that are kept of a trace.
    level : int
        Chosen is what begins with so many zeros in its hash, of its symbols, its bins and its length.
    kept : TimedColumns
        Is filled from the start, with room for all.
    size : int64 array, shape (1,)
        Is filled with the events that are kept.
    """


@kernel
def find_first(
    hashes: Given[np.uint64], counts: NDArray[np.int64], slots: NDArray[np.int32], first: NDArray[np.int8]
) -> None:
    """Find the first of traces that are the same, and add to how often it came how often the others did.

    Parameters
    ----------
    hashes, counts : arrays, shape (traces,)
    slots : int32 array
        Filled with -1, a power of two long, and longer than there are traces.
    first : int8 array, shape (traces,)
        Is filled with 1 for those, and 0 for the others.
    """


@kernel
def copy_chosen(
    symbols: Given[np.int32],
    bins: Given[np.int16],
    lengths: Given[np.int64],
    counts: Given[np.int64],
    hashes: Given[np.uint64],
    chosen: Given[np.int8],
    kept: TimedColumns,
) -> None:
    """Copy some traces.

    Parameters
    ----------
    symbols, bins : arrays, shape (events,)
        One trace behind the other.
    lengths, counts, hashes : arrays, shape (traces,)
    chosen : int8 array, shape (traces,)
        Not 0 for those that are copied.
    kept : TimedColumns
        Is filled from the start, with room for all that are.
    """
