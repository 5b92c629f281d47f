"""Confidence sequences for a stream whose length is known beforehand: mixtures around each probability asked about.

A mixture that is the same for all probabilities pays for not knowing which one it is.  For each p one may take a prior
of its own, around p: the likelihood under it over that under p is a martingale all the same, and the interval is where
it has not reached 1/α.  How far such a prior reaches has to be said beforehand: a strength of 3 in 100 of the visits
that will be there makes the interval narrowest about then (Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform,
nonparametric, nonasymptotic confidence sequences", Ann. Stat. 49, 2021, section 3.5); docs/pac.md, theorem 7.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .special import bisected, log_beta, log_gamma

STRENGTH = 0.03
"""Visits that a prior is worth, as a part of the number of traces declared."""
_EDGE = 1e-12
_NEAR = 0.999
"""ρ rises, so it is taken here where the quotient of two numbers next to nothing would say little."""


def centred_sequence(
    hits: ArrayLike, visits: ArrayLike, alpha: float, strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of a probability that hold at every number of visits at once.

    The martingale is convex in p, as (i/κ)/(p(p + i/κ)), of which its slope is made up, falls in p; so the limits are
    found by halves from the share of the hits, at which it is below 1.

    Parameters
    ----------
    hits, visits : arrays, same shape
        0 <= hits <= visits; without visits the interval is all of [0, 1].
    alpha : float
        Probability that the interval misses the truth at any time.
    strength : float
        Visits that the prior is worth, above 0, whatever came.

    Examples
    --------
    >>> low, high = centred_sequence([0, 500], [1000, 1000], 0.001, 30)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.4334], [0.0077, 0.5666])
    """
    k, m = (np.array(part, np.float64) for part in np.broadcast_arrays(hits, visits))
    best = np.where(m > 0, k / np.maximum(m, 1), 0.5)

    def within(p: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(_wealth(k, m, p, strength) < math.log(1 / alpha))

    limits = []
    for edge in (_EDGE, 1 - _EDGE):
        limits.append(bisected(best, np.full_like(best, edge), within))
    low, high = limits
    return np.where((k > 0) & (m > 0), low, 0.0), np.where((k < m) & (m > 0), high, 1.0)


def _wealth(
    hits: NDArray[np.float64], visits: NDArray[np.float64], p: NDArray[np.float64], strength: float
) -> NDArray[np.float64]:
    """Return the logarithm of the likelihood under the mixture around p over that under p."""
    p = np.clip(p, _EDGE, 1 - _EDGE)
    a, b = strength * p, strength * (1 - p)
    mixture = log_beta(a + hits, b + visits - hits) - log_beta(a, b)
    return np.asarray(mixture - hits * np.log(p) - (visits - hits) * np.log1p(-p))


def centred_cost(counts: NDArray[np.float64], least: NDArray[np.float64], strengths: ArrayLike) -> NDArray[np.float64]:
    """Return what Dirichlet mixtures around the truth cost one state at most, in nats (docs/pac.md, theorem 7).

    Parameters
    ----------
    counts : float64 array, shape (seen,)
        Of the outcomes that came, each at least 1.
    least : float64 array, shape (seen,)
        Lower ends of their probabilities; without one there is no bound.
    strengths : array, shape (strengths,)

    Returns
    -------
    float64 array, shape (strengths,)

    Examples
    --------
    >>> counts = np.array([600.0, 370.0])
    >>> centred_cost(counts, 0.9 * counts / 970, [30.0]).round(3).tolist()  # about ½ ln(1 + 970/30)
    [1.866]
    >>> centred_cost(counts, np.array([0.5, 0.0]), [30.0]).tolist()
    [inf]
    """
    given = np.asarray(strengths, np.float64)
    if not (least > 0).all():
        return np.full(len(given), math.inf)
    prior = given[:, None] * least
    found = (_surplus(prior) - _surplus(counts + prior)).sum(1) - _surplus(given) + _surplus(given + counts.sum())
    return np.asarray(found)


def _surplus(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln Γ(x) + x - x ln x, whose slope is negative and rises."""
    return np.asarray(log_gamma(amount) + amount - amount * np.log(amount))


def believed_visits(
    counts: NDArray[np.float64], most: NDArray[np.float64], strengths: ArrayLike, parts: ArrayLike
) -> NDArray[np.float64]:
    """Return how many visits the divergence counts for once relative frequencies are drawn to the truth.

    For h = (1 - λ)f + λp, λ = κ/(m + κ), KL(h, p) is at least ρ(0) KL(f, p), and for r between ρ(0) and ρ(1) at least
    r KL(f, p) less Σ (r - ρ(f/u)) (u - f - f ln(u/f)) over outcomes for which that is positive, u the upper ends of
    probabilities (docs/pac.md, theorem 7).

    Parameters
    ----------
    counts, most : float64 arrays, shape (outcomes,)
        Of all outcomes, and the upper ends of their probabilities.
    strengths : array, shape (strengths,)
    parts : array, shape (parts,)
        Where r lies between ρ(0), at which nothing is lost, and ρ(1).

    Returns
    -------
    float64 array, shape (2, strengths, parts)
        What is lost, in nats, and the visits.

    Examples
    --------
    >>> counts = np.array([600.0, 370.0])
    >>> believed_visits(counts, 1.1 * counts / 970, [30.0], [1.0, 0.0]).round(3).tolist()
    [[[0.004, 0.0]], [[940.9, 864.803]]]
    """
    visits, given = float(counts.sum()), np.asarray(strengths, np.float64)[:, None]
    drawn = given / (visits + given)
    least = _kept(np.zeros(1), drawn)
    kept = least + np.asarray(parts, np.float64) * ((1 - drawn) ** 2 - least)
    shares = counts / visits
    ratio = np.minimum(shares / np.maximum(most, _EDGE), 1.0)
    beyond = most - shares + shares * np.log(np.where(ratio > 0, ratio, 1.0))
    far = _kept(np.minimum(ratio, _NEAR), drawn)
    lost = (np.maximum(kept[:, :, None] - far[:, None, :], 0) * np.maximum(beyond, 0)).sum(2)
    return (visits + given) * np.array([lost, kept])


def _kept(ratio: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ρ(t) = φ((1 - λ)t + λ)/φ(t), φ(t) = t ln t - t + 1, which rises in t; t below 1."""
    return np.asarray(_bregman((1 - drawn) * ratio + drawn) / _bregman(ratio))


def _bregman(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ratio * np.log(np.where(ratio > 0, ratio, 1.0)) - ratio + 1)
