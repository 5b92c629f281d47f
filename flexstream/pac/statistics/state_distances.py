"""Probabilities of words from every state, with intervals, and how far two states are apart (prefix-L∞)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple

CELLS = 2_000_000
"""Largest table of words that is made."""
WORK = 1_000_000_000
"""Most differences that are formed."""


class Chances(NamedTuple):
    """Next-outcome probabilities of every state with their intervals, and where each symbol leads."""

    stop: NDArray[np.float64]  # shape (3, states): least, estimate, most
    step: NDArray[np.float64]  # shape (3, states, symbols)
    goal: NDArray[np.int64]  # shape (states, symbols), -1: not known


class Distances(NamedTuple):
    """Distance of every pair of states within a depth, shape (states, states) each, with its interval."""

    estimate: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    depth: int


def deepest(states: int, symbols: int, wanted: int) -> int:
    """Return how deep words can be followed, at most as deep as wanted; 0 if not at all."""
    depth = 0
    while depth < wanted:
        words = (symbols + 1) ** (depth + 1)
        if states * words > CELLS or states**2 * words > WORK:
            break
        depth += 1
    return depth


def word_probabilities(chances: Chances, depth: int) -> NDArray[np.float64]:
    """Return the probability that each word of 1..depth events comes next, the end being an event.

    Returns
    -------
    float64 array, shape (3, states, words)
        Least, estimate, most.  Behind a transition never seen everything is possible.
    """
    symbols = chances.step.shape[2]
    outside = np.array([0.0, 0.0, 1.0])[:, None, None]
    step = np.concatenate([chances.step, np.broadcast_to(outside, (3, 1, symbols))], axis=1)
    stop = np.concatenate([chances.stop[:, :, None], outside], axis=1)
    goal = np.vstack([chances.goal, np.full((1, symbols), -1)])
    level = np.concatenate([stop, step], axis=2)  # words of one event; -1, no state, is the last row
    found = [level]
    for _ in range(depth - 1):
        longer = [step[:, :, symbol, None] * level[:, goal[:, symbol]] for symbol in range(symbols)]
        level = np.concatenate(longer, axis=2) if longer else np.empty((3, len(goal), 0))
        found.append(level)
    return np.concatenate(found, axis=2)[:, :-1]


def distances(chances: Chances, depth: int) -> Distances:
    """Return the distances of all pairs of states over all words of 1..depth events.

    Examples
    --------
    >>> stop, step = np.full((3, 2), 0.5), np.full((3, 2, 1), 0.5)
    >>> stop[:, 1], step[:, 1, 0] = 0.2, 0.8
    >>> distances(Chances(stop, step, np.array([[0], [1]])), depth=2).estimate.round(2).tolist()
    [[0.0, 0.39], [0.39, 0.0]]
    """
    least, estimate, most = word_probabilities(chances, depth)
    states = len(estimate)
    empty = np.zeros((3, states, states))
    result = Distances(empty[0], empty[1], empty[2], depth)
    for state in range(states):
        result.estimate[state] = np.abs(estimate - estimate[state]).max(1, initial=0)
        apart = np.maximum(least - most[state], least[state] - most)
        result.least[state] = apart.max(1, initial=0)
        result.most[state] = np.maximum(most - least[state], most[state] - least).max(1, initial=0)
    np.fill_diagonal(result.most, 0.0)
    return result
