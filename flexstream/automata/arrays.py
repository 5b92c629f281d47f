"""Arrays that cannot be written to, so that models stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..errors import ModelError

MOST = 2**53
"""Largest number that is counted to: up to there a double holds every whole number, and sums of a few stay exact."""


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


def _is_kept(array: NDArray[Any], kind: np.dtype[Any]) -> bool:
    """Whether an array was a column before, so that models that differ in others can have it in common."""
    return type(array) is np.ndarray and array.dtype == kind and array.flags.owndata and not array.flags.writeable


def column(name: str, values: ArrayLike, kind: DTypeLike) -> NDArray[Any]:
    """Return a column of a model: `frozen` values of one dimension that are numbers, whole ones where ``kind`` is.

    Raises
    ------
    ModelError
        If they are anything else, or do not fit into that kind.

    Examples
    --------
    >>> column("targets", [0, 1], np.int32)
    array([0, 1], dtype=int32)
    >>> column("targets", [0.5], np.int32)
    Traceback (most recent call last):
    flexstream.errors.ModelError: targets: not a list of whole numbers that fit into int32
    """
    wanted = np.dtype(kind)
    if type(values) is np.ndarray and values.dtype == wanted and values.ndim == 1 and wanted.kind == "f":
        # As most are: nothing is converted.
        return values if _is_kept(values, wanted) else read_only(values.copy())
    try:
        given = np.asarray(values)
        with np.errstate(all="ignore"):
            found = given if _is_kept(given, wanted) else np.array(given, wanted)
    except (TypeError, ValueError, OverflowError):
        given = found = np.empty((0, 0))
    same = given.dtype.kind in "biuf" and (wanted.kind == "f" or np.array_equal(given, found))
    exact = wanted.kind != "i" or not found.size or bool((np.abs(found) <= MOST).all())
    mixed = wanted.kind != "b" and isinstance(values, list) and bool in set(map(type, values))  # NumPy takes True for 1
    if found.ndim != 1 or (found.size and not same) or not exact or mixed:
        what = "numbers" if wanted.kind == "f" else f"whole numbers that fit into {wanted.name}"
        raise ModelError(f"{name}: not a list of {what}")
    return read_only(found)


def is_amount(value: object, least: int = 0) -> bool:
    """Tell whether a value is a whole number, from the least on, that a double holds exactly.

    >>> is_amount(3), is_amount(True), is_amount(3.0), is_amount(2**60), is_amount(0, 1)
    (True, False, False, False, False)
    """
    return type(value) is int and least <= value <= MOST


def summable(counts: NDArray[np.integer[Any]]) -> bool:
    """Tell whether the sum of numbers stays far from the largest that an int64 holds.

    >>> summable(np.array([2**52, 2**52])), summable(np.array([2**53, 2**53]))
    (True, False)
    """
    return bool(counts.sum(dtype=np.float64) <= MOST)


def distinct(values: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different numbers, ascending, and how often each comes.

    As ``numpy.unique`` does, which loads a module of its own for it.

    >>> distinct(np.array([5, 3, 5]))
    (array([3, 5]), array([1, 2]))
    """
    ordered = np.sort(values.astype(np.int64))
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    return ordered[starts], np.diff(starts, append=len(ordered))
