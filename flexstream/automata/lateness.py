"""Lateness: how rarely long the slowest step of each trace took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from .timing import edges_of

if TYPE_CHECKING:
    from .pdfa import PDFA


def lateness(automaton: PDFA, batch: TraceBatch, left_out: bool = False, shared: bool = False) -> NDArray[np.float64]:
    """Return ``-log2 p`` of the slowest step of each trace whose times are known, NaN where none is.

    Here p is the conformal p-value of the step, see :meth:`~flexstream.automata.timing.Durations.p_values`.  It only
    rises while a trace goes on, so that a case that is open is never stranger than when it ends; with ``shared`` p is
    multiplied by the number of steps, as calibrations of earlier versions have it.  With ``left_out`` the traces are
    some of those whose durations were counted, and each is compared with all others.

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
    ([0.0, 2.0], [0.0, 2.81])
    """
    found = np.full(len(batch), np.nan)
    if batch.durations is None or automaton.durations is None:
        return found
    durations = automaton.durations
    edges = durations.places(edges_of(automaton, batch), batch)
    timed = np.flatnonzero((edges >= 0) & (batch.durations != UNKNOWN))
    rows = np.repeat(np.arange(len(batch)), np.diff(batch.offsets))[timed - batch.offsets[0]]
    edges, bins = edges[timed], batch.durations[timed].astype(np.int64)
    tail, total = durations.by_context.ranks(edges, bins)
    if left_out and durations.one_in == 1:  # otherwise it is one of many, and may not be among them
        own_tail, own_total = _own(rows, edges, bins, len(durations.by_context.dependence))
        tail, total = np.maximum(tail - own_tail, 0), np.maximum(total - own_total, 0)
    rare, known = (1.0 + tail) / (1.0 + total), total > 0
    among = np.flatnonzero(edges >= len(durations.dependence))
    if len(among):
        rare[among] = durations.ranks_in_contexts.p_values(
            edges[among], bins[among], left_out and durations.one_in == 1
        )
    rare, rows = rare[known], rows[known]
    steps = np.bincount(rows, minlength=len(batch))
    least = np.ones(len(batch))
    np.minimum.at(least, rows, rare)
    judged = steps > 0
    share = steps[judged] if shared else 1
    found[judged] = np.abs(np.log2(np.minimum(1.0, least[judged] * share)))
    return found


def _own(
    rows: NDArray[np.int64], edges: NDArray[np.int64], bins: NDArray[np.int64], transitions: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many steps of the same trace along the same transition took as long or longer, and how many there are.

    >>> tail, total = _own(np.zeros(3, np.int64), np.zeros(3, np.int64), np.array([5, 7, 7]), 1)
    >>> tail.tolist(), total.tolist()
    ([3, 2, 2], [3, 3, 3])
    """
    groups = rows * max(1, transitions) + edges
    keys = np.sort(groups * BINS + bins)
    stops = np.searchsorted(keys, (groups + 1) * BINS)
    return stops - np.searchsorted(keys, groups * BINS + bins), stops - np.searchsorted(keys, groups * BINS)
