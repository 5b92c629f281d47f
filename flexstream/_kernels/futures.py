"""What a node's sketch counts: the futures of length 1..F that leave it, by code, or all prefixes of its futures."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, NDArray
from .library import kernel


@record
class Coding(NamedTuple):
    """How futures become numbers."""

    codes: NDArray[np.uint64]  # symbol: its hash
    multipliers: NDArray[np.uint64]  # MinHash function: x -> (multiplier x + offset) mod 2^61 - 1; empty: no MinHash
    offsets: NDArray[np.uint64]
    minima: NDArray[np.uint64]  # scratch for a signature
    shingle: int  # symbols in one element of the set that MinHash sees
    prefixes: int  # 1: Space-Saving counts of all prefixes; 0: count-min rows of the futures of each length


@kernel
def find_cells(codes: Given[np.uint64], ended: bool, width: int, cells: NDArray[np.int64]) -> None:
    """Find the cell of one future in each row of the sketch of its length."""


def future_cells(codes: NDArray[np.uint64], ended: bool, depth: int, width: int) -> NDArray[np.int64]:
    """Return the cell of one future in each row of the sketch of its length."""
    cells = np.empty(depth, np.int64)
    find_cells(codes, ended, width, cells)
    return cells
