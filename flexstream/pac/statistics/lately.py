"""Whether traces are like those shortly before them: a bet on their order that nobody wins by chance.

All traces are known, only their order is not: were it drawn at random, the next trace would be of class c with
probability r/R, R the traces that are left and r those of c among them.  Somebody who foretells by the classes of the
last traces wins q(c)/(r/R) for each trace; what he put on classes of which none is left is lost.  So his winnings are
a supermartingale that starts at 1, whatever the classes are, and reach 1/α with probability at most α (Ville, 1939; the
"conformal test martingales" of Vovk, Gammerman & Shafer, 2005, bet on ranks instead).  They grow as fast as the last
traces tell of the next one: where a source changes to and fro, or the first event hangs on the trace before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..._kernels.before import count_lately
from ...tuples import NamedTuple

WINDOWS = 4, 16, 64
"""How many places back the last traces are."""
STRENGTHS = 0.3, 0.9
"""Part of what is foretold that the last traces tell; the rest is r/R."""
PRIOR = 6.0
"""Traces that r/R is worth among the last ones."""


class Winnings(NamedTuple):
    """What bets on some features won together.

    Attributes
    ----------
    log_e : float
        Natural logarithm of the mean of all winnings: at least ln(1/α) with probability at most α in shuffled traces.
    best : int
        Which feature won most.
    """

    log_e: float
    best: int


def winnings(given: Sequence[NDArray[np.int64]], weights: Sequence[float], places: NDArray[np.int64]) -> Winnings:
    """Return what is won by foretelling classes from those of the traces shortly before.

    Parameters
    ----------
    given : sequence of int64 arrays, shape (traces,)
        Classes of traces, of each feature, from 0.
    weights : sequence of float
        Part of what is put in that is bet on each; they add up to at most 1.
    places : int64 array, shape (traces,)
        Where in the stream each came, rising: traces that are not known are none of the last ones.

    Examples
    --------
    >>> persistent = np.arange(400) // 10 % 2
    >>> found = winnings([persistent, np.arange(400) % 2], [0.5, 0.5], np.arange(400))
    >>> round(found.log_e, 1), found.best
    (54.7, 0)
    """
    each = np.array([_log_mean(_won(classes, places)) for classes in given]) + np.log(weights)
    most = float(each.max())
    return Winnings(most + math.log(float(np.exp(each - most).sum())), int(each.argmax()))


def _log_mean(logs: NDArray[np.float64]) -> float:
    most = float(logs.max())
    return most + math.log(float(np.exp(logs - most).mean()))


def _won(classes: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logarithm of what is won by each window and strength, shape (windows * strengths,).

    q(c) is a mean of r/R and of the share of c among the last traces, so it adds up to one over all classes, and what
    is needed of it is the class that came.
    """
    traces = len(classes)
    number = np.arange(traces)
    counts, met = np.bincount(classes), np.zeros(int(classes.max(initial=-1)) + 1, np.int64)
    last, same, found = np.empty(traces, np.int64), np.empty(traces, np.int64), []
    rank = np.empty(traces, np.int64)
    count_lately(classes, places, int(places[-1]) + 1, met, rank, rank)
    chance = (counts[classes] - rank) / (traces - number)
    for window in WINDOWS:
        count_lately(classes, places, window, met, last, same)
        ratio = (same / chance + PRIOR) / (last + PRIOR)
        found += [np.log1p(strength * (ratio - 1)).sum() for strength in STRENGTHS]
    return np.array(found)
