"""Which way times run: exports that begin with the newest event have those of one time the wrong way round as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEWEST_FIRST = (
    "the newest events stand first; they are put in the order of their times, those of one time the other way round"
)
"""What is told where that is so."""

_FALLS, _IN_TRACE = 5, 2  # so many, at least, tell that times run backwards: in a source, and in a trace alone
_MOSTLY = 4  # times as many falls as rises
_LOOKED_AT = 1 << 16  # events at once


def runs_back(
    falls: NDArray[np.int64] | int, rises: NDArray[np.int64] | int, fewest: int = _IN_TRACE
) -> NDArray[np.bool_]:
    """Tell whether times mostly fall, by how often they fall and rise from one event to the next of its trace.

    Examples
    --------
    >>> runs_back(np.array([1, 2, 3, 8]), np.array([0, 0, 1, 2])).tolist()
    [False, True, False, True]
    """
    return (np.asarray(falls) >= fewest) & (np.asarray(falls) >= _MOSTLY * np.asarray(rises))


class Direction:
    """Finds out whether the newest events of a source stand first.

    Attributes
    ----------
    falls, rises : int
        How often a time was earlier than the one before it in its case, and later.

    Examples
    --------
    >>> direction = Direction()
    >>> direction.look(np.arange(9.0)[::-1], np.zeros(9, np.int32))
    >>> direction.back, direction.order(np.array([2.0, 1.0, 1.0])).tolist()
    (True, [2, 1, 0])
    """

    def __init__(self) -> None:
        self.falls = self.rises = 0

    @property
    def back(self) -> bool:
        """Whether the newest stand first, as far as is known."""
        return bool(runs_back(self.falls, self.rises, _FALLS))

    def look(self, times: NDArray[np.float64], cases: NDArray[np.int32]) -> None:
        """Take the times of events and the numbers of their cases, as they stand in the source."""
        first = cases[:_LOOKED_AT]
        by_case = np.argsort(first, kind="stable")
        steps = np.diff(times[by_case])[np.diff(first[by_case]) == 0]
        self.falls += int((steps < 0).sum())
        self.rises += int((steps > 0).sum())

    def order(self, times: NDArray[np.float64], in_order: int = 0) -> NDArray[np.int64]:
        """Return the places of events in the order of their times.

        Parameters
        ----------
        times : float64 array
        in_order : int
            Events in front that were put in order before.
        """
        if not self.back:
            return np.argsort(times, kind="stable")
        places = np.concatenate((np.arange(len(times) - 1, in_order - 1, -1), np.arange(in_order)))
        return places[np.argsort(times[places], kind="stable")]
