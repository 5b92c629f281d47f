"""Durations between events as the numbers of logarithmic bins, the same on every machine.

The bins are those of DDSketch (Masson, Rim & Lee, PVLDB 12, 2019) with its linear interpolation: each octave of seconds
is cut into 64 bins of equal width.  The number of a bin is read off the bits of the duration, so that no logarithm is
taken, and counts by bins add up to the same whatever their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNKNOWN = -1
"""Of an event whose duration is not known, such as the first of a trace."""
SHORTEST, LONGEST = 2.0**-20, 2.0**31
"""Seconds: what is shorter, a microsecond, is in bin 0, and what is longer, 68 years, is in the last."""
BITS = 6
ACCURACY = 1 / (2 ** (BITS + 1) + 1)
"""Relative error of the duration that stands for a bin, at most: 0.78 %."""
_SHIFT = 52 - BITS
_FIRST = (1023 - 20) << BITS
BINS = ((1023 + 31) << BITS) - _FIRST + 2
"""Numbers of bins: those from 0 to below this."""


def bins_of(seconds: ArrayLike) -> NDArray[np.int16]:
    """Return the bins of durations, shape as given; `UNKNOWN` for what is no number, 0 for what is below `SHORTEST`.

    Examples
    --------
    >>> bins_of([0.0, 1.0, 1.01, 2.0, np.nan]).tolist()
    [0, 1281, 1281, 1345, -1]
    """
    given = np.asarray(seconds, np.float64)
    kept = np.clip(np.where(np.isfinite(given), given, 0.0), SHORTEST, LONGEST)
    found = (kept.view(np.int64) >> _SHIFT) - _FIRST + 1
    return np.where(np.isfinite(given), np.where(given < SHORTEST, 0, found), UNKNOWN).astype(np.int16)


def bounds(bins: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the seconds from which on, and up to which, durations are in bins; those of bin 0 count as 0 seconds.

    Examples
    --------
    >>> [side.tolist() for side in bounds([0, 1281])]
    [[0.0, 1.0], [0.0, 1.015625]]
    """
    numbers = np.asarray(bins, np.int64)
    low, high = (((numbers + step + _FIRST) << _SHIFT).view(np.float64) for step in (-1, 0))
    return np.where(numbers > 0, low, 0.0), np.where(numbers > 0, high, 0.0)


def seconds_of(bins: ArrayLike) -> NDArray[np.float64]:
    """Return the seconds that stand for bins, from which no duration of the bin is further than `ACCURACY` of its own.

    Examples
    --------
    >>> seconds_of([0, 1281]).round(4).tolist()
    [0.0, 1.0078]
    """
    low, high = bounds(bins)
    total = low + high
    return np.where(total > 0, 2 * low * high / np.where(total > 0, total, 1.0), 0.0)


def spans_of(moments: ArrayLike) -> NDArray[np.int16]:
    """Return the bins of the durations of a trace's events, from their times in seconds: each since the one before.

    Examples
    --------
    >>> spans_of([5.0, 6.0, 6.0]).tolist()
    [-1, 1281, 0]
    """
    times = np.asarray(moments, np.float64)
    with np.errstate(invalid="ignore"):
        return bins_of(np.diff(times, prepend=np.nan))


def spans_of_each(moments: Sequence[ArrayLike]) -> list[NDArray[np.int16]]:
    """Return `spans_of` of many traces, worked out all at once.

    Examples
    --------
    >>> [spans.tolist() for spans in spans_of_each([[5.0, 6.0], [], [7.0]])]
    [[-1, 1281], [], [-1]]
    """
    if not moments:
        return []
    stops = np.cumsum([len(times) for times in moments])  # type: ignore[arg-type]
    spans = spans_of(np.concatenate(moments))
    spans[np.concatenate(([0], stops[:-1]))[np.diff(stops, prepend=0) > 0]] = UNKNOWN
    return np.split(spans, stops[:-1])


def in_words(seconds: float) -> str:
    """Return a duration as people read it.

    >>> in_words(0.0042), in_words(75.0), in_words(3180.0), in_words(90_000.0), in_words(864_000.0)
    ('4.2 ms', '75 s', '53 min', '25 h', '10 d')
    """
    units = ((86_400.0, 48 * 3600.0, "d"), (3600.0, 7200.0, "h"), (60.0, 120.0, "min"), (1.0, 1.0, "s"))
    size, unit = next(((size, unit) for size, least, unit in units if seconds >= least), (1e-3, "ms"))
    if seconds < 1e-3:
        size, unit = (1e-6, "µs") if seconds > 0 else (1.0, "s")
    value = seconds / size
    return f"{value:.0f} {unit}" if value >= 10 or value == 0 else f"{value:.2g} {unit}"


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Return two durations as people read them; in seconds, with as many digits as it takes, where they look alike.

    >>> told_apart(3300.0, 2700.0), told_apart(167.5, 166.5), told_apart(100_000.0, 100_001.0), told_apart(9.0, 9.0)
    (('55 min', '45 min'), ('168 s', '166 s'), ('100000 s', '100001 s'), ('9 s', '9 s'))
    """
    if one == other or in_words(one) != in_words(other):
        return in_words(one), in_words(other)
    digits = next((digits for digits in range(3, 17) if f"{one:.{digits}g}" != f"{other:.{digits}g}"), 17)
    return _seconds(one, digits), _seconds(other, digits)


def _seconds(value: float, digits: int) -> str:
    return np.format_float_positional(float(f"{value:.{digits}g}"), trim="-") + " s"
