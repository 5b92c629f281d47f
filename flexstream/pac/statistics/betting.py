"""Limits of a mean by betting: no distribution is supposed, only that the values are bounded and exchangeable.

Who bets that the mean is above m, the same part λ of what he has on each value x, has Π(1 + λ(x - m)) after all of
them.  If the mean is m that is a martingale that starts at 1, so it ever reaches 1/α with probability at most α
(Ville 1939).  The means for which it has not are the confidence sequence (Waudby-Smith & Ramdas, "Estimating means of
bounded random variables by betting", JRSS B 86, 2024).  It is right after any number of values; λ says after how many
it is narrow.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple

CELLS = 64
"""Into which the range of the values is divided."""
BOLDEST = 0.9
"""Most that is bet, as a part of what can be lost."""
_STEPS = 32


class Spread(NamedTuple):
    """Values as masses at the edges of cells, each value shared out between the two next to it so that means stay.

    A logarithm is concave, so that what was bet comes to no more with these than with the values themselves: limits
    from them are as right, and a little wider.

    Attributes
    ----------
    least, most : float
        Ends of the range into which the values were clipped.
    masses : float64 array, shape (CELLS + 1,)
    variance : float
        What the values were thought to vary before they came.
    """

    least: float
    most: float
    masses: NDArray[np.float64]
    variance: float

    @property
    def values(self) -> float:
        """How many there are."""
        return float(self.masses.sum())

    @property
    def mean(self) -> float:
        """Of the values."""
        return float(self.masses @ np.linspace(self.least, self.most, len(self.masses)) / max(1.0, self.values))


def spread_of(values: NDArray[np.float64], least: float, most: float, variance: float) -> Spread:
    """Return values, clipped into a range.

    Examples
    --------
    >>> found = spread_of(np.array([0.5, 3.0, 9.0]), 0.0, 4.0, 1.0)
    >>> found.values, found.mean
    (3.0, 2.5)
    """
    place = (np.clip(values, least, most) - least) * (CELLS / (most - least))
    low = np.minimum(place.astype(np.int64), CELLS - 1)
    part = place - low
    masses = np.bincount(low, 1 - part, CELLS + 1) + np.bincount(low + 1, part, CELLS + 1)
    return Spread(least, most, np.asarray(masses, np.float64), variance)


def limits(spread: Spread, alpha: float) -> tuple[float, float]:
    """Return the lower and the upper limit of a mean, each of which is wrong with probability at most ``alpha``.

    Examples
    --------
    >>> coin = spread_of(np.arange(1000) % 2 * 1.0, 0.0, 1.0, 0.25)
    >>> low, high = limits(coin, 0.025)
    >>> round(low, 3), round(high, 3)
    (0.457, 0.543)
    """
    width, size = spread.most - spread.least, len(spread.masses)
    grid = np.linspace(0.0, 1.0, size)
    bet = _bet(spread, alpha)
    low, high = (_limit(grid, masses, bet, -math.log(alpha)) for masses in (spread.masses, spread.masses[::-1]))
    return spread.least + width * low, spread.most - width * high


def _bet(spread: Spread, alpha: float) -> float:
    """Return λ that is best after so many values, if they vary as they were thought to."""
    values = max(1.0, spread.values)
    variance = max(spread.variance / (spread.most - spread.least) ** 2, 1 / (4 * values))
    return math.sqrt(-2 * math.log(alpha) / (values * variance))


def _limit(grid: NDArray[np.float64], masses: NDArray[np.float64], bet: float, enough: float) -> float:
    """Return the largest mean that was bet against with success, 0 if none was; what was won falls with it.

    Against a mean m no more than `BOLDEST` / m is bet, as a value may be 0 and nothing must be owed.
    """
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        mean = (low + high) / 2
        won = float(masses @ np.log1p(min(bet, BOLDEST / mean) * (grid - mean)))
        low, high = (mean, high) if won >= enough else (low, mean)
    return low
