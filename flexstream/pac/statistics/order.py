"""Whether the order of traces tells anything: what independent draws from one source never show.

All that is asked is a comparison with the same traces shuffled, so that it supposes nothing of how a trace comes about:

- blocks: do features of traces differ between parts of the stream (drift, regimes, a change)?
- period: do they differ between every second, third, … trace (sources in turn)?
- before: do they hang on the trace before?
- again: do traces come again after as many others, more often than by chance (repeated blocks, copies, neighbours)?
- lately: are traces like those shortly before them (sources that change to and fro)?
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...stream.batch import TraceBatch
from ...tuples import NamedTuple
from .features import Feature, features, identities
from .lately import WINDOWS, winnings
from .permuted import paired_tails, permuted_tails

FEWEST = 40
"""Traces without which nothing is asked."""
BLOCKS = 2, 4, 8, 16, 32
PERIODS = 2, 3, 5, 7
KINDS = "blocks", "period", "before", "again", "lately"
FEATURES = "first", "last", "length", "trace", "symbol", "pair"
BEFORE = "first", "last", "length", "trace"
"""Features of the trace before on which something may hang."""
NEXT_ONES = 8
"""How many of the next traces that are the same are looked at."""
RARE = 8
"""Times that a trace comes at most to be rare."""
LIKELIEST = 8
"""Lags that are looked at more closely: those after which most traces come again."""
BET_ON_BEFORE = 0.8
"""Part of what is bet on the features of `BEFORE`, those on which something hangs most often."""
BEGINNINGS, BETS = 1 / 2, 1 / 4
"""Parts of the level that tables of how traces begin and that bets have; all other tests share the rest.

