"""Ties: which of traces that are equally strange alarm, where all of them would be too many, and none too few."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..summary.hashes import mixed

if TYPE_CHECKING:
    from ..automata.calibration import Judged
    from ..stream.batch import TraceBatch

HEAVY = 1 / 8
"""Of the rate: where a larger share of traces is tied, equal traces are told apart by their numbers."""


def split_ties(
    judged: Judged,
    rate: float,
    batch: TraceBatch,
    alphabet: int,
    numbers: Sequence[int] | NDArray[np.integer] | None = None,
    which: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return p-values of which so many are at most the rate as it says, though traces are tied.

    Where the rate lies between the share of traces that are stranger and that of those as strange, each of these
    gets a place among them by a hash: of its events, so that equal traces are judged equal; and of its number in the
    stream as well, where those tied are so many that together they would miss the rate.  Where more are tied than the
    rate is, none alarms: what is as usual as that is not strange.  All others keep their p-value.

    Parameters
    ----------
    judged : Judged
    rate : float
    batch : TraceBatch
    alphabet : int
        Symbols of the model; all others are one.
    numbers : sequence of int, optional
        Of the traces in their stream; None: from 0.
    which : bool array, shape (traces,), optional
        Those that may be told apart; None: all.

    Examples
    --------
    >>> from flexstream import TraceBatch
    >>> from flexstream.automata.calibration import Judged
    >>> usual = Judged(np.full(1000, 0.3), np.zeros(1000, np.int64), np.full(1000, 0.1))
    >>> same = TraceBatch(np.zeros(1000, np.int64), np.arange(1001))
    >>> int((split_ties(usual, 0.25, same, 1) <= 0.25).sum())  # about three quarters
    750
    """
    found = judged.p_values
    between = (found > rate) & (judged.stranger < rate) & (found - judged.stranger <= rate)
    rows = np.flatnonzero(between if which is None else between & which)
    if not len(rows):
        return found
    low, high = judged.stranger[rows], found[rows]
    given = rows if numbers is None else np.asarray(numbers, np.int64)[rows]
    codes = _codes(batch, rows, alphabet) + np.where(high - low > HEAVY * rate, given, 0).astype(np.uint64)
    placed = low + (high - low) * (mixed(codes) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    found = found.copy()
    found[rows] = np.where(placed <= rate, placed, high)
    return found


def _codes(batch: TraceBatch, rows: NDArray[np.intp], alphabet: int) -> NDArray[np.uint64]:
    """Return a number for each of some traces that hangs on nothing but its events."""
    texts = [batch.symbols[batch.offsets[row] : batch.offsets[row + 1]] for row in rows.tolist()]
    known = [np.where(text < alphabet, text, -1).astype("<i4").tobytes() for text in texts]
    return mixed(np.array([zlib.crc32(text) for text in known], np.uint64) + np.uint64(1))
