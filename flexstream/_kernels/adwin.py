"""ADWIN: a window over the newest values that is cut where their mean has changed (Bifet & Gavaldà, SDM 2007)."""

from typing import NamedTuple

import numpy as np

from .columns import record
from .hints import Given, Matrix, NDArray
from .library import kernel

LEVELS, BUCKETS = 48, 5
"""Levels of buckets, of 1, 2, 4, … values, and most buckets of a level: as many values as can be counted."""
LEAST = 5
"""Values on either side of a cut."""
BLOCK, ENOUGH_BLOCKS = 16, 20
"""Neighbours whose means tell whether values hang together, and how many means are needed to say so."""
WIDTH, SEEN, BLOCKS, DROPPED, SIZES = range(5)
TOTAL, SPREAD, BLOCK_SUM, BLOCK_TOTAL, BLOCK_SQUARES, MEAN_BEFORE, MEAN_AFTER, AMOUNTS = range(8)


@record
class AdwinColumns(NamedTuple):
    """An exponential histogram of the values in the window."""

    sums: Matrix[np.float64]  # level, bucket, the oldest first: sum of its values; a row longer than it may stay
    spreads: Matrix[np.float64]  # level, bucket: sum of the squared distances from their mean
    held: NDArray[np.int64]  # level: buckets
    amounts: NDArray[np.float64]  # sum and spread of the window, sums of blocks, means before and after the last cut
    size: NDArray[np.int64]  # width, values seen, blocks, values that the last cut dropped: 0 where there was none


@kernel
def watch_values(
    columns: AdwinColumns, values: Given[np.float64], start: int, delta: float, clock: int, dependent: bool
) -> int:
    """Take in values from ``start`` on until the window is cut; return behind which value that was, or how many.

    Each ``clock`` values all cuts between buckets are tried.  If any has means further apart than
    ``ε = sqrt(2/m σ² ln(2/δ')) + 2/(3m) ln(2/δ')``, with ``1/m = 1/n₀ + 1/n₁`` and ``δ' = δ/ln n``, what lies before
    the one that is furthest beyond it is dropped.  Where values may be ``dependent``, σ² is what the means of `BLOCK`
    neighbours say it is, if that is more, and nothing is tried before there are `ENOUGH_BLOCKS` of these.
    """
