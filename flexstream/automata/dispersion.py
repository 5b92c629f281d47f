"""Dispersion: how far strange traces come together, where the traces of a stream are not independent.

A queue delays neighbours together, an outage all that are under way.  What such traces say of the rate of strange ones
is worth as much as what fewer independent ones say: by the index of dispersion of counts (Cox & Lewis, "The Statistical
Analysis of Series of Events", 1966), the variance of how many there are in long blocks over what it is were they
independent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHARES = (0.1, 0.03, 0.01)
"""Traces that are strangest, whose neighbours are looked at: of few at a time little is known."""
SHORTEST, FEWEST = 16, 16
"""Traces of a block at least, and blocks of one length at least."""
SURE = 4.27
"""Standard errors above which traces come together: a chance of 1e-5."""
HELD = 1.645
"""Standard errors within which the rate is kept: in 95 of 100 stretches."""
NEIGHBOURS = 0.75
"""Share of the traces whose follower was kept, too, below which nothing is known of neighbours."""


def dispersion(
    strangeness: NDArray[np.integer[Any]], places: NDArray[np.int64], one_in: int = 1
) -> NDArray[np.float64]:
    """Return the index of dispersion of strange traces, by each statistic, shape (statistics,); 1 where it is not more.

    It is the largest that is beyond chance, of blocks of 16, 32, 64 … traces and of several shares of strange ones, and
    a standard error above that: a stretch that happened to be calm must not promise that all are.  Where only runs of
    neighbours were kept what goes beyond a run is known of one run in so many.

    Parameters
    ----------
    strangeness : integer array, shape (traces, statistics)
    places : int64 array, shape (traces,)
        Where in their stream the traces came.
    one_in : int
        Of how many runs of neighbours one was kept.

    Examples
    --------
    >>> alone = np.random.default_rng(1).permutation(4096)[:, None]
    >>> together = np.repeat(alone[:256], 16, axis=0)
    >>> [dispersion(part, np.arange(4096)).round().tolist() for part in (alone, together)]
    [[1.0], [34.0]]
    """
    known = len(places) >= SHORTEST * FEWEST and float((np.diff(places) == 1).mean()) >= NEIGHBOURS
    return np.array([_of(part, one_in) if known else 1.0 for part in strangeness.T])


def _of(values: NDArray[np.integer[Any]], one_in: int) -> float:
    """Return the index of dispersion by one statistic."""
    falling, traces, found = np.sort(values)[::-1], len(values), 1.0
    for share in SHARES:
        many = int(share * traces)
        above = values > falling[many]
        if 2 * np.count_nonzero(above) >= many >= FEWEST:  # otherwise so many are tied that they are not strange
            found = max(found, _in_blocks(above, one_in))
    return min(found, traces / FEWEST)


def _in_blocks(above: NDArray[np.bool_], one_in: int) -> float:
    """Return the index of dispersion of traces of one kind."""
    rising = np.concatenate(([0], np.cumsum(above)))
    share, found, within = float(above.mean()), 1.0, 1.0
    length = SHORTEST
    while (blocks := len(above) // length) >= FEWEST:
        ends = rising[: blocks * length + 1 : length]
        beyond = ends[1:] - ends[:-1] - ends[-1] / blocks
        index = float((beyond * beyond).sum() / (blocks - 1)) / (length * share * (1 - share))
        if _beyond_chance(index / within, blocks - 1):
            upper = index * (1 + math.sqrt(2 / (blocks - 1)))
            found = max(found, upper if length == SHORTEST else within + one_in * (upper - within))
        if length == SHORTEST and one_in > 1:
            within = max(1.0, index)
        length *= 2
    return found


def _beyond_chance(ratio: float, freedom: int) -> bool:
    """Tell whether a variance is above what it is expected to be (Wilson & Hilferty, PNAS 17, 1931).

    >>> _beyond_chance(3.4, 15), _beyond_chance(3.6, 15)
    (False, True)
    """
    spread = 2 / (9 * freedom)
    return math.cbrt(max(0.0, ratio)) - (1 - spread) > SURE * math.sqrt(spread)


def held_in_most(ranks: NDArray[np.number[Any]], index: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return how many of a stretch of as many traces are as strange as some in 95 of 100 stretches at most.

    That is ``a + 1.645 √(2·a·D)``: as large as ``a`` of a calibration are, on average, ``a`` of as many traces to
    come; both vary by ``√(a·D)``.  Of independent traces it is left at that.

    Parameters
    ----------
    ranks : float array, shape (traces,)
        How many of the calibration are as strange.
    index : float array, shape (traces,), or float
        Index of dispersion.

    Examples
    --------
    >>> held_in_most(np.array([20.0, 20.0, 0.0]), np.array([1.0, 5.0, 5.0])).round(1).tolist()
    [20.0, 43.3, 0.0]
    """
    return np.where(index > 1, ranks + HELD * np.sqrt(2 * ranks * index), ranks)
