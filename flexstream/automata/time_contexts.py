"""Contexts of durations: where how long a transition takes hangs on an earlier event, which state merging does not ask.

States are merged by what comes next, not by when it comes: of machines that do the same in the same order one state
may stand for all, though each step takes its own time.  What was done before says which step it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import make_keys
from .._kernels.timed import explain_durations, sort_durations, split_durations
from ..classes import dataclass
from ..errors import ModelError
from ..stream.batch import TraceBatch
from ..stream.durations import BINS
from ..tuples import NamedTuple
from .arrays import column, distinct, summable

FURTHEST = 4
"""Events that are looked back."""
FEWEST = 50
"""Events without which a context is none of its own."""
EXPLAINED, CLEARLY = 0.1, 0.01
"""Of the variance of ranks, the share that is explained by a symbol on which durations hang, and how much more a symbol
further back has to explain."""


@dataclass(frozen=True, eq=False)
class TimeContexts:
    """How often transitions took how long after which earlier event.

    Parameters
    ----------
    back : int8 array, shape (transitions,)
        How many events before its own the symbol came on which the duration of a transition hangs; 0: on none.
    edges, symbols : int32 arrays, shape (contexts,)
        Transitions and these symbols, ascending.
    rows : int32 array, shape (n,)
        Positions among the contexts, ascending.
    bins : int16 array, shape (n,)
        Ascending for each context.
    counts : int64 array, shape (n,)

    Raises
    ------
    ModelError
        If the arrays do not fit together.

    Examples
    --------
    >>> symbols = np.tile([0, 2, 1, 2], 60)  # two kinds of jobs, each of one event, and then the same event
    >>> batch = TraceBatch(symbols, np.arange(0, 241, 2), durations=np.tile([-1, 30, -1, 50], 60).astype(np.int16))
    >>> found = contexts_of(np.tile([0, 2, 1, 2], 60), batch, np.ones(120, np.int64), 3)
    >>> found.back.tolist(), found.edges.tolist(), found.symbols.tolist(), found.bins.tolist(), found.counts.tolist()
    ([0, 0, 1], [2, 2], [0, 1], [30, 50], [60, 60])
    >>> found.places(np.array([0, 2]), TraceBatch(np.array([0, 2]), np.array([0, 2]))).tolist()
    [0, 3]
    """

    back: NDArray[np.int8]
    edges: NDArray[np.int32]
    symbols: NDArray[np.int32]
    rows: NDArray[np.int32]
    bins: NDArray[np.int16]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        kinds = {"edges": np.int32, "symbols": np.int32, "rows": np.int32, "bins": np.int16, "counts": np.int64}
        for name, kind in {"back": np.int8, **kinds}.items():
            object.__setattr__(self, name, column(name, getattr(self, name), kind))
        if not self._fits():
            raise ModelError("the durations of the model are not valid: their contexts do not fit together")

    def _fits(self) -> bool:
        lengths = len(self.edges) == len(self.symbols) and len(self.rows) == len(self.bins) == len(self.counts)
        if not lengths or not len(self.edges) or not summable(self.counts):
            return False
        inside = self.edges.min() >= 0 and self.edges.max() < len(self.back) and self.symbols.min() >= 0
        if not inside or not ((self.back >= 0) & (self.back <= FURTHEST)).all() or not self.back[self.edges].all():
            return False
        keys = self.rows.astype(np.int64) * BINS + self.bins
        whole = bool(((self.bins >= 0) & (self.bins < BINS)).all() and (self.counts > 0).all())
        known = np.array_equal(distinct(self.rows)[0], np.arange(len(self.edges)))
        return whole and known and bool((np.diff(keys) > 0).all() and (np.diff(self._keys) > 0).all())

    @property
    def _keys(self) -> NDArray[np.int64]:
        return _pairs(self.edges, self.symbols)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.back, self.edges, self.symbols, self.rows, self.bins, self.counts)

    def places(self, edges: NDArray[np.int64], batch: TraceBatch) -> NDArray[np.int64]:
        """Return for each event of a batch, by its transition, its context behind all transitions, if it is of one.

        Where that is not known it is the transition itself, -1 for none.
        """
        found, keys = edges.copy(), self._keys
        for back in distinct(self.back[self.back > 0])[0].tolist():
            events = np.flatnonzero((edges >= 0) & (self.back[edges] == back))
            sought = _pairs(edges[events], _before(batch, back)[events])
            rows = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
            known = keys[rows] == sought
            found[events[known]] = len(self.back) + rows[known]
        return found

    def place(self, edge: int, earlier: list[int]) -> int:
        """Return the same for one event, whose trace had such events before it, the last one first.

        >>> TimeContexts([0, 1], [1], [5], [0], [30], [60]).place(1, [5, 7])
        2
        """
        back = int(self.back[edge])
        if not 0 < back <= len(earlier):
            return edge
        row = np.flatnonzero((self.edges == edge) & (self.symbols == earlier[back - 1]))
        return len(self.back) + int(row[0]) if len(row) else edge

    def to_document(self) -> dict[str, Any]:
        """Return the contexts as JSON values, their columns as arrays of whole numbers."""
        return {name: getattr(self, name) for name in ("back", "edges", "symbols", "rows", "bins", "counts")}

    @classmethod
    def from_document(cls, values: Mapping[str, Any]) -> TimeContexts:
        """Return the contexts that JSON values stand for; raises KeyError or ModelError where they stand for none."""
        return cls(*(values[name] for name in ("back", "edges", "symbols", "rows", "bins", "counts")))


class Ordered(NamedTuple):
    """Durations by transition, in the order in which they came; see `sort_durations`."""

    starts: NDArray[np.int64]  # transition
    bins: NDArray[np.int16]
    counts: NDArray[np.int64]
    events: NDArray[np.int32]

    @classmethod
    def of(cls, edges: NDArray[np.int64], batch: TraceBatch, counts: NDArray[np.int64], transitions: int) -> Ordered:
        """Sort the durations of traces that came so often; ``edges`` has the transition of each event, -1 for none."""
        starts, bins = np.zeros(transitions + 2, np.int64), np.empty(len(edges), np.int16)
        often, events = np.empty(len(edges), np.int64), np.empty(len(edges), np.int32)
        given = edges, np.asarray(batch.durations, np.int16), batch.offsets, counts
        timed = sort_durations(*given, starts, bins, often, events)
        return cls(starts, bins[:timed], often[:timed], events[:timed])


def contexts_of(
    edges: NDArray[np.int64],
    batch: TraceBatch,
    counts: NDArray[np.int64],
    transitions: int,
    ordered: Ordered | None = None,
) -> TimeContexts | None:
    """Return on which earlier events it hangs how long transitions take; None where it hangs on none.

    A transition's durations hang on the symbol so many events before that explains most of the variance of their ranks
    (Kruskal & Wallis, Journal of the American Statistical Association 47, 1952), and a tenth of it at least.

    Parameters
    ----------
    edges : int64 array, shape (events,)
        The transition of each event, -1 for none.
    batch : TraceBatch
        With durations.
    counts : int64 array, shape (traces,)
        How often each trace came.
    transitions : int
    ordered : Ordered, optional
        The durations by transition, if they are sorted already.
    """
    taken = Ordered.of(edges, batch, counts, transitions) if ordered is None else ordered
    near = np.empty(len(batch.symbols), np.int8)
    best, back = np.zeros(transitions), np.zeros(transitions, np.int8)
    for distance, share in enumerate(_explained(taken, batch, near), 1):
        better = (share > EXPLAINED) & (share > best + CLEARLY)
        best[better], back[better] = share[better], distance
    return _split(back, taken, batch, near) if back.any() else None


def _explained(ordered: Ordered, batch: TraceBatch, near: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return which share of the variance of ranks symbols explain, by distance and transition.

    ``near`` is filled with how many events of its trace are before each, as far as any is looked back.
    """
    width = int(batch.symbols.max(initial=-1)) + 2
    shares = np.empty((FURTHEST, len(ordered.starts) - 2))
    sizes, sums = (np.zeros((FURTHEST, width)) for _ in range(2))
    met, kinds = np.empty((FURTHEST, width), np.int32), np.zeros(FURTHEST, np.int64)
    explain_durations(*ordered, batch.symbols, batch.offsets, near, np.zeros(BINS), sizes, sums, met, kinds, shares)
    return shares


