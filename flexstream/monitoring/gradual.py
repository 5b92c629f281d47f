"""Gradual changes: whether newer traces have other pairs of neighbouring events than older ones, over all spans."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels.likeness import count_pairs, count_symbols
from ..pac.theorems.balle import look_share
from ..stream.batch import TraceBatch
from ..summary.drawn import DrawnTraces
from ..summary.hashes import drawn_at
from .recent import RecentTraces

FIRST, OFTEN, SELDOM = 1536, 16, 4096
"""Traces before the first look; then one comes each sixteenth of the traces so far, but after so many at the latest."""
RUN, DENSE = 16, 512
"""Neighbours that stay together, and runs of them that are all looked at; of older ones half as many an octave."""
GROUPS, FEWEST, SMALLEST = 256, 48, 2 * RUN
"""Groups of neighbours at most, those without which nothing is asked, and traces of one at least.

Twice a run, so that what hangs together within one, wherever it begins, hardly reaches from one group into the next.
"""
SPLITS = (1, 2, 4, 6, 7)
"""Eighths of the groups that are the newer ones."""
NAMED = 30
"""Symbols that are told apart, the most frequent ones; all others are one."""
TESTS = 2
"""Halves of the risk: for each pair by itself, and for what all of them say together."""
NOTABLE, TRIED = 4.0, 3
"""Standard errors without which no bound is worked out, and pairs of a split for which one is."""
_SLOPES = np.geomspace(0.25, 32, 36)
_PARTS = 8

Numbers = NDArray[np.float64]


class Part(NamedTuple):
    """Some traces of a batch, by their rows, rising."""

    batch: TraceBatch
    rows: NDArray[np.int64]


class Gradual(NamedTuple):
    """Newer traces that differ from older ones.

    Attributes
    ----------
    since : int
        Traces given before those that differ, as far as that can be told.
    log_p : float
        Natural logarithm of the probability of so large a difference where nothing changes, at most 0.
    """

    since: int
    log_p: float


class GradualTest:
    """Notices what changes too slowly, or too little, for others: it compares newer traces with older ones.

    Looked at are pairs of neighbouring events, the beginning and the end of a trace among them, in up to 256 groups of
    neighbours.  Each pair's share, at the event before it, is compared between the newest groups and those before them,
    at five splits.  What many pairs say together is a score, the ratio of likelihoods of both parts in every second
    group; it is compared in the other groups, which had no part in it, and the other way round.  How improbable a
    difference is is bounded as a stratified permutation test does (Hoeffding, "Probability inequalities for sums of
    bounded random variables", JASA 58, 1963; Chernoff's bound of the sum of what is drawn from each stratum): were
    groups exchangeable, each member of a stratum would be the newer one with the same probability.  So however rare
    events are, and whatever else traces have in common with their neighbours of one group, of 32 at least, nothing is
    ever found with probability 1 - δ as long as groups are independent and the source stays: the i-th look has
    6δ/(π²i²) of the risk.

    Parameters
    ----------
    delta : float
        Probability with which anything is ever found where nothing changes.
    start : int
        Traces of the stream of which nothing is to be known.

    Attributes
    ----------
    start, looks, at : int
        Traces of the stream before all that are compared, looks so far, and traces of the stream at the next.
    """

    def __init__(self, delta: float, start: int = 0) -> None:
        self.delta = delta
        self.start_over(start)

    def start_over(self, start: int) -> None:
        """Know of none of so many traces of the stream."""
        self.start, self.looks, self.at = start, 0, start + FIRST

    def look(self, recent: RecentTraces, drawn: DrawnTraces, forgotten: int) -> int | None:
        """Look at the traces of the stream so far; return how many came before a change that shows, None without one.

        Parameters
        ----------
        recent : RecentTraces
            The newest.
        drawn : DrawnTraces
            Some of those before them.
        forgotten : int
            Traces of the stream before the first that might have been drawn.
        """
        self.looks += 1
        self.at = recent.seen + min(SELDOM, (recent.seen - self.start) // OFTEN)
        parts, places = sampled(recent, drawn, forgotten, self.start)
        found = gradual(parts)
        if found is None or found.log_p > math.log(look_share(self.delta, self.looks)):
            return None
        return int(places[found.since])


def sampled(
    recent: RecentTraces, drawn: DrawnTraces, forgotten: int, start: int
) -> tuple[list[Part], NDArray[np.int64]]:
    """Return traces from ``start`` on, the older the fewer, and where in the stream each came; see `GradualTest.look`.

    All of the newest 8,192, then half as many of each octave of age, as far as they are held.
    """
    held, older = recent.held(), drawn.places()
    ends = recent.seen - np.cumsum([0, *map(len, reversed(held))])[::-1]  # of each batch, and where the first begins
    if len(older) > 1 and not (np.diff(older) > 0).all():
        older = older[:0]  # streams were merged: nobody knows what came before what
    which = np.flatnonzero((older + forgotten >= start) & (older + forgotten < ends[0]))
    which = which[_among_few(older[which], recent.seen - forgotten)]
    newest = np.arange(max(start, ends[0]), recent.seen)
    newest = newest[_among_few(newest, recent.seen)]
    rows = np.split(newest, np.searchsorted(newest, ends[1:-1]))[: len(held)]
    parts = [Part(batch, own - first) for batch, own, first in zip(held, rows, ends[:-1].tolist(), strict=True)]
    return [Part(drawn.held(), which), *parts], np.concatenate([older[which] + forgotten, newest])


def _among_few(places: NDArray[np.int64], seen: int) -> NDArray[np.int64]:
    """Return which of some places, rising, of a stream of so many traces are looked at."""
    run = places // RUN
    new = np.diff(run, prepend=-1) > 0
    runs = run[new]
    age = np.maximum((seen - 1) // RUN - runs, 1)
    levels = np.where(age < DENSE, 0, np.frexp(age * (2.0 / DENSE))[1] - 1)
    return np.flatnonzero(drawn_at(runs, levels)[np.cumsum(new) - 1])


def gradual(parts: Sequence[Part]) -> Gradual | None:
    """Return how improbable it is that newer traces differ so much from older ones by chance; None of too few.

    Parameters
    ----------
    parts : sequence of Part
        Traces in the order of the stream, chosen without regard to what they say.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> slowly = random.random(8000) < 0.3 + 0.4 * np.arange(8000) / 8000
    >>> found = gradual([Part(TraceBatch(slowly.astype(np.int32), np.arange(8001)), np.arange(8000))])
    >>> 3000 < found.since < 5000, found.log_p < -20
    (True, True)
    >>> gradual([Part(TraceBatch(slowly.astype(np.int32), np.arange(8001)), random.permutation(8000))]).log_p
    0.0
    """
    traces = sum(len(part.rows) for part in parts)
    size = max(SMALLEST, -(-traces // GROUPS))
    groups = traces // size // (2 * _PARTS) * (2 * _PARTS)
    if groups < FEWEST:
        return None
    first = traces - groups * size
    counts, before = _counted(parts, -first, size, groups)
    log_p = min(_by_pairs(counts, before), _by_score(counts, before)) + math.log(TESTS)
    if log_p >= 0:
        return Gradual(first, 0.0)
    scores = counts @ _ratios(counts[: groups // 2].sum(0), counts[groups // 2 :].sum(0), before)
    apart = np.abs(np.cumsum(scores - scores.mean())[:-1])
    return Gradual(first + size * (1 + int(np.argmax(apart))), log_p)


def _counted(parts: Sequence[Part], done: int, size: int, groups: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Return how often each pair comes in each group, shape (groups, pairs), and the event before of each, rising."""
    times = np.zeros(1 + max(int(batch.symbols.max(initial=0)) for batch, _ in parts), np.int64)
    for batch, rows in parts:
        count_symbols(batch.symbols, batch.offsets, rows, times)
    named = np.argsort(-times, kind="stable")[:NAMED]
    kinds = np.full(len(times), 1)  # the others
    kinds[named] = 2 + np.arange(len(named))
    width = 2 + len(named)
    counts = np.zeros((groups, width * width), np.int32)
    for batch, rows in parts:
        count_pairs(batch.symbols, batch.offsets, rows, done, size, kinds, width, counts)
        done += len(rows)
    used = np.flatnonzero(counts.any(0))
    return counts[:, used].astype(np.float64), used // width


def _together(counts: Numbers, before: NDArray[np.int64]) -> Numbers:
    """Return for each pair how often any with the same event before came, shape (..., pairs)."""
    new = np.diff(before, prepend=-1) > 0
    return np.asarray(np.add.reduceat(counts, np.flatnonzero(new), axis=-1)[..., np.cumsum(new) - 1])


def _ratios(older: Numbers, newer: Numbers, before: NDArray[np.int64]) -> Numbers:
    """Return logarithms of the ratios of shares in both parts, less where they are less sure, shape (..., pairs)."""
    visits = [np.maximum(_together(part, before), 1e-9) for part in (older, newer)]
    share = (older + newer) / (visits[0] + visits[1])
    both = (visits[0] >= 1) & (visits[1] >= 1) & (share > 0) & (share < 1)
    share = np.where(both, share, 0.5)
    ratio = np.log((newer + share) / (visits[1] + 1)) - np.log((older + share) / (visits[0] + 1))
    variance = share * (1 - share) * (1 / visits[0] + 1 / visits[1])
    sure = (older / visits[0] - newer / visits[1]) ** 2 / variance  # squared standard errors; James and Stein's factor
    return np.where(both & (sure > 1), ratio * (1 - 1 / np.maximum(sure, 1)), 0.0)


def _by_score(counts: Numbers, before: NDArray[np.int64]) -> float:
    """Return the logarithm of the probability of what all pairs say together, all splits accounted for."""
    half = len(counts) // 2
    sums = counts.reshape(_PARTS, half // _PARTS, 2, -1).sum(1).cumsum(0)
    older = sums[[_PARTS - newer - 1 for newer in SPLITS]]  # split, whether of every second group, pair
    ratios = _ratios(older, sums[-1] - older, before)
    found = 0.0
    for own in (0, 1):
        scores = counts[1 - own :: 2] @ ratios[:, own].T
        found = min(found, *(permuted(scores[:, split], newer) for split, newer in enumerate(SPLITS)))
    return found + math.log(2 * len(SPLITS))


def _by_pairs(counts: Numbers, before: NDArray[np.int64]) -> float:
    """Return the logarithm of the probability of what the pair says that changed most, all of them accounted for."""
    times = counts.sum(0)
    visits = _together(times, before)
    asked = (times >= FEWEST) & (visits > times)
    beyond = (counts - _together(counts, before) * (times / visits))[:, asked]  # what is usual
    errors = np.sqrt((beyond * beyond).sum(0)) + 1e-9
    found = min(
        (permuted(sign * beyond[:, pair], newer) for pair, newer, sign in _notable(beyond, errors)), default=0.0
    )
    return found + math.log(2 * len(SPLITS) * max(1, beyond.shape[1]))


def _notable(beyond: Numbers, errors: Numbers) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs that may have changed, the split, and in which direction."""
    parts = beyond.reshape(_PARTS, len(beyond) // _PARTS, -1).sum(1)
    for newer in SPLITS:
        share = newer / _PARTS
        far = parts[_PARTS - newer :].sum(0) / (errors * math.sqrt(share * (1 - share)))
        for pair in np.argsort(-np.abs(far))[:TRIED].tolist():
            if abs(far[pair]) > NOTABLE:
                yield pair, newer, math.copysign(1.0, far[pair])


def permuted(values: NDArray[np.floating[Any]], newer: int) -> float:
    """Return a bound of the log probability that the newer values are so much larger than the older ones.

    Each value of the smaller part has one stratum, with as many of the others as there are to each.  Were the order of
    values drawn at random, each member of a stratum would be that value with the same probability.

    Parameters
    ----------
    values : float array, shape (n,)
        The oldest first.
    newer : int
        Eighths that are newer.

    Examples
    --------
    >>> round(permuted(np.repeat([0.0, 1.0], 16), 4) / math.log(2), 1)
    -16.0
    >>> permuted(np.repeat([1.0, 0.0], 16), 4)
    0.0
    """
    ordered = values[::-1] if 2 * newer <= _PARTS else -values
    part = len(values) * min(newer, _PARTS - newer) // _PARTS
    strata = ordered[: part * (len(values) // part)].reshape(-1, part)
    strata = strata - strata.mean(0)
    total, error = float(strata[0].sum()), math.sqrt(float((strata * strata).mean(0).sum()))
    if total <= NOTABLE / 2 * error:
        return 0.0
    raised = (_SLOPES / error)[:, None, None] * strata
    most = raised.max(1, keepdims=True)
    logs = most[:, 0].sum(1) + np.log(np.exp(raised - most).mean(1)).sum(1)
    return min(0.0, float((logs - _SLOPES / error * total).min()))
