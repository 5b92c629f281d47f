"""The column that is taken for the time by what stands in it, and why one is not that looks like it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import ge, gt, le
from typing import TYPE_CHECKING

from ...tuples import NamedTuple
from .fields import LASTS, plain
from .profile import counts_on, is_epoch
from .times import Clock
from .told_guesses import Doubt, Guess, InTurn, NoneFirst

if TYPE_CHECKING:
    from .profile import Column, Profile

_FEWEST = 3  # rows of which a column is told to hold times
_MOST = 0.9  # of the rows have a time
_DAY = 86_400.0
_LATER = 0.02  # of the rows may end before they start, by mistake


class _Held(NamedTuple):
    """A column that holds times as events have them: the times, what is doubtful, and whether a day is another's."""

    column: Column
    times: list[float]
    doubt: Doubt | None
    of_day: bool = False


def time_column(
    seen: Profile, taken: Iterable[str | None], time_format: str | None = None
) -> Guess | Doubt | NoneFirst | InTurn | None:
    """Return the column that is taken for the time, as a guess; or why one is not taken that looks like it.

    Times of events hardly come again, or they rise or fall; what else has a date, such as a day on which something is
    due, does neither.  Of several columns that is taken which comes before the others: when something starts rather
    than when it ends.  A day that comes again belongs to a time of day, of several likewise.  With a form of all times
    the only column of that form is the time.

    Parameters
    ----------
    seen : Profile
    taken : iterable of str
        Columns that are something else.
    time_format : str, optional
        The form of all times.

    Examples
    --------
    >>> from flexstream.readers.parsing.profile import profile
    >>> days = profile(["am", "due"], [(f"0{day}/06/2026", "31/12/2026") for day in range(1, 8)])
    >>> time_column(days, ["due"]).problem
    'may be 2026-06-01 00:00 or 2026-01-06 00:00'
    >>> time_column(days, ["due"], "%d/%m/%Y").name
    'am'
    >>> spans = profile(["to", "from"], [(f"2026-01-31 1{hour}:59", f"2026-01-31 1{hour}:00") for hour in range(9)])
    >>> (found := time_column(spans, [])).name, found.later
    ('from', ('to',))
    """
    left = [column for column in seen.columns if column.name not in {*taken}]
    if time_format is not None:
        free = [column for column in left if most_are_times(seen.cells[column.name], Clock(time_format))]
    else:
        free = like_times(seen, left)
    held = _held_by(seen, free, time_format)
    if not held and time_format is None:
        held = _with_clocks(seen, left)
    if time_format is not None and len(free) == 1:
        return Guess("time", free[0].name, free[0].distinct, seen.rows)
    if not held and time_format is None:
        return next((InTurn(one.name) for one in left if one.kind == "integer" and _in_turn(seen, one)), None)
    if not held or (time_format is None and seen.rows < _FEWEST):
        return None
    first = _first_of(held)
    if first is None:
        return NoneFirst(tuple(one.column.name for one in held))
    later = tuple(one.column.name for one in held if one is not first)
    return first.doubt or Guess("time", first.column.name, first.column.distinct, seen.rows, later)


def _in_turn(seen: Profile, column: Column) -> bool:
    """Tell whether numbers count on that would be taken for times if they did not."""
    cells = seen.cells[column.name]
    return counts_on(cells) and _MOST * len(cells) <= sum(map(is_epoch, cells))


def started(seen: Profile, columns: Sequence[Column]) -> Column | None:
    """Return the column of times that comes before the others; None where none does."""
    if len(columns) < 2:
        return next(iter(columns), None)
    first = _first_of(_held_by(seen, columns, None))
    return None if first is None else first.column


def times_told(seen: Profile, free: Sequence[Column]) -> list[str]:
    """Return the times of the rows, of a day and a time of day as one text; nothing where no column is the time."""
    column = started(seen, like_times(seen, free))
    joined = None if column is None or _like_moments(_seconds(seen.cells[column.name])) else _with_clocks(seen, free)
    first = _first_of(joined) if joined else None
    if first is not None:
        return _joined(seen, first.column.name.split("+"))
    return [] if column is None else seen.cells[column.name]