Every trace passes the first state, so what hangs on it makes intervals miss first.
"""
CLEAR = math.log(1e-3)
"""Of the probability of a sign that is told rather than that of the bets: it says more of what is the matter."""


class Dependence(NamedTuple):
    """The strongest sign that the order of traces tells something.

    Attributes
    ----------
    kind : str
        ``blocks``, ``period``, ``before``, ``again`` or ``lately``.
    feature : str
        What differs or hangs, see `flexstream.pac.statistics.features.Feature`; ``trace`` for traces that come again.
    symbols : tuple of int
        Of the feature.
    number : int
        Of blocks, of the period, or of traces after which one comes again; 1 for the trace before, for ``lately`` the
        most that are looked back.
    other : str
        Feature of the trace before; empty for the other kinds.
    log_p : float
        Natural logarithm of the probability of any sign that strong in a shuffled stream, at most 0.
    tests : int
        How many were asked for; how they share the level see `BEGINNINGS`.
    """

    kind: str
    feature: str
    symbols: tuple[int, ...]
    number: int
    other: str
    log_p: float
    tests: int


def dependence(batch: TraceBatch, places: NDArray[np.int64]) -> Dependence | None:
    """Return the strongest sign that the order of traces tells something; None of too few traces.

    Parameters
    ----------
    batch : TraceBatch
        Traces drawn from a stream without regard to what they say.
    places : int64 array, shape (traces,)
        Where in the stream each came, rising.

    Examples
    --------
    >>> turns = TraceBatch(np.arange(200) % 2, np.arange(201))
    >>> found = dependence(turns, np.arange(200))
    >>> found.kind, found.number, found.log_p < -30
    ('period', 2, True)
    """
    if len(batch) < FEWEST:
        return None
    identity = identities(batch)
    given = features(batch, identity)
    found = [*_in_tables(given, places), *_again(identity, places)]
    begins = [one for one in found if one.feature == "first" and one.other in ("", "first")]
    others = [one for one in found if one not in begins]
    signs = [
        (_strongest(begins), math.log(len(begins) / BEGINNINGS)),
        (_strongest(others), math.log(len(others) / (1 - BEGINNINGS - BETS))),
    ]
    best, log_p = min(((one, one.log_p + price) for one, price in signs), key=lambda sign: sign[1])
    bets = _lately(given, places)
    won = bets.log_p - math.log(BETS)
    told = best if log_p < max(CLEAR, won) else bets
    return told._replace(log_p=min(0.0, log_p, won), tests=len(found) + bets.tests)


def _strongest(signs: list[Dependence]) -> Dependence:
    return min(signs, key=lambda one: one.log_p)


def _lately(given: list[Feature], places: NDArray[np.int64]) -> Dependence:
    """Return what bets on all features, foretold from the traces shortly before, have won together."""
    main = sum(one.kind in BEFORE for one in given)
    rest = max(1, len(given) - main)
    weights = [BET_ON_BEFORE / main if one.kind in BEFORE else (1 - BET_ON_BEFORE) / rest for one in given]
    won = winnings([one.classes for one in given], weights, places)
    best = given[won.best]
    return Dependence("lately", best.kind, best.symbols, WINDOWS[-1], "", min(0.0, -won.log_e), 1)


def _in_tables(given: list[Feature], places: NDArray[np.int64]) -> Iterator[Dependence]:
    """Yield what tables of two classifications say: of parts of the stream, of turns, of the trace before."""
    rank = np.arange(len(places))
    whole, shifted = [one.classes for one in given], np.flatnonzero(np.diff(places) == 1)
    grouped = [("blocks", number, rank * number // len(places)) for number in BLOCKS]
    grouped += [("period", number, places % number) for number in PERIODS]
    tails = permuted_tails([classes for _, _, classes in grouped], whole)
    for row, (kind, number, _) in enumerate(grouped):
        for one, log_p in zip(given, tails[row].tolist(), strict=True):
            yield Dependence(kind, one.kind, one.symbols, number, "", log_p, 1)
    earlier, later = [classes[shifted] for classes in whole], [classes[shifted + 1] for classes in whole]
    before = [row for row, one in enumerate(given) if one.kind in BEFORE]
    tails = permuted_tails([earlier[row] for row in before], later)
    for row, last in enumerate(before):
        for one, log_p in zip(given, tails[row].tolist(), strict=True):
            yield Dependence("before", one.kind, one.symbols, 1, given[last].kind, log_p, 1)
    alone = [row for row in range(len(given)) if row not in before]
    own = paired_tails([earlier[row] for row in alone], [later[row] for row in alone])
    for row, log_p in zip(alone, own.tolist(), strict=True):
        yield Dependence("before", given[row].kind, given[row].symbols, 1, given[row].kind, log_p, 1)


def _again(identity: NDArray[np.int64], places: NDArray[np.int64]) -> Iterator[Dependence]:
    """Yield after how many others traces come again most clearly, of all traces, and of those that come seldom."""
    times = np.bincount(identity)
    for chosen in (times > 1, (times > 1) & (times <= RARE)):
        held = np.flatnonzero(chosen[identity])
        lag, log_p = _lag(identity[held], places[held], places, times[chosen])
        yield Dependence("again", "trace", (), lag, "", log_p, 1)


def _lag(
    identity: NDArray[np.int64], where: NDArray[np.int64], places: NDArray[np.int64], times: NDArray[np.int64]
) -> tuple[int, float]:
    """Return the lag after which traces come again most clearly, and the log of the probability of so much anywhere.

    Were the traces shuffled, each pair of places would hold the same trace with the same probability; how often pairs
    at one distance do varies less than a Poisson variable of the same mean, whose tail is bounded as Chernoff does.
    """
    gaps = _gaps(identity, where)
    if not len(gaps):
        return 1, 0.0
    lags, counts = np.unique(gaps, return_counts=True)
    traces = len(places)
    alike = float((times.astype(np.float64) * (times - 1)).sum()) / (traces * (traces - 1.0))
    best = 1, 0.0
    for row in np.argsort(-counts, kind="stable")[:LIKELIEST].tolist():
        lag, count = int(lags[row]), float(counts[row])
        mean = alike * _pairs_at(places, lag)
        if count > mean > 0:
            tail = -(count * math.log(count / mean) - count + mean) + math.log(float(places[-1] - places[0]))
            best = min(best, (lag, tail), key=lambda one: one[1])
    return best


def _pairs_at(places: NDArray[np.int64], lag: int) -> float:
    """Return how many pairs of places are so far apart.

    >>> _pairs_at(np.arange(5), 2), _pairs_at(np.array([0, 3, 4, 7]), 4)
    (3.0, 2.0)
    """
    if places[-1] - places[0] == len(places) - 1:
        return float(max(0, len(places) - lag))
    return float(np.isin(places + lag, places, assume_unique=True).sum())


def _gaps(identity: NDArray[np.int64], where: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how far the next traces are that are the same, of each trace."""
    order = np.argsort(identity, kind="stable")
    same, place = identity[order], where[order]
    parts = [
        (place[step:] - place[:-step])[same[step:] == same[:-step]]
        for step in range(1, min(NEXT_ONES, len(same) - 1) + 1)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])
