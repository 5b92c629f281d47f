"""Times that a wrong clock has told: years away from all others, and few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

YEAR = 366 * 86_400.0
_FEWEST = 3  # times among which one can be told to be wrong
_FEW = 10  # one in so many


def astray(ordered: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the bounds of all times but a few that lie more than a year beyond them, None if there are no such.

    Parameters
    ----------
    ordered : float64 array
        Seconds, the earliest first.

    Examples
    --------
    >>> astray(np.array([0.0, 1.0, 2.0, 9e8]))
    (0.0, 2.0)
    >>> astray(np.array([0.0, 9e8, 9e8])), astray(np.array([0.0, 9e8])), astray(np.array([0.0, 1.0, 9e8, 9e8]))
    ((900000000.0, 900000000.0), None, None)
    """
    count = len(ordered)
    if count < _FEWEST or ordered[-1] - ordered[0] <= YEAR:
        return None
    gaps = np.flatnonzero(np.diff(ordered) > YEAR) + 1
    middle = count // 2
    first = int(gaps[gaps <= middle].max(initial=0))
    stop = int(gaps[gaps > middle].min(initial=count))
    few = count - (stop - first)
    if not 0 < few <= max(1, count // _FEW):
        return None
    return float(ordered[first]), float(ordered[stop - 1])


def filled(times: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Return times with that of the one before in place of each that is none (NaN).

    Parameters
    ----------
    times : float64 array
    before : float
        What stands before the first of them; if that is none either, the first that is one counts for those in front.

    Examples
    --------
    >>> filled(np.array([np.nan, 2.0, np.nan, 1.0]), np.nan).tolist()
    [2.0, 2.0, 2.0, 1.0]
    """
    known = ~np.isnan(times)
    if known.all():
        return times
    first = before if not np.isnan(before) or not known.any() else float(times[known.argmax()])
    places = np.maximum.accumulate(np.where(known, np.arange(len(times)) + 1, 0))
    return np.concatenate(([first], times))[places]
