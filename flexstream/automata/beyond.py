"""Beyond: how far what is larger than anything seen goes beyond it, by a tail fitted to the largest.

By ranks all that exceeds what was seen is equally rare, a second more and six hours more.  Logarithms of long durations
are about exponential above a high one (Hill, "A Simple General Approach to Inference About the Tail of a Distribution",
Annals of Statistics 3, 1975).  Where their scale is not known, but has a gamma prior, the next one is beyond the
largest by ``x`` or more with a probability of ``(1 + x / (s + b)) ^ -(m + a)``, where ``s`` is by how much in all the
``m`` largest exceed the one below them: few say little, many say what is far.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST, ONE_OF = 16, 4
"""Values to which a tail is fitted at most, and of how many values one is."""
A, B = 1.0, 32.0
"""The prior: as much as one value says, that is half an octave above the one below it."""

Numbers = NDArray[np.number[Any]]


class Beyond:
    """Tails of groups of values.

    Parameters
    ----------
    starts : int64 array, shape (groups + 1,)
        The first row of each group, and how many rows there are.
    values, counts : arrays, shape (rows,)
        Ascending in each group, in 64ths of an octave; how often each was seen.

    Examples
    --------
    >>> tails = Beyond(np.array([0, 2, 3]), np.array([100, 110, 100]), np.array([9, 1, 1]))
    >>> tails.bits(np.array([0, 0, 1]), np.array([110, 302, 302])).round(2).tolist()
    [0.0, 7.43, 2.87]
    """

    def __init__(self, starts: NDArray[np.int64], values: Numbers, counts: NDArray[np.int64]) -> None:
        zero = np.zeros(1)
        rising, sums = (np.concatenate((zero, np.cumsum(part))) for part in (counts, counts * values.astype(float)))
        stops = starts[1:]
        totals = rising[stops] - rising[starts[:-1]]
        many = np.clip(totals // ONE_OF, 0.0, LARGEST)
        below = np.maximum(np.searchsorted(rising, rising[stops] - many - 1, side="right") - 1, 0)
        held = np.append(values, 0).astype(float)  # of no rows there is still one to look at
        above = rising[stops] - rising[np.minimum(below + 1, stops)]
        self._largest = np.where(totals > 0, held[stops - 1], np.inf)
        self._sums = sums[stops] - sums[np.minimum(below + 1, stops)] - held[below] * above
        self._many = many

    def bits(self, groups: NDArray[np.int64], values: Numbers) -> NDArray[np.float64]:
        """Return how unlikely it is to be so far beyond the largest of groups, in bits; 0 for what is not beyond."""
        beyond = np.maximum(values - self._largest[groups], 0.0)
        return (self._many[groups] + A) * np.log2(1.0 + beyond / (self._sums[groups] + B))


def bits_beyond(others: Sequence[float], total: int, value: float) -> float:
    """Return the same for a single value, and the largest of ``total`` others, in any order.

    Given are as many of them as a tail is fitted to, and one more, if there are so many.

    >>> round(bits_beyond([100] * 9 + [110], 10, 302), 2)
    7.43
    """
    many = min(LARGEST, total // ONE_OF)
    falling = sorted(others, reverse=True)[: many + 1]
    above = sum(falling) - len(falling) * falling[-1]
    return (many + A) * math.log2(1.0 + max(value - falling[0], 0.0) / (above + B))


def bits_left_out(values: Numbers, counts: NDArray[np.int64], own: Sequence[float], value: float, total: int) -> float:
    """Return the same for a value, where ``own`` of those counted are left out, and ``total`` others are left.

    >>> round(bits_left_out(np.array([100, 110, 302]), np.array([9, 1, 1]), [302], 302, 10), 2)
    7.43
    """
    at_most = LARGEST + 1 + len(own)
    found: list[float] = []
    left = Counter(own)
    for other, often in zip(values[: -at_most - 1 : -1].tolist(), counts[: -at_most - 1 : -1].tolist(), strict=True):
        found += [other] * min(often - left[other], at_most)
        if len(found) > LARGEST:
            break
    return bits_beyond(found, total, value)
