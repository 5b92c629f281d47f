"""What one thing tells of another, by how often both came together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def information(
    weights: NDArray[np.float64], states: NDArray[np.int64], symbols: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the nats that states save of symbols, and those that symbols take without them.

    The first is the mutual information of both, less what chance alone makes of it (Miller, Note on the bias of
    information estimates, 1955); it may be less than 0.

    Parameters
    ----------
    weights : ndarray
        How often each pair came, more than 0, shape (pairs,).
    states, symbols : ndarray
        The pairs, shape (pairs,).

    Examples
    --------
    >>> saved, alone = information(np.array([500.0, 500.0]), np.array([0, 1]), np.array([3, 2]))
    >>> round(alone / np.log(2)), round(saved / alone, 3)
    (1000, 1.001)
    """
    events = weights.sum()
    by_state, by_symbol = np.bincount(states, weights), np.bincount(symbols, weights)
    alone = float(weights @ np.log(events / by_symbol[symbols]))
    saved = float(weights @ np.log(weights * events / (by_state[states] * by_symbol[symbols])))
    chance = (len(weights) - np.count_nonzero(by_state) - np.count_nonzero(by_symbol) + 1) / 2
    return float(saved - chance), alone
