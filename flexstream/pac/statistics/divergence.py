"""Bounds of divergences, of each state's outcomes and of whole strings: the best of several mixtures.

Each mixture is a bet against the truth with a part of what is put in, so that all of them together are one martingale,
and the best of them is a bound for the price of its part (docs/pac.md, theorems 2 and 7).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .centred import believed_visits, centred_cost
from .intervals import mixture_cost

SCALES = 13
"""Strengths that are tried where the length of the stream was not declared: 4^0, 4^1, … visits."""


def strengths(declared: float | None) -> list[tuple[float, float]]:
    """Return what priors around the truth are worth, in visits, and what the part bet on each costs, in nats.

    >>> [(strength, round(price, 3)) for strength, price in strengths(None)][:2], strengths(30.0)
    ([(1.0, 1.386), (4.0, 2.485)], [(30.0, 0.6931471805599453)])
    """
    if declared is not None:
        return [(declared, math.log(2))]
    return [(4.0**scale, math.log(2 * (scale + 1) * (scale + 2))) for scale in range(SCALES)]


def priced(
    counts: NDArray[np.float64], least: NDArray[np.float64], outcomes: int, given: list[tuple[float, float]]
) -> NDArray[np.float64]:
    """Return what each mixture costs a state, in nats, and how many visits its divergence counts for.

    Parameters
    ----------
    counts, least : float64 arrays, shape (seen,)
        Of the outcomes that came, and the lower ends of their probabilities.
    outcomes : int
        How many there are.
    given : list of (strength, price)
        See `strengths`; before them comes the mixture for all probabilities.

    Returns
    -------
    float64 array, shape (2, mixtures)

    Examples
    --------
    >>> counts = np.array([600.0, 370.0])
    >>> priced(counts, 0.9 * counts / 970, 4, strengths(30.0)).round(2).tolist()
    [[8.87, 2.56], [970.0, 864.8]]
    """
    came = counts > 0
    visits = counts.sum()
    costs = [mixture_cost(counts, outcomes) + math.log(2)]
    costs += [centred_cost(counts[came], least[came], strength) + price for strength, price in given]
    counted = [visits, *(float(believed_visits(visits, strength)) for strength, _ in given)]
    return np.array([costs, counted])


def state_radius(costs: NDArray[np.float64], alpha: float) -> float:
    """Return r such that a state's relative frequencies are within r of the truth, in L1, at all times at once.

    Pinsker's inequality makes that of a bound of the divergence.

    Parameters
    ----------
    costs : float64 array, shape (2, mixtures)
        See `priced`.
    alpha : float

    Examples
    --------
    >>> round(state_radius(np.array([[7.73, 2.56], [970.0, 864.8]]), 0.01), 3)
    0.129
    """
    divergence = (math.log(1 / alpha) + costs[0]) / costs[1]
    return min(2.0, math.sqrt(2 * float(divergence.min())))


def whole_divergence(costs: NDArray[np.float64], expected: NDArray[np.float64], alpha: float) -> float:
    """Return a bound of KL(automaton without smoothing, target) over strings, in nats.

    It is Σ_q v_q KL(f_q, p_q), and Σ_q a_q KL(f_q, p_q) is at most ln(1/α) and what the mixtures cost, for any choice
    of a mixture for each state: of all choices the best is taken in which no v/a is above a limit.

    Parameters
    ----------
    costs : float64 array, shape (2, mixtures, states)
        See `priced`.
    expected : float64 array, shape (states,)
        Visits of a string of the automaton.
    alpha : float
        Probability that the bound is wrong at any time.

    Examples
    --------
    >>> costs = np.repeat(np.array([[7.73, 2.56], [970.0, 864.8]])[:, :, None], 2, axis=2)
    >>> round(whole_divergence(costs, np.array([0.97, 0.97]), 0.01), 4)
    0.0109
    """
    if not len(expected):
        return 0.0
    ratios = expected / costs[1]
    least = ratios.min(0).max()  # below it some state would have no bound
    found = math.inf
    for most in np.unique(ratios[ratios >= least]).tolist():
        found = min(
            found, most * (math.log(1 / alpha) + float(np.where(ratios <= most, costs[0], np.inf).min(0).sum()))
        )
    return found
