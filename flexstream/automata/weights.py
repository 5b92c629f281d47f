"""The weights of a mixture of automata."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelError
from .arrays import read_only


def normalised(weights: ArrayLike, members: int) -> NDArray[np.float64]:
    """Return the weights of a mixture scaled to sum to 1, shape (members,), not to be written to.

    Raises
    ------
    ModelError
        If there are no members, not as many weights as members, or weights that cannot be scaled.

    Examples
    --------
    >>> normalised([3, 1], 2)
    array([0.75, 0.25])
    """
    try:
        values: NDArray[np.float64] = np.array(weights, np.float64)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    if not members or values.shape != (members,):
        raise ModelError("an ensemble needs members, and a weight for each")
    with np.errstate(over="ignore"):
        total = values.sum()
    if not ((values >= 0).all() and 0 < total < math.inf):
        raise ModelError("the weights of an ensemble must be numbers from 0 on with a finite sum, not all 0")
    return read_only(values / total)


def heaviest(weights: NDArray[np.float64]) -> int:
    """Return the number of the member with the largest weight, of equals the first.

    >>> heaviest(np.array([0.2, 0.4, 0.4]))
    1
    """
    return int(np.argmax(weights))
