"""Traces as long as asked for: scaling the ends of a chain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..automata.chain import Chain, expected_visits

Floats = NDArray[np.float64]

PRECISION = 1e-6
UNLIKELY = 1e-9
LARGEST_FACTOR = 10.0
"""Logarithm of the odds' factor from which on it is no longer reasonable."""


def scaled_ends(chain: Chain, initial: Floats, stops: Floats, wanted: float) -> Floats | None:
    """Multiply the odds of all ends by one factor that makes the mean length the wanted one.

    The mean length falls as the factor rises; the factor is found between two others by the Illinois method (Dowell &
    Jarratt, BIT 11, 1971) on the logarithms of both.  Returns None where it would be larger than is reasonable, unless
    all states are final already.

    Parameters
    ----------
    chain : Chain
        Steps given that the trace goes on; those of a state sum to 1.
    initial, stops : float arrays, shape (states,)
        The ends have probabilities below 1, and one can be reached from every state.
    wanted : float
        Mean number of events of a trace.

    Examples
    --------
    >>> loop = Chain(np.array([0]), np.array([0]), np.array([1.0]))
    >>> scaled_ends(loop, np.array([1.0]), np.array([0.5]), 4.0).round(6)
    array([0.2])
    """

    def times(log_factor: float) -> Floats:
        odds = stops * np.exp(log_factor)
        return odds / (1.0 - stops + odds)

    def excess(log_factor: float) -> float:
        ends = times(log_factor)
        steps = Chain(chain.sources, chain.targets, chain.probabilities * (1.0 - ends)[chain.sources])
        visits = expected_visits(steps, initial, UNLIKELY, enough=10.0 * (wanted + 1.0))
        return float(np.log(max(float(visits @ (1.0 - ends)), 1e-300) / wanted))

    low, high = -1.0, 1.0
    while (above := excess(low)) < 0:
        low *= 2.0
    while (below := excess(high)) > 0:
        high *= 2.0
        if high > LARGEST_FACTOR and not stops.all():
            return None
    for _ in range(200):
        middle = (low * below - high * above) / (below - above)
        value = excess(middle)
        if abs(value) < PRECISION:
            break
        if value > 0:
            low, above, below = middle, value, below / 2
        else:
            high, below, above = middle, value, above / 2
    return times(middle)
