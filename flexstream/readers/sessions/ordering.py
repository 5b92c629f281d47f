"""Times of events, which of them a wrong clock has told, and the events in their order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from operator import gt

import numpy as np
from numpy.typing import NDArray

from ..diagnostics import Diagnostics

UNORDERED = "events do not stand in the order of their times; they are put in it"
"""What is told where that is so."""

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
    symbols: list[str], moments: Sequence[float], diagnostics: Diagnostics
) -> tuple[list[str], float, Sequence[float] | NDArray[np.float64]]:
    """Return the symbols of a trace in the order of their times, the first of these (NaN if there is none), and all.

    Symbols without a time keep their place.

    >>> in_order(["b", "x", "a"], [2.0, math.nan, 1.0], Diagnostics())
    (['a', 'b', 'x'], 1.0, array([1., 2., 2.]))
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
    order = np.argsort(times, kind="stable")
    if bool((order[1:] < order[:-1]).any()):
        diagnostics.note(UNORDERED)
    return [symbols[place] for place in order.tolist()], float(times[order[0]]), times[order]
