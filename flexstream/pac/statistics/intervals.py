"""Confidence sequences: intervals of probabilities that hold at all looks at once, however many there are.

The outcomes of a state's visits, in the order of the stream, are independent draws from its distribution.  Their
likelihood under a Beta(½, ½) mixture, divided by that under the truth, is a martingale that starts at 1, so it ever
passes 1/α with probability at most α (Ville 1939; Robbins, "Statistical methods related to the law of the iterated
logarithm", 1970).  The probabilities under which it has not are the interval.  Neither the number of looks nor the
random number of visits matters; docs/pac.md, theorem 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .special import likelihood_edge, log_best, log_beta, log_mixture

PRIOR = 0.5
"""Of hit and miss: Krichevsky & Trofimov 1981, minimax for the first-order term of the mixture's cost."""


def confidence_sequence(
    hits: ArrayLike, visits: ArrayLike, alpha: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of a probability that hold at every number of visits at once.

    Parameters
    ----------
    hits, visits : arrays, same shape
        0 <= hits <= visits; without visits the interval is all of [0, 1].
    alpha : float
        Probability that the interval misses the truth at any time.

    Examples
    --------
    >>> low, high = confidence_sequence([0, 500], [1000, 1000], 0.001)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.4276], [0.0109, 0.5724])
    """
    k, m = (np.array(part, np.float64) for part in np.broadcast_arrays(hits, visits))
    wealth = log_beta(k + PRIOR, m - k + PRIOR) - (2 * math.lgamma(PRIOR) - math.lgamma(2 * PRIOR))
    limit = wealth + math.log(alpha)  # the truth has a log-likelihood above this
    best = np.where(m > 0, k / np.maximum(m, 1), 0.5)
    sides = np.stack([np.zeros_like(k), np.ones_like(k)])
    low, high = likelihood_edge(k, m, limit, np.broadcast_to(best, sides.shape), sides)
    return np.where((k > 0) & (m > 0), low, 0.0), np.where((k < m) & (m > 0), high, 1.0)


def mixture_cost(counts: NDArray[np.float64], outcomes: int) -> float:
    """Return how many nats a Dirichlet mixture loses to the distribution that makes the counts likeliest."""
    return float(log_best(counts) - log_mixture(counts, outcomes))
