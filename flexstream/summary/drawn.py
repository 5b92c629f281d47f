"""Drawn traces: some of a stream, each with the same chance, in bounded memory, whatever the batches.

They are drawn in runs of neighbours, so that what hangs on the traces before is seen in streams of any length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.drawn_events import gather_events
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from ..tuples import NamedTuple

if TYPE_CHECKING:
    from ..saved import Saved


MOST = 1 << 13
"""Traces that are kept."""
EVENT_BYTES, TRACE_BYTES = 6, 16
_ALL = np.uint64(2**64 - 1)
_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # of SplitMix64 (Steele, Lea & Flood, 2014)
_RUN, _RUNS = 4, 64
"""Bits of a place that stand for the place in a run of 16, and runs without which traces are drawn one by one."""
_SALTED = 40
"""Bits of a place in the stream; above these stands which shard of it the trace came in."""
_AHEAD = 1 << 13
"""Traces for which it is known ahead whether they are drawn."""


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
        starts, lengths = (np.cumsum(self.lengths) - self.lengths)[which], self.lengths[which]
        return _Part(self.places[which], lengths, *_gathered(self.symbols, self.bins, starts, lengths))


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
        return drawn_at(places >> self._run, self._level)

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

    def sort(self) -> None:
        """Lay the traces in an order that does not hang on the order in which those of several shards were added.

        Where all traces are kept it is one that hangs on what they say alone, though nothing can be read from it; their
        places are then so far apart that none are neighbours.
        """
        part = _joined(self._parts)
        ends = np.cumsum(part.lengths)
        said = part.lengths, hashes_of(part.bins, ends), hashes_of(part.symbols, ends)
        order = np.lexsort((*said, part.places) if self._level else said)  # shards may have drawn the same places
        events = spread((ends - part.lengths)[order], part.lengths[order])
        places = part.places[order] if self._level else np.arange(len(order)) << _RUN
        self._parts = [_Part(places, part.lengths[order], part.symbols[events], part.bins[events])]

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


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers whose bits all hang on all bits of those given.

    >>> [hex(number) for number in mixed(np.array([1, 2], np.uint64)).tolist()]
    ['0x5692161d100b05e5', '0xdbd238973a2b148a']
    """
    with np.errstate(over="ignore"):
        found = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
        found = (found ^ (found >> np.uint64(27))) * _MIX[1]
    return np.asarray(found ^ (found >> np.uint64(31)), np.uint64)


def drawn_at(places: NDArray[np.int64], levels: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which places of a stream are drawn where one in ``2**level`` is; those of a level are so in all below."""
    return among(mixed(places.astype(np.uint64) + np.uint64(1)), levels)


def among(hashes: NDArray[np.uint64], levels: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which hashes are among the lowest of all in ``2**level``.

    >>> among(np.array([2**62 - 1, 2**62, 2**64 - 1], np.uint64), 2).tolist()
    [True, False, False]
    """
    return np.asarray(hashes <= _ALL >> np.asarray(levels, np.uint64))


def hashes_of(numbers: NDArray[np.integer[Any]], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a hash of each of some sequences that stand one behind the other, shape (sequences,).

    Parameters
    ----------
    numbers : integer array
        All sequences.
    ends : int64 array, shape (sequences,)
        Where each ends.

    Examples
    --------
    >>> one, two, other = hashes_of(np.array([1, 2, 1, 2, 2, 1]), np.array([2, 4, 6]))
    >>> bool(one == two), bool(one == other)
    (True, False)
    """
    lengths = np.diff(ends, prepend=0)
    position = np.arange(len(numbers)) - np.repeat(ends - lengths, lengths)
    with np.errstate(over="ignore"):
        values = mixed(mixed(position.astype(np.uint64) + _MIX[0]) + numbers.astype(np.uint64))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
        return np.asarray(sums[ends] - sums[ends - lengths], np.uint64)


def spread(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of stretches, one behind the other.

    >>> spread(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)


def _joined(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    return _Part(*(np.concatenate(columns) for columns in zip(_NONE, *parts, strict=True)))
