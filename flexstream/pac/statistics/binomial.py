"""Intervals of a probability from a number of trials that the outcomes had no part in.

Clopper & Pearson's is exact; rates of simulations are given with it.  Zubkov & Serov's bound is less than one hit wider
and costs no more for a million trials than for ten; reports use it for the first visits of a state, see
`flexstream.pac.statistics.intervals` and docs/pac.md, theorem 5.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .special import incomplete_beta, likelihood_edge, log_beta

_STEPS, _SETTLED = 60, 1e-14


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


def binomial_limits(
    hits: ArrayLike, trials: ArrayLike, alpha: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of a probability by a bound of the binomial tail, sharp to less than one hit.

    P(X <= k) <= Φ(-sqrt(2 m KL((k + 1)/m, p))) for (k + 1)/m <= p (Zubkov & Serov, "A complete proof of universal
    inequalities for the distribution function of the binomial law", Theory Probab. Appl. 57, 2013); exact for k = 0.

    Parameters
    ----------
    hits, trials : arrays, same shape
        0 <= hits <= trials; without trials the interval is all of [0, 1].
    alpha : float or array that broadcasts
        Probability of missing the truth, half of it on each side.

    Examples
    --------
    >>> low, high = binomial_limits([0, 300], [10, 1000], 0.05)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.2712], [0.3085, 0.3299])
    """
    k, m = (np.array(part, np.float64) for part in np.broadcast_arrays(hits, trials))
    level = np.asarray(alpha, np.float64) / 2
    misses, high = _upper(np.stack([m - k, k]), m, level)
    return 1 - misses, high


def _upper(k: NDArray[np.float64], m: NDArray[np.float64], level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest p with P(X <= k) above the level, or a little more."""
    trials = np.maximum(m, 1)
    hits = np.minimum(k + 1, trials - 1)
    best = np.clip(hits / trials, 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.where(hits > 0, hits * np.log(best), 0) + (trials - hits) * np.log1p(-best)
    normal = np.vectorize(NormalDist().inv_cdf, [np.float64])(level)
    found = likelihood_edge(hits, trials, top - normal**2 / 2, best, np.ones_like(best))
    found = np.where(k >= trials - 1, (1 - level) ** (1 / trials), found)
    found = np.where(k <= 0, 1 - level ** (1 / trials), found)
    return np.where((k >= m) | (m <= 0), 1.0, found)


def _solve(a: NDArray[np.float64], b: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Return x with I_x(a, b) = level: by Newton's steps, as the density is known, and halves where they fail."""
    low, high = np.zeros_like(a), np.ones_like(a)
    x, scale = a / (a + b), log_beta(a, b)
    for _ in range(_STEPS):
        beyond = incomplete_beta(a, b, x) - level
        low, high = np.where(beyond < 0, x, low), np.where(beyond < 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):  # at 0 and 1, where halves lead on
            density = np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - scale)
            following = x - beyond / density
        following = np.where((following >= low) & (following <= high), following, (low + high) / 2)
        settled = np.abs(following - x) <= _SETTLED * following
        x = following
        if settled.all():
            break
    return x
