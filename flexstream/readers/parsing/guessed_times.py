"""The column that is taken for the time by what stands in it, and why one is not that looks like it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import ge, le
from typing import TYPE_CHECKING

from ...tuples import NamedTuple
from .times import Clock

if TYPE_CHECKING:
    from .profile import Column, Profile

_FEWEST = 3  # rows of which a column is told to hold times
_MOST = 0.9  # of the rows have a time


class Doubt(NamedTuple):
    """A column that would be taken for the time, if its times did not mean several.

    Attributes
    ----------
    name : str
    text, problem, expected : str
        The first that may mean several, what it may be, and what would tell.
    """

    name: str
    text: str
    problem: str
    expected: str

    @property
    def kind(self) -> str:
        """What it would be."""
        return "no time"

    def told(self) -> str:
        """Return in words why the column is not taken, with what helps.

        >>> Doubt("am", "05/06/2026", "may be one day or another", "a form").told()
        "column am looks like the time, but '05/06/2026' may be one day or another; events keep their place (a form)"
        """
        column = self.name if self.name.startswith("column ") else f"column {self.name}"
        return (
            f"{column} looks like the time, but {self.text!r} {self.problem}; events keep their place ({self.expected})"
        )


def time_column(
    seen: Profile, taken: Iterable[str | None], time_format: str | None = None
) -> tuple[Column | None, Doubt | None]:
    """Return the column that is taken for the time, the only one of times with a date; or why one is not taken.

    Times of events hardly come again, or they rise or fall; what else has a date, such as a day on which something is
    due, does neither.  With a form of all times the only column of that form is the time.

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
    >>> time_column(days, ["due"])[1].problem
    'may be 2026-06-01 00:00 or 2026-01-06 00:00'
    >>> time_column(days, ["due"], "%d/%m/%Y")[0].name
    'am'
    """
    free = [column for column in seen.columns if column.name not in {*taken}]
    if time_format is not None:
        return _of_form(seen, free, time_format), None
    clock, found = Clock(), like_times(seen, free)
    if len(found) != 1 or seen.rows < _FEWEST:
        return None, None
    cells = seen.cells[found[0].name]
    clock.prime(cells)
    if _like_moments(cells, clock):
        return found[0], None
    if clock.ambiguous is None or not any(
        _like_moments(cells, Clock(form)) for form in clock.forms(clock.ambiguous[0])
    ):
        return None, None
    return None, Doubt(found[0].name, *clock.ambiguous)


def like_times(seen: Profile, free: Iterable[Column]) -> list[Column]:
    """Return the columns that hold times; of several those alone that have a date."""
    found, clock = [column for column in free if column.kind == "time"], Clock()
    if len(found) > 1:  # the time of day may stand beside the date
        found = [one for one in found if clock.tells(next(filter(None, seen.cells[one.name]), "")) != "time of day"]
    return found


def _of_form(seen: Profile, free: Sequence[Column], time_format: str) -> Column | None:
    """Return the only column whose texts are times of a form; of several the only one like the times of events."""
    fitting = [column for column in free if most_are_times(seen.cells[column.name], Clock(time_format))]
    if len(fitting) > 1:
        fitting = [one for one in fitting if _like_moments(seen.cells[one.name], Clock(time_format))]
    return fitting[0] if len(fitting) == 1 else None


def _moments(cells: Sequence[str], clock: Clock) -> list[float]:
    return [seconds for seconds in map(clock.seconds_or_nan, cells) if not math.isnan(seconds)]


def most_are_times(cells: Sequence[str], clock: Clock) -> bool:
    """Tell whether most cells are times.

    >>> most_are_times(["2026-01-31", "2026-02-01"], Clock()), most_are_times(["load", "2026-02-01"], Clock())
    (True, False)
    """
    return bool(cells) and len(_moments(cells, clock)) >= _MOST * len(cells)


def _like_moments(cells: Sequence[str], clock: Clock) -> bool:
    """Tell whether most cells are times that hardly come again, or that rise or fall."""
    times = _moments(cells, clock)
    in_order = any(all(map(one_way, times, times[1:])) for one_way in (ge, le))
    return len(times) >= _MOST * len(cells) and (in_order or 2 * len(set(times)) > len(times))
