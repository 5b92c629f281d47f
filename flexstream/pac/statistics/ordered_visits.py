"""Limits of a probability from visits by their number: the first of each string, the second ones, and so on.

Given all outcomes before, the k-th visits of a state by the strings that came back are a fixed number of independent
draws, so each of these groups has a binomial test of its own.  What the tests say is added up as normal deviates, with
weights that hang on the sizes of the groups so far only (the inverse normal method: Lehmacher & Wassmer, "Adaptive
sample size calculations in group sequential trials", Biometrics 55, 1999); docs/pac.md, theorem 8.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .special import bisected

ORDERS = 6
"""Visits of a string at a state that count; of more than so many few strings tell anything."""
FIRST = 0.6
"""Of the squared weights the first visits': how many others there will be is not known then."""
FEWEST = 60
"""Draws that a group is expected to have to be waited for."""
_MOST, _EDGE = 0.95, 1e-12


def ordered_limits(
    hits: NDArray[np.float64], trials: NDArray[np.float64], alpha: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of probabilities from the visits of each number.

    Parameters
    ----------
    hits, trials : float64 arrays, shape (orders, rows)
        Of the k-th visits; as each trial of one order is one of the order before, trials fall.
    alpha : float or float64 array, shape (rows,)
        Probability of missing the truth, half of it on each side.

    Examples
    --------
    >>> hits, trials = np.array([[300.0], [150.0], [75.0]]), np.array([[1000.0], [500.0], [250.0]])
    >>> low, high = ordered_limits(hits, trials, 0.01)
    >>> low.round(4).tolist(), high.round(4).tolist()  # of the 1,000 first ones alone 0.2627 and 0.3392
    ([0.2704], [0.3307])
    """
    from statistics import NormalDist  # with fractions and decimals, which most reports do without

    weights = ordered_weights(trials)
    limit = -np.vectorize(NormalDist().inv_cdf, [np.float64])(np.asarray(alpha, np.float64) / 2)
    share = hits.sum(0) / np.maximum(trials.sum(0), 1)
    misses = _beyond(trials - hits, trials, weights, 1 - share, limit)
    return 1 - misses, _beyond(hits, trials, weights, share, limit)


def ordered_weights(trials: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the deviate of each order counts, shape (orders, rows); the squares of each row add up to 1.

    That of one order hangs on the trials up to it.  As many strings as came back last time are expected to again; the
    order after which too few will takes all that is left.

    Examples
    --------
    >>> (ordered_weights(np.array([[1000.0, 1000.0], [500.0, 10.0], [250.0, 0.0]])) ** 2).round(2).tolist()
    [[0.6, 0.6], [0.2, 0.4], [0.2, 0.0]]
    """
    orders = len(trials)
    squares, left = np.zeros_like(trials), np.ones(trials.shape[1])
    for k in range(orders):
        if not k:
            part = np.full_like(left, FIRST if orders > 1 else 1.0)
        else:
            back = np.minimum(trials[k] / np.maximum(trials[k - 1], 1), _MOST)
            part = np.where((k == orders - 1) | (back * trials[k] < FEWEST), 1.0, 1 - back)
        squares[k] = part * left
        left = left - squares[k]
    return np.sqrt(squares)


def _beyond(
    hits: NDArray[np.float64],
    trials: NDArray[np.float64],
    weights: NDArray[np.float64],
    share: NDArray[np.float64],
    limit: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the p from which on the deviates add up to the limit, found by halves: they rise in p."""

    def within(p: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(_deviate(hits, trials, weights, p) < limit)

    outside = bisected(share, np.full_like(share, 1 - _EDGE), within)
    return np.where(_deviate(hits, trials, weights, outside) < limit, 1.0, outside)


def _deviate(
    hits: NDArray[np.float64], trials: NDArray[np.float64], weights: NDArray[np.float64], p: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sum over orders of a deviate below which a normal one is wherever that many hits or fewer came.

    P(X <= k) <= Φ(-z), z = ±sqrt(2 m KL((k+1)/m, p)), positive where (k+1)/m < p (Zubkov & Serov 2013).
    """
    more = np.minimum(hits + 1, np.maximum(trials - 1, 1))
    rest = np.maximum(trials - more, 1)
    known = hits + 1 < trials
    total = np.where(known, trials, more + rest)
    distance = more * np.log(more / total / p) + rest * np.log(rest / total / (1 - p))
    deviates = np.sign(p - more / total) * np.sqrt(2 * np.maximum(distance, 0))
    deviates = np.where(known, deviates, -math.inf)
    return np.asarray((np.where(weights > 0, deviates, 0.0) * weights).sum(0))
