"""Origins: where each event stood in its sources, and when it happened, as two whole numbers an event.

The first is its *place*: the number of the line, and above its lowest `LINE_BITS` bits which of the sources it is from.
The second are the bits of its time.  They travel with the events only where somebody asks for them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..tuples import NamedTuple

LINE_BITS = 40
NOWHERE = -1
"""The place of an event that came from no source."""
_LINES = (1 << LINE_BITS) - 1
NONE = np.empty((0, 2), np.int64)
"""The origins of no events."""


class Origin(NamedTuple):
    """Where an event stood.

    Attributes
    ----------
    source : int or None
        Which of the sources, from 0.
    line : int or None
        From 1; None where the format has no lines to speak of, as XES.
    time : float or None
        Seconds since 1970, where the time of the event is known.
    """

    source: int | None
    line: int | None
    time: float | None


def place_of(source: int, line: int) -> int:
    """Return the place of a line of a source; that of none is line 0.

    >>> place_of(1, 3) == (1 << LINE_BITS) + 3
    True
    """
    return (source << LINE_BITS) + line


def origins_of(places: ArrayLike, times: ArrayLike | None = None) -> NDArray[np.int64]:
    """Return the origins of events, shape (k, 2), by their places and their times in seconds, NaN where not known.

    Examples
    --------
    >>> [origin_of(row) for row in origins_of([place_of(1, 3), NOWHERE], [60.0, np.nan])]
    [Origin(source=1, line=3, time=60.0), Origin(source=None, line=None, time=None)]
    """
    given = np.asarray(places, np.int64)
    found = np.empty((len(given), 2), np.int64)
    found[:, 0] = given
    found[:, 1] = (
        np.full(len(given), np.nan).view(np.int64) if times is None else np.array(times, np.float64).view(np.int64)
    )
    return found


def origin_of(row: NDArray[np.int64]) -> Origin:
    """Return what a row of origins says."""
    place, time = int(row[0]), float(row[1:].view(np.float64)[0])
    known = time if math.isfinite(time) else None
    if place < 0:
        return Origin(None, None, known)
    return Origin(place >> LINE_BITS, (place & _LINES) or None, known)


def lines_in(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the lines of places, whichever sources they are of.

    >>> lines_in(np.array([place_of(1, 3), place_of(0, 4)])).tolist()
    [3, 4]
    """
    return np.asarray(places, np.int64) & _LINES


def times_of(origins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the times of events in seconds, NaN where one is not known.

    >>> times_of(origins_of([NOWHERE, NOWHERE], [60.0, np.nan])).tolist()
    [60.0, nan]
    """
    return np.ascontiguousarray(origins[:, 1]).view(np.float64)


def unknown(events: int) -> NDArray[np.int64]:
    """Return the origins of so many events of which nothing is known.

    >>> origin_of(unknown(1)[0])
    Origin(source=None, line=None, time=None)
    """
    return origins_of(np.full(events, NOWHERE))


def with_ends(origins: NDArray[np.int64], offsets: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the origins of events and of the ends of their traces, trace by trace, shape (events + traces, 2).

    >>> rows = with_ends(origins_of([1, 2, 3]), np.array([0, 2, 2, 3]), origins_of([2, 7, 3]))
    >>> rows[:, 0].tolist()
    [1, 2, 2, 7, 3, 3]
    """
    found = np.empty((len(origins) + len(ends), 2), np.int64)
    at_end = np.zeros(len(found), np.bool_)
    at_end[offsets[1:] - offsets[0] + np.arange(len(ends))] = True
    found[at_end], found[~at_end] = ends, origins
    return found
