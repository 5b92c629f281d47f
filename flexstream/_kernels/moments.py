"""Times in the usual shape of ISO 8601, from bytes to seconds."""

from __future__ import annotations

import numpy as np
from numba import types

from .jit import bare_kernel_of, hot, inline
from .tokens import BUFFER, SPANS

_BLANK, _PLUS, _COMMA, _MINUS, _POINT, _ZERO, _NINE, _COLON = 32, 43, 44, 45, 46, 48, 57, 58
_UPPER_T, _UPPER_Z = 84, 90
_NO_TIME = np.int64(-(1 << 62))
_MICRO = 1_000_000


@hot
def digits_end(buffer, position):
    """Return where digits end."""
    while position < len(buffer) and _ZERO <= buffer[position] <= _NINE:
        position += 1
    return position


@inline
def digits(buffer, start, count):
    """Return the number that so many digits write, -1 if one is none."""
    value = np.int64(0)
    for i in range(count):
        if not _ZERO <= buffer[start + i] <= _NINE:
            return np.int64(-1)
        value = 10 * value + np.int64(buffer[start + i]) - _ZERO
    return value


@inline
def days_of(year, month, day):
    """Return the days since 1970 of a date, `_NO_TIME` if there is no such day or it lies far off.

    The year is taken to start in March, so that a leap day is its last (Richards, Explanatory Supplement to the
    Astronomical Almanac, 3rd edition, 2013, section 15.11).
    """
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not (1900 <= year < 2200 and 1 <= month <= 12 and day >= 1):
        return _NO_TIME
    longest = 28 + leap if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if day > longest:
        return _NO_TIME
    shifted = (month + 9) % 12
    years = year - (1 if month <= 2 else 0)
    return 365 * years + years // 4 - years // 100 + years // 400 + (153 * shifted + 2) // 5 + day - 719_469


@inline
def clock_of(buffer, start):
    """Return the seconds of ``HH:MM:SS``, -1 if that is not what stands there."""
    hour, minute, second = digits(buffer, start, 2), digits(buffer, start + 3, 2), digits(buffer, start + 6, 2)
    if buffer[start + 2] != _COLON or buffer[start + 5] != _COLON:
        return np.int64(-1)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return np.int64(-1)
    return 3600 * hour + 60 * minute + second


@inline
def zone_of(buffer, start, stop):
    """Return the seconds that a zone (nothing, ``Z`` or ``+HH:MM``) is ahead of UTC, `_NO_TIME` if it is none."""
    if start == stop or (stop == start + 1 and buffer[start] == _UPPER_Z):
        return np.int64(0)
    if stop != start + 6 or buffer[start + 3] != _COLON or buffer[start] not in (_PLUS, _MINUS):
        return _NO_TIME
    hour, minute = digits(buffer, start + 1, 2), digits(buffer, start + 4, 2)
    if not (0 <= hour < 24 and 0 <= minute < 60):
        return _NO_TIME
    ahead = 3600 * hour + 60 * minute
    return ahead if buffer[start] == _PLUS else -ahead


@inline
def microseconds(buffer, start, stop):
    """Return the microseconds since 1970 of a time in the usual shape of ISO 8601, `_NO_TIME` if it has another."""
    if stop - start < 19 or buffer[start + 4] != _MINUS or buffer[start + 7] != _MINUS:
        return _NO_TIME
    days = days_of(digits(buffer, start, 4), digits(buffer, start + 5, 2), digits(buffer, start + 8, 2))
    seconds = clock_of(buffer, start + 11)
    if days == _NO_TIME or seconds < 0 or buffer[start + 10] not in (_BLANK, _UPPER_T):
        return _NO_TIME
    position, fraction = start + 19, np.int64(0)
    if position < stop and buffer[position] in (_POINT, _COMMA):
        end = min(digits_end(buffer, position + 1), stop)
        places = end - position - 1
        if not 1 <= places <= 6:
            return _NO_TIME
        fraction = digits(buffer, position + 1, places)
        for _ in range(6 - places):
            fraction *= 10
        position = end
    ahead = zone_of(buffer, position, stop)
    return _NO_TIME if ahead == _NO_TIME else (86_400 * days + seconds - ahead) * _MICRO + fraction


@bare_kernel_of(types.void(BUFFER, SPANS, types.int64, types.Array(types.float64, 1, "C")))
def tell_times(buffer, spans, column, seconds):
    """Fill in the seconds since 1970 of the times that a column of spans marks, NaN where one is in no usual shape.

    The usual shape is ``2026-01-31T23:59:00`` of the years 1900 to 2199, with a blank for the T, up to six digits
    behind a point or comma, ``Z`` or ``+01:00``, or without.
    """
    for row in range(len(seconds)):
        value = microseconds(buffer, spans[row, column], spans[row, column + 1])
        seconds[row] = np.nan if value == _NO_TIME else value / _MICRO
