"""Which symbols come in traces, and how often in each."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, NDArray
from .library import kernel


@record
class SymbolEntries(NamedTuple):
    """One entry for each trace and each of its symbols, with room for as many as there are events."""

    rows: NDArray[np.int64]  # which trace
    symbols: NDArray[np.int64]
    times: NDArray[np.int64]


@kernel
def tally_symbols(
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    traces: NDArray[np.int32],
    sorted: NDArray[np.int32],
    found: SymbolEntries,
) -> int:
    """Fill which symbols each trace has, by trace and symbol, and how often; return how many entries that makes.

    Parameters
    ----------
    symbols, offsets : arrays
        Of the traces.
    starts : int64 array, shape (alphabet + 2,)
        Scratch; ids outside the alphabet count as that after the last.
    ends : int64 array, shape (traces,)
        Scratch.
    traces, sorted : int32 arrays, shape (events,)
        Scratch.
    found : SymbolEntries
    """
