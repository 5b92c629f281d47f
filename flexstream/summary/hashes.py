"""Hashes of numbers and of sequences, by which it is told what of a stream is kept: they hang on no order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALL = np.uint64(2**64 - 1)
_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # of SplitMix64 (Steele, Lea & Flood, 2014)


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers whose bits all hang on all bits of those given.

    >>> [hex(number) for number in mixed(np.array([1, 2], np.uint64)).tolist()]
    ['0x5692161d100b05e5', '0xdbd238973a2b148a']
    """
    with np.errstate(over="ignore"):
        found = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
        found = (found ^ (found >> np.uint64(27))) * _MIX[1]
    return np.asarray(found ^ (found >> np.uint64(31)), np.uint64)


def drawn_at(places: NDArray[np.int64], levels: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which places of a stream are drawn where one in ``2**level`` is; those of a level are so in all below."""
    return among(mixed(places.astype(np.uint64) + np.uint64(1)), levels)


def among(hashes: NDArray[np.uint64], levels: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which hashes are among the lowest of all in ``2**level``.

    >>> among(np.array([2**62 - 1, 2**62, 2**64 - 1], np.uint64), 2).tolist()
    [True, False, False]
    """
    return np.asarray(hashes <= _ALL >> np.asarray(levels, np.uint64))


def hashes_of(
    numbers: NDArray[np.integer[Any]], ends: NDArray[np.int64], begins: NDArray[np.int64] | int = 0
) -> NDArray[np.uint64]:
    """Return a hash of each of some sequences that stand one behind the other, shape (sequences,).

    That of two sequences, one behind the other, is the sum of those of both, if it is said where the second begins.

    Parameters
    ----------
    numbers : integer array
        All sequences.
    ends : int64 array, shape (sequences,)
        Where each ends.
    begins : int64 array, shape (sequences,), or int
        How many numbers come before each that are not given.

    Examples
    --------
    >>> one, two, other = hashes_of(np.array([1, 2, 1, 2, 2, 1]), np.array([2, 4, 6]))
    >>> bool(one == two), bool(one == other)
    (True, False)
    """
    lengths = np.diff(ends, prepend=0)
    position = np.arange(len(numbers)) - np.repeat(ends - lengths - begins, lengths)
    with np.errstate(over="ignore"):
        values = mixed(mixed(position.astype(np.uint64) + _MIX[0]) + numbers.astype(np.uint64))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
        return np.asarray(sums[ends] - sums[ends - lengths], np.uint64)


def spread(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of stretches, one behind the other.

    >>> spread(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
