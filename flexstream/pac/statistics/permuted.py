"""Pearson's statistic of two classifications of the same things, where one of them was shuffled.

Its mean and variance over all permutations are known whatever the numbers are (Haldane, Biometrika 31, 1940; Lewis,
Saunders & Westcott, Biometrika 71, 1984).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..._kernels.likeness import count_together
from .fit import chi_square_tail

FEWEST = 8
"""Things that a class needs to be one of its own; smaller ones are one together."""


def permuted_tails(ones: Sequence[NDArray[np.int64]], others: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Return how improbable it is that classifications hang together so much if one was shuffled.

    Parameters
    ----------
    ones, others : sequences of int64 arrays, shape (things,)
        Class of each thing, from 0; each of the first is held against each of the second.

    Returns
    -------
    float64 array, shape (ones, others)
        Natural logarithms of probabilities.

    Examples
    --------
    >>> halves, turns = np.arange(100) // 50, np.arange(100) % 2
    >>> (permuted_tails([halves], [turns, halves]) < -15).tolist()
    [[False, True]]
    """
    rows, columns = _Classes(ones), _Classes(others)
    things = len(ones[0]) if len(ones) else 0
    tails = np.zeros((len(ones), len(others)))
    if things <= 3 or not len(others):
        return tails
    cells = _table(rows, columns) ** 2 / np.outer(rows.sums, columns.sums)
    joined = np.add.reduceat(np.add.reduceat(cells, rows.starts, 0), columns.starts, 1)
    statistics = things * (joined - 1)
    mean, variance = moments(rows, columns, things)
    for row, column in np.argwhere(statistics > mean).tolist():
        tails[row, column] = chi_square_tail(*(float(part[row, column]) for part in (statistics, mean, variance)))
    return tails


def paired_tails(ones: Sequence[NDArray[np.int64]], others: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Return the same of each classification and the other in its place only, shape (classifications,).

    >>> halves, turns = np.arange(100) // 50, np.arange(100) % 2
    >>> pairs = paired_tails([halves, halves], [turns, halves])
    >>> pairs.tolist() == permuted_tails([halves], [turns, halves])[0].tolist()
    True
    """
    rows, columns = _Classes(ones), _Classes(others)
    things = len(ones[0]) if len(ones) else 0
    tails = np.zeros(len(ones))
    if things <= 3:
        return tails
    mean, variance = moments(rows, columns, things, np.multiply)
    for pair, cells in enumerate(_pairs(rows, columns)):
        joined = np.add.reduceat(np.add.reduceat(cells, [0], 0)[0], [0])
        statistic = things * (float(joined[0]) - 1)
        if statistic > mean[pair]:
            tails[pair] = chi_square_tail(statistic, float(mean[pair]), float(variance[pair]))
    return tails


class _Classes:
    """Classifications side by side.

    Attributes
    ----------
    numbers : int64 array, shape (classifications, things)
        Class of each thing; those of one classification come after those of the one before.
    starts : int64 array, shape (classifications,)
    sums : float64 array, shape (classes,)
        How many things each class has, at least one.
    """

    def __init__(self, given: Sequence[NDArray[np.int64]]) -> None:
        numbers = np.array(given, np.int64) if len(given) else np.empty((0, 0), np.int64)
        classes = numbers.max(1, initial=0) + 1
        numbers += (np.cumsum(classes) - classes)[:, None]
        counts = np.bincount(numbers.ravel(), minlength=int(classes.sum()))
        owner = np.repeat(np.arange(len(given)), classes)
        large = counts >= FEWEST
        small = np.bincount(owner[(counts > 0) & ~large], minlength=len(given)) > 0
        kept = np.bincount(owner[large], minlength=len(given))
        self.sizes = kept + small
        self.starts = np.cumsum(self.sizes) - self.sizes
        rank = np.cumsum(large) - 1 - (np.cumsum(kept) - kept)[owner]
        place = self.starts[owner] + np.where(large, rank + small[owner], 0)  # those that are small are one, the first
        self.numbers = place[numbers]
        self.sums = np.bincount(place, counts, int(self.sizes.sum()))

    def inverse(self, things: float) -> NDArray[np.float64]:
        """Return the sum of things over the size of each class, of each classification."""
        return np.asarray(np.add.reduceat(things / self.sums, self.starts))


def _table(rows: _Classes, columns: _Classes) -> NDArray[np.float64]:
    """Return how often each class of the rows comes with each of the columns."""
    things = rows.numbers.shape[1]
    table = np.zeros((len(rows.sums), len(columns.sums)), np.int64)
    count_together(rows.numbers, columns.numbers, len(rows.numbers), len(columns.numbers), things, table)
    return table.astype(np.float64)


def _pairs(rows: _Classes, columns: _Classes) -> Iterator[NDArray[np.float64]]:
    """Yield for each classification and the other in its place the squares of cells over the sizes of both classes."""
    sizes = rows.sizes * columns.sizes
    begins = np.cumsum(sizes) - sizes
    places = (rows.numbers - rows.starts[:, None]) * columns.sizes[:, None] + columns.numbers
    table = np.bincount((places + (begins - columns.starts)[:, None]).ravel(), minlength=int(sizes.sum()))
    squares = table.astype(np.float64) ** 2
    parts = zip(begins, rows.starts, rows.sizes, columns.starts, columns.sizes, strict=True)
    for begin, row, high, column, wide in parts:
        both = np.outer(rows.sums[row : row + high], columns.sums[column : column + wide])
        yield squares[begin : begin + high * wide].reshape(high, wide) / both


def moments(
    rows: _Classes, columns: _Classes, things: float, each: Callable[..., NDArray[np.float64]] = np.outer
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of Pearson's statistic over all permutations, shapes (rows, columns).

    With ``np.multiply`` for ``each`` they are those of each classification and the other in its place only.

    Examples
    --------
    >>> one = _Classes([np.array([0] * 8 + [1] * 24)])
    >>> [round(float(part[0, 0]), 6) for part in moments(one, one, 32)]
    [1.032258, 1.94658]
    """
    (v1, w1), (v2, w2) = ((_spread(part, things), _inverse(part, things)) for part in (rows, columns))
    mean = np.asarray(things / (things - 1) * each(rows.sizes - 1, columns.sizes - 1), np.float64)
    variance = 2 * things / (things - 3) * each(v1 - w1, v2 - w2) + things**2 / (things - 1) * each(w1, w2)
    return mean, variance


def _spread(part: _Classes, things: float) -> NDArray[np.float64]:
    return np.asarray((part.sizes - 1) * (things - part.sizes) / (things - 1))


def _inverse(part: _Classes, things: float) -> NDArray[np.float64]:
    return np.asarray((part.inverse(things) - part.sizes**2) / (things - 2))
