"""Levels of a table of passages: what came after contexts of one length, and how an n-gram counts it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.ngrams import PassageCounts, count_passages
from ..tuples import NamedTuple
from .scratch import Scratch

_NONE = np.empty(0, np.int32)


class Level(NamedTuple):
    """Passages whose contexts have one length.

    Attributes
    ----------
    outcome : int32 array, shape (rows,)
        Rows stand by their contexts, these by their codes.
    down : int32 array, shape (rows,)
        The row of the context without its first symbol, one level down.
    context : int32 array, shape (rows,)
        Number of the context on its level.
    sums : int64 array, shape (rows,)
        How often each came.
    shorter : int32 array, shape (contexts,)
        Each context without its first symbol.
    digit : int32 array, shape (contexts,)
        That symbol's digit.
    """

    outcome: NDArray[np.int32]
    down: NDArray[np.int32]
    context: NDArray[np.int32]
    sums: NDArray[np.int64]
    shorter: NDArray[np.int32]
    digit: NDArray[np.int32]


class Counted(NamedTuple):
    """A level as an n-gram counts it: its longest contexts by how often they came, others by what stands before."""

    level: Level
    counts: NDArray[np.int64]  # row
    totals: NDArray[np.int64]  # context
    kinds: NDArray[np.int32]  # context
    discount: float

    @classmethod
    def of(cls, level: Level, scratch: Scratch, longer: Level | None = None) -> Counted:
        """Count a level, by what stands before its contexts if the next level is given."""
        counts, downs = level.sums, _NONE
        if longer is not None:
            counts, downs = scratch.array(len(level.sums), np.int64), longer.down
        totals, seldom = scratch.zeros(len(level.shorter), np.int64), np.zeros(2, np.int64)
        kinds = scratch.zeros(len(level.shorter), np.int32)
        count_passages(downs, level.sums, level.context, level.digit, counts, totals, kinds, seldom)
        return cls(level, counts, totals, kinds, discount(*seldom.tolist()))

    @property
    def columns(self) -> PassageCounts:
        """What kernels are told."""
        return PassageCounts(self.counts, self.level.context, self.totals, self.kinds, self.discount)


def discount(once: int, twice: int) -> float:
    """Return the discount under which counts foretell themselves best (Ney, Essen & Kneser 1994): n1 / (n1 + 2 n2).

    >>> discount(once=2, twice=1)
    0.5
    """
    return once / (once + 2 * twice) if once else 0.1
