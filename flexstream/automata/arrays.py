"""Arrays that cannot be written to, so that models stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Forbid writing to an array that nobody else holds, and return it."""
    array.setflags(write=False)
    return array


def frozen(values: ArrayLike, kind: DTypeLike) -> NDArray[Any]:
    """Return a copy of values, of this kind, that cannot be written to.

    >>> frozen([1, 2], np.float64).flags.writeable
    False
    """
    return read_only(np.array(values, kind))