def _split(back: NDArray[np.int8], ordered: Ordered, batch: TraceBatch, near: NDArray[np.int8]) -> TimeContexts | None:
    """Count durations by context, of contexts with enough of them."""
    width, most = int(batch.symbols.max(initial=-1)) + 1, int(np.diff(ordered.starts).max())
    often, places, met = np.zeros(width, np.int64), np.zeros(width, np.int64), np.empty(width, np.int32)
    totals, timed = np.zeros(BINS, np.int64), len(ordered.bins)
    edges, symbols, rows = (np.empty(timed, np.int32) for _ in range(3))
    bins, counts = np.empty(timed, np.int16), np.empty(timed, np.int64)
    number = split_durations(
        *ordered, batch.symbols, near, back, FEWEST, often, places, met,
        np.empty(most, np.int16), np.empty(most, np.int64), totals, edges, symbols, rows, bins, counts,
    )  # fmt: skip
    if not number:
        return None
    contexts = int(rows[number - 1]) + 1
    back[np.bincount(edges[:contexts], minlength=len(back)) == 0] = 0
    return TimeContexts(back, edges[:contexts], symbols[:contexts], rows[:number], bins[:number], counts[:number])


def _pairs(edges: NDArray[Any], symbols: NDArray[Any]) -> NDArray[np.int64]:
    """Return transitions and symbols as one number each; a symbol that is none makes one that no pair has."""
    return np.asarray(np.where(symbols >= 0, make_keys(edges, symbols), -1))


def _before(batch: TraceBatch, distance: int) -> NDArray[np.int64]:
    """Return the symbol so many events before each event of a batch, -1 where its trace had none."""
    found = np.full(len(batch.symbols), -1, np.int64)
    found[distance:] = batch.symbols[: max(0, len(found) - distance)]
    for ahead in range(distance):
        found[
            np.minimum(batch.offsets[:-1] + ahead, batch.offsets[1:] - 1)[batch.offsets[:-1] < batch.offsets[1:]]
        ] = -1
    return found
