"""Clopper & Pearson's interval, for shares of a number of trials that was fixed beforehand.

It is the right one for a rate that a simulation measures.  It is not the one of the report: visits of a state are not
fixed beforehand, and a stream is looked at more than once; see `flexstream.pac.intervals`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .special import incomplete_beta

_HALVINGS = 60


def clopper_pearson(
    hits: ArrayLike, trials: ArrayLike, alpha: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of a probability, exact for binomial counts (Clopper & Pearson 1934).

    Parameters
    ----------
    hits, trials : arrays, same shape
        0 <= hits <= trials.
    alpha : float
        Probability of missing the truth, half of it on each side.

    Examples
    --------
    >>> low, high = clopper_pearson([0, 3], [10, 10], 0.05)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.0667], [0.3085, 0.6525])
    """
    k, m = (np.array(part, np.float64) for part in np.broadcast_arrays(hits, trials))
    low = _solve(np.maximum(k, 0.5), m - k + 1, alpha / 2)
    high = _solve(k + 1, np.maximum(m - k, 0.5), 1 - alpha / 2)
    return np.where(k > 0, low, 0.0), np.where(k < m, high, 1.0)


def _solve(a: NDArray[np.float64], b: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Return x with I_x(a, b) = level, by bisection: the function rises with x."""
    low, high = np.zeros_like(a), np.ones_like(a)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = incomplete_beta(a, b, middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