def _seconds(cells: Sequence[str]) -> list[float]:
    clock = Clock()
    clock.prime(cells)
    return list(map(clock.seconds_or_nan, cells))


def _joined(seen: Profile, names: Sequence[str]) -> list[str]:
    return [" ".join(row) for row in zip(*(seen.cells[name] for name in names), strict=True)]


def _with_clocks(seen: Profile, free: Iterable[Column]) -> list[_Held]:
    """Return the only column of days with each column of times of day that are together like times of events."""
    clock, times = Clock(), [column for column in free if column.kind == "time" and "+" not in column.name]
    told = {column.name: clock.tells(next(filter(None, seen.cells[column.name]), "")) for column in times}
    days = [column.name for column in times if told[column.name] == "date"]
    if len(days) != 1:
        return []
    found = []
    for column in times:
        if told[column.name] == "time of day" and not LASTS.search(plain(column.name)):
            cells = _joined(seen, [days[0], column.name])
            pair = replace(column, name=f"{days[0]}+{column.name}", distinct=len(set(cells)))
            found.append(_held(pair, cells, None))
    return [one._replace(of_day=True) for one in found if one is not None]


def _held_by(seen: Profile, columns: Iterable[Column], time_format: str | None) -> list[_Held]:
    """Return those of columns that hold times as events have them, without those whose times come again more."""
    held = [one for column in columns if (one := _held(column, seen.cells[column.name], time_format)) is not None]
    most = max((len(set(one.times)) for one in held), default=0)
    return [one for one in held if 2 * len(set(one.times)) > most]


def _held(column: Column, cells: Sequence[str], time_format: str | None) -> _Held | None:
    """Return the times of a column if they are like those of events; of several meanings the first that is."""
    clock = Clock(time_format)
    if time_format is None:
        clock.prime(cells)
    times = list(map(clock.seconds_or_nan, cells))
    if _like_moments(times):
        return _Held(column, times, None)
    for form in [] if clock.ambiguous is None else clock.forms(clock.ambiguous[0]):
        times = list(map(Clock(form).seconds_or_nan, cells))
        if clock.ambiguous is not None and _like_moments(times):
            return _Held(column, times, Doubt(column.name, *clock.ambiguous))
    return None


def _first_of(held: Sequence[_Held]) -> _Held | None:
    """Return the column that is in hardly any row later than one of the others; None where none is."""
    for one in held:
        if all(_mostly_first(one, other) for other in held):
            return one
    return None


def _mostly_first(one: _Held, other: _Held) -> bool:
    """Tell whether times are hardly ever later than others; where both have one day, an end may be on the next."""
    later = sum(map(gt, one.times, other.times))
    if one.of_day and other.of_day:
        pairs = zip(one.times, other.times, strict=True)
        later = sum((mine - theirs) % _DAY < _DAY / 2 and mine != theirs for mine, theirs in pairs)
    return later <= _LATER * len(one.times)


def like_times(seen: Profile, free: Iterable[Column]) -> list[Column]:
    """Return the columns that hold times; of several those alone that have a date."""
    found, clock = [column for column in free if column.kind == "time"], Clock()
    if len(found) > 1:
        # Ids in turn stand beside the time, and those of the newest first, as its times do, so do as well.
        found = [one for one in found if not counts_on(seen.cells[one.name], down=True)] or found
    if len(found) > 1:  # the time of day may stand beside the date
        found = [one for one in found if clock.tells(next(filter(None, seen.cells[one.name]), "")) != "time of day"]
    return found


def most_are_times(cells: Sequence[str], clock: Clock) -> bool:
    """Tell whether most cells are times.

    >>> most_are_times(["2026-01-31", "2026-02-01"], Clock()), most_are_times(["load", "2026-02-01"], Clock())
    (True, False)
    """
    return bool(cells) and sum(not math.isnan(clock.seconds_or_nan(cell)) for cell in cells) >= _MOST * len(cells)


def _like_moments(seconds: Sequence[float]) -> bool:
    """Tell whether most are times, not NaN, that hardly come again, or that rise or fall."""
    times = [one for one in seconds if not math.isnan(one)]
    in_order = any(all(map(one_way, times, times[1:])) for one_way in (ge, le))
    return len(times) >= _MOST * len(seconds) and (in_order or 2 * len(set(times)) > len(times))
