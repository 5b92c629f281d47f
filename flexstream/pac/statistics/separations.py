"""Evidence that two states are two: an e-value for each pair, that of their successors included."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...automata.pdfa import PDFA
from .special import log_best, log_mixture


def found_differing(evidence: NDArray[np.float64], level: float) -> int:
    """Return how many pairs may be called two states if a share of ``level`` of them may be wrong, in expectation.

    The k pairs of the largest e-values, each of them at least the number of pairs over k times the level, whatever
    hangs on what (e-BH: Wang & Ramdas, "False discovery rate control with e-values", JRSS B 84, 2022).

    Parameters
    ----------
    evidence : float64 array, shape (pairs,)
        Log e-values.
    level : float

    Examples
    --------
    >>> found_differing(np.log([1000.0, 45.0, 41.0, 2.0]), 0.05)  # 4/(3 · 0.05) = 26.7
    3
    """
    falling, number = np.sort(evidence)[::-1], np.arange(1, len(evidence) + 1)
    enough = falling >= np.log(len(evidence) / (number * level))
    return int(number[enough].max(initial=0))


def next_outcomes(automaton: PDFA, outcomes: int) -> NDArray[np.float64]:
    """Return how often each outcome came in each state, the end first, shape (states, outcomes)."""
    counts = np.zeros((len(automaton), outcomes))
    counts[:, 0] = automaton.stops
    counts[automaton.sources, 1 + automaton.edge_symbols] = automaton.weights
    return counts


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
