"""Distinct values and quantiles as NumPy has them: there they import all masked arrays, of which nobody has any."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


def distinct(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return the values of an array, each once, in ascending order; none may be NaN.

    Parameters
    ----------
    values : array

    Returns
    -------
    array, shape (values that differ,)

    Examples
    --------
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered: NDArray[Any] = np.sort(values, axis=None)
    keeps = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=keeps[1:])
    return ordered[keeps]


def quantile(values: ArrayLike, share: float) -> float:
    """Return the value below which a share of some values lies, between the two next to it in proportion.

    Parameters
    ----------
    values : array of numbers, shape (n,)
        At least one; none may be NaN.
    share : float
        From 0 to 1.

    Examples
    --------
    >>> quantile(np.array([3.0, 1.0, 2.0, 4.0]), 0.5)
    2.5
    """
    ordered = np.sort(np.asarray(values, np.float64))
    place = share * (len(ordered) - 1)
    below = min(math.floor(place), len(ordered) - 1)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    part = place - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
