"""Special functions on arrays: log gamma, the incomplete beta function, the evidence of Dirichlet mixtures."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

_HALF_LOG_TWO_PI = 0.9189385332046727
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_TERMS = 20_000
HALVINGS, _FEWER = 50, 48
_FAR = 30.0


def log_gamma(values: ArrayLike) -> NDArray[np.float64]:
    """Return ln Γ(x) for x > 0, to about 1e-11: Stirling's series (Abramowitz & Stegun 6.1.40) from 10 up.

    Examples
    --------
    >>> log_gamma([4, 5, 0.5]).round(6).tolist()
    [1.791759, 3.178054, 0.572365]
    """
    x = np.array(values, np.float64)
    product = np.ones_like(x)
    flat, factor = x.reshape(-1), product.reshape(-1)
    small = np.flatnonzero(flat < 10)
    while len(small):  # Γ(x + 1) = x Γ(x)
        factor[small] *= flat[small]
        flat[small] += 1
        small = small[flat[small] < 10]
    inverse = 1 / x
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return np.asarray((x - 0.5) * np.log(x) - x + _HALF_LOG_TWO_PI + series - np.log(product))


def log_beta(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln B(a, b) for a, b > 0."""
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


def incomplete_beta(a: ArrayLike, b: ArrayLike, x: ArrayLike) -> NDArray[np.float64]:
    """Return the regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1.

    By the continued fraction 26.5.8 of Abramowitz & Stegun, evaluated by Lentz's method, on the side of the mean on
    which it converges fast; the other side by I_x(a, b) = 1 - I_{1-x}(b, a).

    Examples
    --------
    >>> incomplete_beta(2, 3, 0.5).round(9).item()
    0.6875
    """
    one, other, at = (np.array(part, np.float64) for part in np.broadcast_arrays(a, b, x))
    swap = at > (one + 1) / (one + other + 2)
    p, q, y = np.where(swap, other, one), np.where(swap, one, other), np.where(swap, 1 - at, at)
    inside = y > 0
    safe = np.where(inside, y, 0.5)
    front = np.exp(p * np.log(safe) + q * np.log1p(-safe) - log_beta(p, q)) / p
    value = np.where(inside, front * _fraction(p, q, safe), 0.0)
    return np.where(swap, 1 - value, value)


def _fraction(p: NDArray[np.float64], q: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    c = np.ones_like(y)
    d = 1 / _away(1 - (p + q) * y / (p + 1))
    total = d.copy()
    for m in range(1, _MOST_TERMS):
        even = m * (q - m) * y / ((p + 2 * m - 1) * (p + 2 * m))
        odd = -(p + m) * (p + q + m) * y / ((p + 2 * m) * (p + 2 * m + 1))
        step = np.ones_like(y)
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            step *= c * d
        total *= step
        if (np.abs(step - 1) < _PRECISION).all():
            break
    return total


def _away(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep numbers away from 0."""
    return np.where(np.abs(values) < _TINY, _TINY, values)


def log_mixture(counts: ArrayLike, outcomes: int) -> NDArray[np.float64]:
    """Return the log-probability of a sequence with these counts under a Dirichlet mixture.

    The prior is worth one observation, shared out evenly (Perks 1947): with two outcomes that is Krichevsky &
    Trofimov's ½ each, with many it does not pay for those that never come.

    Parameters
    ----------
    counts : array, shape (..., seen)
        How often each outcome came; outcomes that never came may be left out.
    outcomes : int
        How many outcomes there are.

    Returns
    -------
    float64 array, shape (...)
        In nats.

    Examples
    --------
    >>> log_mixture([3, 1], outcomes=2).round(6).item()
    -3.242592
    """
    values = np.asarray(counts, np.float64)
    total = values.sum(-1)
    prior = 1 / outcomes
    rising = (log_gamma(values + prior) - math.lgamma(prior)).sum(-1)
    return np.asarray(rising - log_gamma(total + 1))


def log_best(counts: ArrayLike) -> NDArray[np.float64]:
    """Return the log-probability of such a sequence under the distribution that makes it likeliest, in nats.

    >>> log_best([3, 1]).round(6).item()
    -2.249341
    """
    values = np.asarray(counts, np.float64)
    total = values.sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(values > 0, values * np.log(values / total), 0.0)
    return np.asarray(terms.sum(-1))


def bisected(
    inside: NDArray[np.float64],
    outside: NDArray[np.float64],
    within: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    halvings: int = HALVINGS,
) -> NDArray[np.float64]:
    """Return the first numbers of those tried that are no more within, between some that are and others that are not.

    >>> bisected(np.array([1.0]), np.array([2.0]), lambda tried: tried**2 < 2).round(6).tolist()
    [1.414214]
    """
    for _ in range(halvings):
        middle = (inside + outside) / 2
        kept = within(middle)
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    return outside


def likelihood_edge(
    hits: NDArray[np.float64],
    trials: NDArray[np.float64],
    limit: NDArray[np.float64],
    inside: NDArray[np.float64],
    outside: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return where the log-likelihood of a probability falls to the limit between two values, by bisection.

    Parameters
    ----------
    hits, trials, limit : float64 arrays, same shape
    inside, outside : float64 arrays, same shape
        The likeliest value, and 0 or 1.
    """

    def within(middle: NDArray[np.float64]) -> NDArray[np.bool_]:
        with np.errstate(divide="ignore", invalid="ignore"):
            likelihood = np.where(hits > 0, hits * np.log(middle), 0)
            likelihood += np.where(trials > hits, (trials - hits) * np.log1p(-middle), 0)
        return np.asarray(likelihood > limit)

    return bisected(inside, outside, within, _FEWER)


def log_normal_tail(deviations: float) -> float:
    """Return the log of the probability that a standard normal is so large or larger.

    Far out ``erfc`` is no number any more; there the tail lies between φ(x)/x · (1 - 1/x²) and φ(x)/x (Gordon, Annals
    of Mathematical Statistics 12, 1941), and the upper bound is taken.

    Examples
    --------
    >>> round(math.exp(log_normal_tail(1.6448536)), 6), round(log_normal_tail(40.0), 2)
    (0.05, -804.61)
    """
    if deviations < _FAR:
        return math.log(math.erfc(deviations / math.sqrt(2)) / 2)
    return -(deviations**2) / 2 - math.log(deviations * math.sqrt(2 * math.pi))
