"""Bounds of divergences, of each state's outcomes and of whole strings: the best of several mixtures.

Each mixture is a bet against the truth with a part of what is put in, so that all of them together are one martingale,
and the best of them is a bound for the price of its part (docs/pac.md, theorems 2 and 7).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple
from .centred import believed_visits, centred_cost
from .intervals import mixture_cost

SCALES = 4
"""Strengths that are tried where the length of the stream was not declared: 8, 8^2, … visits."""
ANYWHERE = 0.05
"""The part of each state's bet that is on the mixture for all probabilities; the others share the rest."""
DECLARED = (5.0, 0.65), (1.0, 0.3)
"""Strengths where it was, in those of intervals, and their parts: for states often and seldom met."""
PARTS = 1.0, 0.8, 0.5, 0.0
"""How much is made of it that probabilities are known to be near, see `.centred.believed_visits`."""
MOST_LIMITS = 256


class Outcomes(NamedTuple):
    """What is known of the outcomes of a state.

    Attributes
    ----------
    counts, least, most : float64 arrays, shape (outcomes,)
        How often each came, and the ends of the interval of its probability.
    others : int
        Outcomes that never came, beyond these.
    other_most : float
        Upper end of the probability of each of them.
    """

    counts: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    others: int = 0
    other_most: float = 0.0


def strengths(declared: float | None) -> list[tuple[float, float]]:
    """Return what priors around the truth are worth, in visits, and what the part bet on each costs, in nats.

    >>> [(strength, round(price, 3)) for strength, price in strengths(30.0)]
    [(150.0, 0.431), (30.0, 1.204)]
    >>> [(strength, round(price, 3)) for strength, price in strengths(None)][:2]
    [(8.0, 1.438), (64.0, 1.438)]
    """
    if declared is not None:
        return [(times * declared, -math.log(part)) for times, part in DECLARED]
    return [(8.0**scale, math.log(SCALES / (1 - ANYWHERE))) for scale in range(1, SCALES + 1)]


def priced(row: Outcomes, given: list[tuple[float, float]]) -> NDArray[np.float64]:
    """Return what each mixture costs a state, in nats, and how many visits its divergence counts for.

    Parameters
    ----------
    row : Outcomes
        Of a state that was visited.
    given : list of (strength, price)
        See `strengths`; before them comes the mixture for all probabilities.

    Returns
    -------
    float64 array, shape (2, 1 + len(PARTS) * len(given))

    Examples
    --------
    >>> counts = np.array([600.0, 370.0])
    >>> row = Outcomes(counts, 0.9 * counts / 970, 1.1 * counts / 970)
    >>> priced(row, [(30.0, 0.5)]).round(2)[:, [0, 1, 4]].tolist()
    [[6.66, 2.37, 2.37], [970.0, 940.9, 864.8]]
    """
    came, worth = row.counts > 0, [strength for strength, _ in given]
    others = min(row.others * row.other_most, max(0.0, 1 - float(row.least.sum())))
    costs = centred_cost(row.counts[came], row.least[came], worth) + [price for _, price in given]
    around = believed_visits(np.append(row.counts, 0.0), np.append(row.most, others), worth, PARTS)
    around[0] += costs[:, None]
    anywhere = mixture_cost(row.counts, len(row.counts) + row.others) - math.log(ANYWHERE)
    return np.concatenate([[[anywhere], [row.counts.sum()]], around.reshape(2, -1)], axis=1)


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
    of a mixture for each state: of all choices the best is taken in which no v/a is above a limit, of `MOST_LIMITS`
    limits at most.

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
    limits = np.unique(ratios[ratios >= least])
    for most in limits[np.unique(np.linspace(0, len(limits) - 1, MOST_LIMITS).astype(np.int64))].tolist():
        found = min(
            found, most * (math.log(1 / alpha) + float(np.where(ratios <= most, costs[0], np.inf).min(0).sum()))
        )
    return found
