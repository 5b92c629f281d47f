"""Times of events, which of them a wrong clock has told, and the events in their order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from operator import gt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..diagnostics import Diagnostics
from .direction import NEWEST_FIRST, runs_back

UNORDERED = "events do not stand in the order of their times; they are put in it"
"""What is told where that is so."""

YEAR = 366 * 86_400.0
Symbol = TypeVar("Symbol")
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


def on_time(times: NDArray[np.float64], before: float = math.nan) -> tuple[NDArray[np.float64], int]:
    """Return times with that of the one before in place of the few that lie years away, and how many these are.

    Parameters
    ----------
    times : float64 array
    before : float
        The time in front of the first of them, NaN if there is none.

    Examples
    --------
    >>> on_time(np.array([5.0, 9e8, 6.0, 7.0]))
    (array([5., 5., 6., 7.]), 1)
    >>> on_time(np.array([9e8, 6.0]), 5.0)
    (array([5., 6.]), 1)
    """
    bounds = astray(np.sort(times if math.isnan(before) else np.append(times, before)))
    if bounds is None:
        return times, 0
    away = (times < bounds[0]) | (times > bounds[1])
    return filled(np.where(away, np.nan, times), before), int(away.sum())


def in_order(
    symbols: list[Symbol], moments: Sequence[float], diagnostics: Diagnostics
) -> tuple[list[Symbol], float, Sequence[float] | NDArray[np.float64]]:
    """Return the symbols of a trace in the order of their times, the first of these (NaN if there is none), and all.

    Symbols without a time keep their place.  Where the newest stand first, those of one time are turned round as well.

    >>> in_order(["b", "x", "a"], [2.0, math.nan, 1.0], Diagnostics())
    (['a', 'b', 'x'], 1.0, array([1., 2., 2.]))
    >>> in_order(["d", "c", "b", "a"], [3.0, 2.0, 1.0, 1.0], Diagnostics())[0]
    ['a', 'b', 'c', 'd']
    """
    if not any(map(gt, moments, islice(moments, 1, None))) and not math.isnan(sum(moments)):
        return symbols, moments[0] if moments else math.nan, moments
    times = np.array(moments)
    missing = int(np.isnan(times).sum())
    if missing == len(times):
        return symbols, math.nan, times
    diagnostics.stats.untimed += missing
    times, away = on_time(filled(times, math.nan))
    diagnostics.stats.astray += away
    steps = np.diff(times)
    back = bool(runs_back(int((steps < 0).sum()), int((steps > 0).sum())))
    order = np.lexsort((np.arange(len(times))[:: -1 if back else 1], times))
    if bool((order[1:] < order[:-1]).any()):
        diagnostics.note(NEWEST_FIRST if back else UNORDERED)
        from .set_back import tell_set_back  # most logs are in order

        tell_set_back(times, diagnostics)
    return [symbols[place] for place in order.tolist()], float(times[order[0]]), times[order]


def all_in_order(
    symbols: NDArray[np.int32], lengths: NDArray[np.int64], moments: NDArray[np.float64], diagnostics: Diagnostics
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return what `in_order` does of many traces, one behind the other: their symbols, first times, and all times.

    >>> traces = np.array([7, 8, 9], np.int32), np.array([2, 1]), np.array([2.0, 1.0, 0.0])
    >>> [column.tolist() for column in all_in_order(*traces, Diagnostics())]
    [[8, 7, 9], [1.0, 0.0], [1.0, 2.0, 0.0]]
    """
    traces = np.flatnonzero(lengths)
    starts, stops = (np.cumsum(lengths) - lengths)[traces], np.cumsum(lengths)[traces]
    firsts = np.full(len(lengths), np.nan)
    sortable, odd = _disordered(starts, stops, moments)
    if sortable.any():
        back = sortable & _run_back(starts, moments)
        for told, traces_so in ((UNORDERED, sortable & ~back), (NEWEST_FIRST, back)):
            if traces_so.any():
                diagnostics.note(told)
        steps = np.diff(moments)
        steps[starts[1:] - 1] = np.nan
        from .set_back import tell_set_back  # most logs are in order

        tell_set_back(moments, diagnostics, steps)
        among = np.repeat(np.where(sortable, np.arange(len(starts)), -1), stops - starts)
        events = np.flatnonzero(among >= 0)
        ties = np.where(back[among[events]], -events, events)
        order = events[np.lexsort((ties, moments[events], among[events]))]
        symbols[events], moments[events] = symbols[order], moments[order]
    for start, stop in zip(starts[odd].tolist(), stops[odd].tolist(), strict=True):
        part = slice(start, stop)
        symbols[part], _, moments[part] = in_order(symbols[part].tolist(), moments[part].tolist(), diagnostics)
    firsts[traces] = moments[starts]
    return symbols, firsts, moments


def _run_back(starts: NDArray[np.int64], moments: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return in which traces, none of them empty, times mostly fall."""
    steps = np.diff(moments, prepend=np.nan)
    steps[starts] = np.nan
    falls, rises = (np.add.reduceat(so, starts, dtype=np.int64) for so in (steps < 0, steps > 0))
    return runs_back(falls, rises)


def _disordered(
    starts: NDArray[np.int64], stops: NDArray[np.int64], moments: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which traces, none of them empty, have to be sorted and no more, and which have to be looked at each."""
    if not len(starts):
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    with np.errstate(invalid="ignore"):
        falls = np.diff(moments, prepend=np.nan) < 0
    falls[starts] = False
    unknown = np.add.reduceat(np.isnan(moments), starts, dtype=np.int64)
    unsorted = np.logical_or.reduceat(falls, starts)
    partly = (unknown > 0) & (unknown < stops - starts)
    if not unsorted.any():
        return unsorted, partly
    with np.errstate(invalid="ignore"):
        wide = np.maximum.reduceat(moments, starts) - np.minimum.reduceat(moments, starts) > YEAR
    return unsorted & ~partly & ~wide, partly | (unsorted & wide)
