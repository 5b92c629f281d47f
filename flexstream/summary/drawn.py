"""Drawn traces: some of a stream, each with the same chance, in bounded memory, whatever the batches.

They are drawn in runs of neighbours, so that what hangs on the traces before is seen in streams of any length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.drawn_events import gather_events
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from ..tuples import NamedTuple
from .hashes import among, drawn_at, mixed, spread

if TYPE_CHECKING:
    from ..saved import Saved
    from .every_trace import EveryTrace


MOST = 1 << 13
"""Traces that are kept."""
EVENT_BYTES, TRACE_BYTES = 6, 16
_RUN, _RUNS = 4, 64
"""Bits of a place that stand for the place in a run of 16, and runs without which traces are drawn one by one."""
_SALTED = 40
"""Bits of a place in the stream; above these stands which shard of it the trace came in."""
_AHEAD = 1 << 13
"""Traces for which it is known ahead whether they are drawn."""
_HASHED, _LEFT = 1 << 61, 4
"""Places from here on are none: of what was drawn by what it says the first 60 bits of a hash follow."""


class _Part(NamedTuple):
    """Traces one behind the other, and where in the stream each came."""

    places: NDArray[np.int64]
    lengths: NDArray[np.int64]
    symbols: NDArray[np.int32]
    bins: NDArray[np.int16]

    @property
    def nbytes(self) -> int:
        return TRACE_BYTES * len(self.places) + EVENT_BYTES * len(self.symbols)

    def chosen(self, which: NDArray[np.bool_]) -> _Part:
        return self.chosen_rows(np.flatnonzero(which))

    def chosen_rows(self, rows: NDArray[np.int64]) -> _Part:
        starts, lengths = (np.cumsum(self.lengths) - self.lengths)[rows], self.lengths[rows]
        return _Part(self.places[rows], lengths, *_gathered(self.symbols, self.bins, starts, lengths))


_NONE = _Part(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int16))


class DrawnTraces:
    """Keeps some traces of a stream: all of them as long as there are few, then every second run of 16, every fourth …

    Which they are is told by a hash of the run's place in the stream, so that it hangs on nothing that they say
    (the usual way, Vitter, "Random sampling with a reservoir", ACM TOMS 11, 1985, does not add up over streams).

    Parameters
    ----------
    capacity : int
        Bytes.
    most : int
        Traces.

    Examples
    --------
    >>> drawn = DrawnTraces(1 << 20, most=2000)
    >>> drawn.add(TraceBatch(np.zeros(20_000, np.int64), np.arange(20_001)))
    >>> drawn.one_in, len(drawn.held())
    (16, 1376)
    """

    def __init__(self, capacity: int, most: int = MOST) -> None:
        self._capacity, self._most = capacity, most
        self._parts: list[_Part] = []
        self._traces = self._bytes = 0  # of those kept
        self._seen = self._level = 0
        self._ahead, self._known_to = np.empty(0, np.int64), 0  # places that are drawn, up to this one
        self._next = 0  # none before this place that is not kept yet
        self._salt, self._run = 0, _RUN if most >= _RUNS << _RUN else 0

    def salt(self, number: int) -> None:
        """Draw as shard ``number`` of a stream, so that no two draw the same places; before anything is added."""
        self._salt = number << _SALTED

    @property
    def one_in(self) -> int:
        """Of how many traces one is kept."""
        return 1 << self._level

    @property
    def seen(self) -> int:
        """Traces of the stream, drawn or not."""
        return self._seen

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._bytes

    def places(self) -> NDArray[np.int64]:
        """Return where in the stream each of the traces that are kept came, shape (traces,)."""
        self._parts = [_joined(self._parts)]
        return self._parts[0].places

    def add(self, batch: TraceBatch) -> None:
        """Keep those traces of a batch that are drawn; one that would take an eighth of all room is not."""
        first, self._seen = self._seen, self._seen + len(batch)
        if self._seen <= self._next:
            return
        rows = self._short(batch, self._drawn(first, self._seen) - first)
        while self._traces + len(rows) > self._most:  # before the events of so many are copied
            self._choose_fewer()
            rows = self._short(batch, self._drawn(first, self._seen) - first)
        if len(rows):
            self._keep(_part(batch, first + self._salt, rows))

    def _short(self, batch: TraceBatch, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of some traces that are not too long."""
        return rows[batch.offsets[rows + 1] - batch.offsets[rows] <= self._capacity // (8 * EVENT_BYTES)]

    def _drawn(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the places from start to stop that are drawn."""
        if not self._level:
            return np.arange(start, stop)
        if stop > self._known_to:
            first, last = start >> self._run, (stop + _AHEAD) >> self._run
            runs = np.arange(first, last)  # of which one hash says whether all traces are drawn
            runs = runs[drawn_at(runs + (self._salt >> self._run), self._level)]
            self._ahead = ((runs[:, None] << self._run) + np.arange(1 << self._run)).ravel()
            self._known_to = int(last) << self._run
        low, high = np.searchsorted(self._ahead, (start, stop))
        self._next = int(self._ahead[high]) if high < len(self._ahead) else self._known_to
        return self._ahead[low:high]

    def _are_drawn(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        said = among(((places - _HASHED) << _LEFT).astype(np.uint64), self._level)
        return np.where(places >= _HASHED, said, drawn_at(places >> self._run, self._level))

    def _keep(self, part: _Part) -> None:
        self._parts.append(part)
        self._traces += len(part.places)
        self._bytes += part.nbytes
        while self._traces > self._most or self._bytes > self._capacity:
            self._choose_fewer()

    def _choose_fewer(self) -> None:
        """Leave every second of the traces."""
        self._level += 1
        self._known_to = self._next = 0
        joined = _joined(self._parts)
        self._parts = [joined.chosen(self._are_drawn(joined.places))]
        self._traces, self._bytes = len(self._parts[0].places), self._parts[0].nbytes

    def merge(self, other: DrawnTraces, symbol_map: NDArray[np.int32]) -> None:
        """Keep what another has kept, whose symbols have these ids here; each trace of both has the same chance.

        Of what was drawn otherwise, by an earlier version, so much is left out that nothing is kept too often.
        """
        self._level, self._known_to, self._next = max(self._level, other._level), 0, 0
        self._seen += other._seen
        theirs = _joined(other._parts)
        both = _joined([*self._parts, theirs._replace(symbols=symbol_map[theirs.symbols].astype(np.int32))])
        self._parts, self._traces, self._bytes = [], 0, 0
        self._keep(both.chosen(self._are_drawn(both.places)))

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        self._parts = [_joined(self._parts)]
        sizes = {"seen": self._seen, "level": self._level, "salt": self._salt, "run": self._run}
        return {**self._parts[0]._asdict(), **sizes}

    def restore(self, saved: Saved, alphabet: int) -> None:
        """Be what was saved; raises StateError if nothing can have been so."""
        seen = saved.whole("seen")
        part = _Part(
            saved.ids("places", np.int64, 1 << 62, None),
            saved.counts("lengths", None),
            saved.ids("symbols", np.int32, alphabet, None),
            saved.ids("bins", np.int16, BINS, None, least=UNKNOWN),
        )
        saved.check(len(part.lengths) == len(part.places), "columns differ in length")
        saved.check(len(part.symbols) == len(part.bins) == int(part.lengths.sum()), "columns differ in length")
        self._seen, self._level, self._parts = seen, saved.whole("level", 0, 63), [part]
        self._traces, self._bytes = len(part.places), part.nbytes
        self._known_to = self._next = 0
        self._salt = saved.whole("salt", 0, 1 << 62) if "salt" in saved else 0
        self._run = saved.whole("run", 0, _RUN) if "run" in saved else 0  # one by one, as was drawn once

    def sort(self, every: Callable[[], EveryTrace | None] = lambda: None) -> None:
        """Draw anew, so that what is kept hangs on which traces came alone, not on the parts in which they were added.

        So it is as long as it is known of every trace how often it came: from what is kept where that is all, else from
        what ``every`` returns.  Of each so many copies are drawn as are due, one more or not by a hash of what it says.
        They lie in the order of a hash, and none are neighbours.  If nothing is known what was drawn lies in an order
        that does not hang on which part was added first.
        """
        from .every_trace import EveryTrace  # imported where sums are made only

        own = _joined(self._parts)
        known = EveryTrace.of(own.symbols, own.bins, own.lengths) if not self._level else every()
        if known is None:
            said = EveryTrace.of(own.symbols, own.bins, own.lengths).hashes
            parts = [own.chosen_rows(np.lexsort((said, own.places)))]  # shards may have drawn the same places
        else:
            parts = [self._drawn_of(known)]
        self._parts, self._known_to, self._next = parts, 0, 0
        self._traces, self._bytes = len(parts[0].places), parts[0].nbytes

    def _drawn_of(self, every: EveryTrace) -> _Part:
        """Return as many of all traces as there is room for, and let their share be that of which one is kept."""
        known = every.chosen(np.flatnonzero(every.lengths <= self._capacity // (8 * EVENT_BYTES))).each_once()
        self._level = every.level
        while True:
            copies = known.copies(self._level)
            size = TRACE_BYTES * int(copies.sum()) + EVENT_BYTES * int((copies * known.lengths).sum())
            if copies.sum() <= self._most and size <= self._capacity:
                break
            self._level += 1
        rows = np.repeat(np.arange(len(copies)), copies)
        copy = np.arange(len(rows)) - np.repeat(np.cumsum(copies) - copies, copies)
        with np.errstate(over="ignore"):
            hashes = mixed(known.hashes[rows] + mixed(copy.astype(np.uint64))) >> np.uint64(self._level)
        order = np.argsort(hashes, kind="stable")[::-1]  # falling, so that nobody takes it for the order of a stream
        places = _HASHED + (hashes[order] >> np.uint64(_LEFT)).astype(np.int64)
        drawn, which = np.unique(rows[order], return_inverse=True)
        symbols, bins = known.events(drawn)
        lengths = known.lengths[drawn]
        events = spread((np.cumsum(lengths) - lengths)[which], lengths[which])
        return _Part(places, lengths[which], symbols[events], bins[events])

    def held(self) -> TraceBatch:
        """Return the traces that are kept."""
        self._parts = [_joined(self._parts)]
        part = self._parts[0]
        bins = part.bins if (part.bins != UNKNOWN).any() else None
        return TraceBatch(part.symbols, np.concatenate(([0], np.cumsum(part.lengths))), durations=bins)


def _part(batch: TraceBatch, first: int, rows: NDArray[np.int64]) -> _Part:
    """Return some traces of a batch whose first has this place in the stream."""
    starts = batch.offsets[rows].astype(np.int64)
    lengths = (batch.offsets[rows + 1] - starts).astype(np.int64)
    symbols = np.ascontiguousarray(batch.symbols, np.int32)
    bins = _NONE.bins if batch.durations is None else np.ascontiguousarray(batch.durations, np.int16)
    return _Part(first + rows, lengths, *_gathered(symbols, bins, starts, lengths))


def _gathered(
    symbols: NDArray[np.int32], bins: NDArray[np.int16], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Return the events of traces, one behind the other, and the bins of their durations, which may be none."""
    events = int(lengths.sum())
    own_bins = np.empty(events, np.int16) if len(bins) else np.full(events, UNKNOWN, np.int16)
    own_symbols = np.empty(events, np.int32)
    gather_events(symbols, bins, starts, lengths, own_symbols, own_bins)
    return own_symbols, own_bins


def _joined(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    return _Part(*(np.concatenate(columns) for columns in zip(_NONE, *parts, strict=True)))
