"""Lateness: how rarely long the slowest step of each trace took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from .beyond import bits_left_out
from .timing import Durations, edges_of

if TYPE_CHECKING:
    from .pdfa import PDFA


def lateness(
    automaton: PDFA,
    batch: TraceBatch,
    left_out: bool = False,
    shared: bool = False,
    beyond: bool = True,
    edges: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return ``-log2 p`` of the slowest step of each trace whose times are known, NaN where none is.

    Here p is the conformal p-value of the step, see :meth:`~flexstream.automata.timing.Durations.p_values`; the further
    it is beyond anything counted, the smaller p is taken to be, see :mod:`flexstream.automata.beyond`.
    The bits only rise while a trace goes on, so that a case that is open is never stranger than when it ends.  With
    ``shared`` p is multiplied by the number of steps, without ``beyond`` all that is longer than anything counted is
    equally rare, as calibrations of earlier versions have it.  With ``left_out`` the traces are some of those whose
    durations were counted, and each is compared with all others.  What `edges_of` finds in them may be known.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from flexstream.automata.timing import durations_of
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    >>> bins = np.array([-1, 7] * 6 + [-1, 9], np.int16)
    >>> usual = TraceBatch(np.zeros(14, np.int64), np.arange(0, 15, 2), durations=bins)
    >>> timed = replace(loop, durations=durations_of(loop, usual, np.ones(7, np.int64)))
    >>> lateness(timed, usual).round(2).tolist()[-2:], lateness(timed, usual, left_out=True).round(2).tolist()[-2:]
    ([0.0, 2.0], [0.0, 2.98])
    """
    found = np.full(len(batch), np.nan)
    if batch.durations is None or automaton.durations is None:
        return found
    durations = automaton.durations
    places = durations.places(edges_of(automaton, batch) if edges is None else edges, batch)
    if left_out and durations.one_in == 1:  # otherwise it is one of many, and may not be among them
        most, steps = _beside_others(durations, places, batch, beyond)
    else:
        most, steps = _beside_all(durations, places, batch, beyond)
    judged = steps > 0
    found[judged] = np.maximum(0.0, np.abs(most[judged]) - (np.log2(steps[judged]) if shared else 0))
    return found


def _beside_all(
    durations: Durations, places: NDArray[np.int64], batch: TraceBatch, beyond: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return how rarely long the slowest step of each trace took, in bits, and of how many steps it is."""
    least, steps, rest = durations.slowest(places, batch)
    rows, bins = np.searchsorted(batch.offsets, rest, side="right") - 1, np.asarray(batch.durations)
    given = places[rest], bins[rest]
    most = -np.log2(least)
    bits = -np.log2(durations.rarity(*given)) + (durations.beyond(*given) if beyond else 0)
    np.maximum.at(most, rows, bits)
    return most, steps + np.bincount(rows, minlength=len(batch))


def _beside_others(
    durations: Durations, places: NDArray[np.int64], batch: TraceBatch, beyond: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the same of traces that were counted, each compared with all others."""
    bins = np.asarray(batch.durations, np.int64)
    timed = np.flatnonzero((places >= 0) & (bins != UNKNOWN))
    rows = np.repeat(np.arange(len(batch)), np.diff(batch.offsets))[timed - batch.offsets[0]]
    bits = _left_out(durations, rows, places[timed], bins[timed], beyond)
    known = ~np.isnan(bits)
    most = np.zeros(len(batch))
    np.maximum.at(most, rows[known], bits[known])
    return most, np.bincount(rows[known], minlength=len(batch))


def _left_out(
    durations: Durations, rows: NDArray[np.int64], edges: NDArray[np.int64], bins: NDArray[np.int64], beyond: bool
) -> NDArray[np.float64]:
    """Return how rarely long steps took beside those of all other traces, in bits; NaN where there are none."""
    groups = rows * len(durations.by_context.dependence) + edges
    own_tail, own_total = _own(groups, bins)
    tail, total = durations.by_context.ranks(edges, bins)
    tail, total = np.maximum(tail - own_tail, 0), np.maximum(total - own_total, 0)
    bits = np.where(total > 0, -np.log2((1.0 + tail) / (1.0 + total)), np.nan)
    among = edges >= len(durations.dependence)
    if beyond:
        order = np.argsort(groups, kind="stable")
        longest = np.flatnonzero(~among & (tail == 0) & (total > 0))
        sides = (np.searchsorted(groups, groups[longest] + step, sorter=order).tolist() for step in (0, 1))
        for at, start, stop in zip(longest.tolist(), *sides, strict=True):
            own, others = bins[order[start:stop]].tolist(), durations.of(int(edges[at]))
            bits[at] += bits_left_out(*others, own, float(bins[at]), int(total[at]))
    if among.any():
        given = edges[among], bins[among], True
        bits[among] = -np.log2(durations.ranks_in_contexts.p_values(*given))
        if beyond:
            bits[among] += durations.ranks_in_contexts.beyond(*given)
    return bits


def _own(groups: NDArray[np.int64], bins: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many steps of the same trace along the same transition took as long or longer, and how many there are.

    >>> tail, total = _own(np.zeros(3, np.int64), np.array([5, 7, 7]))
    >>> tail.tolist(), total.tolist()
    ([3, 2, 2], [3, 3, 3])
    """
    keys = np.sort(groups * BINS + bins)
    stops = np.searchsorted(keys, (groups + 1) * BINS)
    return stops - np.searchsorted(keys, groups * BINS + bins), stops - np.searchsorted(keys, groups * BINS)
