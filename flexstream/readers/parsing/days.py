"""Dates whose day and month may change places: which way they follow one another, where no day above 12 tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ...tuples import NamedTuple

_DAY = 86_400.0
_NIGHT, _PAUSE = 36_000.0, 7 * _DAY
"""From one day to the next most pauses are no longer than this, and none is longer than that."""
_TORN = 20 * _DAY
"""Days that follow one another are at least so far apart where day and month, or year, are taken for each other."""

Meant = Mapping[str, float]
"""The seconds that a text means, by the reading."""


class Chosen(NamedTuple):
    """A reading that was chosen, and why it is the one."""

    reading: str
    why: str


def chosen_among(readings: Sequence[str], meant: Sequence[Meant], halves: bool) -> Chosen | None:
    """Return which of several readings the times of a source have; None where they do not tell.

    By one reading a log that goes on at night, or pauses over it, has day after day, and by another a day each month
    with nothing between.  Where all times are of one day, so that their order and what lies between them are the same
    either way, and the newest stand first, a reading has to be chosen lest the events run backwards: that of the
    countries that write the time so, the month first with AM and PM and the day first without.

    Parameters
    ----------
    readings : sequence of str
        Those that fit all times.
    meant : sequence of mappings
        What each time means by them, in the order of the source.
    halves : bool
        Whether times have AM and PM.

    Examples
    --------
    >>> day = [{"d/m": 2_678_400.0 * day + hour, "m/d": 86_400.0 * day + hour}
    ...        for day in range(3) for hour in range(0, 86_400, 3_600)]
    >>> chosen_among(["d/m", "m/d"], day, False).reading
    'm/d'
    >>> chosen_among(["d/m", "m/d"], day[:24], False), chosen_among(["%d/%m", "%m/%d"], [
    ...     {"%d/%m": one["d/m"], "%m/%d": one["m/d"]} for one in day[23::-1]], True).reading
    (None, '%m/%d')
    """
    if len(readings) < 2:
        return None
    going_on = [reading for reading in readings if _goes_on([one[reading] for one in meant])]
    if len(going_on) == 1:
        others = (reading for reading in readings if reading != going_on[0])
        torn = all(_is_torn([one[reading] for one in meant]) for reading in others)
        return Chosen(going_on[0], "as only so their days follow one another") if torn else None
    return _of_one_day(readings, meant, halves)


def _of_one_day(readings: Sequence[str], meant: Sequence[Meant], halves: bool) -> Chosen | None:
    ways = [[one[reading] for one in meant] for reading in readings]
    falling = all(before >= after for before, after in pairwise(ways[0])) and ways[0][0] > ways[0][-1]
    if not falling or any(len({value // _DAY for value in way}) > 1 for way in ways):
        return None
    first = "%m" if halves else "%d"
    found = [reading for reading in readings if reading.startswith(first)]
    why = f"the {'month' if halves else 'day'} first: all that were looked at are of one day, in one order either way"
    return Chosen(found[0], why) if len(found) == 1 else None


def _pauses(times: Sequence[float]) -> list[float]:
    """Return what lies between the last time of a day and the first of the next on which there is one."""
    return [after - before for before, after in pairwise(sorted({*times})) if before // _DAY != after // _DAY]


def _goes_on(times: Sequence[float]) -> bool:
    pauses = _pauses(times)
    return bool(pauses) and max(pauses) <= _PAUSE and 2 * sum(pause <= _NIGHT for pause in pauses) >= len(pauses)


def _is_torn(times: Sequence[float]) -> bool:
    return min(_pauses(times), default=0.0) >= _TORN
