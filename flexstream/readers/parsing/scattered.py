"""Rows that stand in no order of their times: put in it before the case and the event are guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..options import ReadOptions
from .fields import Layout, parts
from .guessed_times import most_are_times, started, times_told
from .profile import profile
from .times import Clock

if TYPE_CHECKING:
    from .profile import Profile

_OUT_OF_ORDER = 0.2  # of all steps from row to row go each way
_BETTER, _BITS = 1.2, 20.0  # what has to be saved in their order, against the order of the rows


def in_time_order(seen: Profile, found: Layout, options: ReadOptions) -> Profile:
    """Return the profile of the rows in the order of their times, where more can be told by it than as they stand.

    Where the times may mean several, that meaning counts by which most can be told.

    Parameters
    ----------
    seen : Profile
        As they stand.
    found : Layout
        What is known of the columns.
    options : ReadOptions

    Examples
    --------
    >>> import random
    >>> steps = ["new", "paid", "sent", "done"]
    >>> rows = [(f"L{i // 4}", steps[i % 4], f"2026-01-31 {i // 60:02}:{i % 60:02}") for i in range(400)]
    >>> random.Random(1).shuffle(rows)
    >>> in_time_order(profile(["lot", "step", "at"], rows), Layout(), ReadOptions()).cells["lot"][:5]
    ['L0', 'L0', 'L0', 'L0', 'L1']
    """
    best, most = seen, None
    taken = {found.time, found.case, options.per}
    texts = _times(seen, found, options)
    for clock in _clocks(texts, options.time_format):
        order = _order(texts, clock)
        if order is None:
            continue
        most = _BETTER * _told(seen, found, taken) + _BITS if most is None else most
        other = _reordered(seen, order)
        told = _told(other, found, taken)
        if told > most:
            best, most = other, told
    return best


def _times(seen: Profile, found: Layout, options: ReadOptions) -> list[str]:
    """Return the times of the rows: of the columns that are known to hold them, or of that which is taken for one."""
    if found.time is not None:
        cells = [seen.cells.get(name) for name in parts(found.time, seen.cells)]
        return [" ".join(row) for row in zip(*(one for one in cells if one), strict=True)] if all(cells) else []
    taken = {found.case, options.per, *found.event}
    free = [column for column in seen.columns if column.name not in taken]
    if options.time_format is None:
        return times_told(seen, free)
    form = options.time_format
    column = started(seen, [one for one in free if most_are_times(seen.cells[one.name], Clock(form))])
    return [] if column is None else seen.cells[column.name]


def _clocks(texts: Sequence[str], time_format: str | None) -> Iterator[Clock]:
    """Yield clocks that understand times, one for each meaning that these may have."""
    if not texts:
        return
    if time_format is not None:
        yield Clock(time_format)
        return
    clock = Clock()
    clock.prime(texts)
    clock.seconds_or_nan(texts[0])
    yield from [clock] if clock.ambiguous is None else map(Clock, clock.forms(texts[0]))


def _order(texts: Sequence[str], clock: Clock) -> NDArray[np.int64] | None:
    """Return the order of times that rise as often as they fall; None where they do not, or where they are none."""
    times = np.array([clock.seconds_or_nan(text) for text in texts])
    steps = np.diff(times)
    if np.isnan(times).any() or min((steps < 0).sum(), (steps > 0).sum()) < _OUT_OF_ORDER * len(steps):
        return None
    return np.argsort(times, kind="stable")


def _reordered(seen: Profile, order: NDArray[np.int64]) -> Profile:
    rows = list(zip(*seen.cells.values(), strict=True))
    return replace(profile(list(seen.cells), (rows[place] for place in order.tolist()), len(rows)), scattered=True)


def _told(seen: Profile, found: Layout, taken: Iterable[str | None]) -> float:
    """Return the most bits that the case saves of the events, for any columns that these may be."""
    if found.event:
        candidates = seen.cases(found.event) if all(seen.column(name) for name in found.event) else []
        return max((one.saved * one.bits for one in candidates), default=0.0)
    cases = [found.case] if found.case is not None else [None, *(column.name for column in seen.like_cases())]
    told = (one.saved * one.bits for case in cases for one in seen.events(case) if one.name not in taken)
    return max(told, default=0.0)
