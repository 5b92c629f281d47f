"""Optimism: by how much traces are less strange for an automaton that was learned from them than others are.

A trace that is left out again had a part in finding the states, which stay as they are: what it did is a little more
usual there than what others do (the optimism of the apparent error: Efron, "Estimating the error rate of a prediction
rule", JASA 78, 1983).  How much, traces tell that an automaton of half of them was not learned from.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..tuples import NamedTuple

Floats = NDArray[np.float64]
TAIL = 0.25
"""Smallest p-values, by which it is measured and in which its form is known: there are no alarms above."""


class Optimism(NamedTuple):
    """How often traces that were not learned from have small p-values.

    A share of ``TAIL · often`` has at most `TAIL`, and below it falls as a power: of these a share of
    ``(p / TAIL) ** slope`` has at most p (Hill, "A simple general approach to inference about the tail of a
    distribution", Annals of Statistics 3, 1975).  Above the shares lie on a line that ends at 1.

    Attributes
    ----------
    often : float
        At least 1, at most ``1 / TAIL``.
    slope : float
        Above 0, at most 1.

    Examples
    --------
    >>> found = Optimism(1.2, 0.9)
    >>> found.corrected(np.array([0.0, 0.01, 0.25, 1.0])).round(4).tolist()
    [0.0, 0.0166, 0.3, 1.0]
    >>> round(found.inverse(0.0166), 3), Optimism(1.0, 1.0).inverse(0.3)
    (0.01, 0.3)
    """

    often: float
    slope: float

    @classmethod
    def of(cls, stranger: Floats, p_values: Floats) -> Optimism:
        """Return the optimism that traces show which were not learned from.

        Parameters
        ----------
        stranger, p_values : float array, shape (traces,)
            Shares of those of the calibration that are stranger, and at least as strange: each trace has all p-values
            between with the same chance, see `flexstream.automata.calibration.Calibration.judged`.

        Notes
        -----
        The slope is a standard error closer to 1 than it was found, that of traces ranked among as many: what is rare
        would else hang on a few.

        Examples
        --------
        >>> places = np.arange(4000) / 4000
        >>> [round(number, 9) for number in Optimism.of(places, places + 0.00025)]
        [1.0, 1.0]
        >>> [round(number, 2) for number in Optimism.of(places**1.25, (places + 0.00025) ** 1.25)]
        [1.32, 0.84]
        """
        width, high = np.maximum(p_values - stranger, 1e-300), np.minimum(p_values, TAIL)
        within = np.flatnonzero((stranger < TAIL) & (p_values > stranger))
        came = float(((high - stranger) / width)[within].sum())
        below = float(((_log_sum(high) - _log_sum(stranger)) / width)[within].sum())
        if came <= 0 or below <= 0:
            return cls(1.0, 1.0)
        often = min(max(1.0, came / (TAIL * len(stranger))), 1 / TAIL)
        return cls(often, min(1.0, came / below + math.sqrt(2 / came)))

    def checked(self) -> Optimism:
        """Return it; raises ModelError if it is none."""
        if not (1 <= self.often <= 1 / TAIL and 0 < self.slope <= 1):
            raise ModelError("the calibration of the model is not valid: its optimism is out of range")
        return self

    def corrected(self, shares: Floats | float) -> Floats:
        """Return how often traces that were not learned from have p-values up to some."""
        given = np.asarray(shares, np.float64)
        tail = TAIL * self.often * (np.minimum(given, TAIL) / TAIL) ** self.slope
        above = np.maximum(0.0, given - TAIL) / (1 - TAIL) * (1 - TAIL * self.often)
        return np.asarray(np.maximum(given, tail + above))

    def inverse(self, rate: float) -> float:
        """Return the p-value that a share of the traces, as large as the rate, has at most."""
        most = TAIL * self.often
        if rate <= most:
            return TAIL * math.exp(math.log(rate / most) / self.slope) if rate > 0 else 0.0
        return TAIL + (rate - most) / (1 - most) * (1 - TAIL)


def _log_sum(shares: Floats) -> Floats:
    """Return the integral of ``ln(TAIL / u)`` from 0 to each share."""
    known = np.maximum(shares, 1e-300)
    return np.asarray(np.where(shares > 0, known * (1 + np.log(TAIL / known)), 0.0))
