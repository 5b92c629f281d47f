"""Space-Saving sketches of the prefixes of futures, with bootstrap copies.

A sketch is int32, shape (copies, 2, counters + 1): codes in row 0, counts in row 1, heaviest first.  Column 0 holds the
number of counters in use and the number of futures counted.  Copy 0 counts every future once, the others as often as a
resample of the stream would.
"""

import numpy as np

from .hints import Cube, Given, GivenCube, GivenMatrix, Matrix, NDArray
from .library import kernel

CODES, COUNTS = 0, 1


@kernel
def measure_distance(one: GivenMatrix[np.int32], other: GivenMatrix[np.int32], largest: NDArray[np.float64]) -> None:
    """Fill what :func:`distance` returns, shape (1,)."""


def distance(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    """Return the largest difference of the shares of a prefix between two copies of sketches.

    In a copy that counted no futures, as a resample of a few may be, nothing has a share.
    """
    largest = np.empty(1)
    measure_distance(one, other, largest)
    return float(largest[0])


@kernel
def count_items(sketch: Matrix[np.int32], items: Given[np.int32]) -> None:
    """Count items, each as a future of its own (Metwally, Agrawal & El Abbadi, ICDT 2005)."""


@kernel
def combine_sketches(target: Cube[np.int32], source: GivenCube[np.int32], items: Matrix[np.int32]) -> None:
    """Add the sketch of one node to that of another, copy by copy; ``items`` holds two rows of twice their items.

    An item that only one side counts may have come on the other as often as its lightest counter says; of the sums the
    heaviest stay.  The error is then at most the sum of the errors (Agarwal et al., "Mergeable summaries", PODS 2012).
    """


@kernel
def overcount(sketch: GivenMatrix[np.int32]) -> int:
    """Return how much any item may be overcounted, or have come without a counter: the lightest if none is free."""


@kernel
def resample(randoms: Given[np.uint64], times: NDArray[np.int64]) -> None:
    """Fill how often each string comes in a resample: Poisson numbers of mean 1, each from 64 random bits."""
