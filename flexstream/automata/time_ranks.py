"""How rare it is that a transition takes so long after its own earlier event, ranked among all its contexts together.

Ranked by itself a context has few events, and what is longer than all of them might be no rarer than one in so many.
So how strange an event is for its context is ranked among all events of the transition: any such number, worked out for
each event without itself, makes a conformal p-value (Vovk, Gammerman & Shafer, 2005).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..ordered import distinct
from ..stream.durations import BINS
from .arrays import read_only
from .beyond import Beyond, bits_left_out
from .time_contexts import TimeContexts


class TimeRanks:
    """Ranks of how strange durations are for their contexts.

    An event is the stranger, the fewer others of its context took as long; one that took longer than all of them the
    stranger, by the more bins it did: strangest of all.

    Parameters
    ----------
    contexts : TimeContexts

    Examples
    --------
    >>> contexts = TimeContexts([1], [0, 0], [5, 6], [0, 1, 1], [30, 50, 51], [60, 58, 2])
    >>> TimeRanks(contexts).p_values(np.array([1, 2, 2]), np.array([31, 30, 51])).round(3).tolist()
    [0.008, 1.0, 0.025]
    """

    def __init__(self, contexts: TimeContexts) -> None:
        self._contexts, self._first = contexts, len(contexts.back)
        rows = contexts.rows.astype(np.int64)
        self._keys = read_only(rows * BINS + contexts.bins)
        self._rising = np.concatenate(([0], np.cumsum(contexts.counts)))
        self._stops = np.searchsorted(rows, np.arange(len(contexts.edges)), side="right")
        self._sizes = np.bincount(rows, contexts.counts, len(contexts.edges)).astype(np.int64)

    def p_values(
        self, places: NDArray[np.int64], bins: NDArray[np.integer], left_out: bool = False
    ) -> NDArray[np.float64]:
        """Return how rare it is that events of contexts took so long.

        Parameters
        ----------
        places : int64 array, shape (events,)
            As `TimeContexts.places` has them, all of them contexts.
        bins : array, shape (events,)
        left_out : bool
            Whether the events are some of those that were counted, each compared with all others.
        """
        edges, strange = self._strange(places, bins, left_out)
        found = np.ones(len(places))
        for edge in distinct(edges).tolist():
            events, (values, above) = np.flatnonzero(edges == edge), self._ranked[edge]
            as_strange = above[np.searchsorted(values, strange[events])]
            found[events] = (as_strange + (not left_out)) / (above[0] + (not left_out))
        return found

    def beyond(
        self, places: NDArray[np.int64], bins: NDArray[np.integer], left_out: bool = False
    ) -> NDArray[np.float64]:
        """Return how far events are beyond all of their transition, see `flexstream.automata.beyond`; others 0.

        An event that is longer than all of its context is as far from these as it is longer.  For the parameters see
        `p_values`.
        """
        edges, strange = self._strange(places, bins, left_out)
        if not left_out:
            return self._tails.bits(edges.astype(np.int64), strange)
        found = np.zeros(len(places))
        for edge in distinct(edges).tolist():
            values, above = self._ranked[edge]
            at = np.flatnonzero((edges == edge) & (strange >= values[-1])) if above[len(values) - 1] == 1 else ()
            if len(at) and above[0] > 1:
                bits = bits_left_out(*self._far(edge), [max(0.0, values[-1])], float(values[-1]), int(above[0]) - 1)
                found[at] = bits
        return found

    def _strange(
        self, places: NDArray[np.int64], bins: NDArray[np.integer], left_out: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the transitions of events, and how strange these are for their contexts."""
        rows = places - self._first
        cells = np.searchsorted(self._keys, rows * BINS + bins)
        known = self._scores[np.minimum(cells, len(self._scores) - 1)] if left_out else self._of_new(rows, bins, cells)
        return self._contexts.edges[rows], known

    def _far(self, edge: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return how far the events of a transition are beyond all others of their contexts, and how many are."""
        values, above = self._ranked[edge]
        return np.maximum(values, 0.0), -np.diff(above)

    @cached_property
    def _tails(self) -> Beyond:
        none = np.empty(0), np.empty(0, np.int64)
        parts = [self._far(edge) if edge in self._ranked else none for edge in range(self._first)]
        starts = np.concatenate(([0], np.cumsum([len(values) for values, _ in parts], dtype=np.int64)))
        values, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Beyond(starts, values, counts)

    def _of_new(
        self, rows: NDArray[np.int64], bins: NDArray[np.integer], cells: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return how strange events are that were not counted."""
        stops = self._stops[rows]
        tails = self._rising[stops] - self._rising[cells]
        longest = self._contexts.bins[stops - 1].astype(np.int64)
        return np.where(tails > 0, -(1 + tails) / (1 + self._sizes[rows]), 1.0 + bins - longest)

    @cached_property
    def _scores(self) -> NDArray[np.float64]:
        """How strange the events of each row are, each compared with the others of its context."""
        rows, bins = self._contexts.rows, self._contexts.bins.astype(np.int64)
        tails = self._rising[self._stops[rows]] - self._rising[:-1]
        alone = (tails == 1) & (np.diff(rows, prepend=-1) == 0)
        return np.where(alone, 1.0 + np.diff(bins, prepend=0), -tails / self._sizes[rows])

    @cached_property
    def _ranked(self) -> dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]]:
        """By transition: how strange its events are, ascending, and how many are as strange as each, or stranger."""
        owners, found = self._contexts.edges[self._contexts.rows], {}
        for edge in distinct(owners).tolist():
            own = np.flatnonzero(owners == edge)
            order = own[np.argsort(self._scores[own], kind="stable")]
            above = np.append(np.cumsum(self._contexts.counts[order][::-1])[::-1], 0)
            found[edge] = self._scores[order], above
        return found
