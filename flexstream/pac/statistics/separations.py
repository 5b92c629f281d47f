"""Evidence that two states are two: an e-value for each pair, that of their successors included."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .special import log_best, log_mixture


def direct(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log e-value of each pair of states against "one distribution of next outcomes".

    Two Dirichlet mixtures over the best likelihood of one distribution (universal inference, as in
    `flexstream.pac.statistics.homogeneity.homogeneity`).

    Parameters
    ----------
    counts : float64 array, shape (states, outcomes)

    Returns
    -------
    float64 array, shape (states, states)
    """
    states, outcomes = counts.shape
    own = log_mixture(counts, outcomes)
    result = np.zeros((states, states))
    for state in range(states):
        result[state] = own[state] + own - log_best(counts[state] + counts)
    np.fill_diagonal(result, -np.inf)
    return result


def partition_cost(entries: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what choosing the pair's two sets of entries from the data costs, in nats, shape (states, states).

    A state that is torn in two can be torn along any partition of its entries; the e-value averaged over all of them
    is at least 2^-(entries - 1) times that of the one found (docs/pac.md, theorem 3).
    """
    both = entries[:, None] + entries[None, :]
    return np.maximum(0, both - 1) * math.log(2)


def through_successors(evidence: NDArray[np.float64], goal: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the best evidence of each pair or any pair it leads to: states are two if their successors are.

    Parameters
    ----------
    evidence : float64 array, shape (states, states)
    goal : int64 array, shape (states, symbols)
        -1: not known.
    """
    best = evidence.copy()
    while True:
        before = best.copy()
        for column in goal.T:
            known = np.flatnonzero(column >= 0)
            rows = np.ix_(known, known)
            best[rows] = np.maximum(best[rows], before[np.ix_(column[known], column[known])])
        if (best == before).all():
            return best
