"""What came shortly before."""

import numpy as np

from .hints import Given, NDArray
from .library import kernel


@kernel
def count_lately(
    classes: Given[np.int64],
    places: Given[np.int64],
    window: int,
    met: NDArray[np.int64],
    last: NDArray[np.int64],
    same: NDArray[np.int64],
) -> None:
    """Count for each thing those that came at most so many places before it, and those of its own class among them.

    Parameters
    ----------
    classes, places : int64 arrays, shape (things,)
        Places from 0, rising.
    window : int
    met : int64 array, shape (classes,)
        Zeros, before and after.
    last, same : int64 arrays, shape (things,)
        Are filled, first the one, then the other.
    """
