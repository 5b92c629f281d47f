"""Whether the states explain the stream: does what comes next hang on the events before, given the state?

A learner merges two nodes as long as their difference is worth less than a state costs.  Many such differences add up:
where the source has no finite number of states every merge may be right to make and the automaton still be wrong.  So
the visits of each state are put apart by the last events before them, or by how many came before, and Pearson's
statistic of all the tables together is held against what one distribution a state would give.  What counts, as where as
many of one event have to come as there were of another, the last events do not show, but the length does.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple
from .special import log_normal_tail
from .state_tree import StateTree, numbered, outcomes_by

ORDERS = (1, 2, 3)
"""By how many of the last events visits are put apart."""
BY_LENGTH = 0
"""In the place of an order: put apart by how many events came before."""
LEAST_VISITS = 8
"""Smaller groups are left out: what they say is little, and less well known."""


class Fit(NamedTuple):
    """Pearson's statistic of one way to put visits apart."""

    order: int  # by how many of the last events, `BY_LENGTH` by how many came before
    groups: int
    excess: float  # standard deviations above what one distribution a state gives
    log_p: float  # natural logarithm of the probability of so much under one distribution a state
    state: int  # the state whose groups differ most, -1 where there are none


def fits(tree: StateTree) -> list[Fit]:
    """Return the fit of a tree's states by each of the orders, and by length.

    Parameters
    ----------
    tree : StateTree
        Its nodes have the states of the automaton in question.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.report.evidence import with_evidence
    >>> learner = StreamLearner(options={"margin": -1e5})  # whatever the data say, all is one state
    >>> learner.learn_many([["a", "b"], ["c", "d"]] * 500)
    >>> with_evidence(learner).evidence["fit"][0]["log_p"] < -100
    True
    """
    trunk = tree.trunk
    ways = [*_last_events(trunk), trunk.depth]
    return [_fit(trunk, order, way) for order, way in zip((*ORDERS, BY_LENGTH), ways, strict=True)]


def _last_events(tree: StateTree) -> list[NDArray[np.int64]]:
    """Return for each order what the last events on the way to each node are, as a number; the start counts as one."""
    parent = tree.parent.copy()
    parent[0] = 0
    last, above, found = np.zeros(len(parent), np.int64), np.arange(len(parent)), []
    for _ in ORDERS:
        keys = last * (tree.alphabet + 1) + tree.symbol[above] + 1
        last = numbered(keys, int(keys.max()) + 1)[1]
        above = parent[above]
        found.append(last)
    return found


def _fit(tree: StateTree, order: int, way: NDArray[np.int64]) -> Fit:
    outcomes, contexts = tree.alphabet + 1, int(way.max()) + 1
    keys, group = numbered(tree.state * contexts + way, tree.states * contexts)
    cells, counts = outcomes_by(tree, group, len(keys), tree.grown)
    visits = np.bincount(cells // outcomes, counts, len(keys))
    owner = keys // contexts
    chosen = visits >= LEAST_VISITS
    chosen &= (np.bincount(owner[chosen], minlength=tree.states) > 1)[owner]  # one group alone agrees with itself
    some = chosen[cells // outcomes]
    if not some.any():
        return Fit(order, 0, 0.0, 0.0, -1)
    state, statistic, mean, variance = pearson(
        np.cumsum(chosen)[cells[some] // outcomes] - 1, cells[some] % outcomes, counts[some], owner[chosen]
    )
    by_state = np.bincount(state, statistic - mean) / np.sqrt(np.maximum(np.bincount(state, variance), 1e-300))
    total, expected, spread = (float(part.sum()) for part in (statistic, mean, variance))
    excess = (total - expected) / math.sqrt(spread) if spread > 0 else 0.0
    return Fit(order, int(chosen.sum()), excess, chi_square_tail(total, expected, spread), int(by_state.argmax()))


def pearson(
    group: NDArray[np.int64], outcome: NDArray[np.int64], counts: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each group's Pearson statistic against its state's shares, its mean and its variance if they are right.

    Outcomes that a group is expected to have less than once count as one.  Of a multinomial of n visits and k outcomes
    with known shares p the statistic has the mean k - 1 and the variance 2(k-1) + (Σ 1/p - k² - 2k + 2)/n, whatever
    n is (Haldane, Biometrika 29, 1937); that p comes from the m groups themselves takes one m-th of the mean away.

    Parameters
    ----------
    group, outcome, counts : int64 arrays, shape (cells,)
        How often an outcome came in a group; groups without any are not there.
    owner : int64 array, shape (groups,)
        State of each group.

    Returns
    -------
    state : int64 array, shape (groups,)
    statistic, mean, variance : float64 arrays, shape (groups,)
    """
    groups, outcomes = len(owner), int(outcome.max()) + 1
    visits = np.bincount(group, counts, groups).astype(np.float64)
    keys, which = numbered(owner[group] * outcomes + outcome, (int(owner.max()) + 1) * outcomes)
    pooled = np.bincount(which, counts)
    share = pooled / np.bincount(keys // outcomes, pooled)[keys // outcomes]
    most, weight, inverse = _likely(keys // outcomes, share, owner, visits)
    often = share[which] >= 1 / visits[group] - 2e-12  # as `_likely` counts them
    expected = share[which] * visits[group]
    seen = np.bincount(group[often], counts[often], groups)
    statistic = np.bincount(group[often], (counts**2 / expected)[often], groups) - 2 * seen + visits * weight
    rest = np.maximum(0.0, 1 - weight)
    others = rest > 1e-12
    apart = np.where(others, visits * rest, 1.0)
    statistic += np.where(others, (visits - seen - visits * rest) ** 2 / apart, 0.0)
    kinds = most + others
    inverse = inverse + np.where(others, visits / apart, 0.0)
    variance = 2 * (kinds - 1) + (inverse - kinds**2 - 2 * kinds + 2) / visits
    mean = (kinds - 1) * (1 - 1 / np.bincount(owner)[owner])
    return owner, statistic, mean, np.maximum(variance, 0.0)


def _likely(
    state: NDArray[np.int64], share: NDArray[np.float64], owner: NDArray[np.int64], visits: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return for each group how many outcomes it is expected to have at least once, their shares and one over these."""
    order = np.lexsort((-share, state))
    ranked = state[order] + (1 - share[order]) / 2  # rises: by state, then the likeliest first
    stop = np.searchsorted(ranked, owner + (1 - 1 / visits) / 2 + 1e-12, side="right")
    start = np.searchsorted(state[order], owner)
    shares, inverse = (np.concatenate([[0.0], np.cumsum(part)]) for part in (share[order], 1 / share[order]))
    stop = np.maximum(start, stop)
    return (stop - start).astype(np.float64), shares[stop] - shares[start], inverse[stop] - inverse[start]


def chi_square_tail(total: float, mean: float, variance: float) -> float:
    """Return the log of the probability that a sum of Pearson statistics is ``total`` or more.

    The sum is taken for a multiple of a χ² with its mean and variance (Satterthwaite, Biometrics 2, 1946), whose cube
    root is close to normal (Wilson & Hilferty, PNAS 17, 1931).

    Examples
    --------
    >>> round(math.exp(chi_square_tail(18.307, 10, 20)), 3)  # the 95 % quantile of ten degrees of freedom
    0.05
    """
    if mean <= 0 or variance <= 0 or total <= 0:
        return 0.0
    spread = variance / (9 * mean**2)  # 2/(9ν) for ν = 2 mean²/variance degrees of freedom
    return log_normal_tail((math.cbrt(total / mean) - (1 - spread)) / math.sqrt(spread))
