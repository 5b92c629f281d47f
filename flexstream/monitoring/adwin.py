"""ADWIN: a window over the newest values, as long as their mean does not change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels import adwin as kernels
from .._kernels.adwin import AdwinColumns, watch_values
from ..arguments import fitting
from ..errors import UsageError, parameter

DELTA, CLOCK = 0.002, 16


class Cut(NamedTuple):
    """Where a window was cut.

    Attributes
    ----------
    noticed : int
        How many values had been seen by then.
    since : int
        How many of these came before the change.
    before, after : float
        Means of the values in the window before and after it.
    """

    noticed: int
    since: int
    before: float
    after: float


class Adwin:
    """Notices that the mean of a sequence of values has changed, and since when.

    It keeps all values since the last change, in O(log n) numbers: an exponential histogram of their sums and spreads.
    Each ``clock`` values it compares the means on both sides of every cut of the window.  Where two are further apart
    than chance allows the values before the cut are dropped (Bifet & Gavaldà, "Learning from time-changing data with
    adaptive windowing", SDM 2007, which drops the oldest until no two differ; here it is all before the cut that is
    furthest beyond what chance allows, so that ``since`` is where the change most likely was).

    Parameters
    ----------
    delta : float
        Probability with which one look may find a change where independent values have one mean, from 0 to 1: δ of the
        paper's theorem, which counts on a variance that is known, and on ``δ/n`` where usual implementations, this one
        among them, take ``δ/ln n``.
    clock : int
        Values between two looks, >= 1.
    dependent : bool
        Whether neighbours may hang together: then the variance is what the means of 16 neighbours say it is, if that
        is more, and nothing is said before 20 such means are known.

    Raises
    ------
    UsageError
        If a parameter is out of range, or a value is not between 0 and 1.

    Examples
    --------
    >>> adwin = Adwin()
    >>> adwin.update_many([0.2, 0.4] * 500)
    []
    >>> (cut,) = adwin.update_many([0.7, 0.9] * 50)
    >>> cut.noticed, cut.since, round(cut.before, 6), round(cut.after, 6)
    (1024, 1000, 0.3, 0.8)
    >>> adwin.width, round(adwin.mean, 6)
    (100, 0.8)
    """

    def __init__(self, delta: float = DELTA, clock: int = CLOCK, dependent: bool = False) -> None:
        self.delta, self.clock = fitting("delta", delta, float), fitting("clock", clock, int)
        self.dependent = fitting("dependent", dependent, bool)
        if not 0 < self.delta < 1:
            raise UsageError(f"{parameter('delta')} is {delta} (expected: a number between 0 and 1)")
        if self.clock < 1:
            raise UsageError(f"{parameter('clock')} is {clock} (expected: at least 1)")
        self.seen = 0
        self._columns = AdwinColumns(
            sums=np.zeros((kernels.LEVELS, kernels.BUCKETS + 1)),
            spreads=np.zeros((kernels.LEVELS, kernels.BUCKETS + 1)),
            held=np.zeros(kernels.LEVELS, np.int64),
            amounts=np.zeros(kernels.AMOUNTS),
            size=np.zeros(kernels.SIZES, np.int64),
        )

    @property
    def width(self) -> int:
        """Values in the window."""
        return int(self._columns.size[kernels.WIDTH])

    @property
    def mean(self) -> float:
        """Mean of the values in the window, 0 where there are none."""
        return float(self._columns.amounts[kernels.TOTAL]) / max(1, self.width)

    @property
    def variance(self) -> float:
        """Variance of the values in the window, 0 where there are none."""
        return float(self._columns.amounts[kernels.SPREAD]) / max(1, self.width)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return sum(column.nbytes for column in self._columns)

    def copy(self) -> Adwin:
        """Return one that is where this one is, and goes its own way."""
        twin = Adwin(self.delta, self.clock, self.dependent)
        columns = {name: column.copy() for name, column in self._columns._asdict().items()}
        twin.seen, twin._columns = self.seen, AdwinColumns(**columns)
        return twin

    __copy__ = copy

    def update(self, value: float) -> Cut | None:
        """Take in a value; return the change that shows with it, if one does."""
        return self.next_cut(_checked([value]))[1]

    def update_many(self, values: ArrayLike) -> list[Cut]:
        """Take in values, shape (n,); return all changes that show on the way."""
        given, found, done = _checked(values), list[Cut](), 0
        while done < len(given):
            done, cut = self.next_cut(given, done)
            found += [] if cut is None else [cut]
        return found

    def next_cut(self, values: NDArray[np.float64], start: int = 0) -> tuple[int, Cut | None]:
        """Take in values from ``start`` on until a change shows; return how far that is, and the change.

        The values, shape (n,), are known to lie between 0 and 1.
        """
        done = watch_values(self._columns, values, start, self.delta, self.clock, self.dependent)
        self.seen += done - start
        size, amounts = self._columns.size, self._columns.amounts
        if not size[kernels.DROPPED]:
            return done, None
        before, after = amounts[[kernels.MEAN_BEFORE, kernels.MEAN_AFTER]].tolist()
        return done, Cut(self.seen, self.seen - self.width, before, after)


def _checked(values: ArrayLike) -> NDArray[np.float64]:
    given = np.atleast_1d(np.asarray(values, np.float64))
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise UsageError("a value to be watched is not between 0 and 1 (expected: values divided by their largest)")
    return given
