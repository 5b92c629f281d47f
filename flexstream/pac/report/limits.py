"""The levels of a report's intervals, and the narrowest that all ways to find them leave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple
from ..statistics.binomial import binomial_limits
from ..statistics.centred import centred_sequence
from ..statistics.intervals import confidence_sequence
from ..statistics.ordered_visits import ordered_limits
from .shares import Declared, of_declared, planned_part

FIRST = 0.4
"""Of what goes to times fixed beforehand the part of first visits alone, where visits are known by their number."""


class Levels(NamedTuple):
    """Probabilities with which one interval may be wrong.

    Attributes
    ----------
    always : float
        At any time, by all visits.
    first, ordered : float
        In this report, by first visits alone and by visits of each number; 0 where these are not known.
    """

    always: float
    first: float
    ordered: float


def levels(share: float, orders: int, reports: int, declared: Declared | None) -> Levels:
    """Share out the probability with which an interval may be wrong at any time.

    Parameters
    ----------
    share : float
    orders : int
        Numbers of visits that are known: 0, 1 for first visits only, or more.
    reports : int
        Of the stream, this one the last.
    declared : Declared or None

    Examples
    --------
    >>> levels(0.01, 0, 1, None)
    Levels(always=0.01, first=0.0, ordered=0.0)
    >>> [round(level, 6) for level in levels(0.01, 6, 1, Declared(1, 500))]
    [0.0005, 0.00342, 0.00513]
    """
    if not orders:
        return Levels(share, 0.0, 0.0)
    planned = planned_part(declared)
    now = of_declared(planned * share, reports, declared)
    first = FIRST if orders > 1 else 1.0
    return Levels((1 - planned) * share, first * now, (1 - first) * now)


class Visits(NamedTuple):
    """Hits of outcomes and visits of their states, each a row.

    Attributes
    ----------
    hits, visits : float64 arrays, shape (rows,)
    missing : float64 array, shape (rows,)
        Visits that are known and do not count: they may be of the state or not, and any of its outcomes.
    ordered : float64 array, shape (2, orders, rows)
        Hits and trials at the k-th visits of strings; without orders where they are not known.
    """

    hits: NDArray[np.float64]
    visits: NDArray[np.float64]
    missing: NDArray[np.float64]
    ordered: NDArray[np.float64]


def narrowest(seen: Visits, level: Levels, strength: float | None) -> NDArray[np.float64]:
    """Return least and most of each probability, shape (2, rows): what all ways leave, the share of hits inside.

    Parameters
    ----------
    seen : Visits
    level : Levels
    strength : float or None
        Visits that the prior around each probability is worth; None where the stream's length was not declared.
    """

    def always(hits: NDArray[np.float64], visits: NDArray[np.float64]) -> NDArray[np.float64]:
        if strength is None:
            return np.array(confidence_sequence(hits, visits, level.always))
        return np.array(centred_sequence(hits, visits, level.always, strength))

    found = always(seen.hits, seen.visits)
    if seen.missing.any():
        more = seen.visits + seen.missing
        found[0] = np.minimum(found[0], always(seen.hits, more)[0])
        found[1] = np.maximum(found[1], always(seen.hits + seen.missing, more)[1])
    share = seen.hits / np.maximum(seen.visits, 1)  # stays inside: a wider interval is as true
    for ways in _planned(seen.ordered, level):
        low, high = np.maximum(found[0], ways[0]), np.minimum(found[1], ways[1])
        cut = np.array([np.minimum(share, low), np.maximum(share, high)])
        # They can only lie apart where one of them is wrong, or the model was tampered with.
        found = np.where((low <= high) & (seen.visits > 0), cut, found)
    return found


def _planned(ordered: NDArray[np.float64], level: Levels) -> list[NDArray[np.float64]]:
    """Return the limits that hold at times fixed beforehand."""
    hits, trials = ordered
    found = []
    if len(hits):
        found.append(np.array(binomial_limits(hits[0], trials[0], level.first)))
    if len(hits) > 1:
        found.append(np.array(ordered_limits(hits, trials, level.ordered)))
    return found
