"""The Markov chain of an automaton's states, its symbols forgotten.

A chain is three arrays, one entry a step: source, target and probability.  What is left of a state's probability is
that of the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

Integers = NDArray[np.int32] | NDArray[np.int64]

NEGLIGIBLE = 1e-13
PATIENCE = 20_000
SMALL = 200
MOST_DENSE = 6000
"""States up to which a matrix is solved where summing up takes too long: 300 MB."""


MOST_INVERTED, LONG = 2500, 1000.0
"""States up to which a matrix is inverted for many rewards, 50 MB; mean length up to which that is exact enough."""


class Chain(NamedTuple):
    """Steps between states."""

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, states: int, sources: NDArray[np.int64], targets: NDArray[np.int64], p: NDArray[np.float64]) -> Chain:
        """Return the chain in which each pair of states stands once, in order."""
        pairs, which = np.unique(sources.astype(np.int64) * states + targets, return_inverse=True)
        return cls(pairs // states, pairs % states, summed(which, p, len(pairs)))


def summed(which: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the sums of the values that have the same number, shape (size,).

    >>> summed(np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 3)
    array([4., 0., 2.])
    """
    return np.asarray(np.bincount(which, values, size), np.float64)


def expected_visits(
    chain: Chain, initial: NDArray[np.float64], negligible: float = NEGLIGIBLE, enough: float = np.inf
) -> NDArray[np.float64]:
    """Return how often a trace visits each state on average, shape (states,).

    In large chains step after step is summed up until only a share ``negligible`` of the traces has not ended, or all
    visits sum to ``enough``.  In small ones, and where that takes too long, the linear equations v = initial + Pᵀv are
    solved instead.

    Raises
    ------
    ModelError
        If some traces never end.

    Examples
    --------
    >>> expected_visits(Chain(np.array([0]), np.array([0]), np.array([0.75])), np.array([1.0])).round(9)
    array([4.])
    """
    if len(initial) <= SMALL:
        return _solved(chain, initial)
    visits, now = np.zeros(len(initial)), initial.astype(np.float64)
    sources, targets, probabilities = chain
    for _ in range(PATIENCE):
        visits += now
        now = summed(targets, now[sources] * probabilities, len(now))
        if now.sum() < negligible or visits.sum() > enough:
            return visits
    return _solved(chain, initial)


def _check_size(states: int) -> None:
    if states > MOST_DENSE:
        raise ModelError(
            f"traces of the automaton, of {states:,} states, are so long that visits cannot be counted (expected: a "
            f"mean length of some hundreds of events, or at most {MOST_DENSE:,} states)"
        )


def _solved(chain: Chain, initial: NDArray[np.float64]) -> NDArray[np.float64]:
    _check_size(len(initial))
    try:
        visits = np.linalg.solve(_stay(chain, len(initial)).T, initial)
    except np.linalg.LinAlgError:
        visits = np.full(len(initial), np.inf)
    if not np.isfinite(visits).all() or (visits < -1e-6).any():
        raise ModelError("some traces of the automaton never end, so they have no mean length")
    return np.maximum(visits, 0.0)


def expected_rewards(chain: Chain, rewards: NDArray[np.float64], negligible: float = NEGLIGIBLE) -> NDArray[np.float64]:
    """Return what a trace collects on average from each state on, shape (states,), if each visit is worth its reward.

    Where some traces never end, only their first ``PATIENCE`` steps count.

    Examples
    --------
    >>> expected_rewards(Chain(np.array([0]), np.array([0]), np.array([0.75])), np.array([2.0])).round(9)
    array([8.])
    """
    if len(rewards) <= SMALL:
        try:
            return np.asarray(np.linalg.solve(_stay(chain, len(rewards)), rewards), np.float64)
        except np.linalg.LinAlgError:
            pass
    total, now = np.zeros(len(rewards)), rewards
    least = negligible * float(np.abs(rewards).max())
    sources, targets, probabilities = chain
    for _ in range(PATIENCE):
        total = total + now
        now = summed(sources, probabilities * now[targets], len(now))
        if np.abs(now).max() <= least:
            break
    return total


def all_visits(chain: Chain, states: int) -> NDArray[np.float64] | None:
    """Return how often a trace visits each state from each other on, shape (states, states), for many rewards at once.

    None where a matrix is no help: in chains that are small or too large for it, or where traces are long or endless.

    Examples
    --------
    >>> all_visits(Chain(np.array([0]), np.array([0]), np.array([0.75])), 1) is None
    True
    """
    if not SMALL < states <= MOST_INVERTED:
        return None
    try:
        found = np.linalg.inv(_stay(chain, states))
    except np.linalg.LinAlgError:
        return None
    usual = bool(np.isfinite(found).all() and found.min() > -1e-9 and found.sum(axis=1).max() <= LONG)
    return np.asarray(found, np.float64) if usual else None


def _stay(chain: Chain, states: int) -> NDArray[np.float64]:
    """Return I - P, shape (states, states)."""
    matrix = np.eye(states)
    np.subtract.at(matrix, (chain.sources, chain.targets), chain.probabilities)
    return matrix


def visit_probabilities(chain: Chain, initial: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each state the probability that a trace passes through it at least once, shape (states,).

    The expected visits of a state are that probability times the visits that follow from a first one, the diagonal
    of (I - P)⁻¹ (Kemeny & Snell, Finite Markov Chains, 1960, theorem 3.5.6).  Takes a dense matrix: 200 MB and half a
    minute for 5,000 states; raises ModelError for more than 6,000.

    Examples
    --------
    >>> visit_probabilities(Chain(np.array([0, 0]), np.array([0, 1]), np.array([0.5, 0.25])), np.array([1.0, 0.0]))
    array([1. , 0.5])
    """
    _check_size(len(initial))
    try:
        fundamental = np.linalg.inv(_stay(chain, len(initial)))
    except np.linalg.LinAlgError:
        raise ModelError("some traces of the automaton never end, so visits cannot be counted") from None
    return np.clip((initial @ fundamental) / np.diagonal(fundamental), 0.0, 1.0)


def reachable(states: int, sources: Integers, targets: Integers, roots: Iterable[int]) -> list[int]:
    """Return the states that steps lead to from ``roots``, breadth first, each state's steps in the order given.

    >>> reachable(4, np.array([0, 0, 2]), np.array([2, 1, 0]), [0])
    [0, 2, 1]
    """
    order = np.argsort(sources, kind="stable")
    steps = targets[order].tolist()
    bounds = np.searchsorted(sources[order], np.arange(states + 1)).tolist()
    found: list[int] = list(dict.fromkeys(roots))
    reached = set(found)
    for state in found:
        for target in steps[bounds[state] : bounds[state + 1]]:
            if target not in reached:
                reached.add(target)
                found.append(target)
    return found
