"""Ranks: where a number stands among those that were observed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..tuples import NamedTuple
from .arrays import column, distinct, summable

TABLE = 1 << 16
"""Numbers below which each has a place, so that none is searched."""
DENSE = 4
"""Numbers for each value that is sought up to which it takes less time to give each a place than to search."""


class Ranked(NamedTuple):
    """Numbers that were observed, ascending, and how often each was."""

    values: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, values: NDArray[np.integer[Any]]) -> Ranked:
        """Count numbers."""
        return cls(*distinct(values))

    @property
    def falling(self) -> NDArray[np.int64]:
        """How many are as large as each number, or larger, and 0 behind them."""
        return np.append(np.cumsum(self.counts[::-1])[::-1], 0)

    def at_least(self, values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return how many are as large as each of some values, or larger.

        >>> Ranked.of(np.array([1, 1, 5])).at_least(np.array([0, 1, 2, 6])).tolist()
        [3, 3, 1, 0]
        """
        dense = len(self.values) > 0 and self.values[-1] < DENSE * len(values)
        return self.falling[Places.of(self).find(values)[0] if dense else np.searchsorted(self.values, values)]

    def equal(self, values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return how many equal each of some values."""
        return self.at_least(values) - self.at_least(values + 1)

    def checked(self, name: str) -> Ranked:
        """Return them as columns of a model; raises ModelError if they are none."""
        values, counts = column(name, self.values, np.int64), column(name, self.counts, np.int64)
        rising = len(values) == len(counts) and bool((np.diff(values) > 0).all() and (counts > 0).all())
        if not rising or not summable(counts):
            raise ModelError(f"the calibration of the model is not valid: {name} is not counted in order")
        return Ranked(values, counts)


class Places(NamedTuple):
    """Where numbers stand among those that were observed: looked up where these are small, searched where not."""

    values: NDArray[np.int64]
    falling: NDArray[np.int64]  # how many are as large or larger; one more
    table: NDArray[np.int64]  # place of each number from -1 to one above the largest; empty: searched

    @classmethod
    def of(cls, ranked: Ranked) -> Places:
        small = len(ranked.values) and ranked.values[0] >= -1 and ranked.values[-1] < TABLE
        numbers = np.arange(-1, ranked.values[-1] + 2) if small else np.empty(0, np.int64)
        return cls(ranked.values, ranked.falling, np.searchsorted(ranked.values, numbers))

    def find(self, values: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the place of the first number that is as large as each value, and whether it is that value."""
        if len(self.table):
            places = self.table[np.minimum(np.maximum(values, -1), len(self.table) - 2) + 1]
        else:
            places = np.searchsorted(self.values, values)
        return places, self.values[np.minimum(places, len(self.values) - 1)] == values


class Surprises(NamedTuple):
    """Means of ``-ln u`` over the places among n + 1 that a value may have: of values that are known, and between."""

    known: NDArray[np.float64]
    between: NDArray[np.float64]

    @classmethod
    def of(cls, ranked: Ranked, traces: int) -> Surprises:
        # Traces of which the statistic is not known say nothing of those of which it is.
        total = traces - int(ranked.equal(np.array([-1]))[0]) + 1
        above = np.append(np.cumsum(ranked.counts[::-1])[::-1], 0)
        known = _mean_surprise(above[1:] / total, (above[:-1] + 1) / total)
        return cls(np.append(known, np.nan), _mean_surprise(above / total, (above + 1) / total))

    def at(
        self, values: NDArray[np.integer[Any]], places: NDArray[np.int64], known: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the surprise of values, NaN for -1, given where they stand and whether they were observed."""
        return np.where(values < 0, np.nan, np.where(known, self.known[places], self.between[places]))


def _mean_surprise(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of ``-ln u`` between two shares."""
    part = high * np.log(high) - np.where(low > 0, low * np.log(np.maximum(low, 1e-300)), 0.0)
    return np.asarray(1 - part / (high - low))
