"""Timed traces: what is kept of the durations of a stream, in bounded memory and in no order that matters.

Whole traces are kept with the bins of their durations, so that any automaton, found later and however often, can be
asked how long each of its transitions took: counts of a tree's edges could not follow a tree that is cut or thinned.
As long as all fit, all are kept.  Of more, every second distinct one is, then every fourth …, chosen by a hash of what
they are (Gibbons, "Distinct sampling", VLDB 2001): with how often each came, what is kept of two streams adds up to
what is kept of both, bit by bit, however they were divided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.sampled import TimedColumns, copy_chosen, find_first, sample_traces
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from ..stream.hashing import symbol_code
from ..tuples import NamedTuple
from .hashes import among

if TYPE_CHECKING:
    from ..saved import Saved


LONGEST = 4096
"""Events of a trace that are kept, its first."""
EVENT_BYTES, TRACE_BYTES = 6, 24


class Timed(NamedTuple):
    """Traces with the bins of their durations, one behind the other, how often each came, and a hash of each."""

    symbols: NDArray[np.int32]
    bins: NDArray[np.int16]
    lengths: NDArray[np.int64]
    counts: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    @property
    def nbytes(self) -> int:
        """Bytes that they take."""
        return EVENT_BYTES * len(self.symbols) + TRACE_BYTES * len(self.lengths)

    def chosen(self, which: NDArray[np.bool_]) -> Timed:
        """Return some of them."""
        room = Timed.empty(int(self.lengths[which].sum()), int(np.count_nonzero(which)))
        copy_chosen(*self, which.view(np.int8), TimedColumns(*room))
        return room

    def batch(self) -> TraceBatch:
        """Return the traces as a batch."""
        return TraceBatch(self.symbols, np.concatenate(([0], np.cumsum(self.lengths))), durations=self.bins)

    @classmethod
    def empty(cls, events: int, traces: int) -> Timed:
        """Return room for traces."""
        of_traces = np.empty(traces, np.int64), np.empty(traces, np.int64), np.empty(traces, np.uint64)
        return cls(np.empty(events, np.int32), np.empty(events, np.int16), *of_traces)

    def cut(self, events: int, traces: int) -> Timed:
        """Return a copy of the first of them."""
        of_traces = self.lengths[:traces].copy(), self.counts[:traces].copy(), self.hashes[:traces].copy()
        return Timed(self.symbols[:events].copy(), self.bins[:events].copy(), *of_traces)


NONE = Timed.empty(0, 0)


class TimedTraces:
    """Keeps traces with their durations.

    Parameters
    ----------
    capacity : int
        Bytes.
    alphabet : Alphabet
        Of the traces; it may grow.

    Examples
    --------
    >>> alphabet = Alphabet(["load", "run"])
    >>> timed = TimedTraces(1 << 20, alphabet)
    >>> timed.add(TraceBatch(np.array([0, 1]), np.array([0, 2]), durations=np.array([-1, 1281], np.int16)))
    >>> timed.held().bins.tolist(), timed.one_in
    ([-1, 1281], 1)
    """

    def __init__(self, capacity: int, alphabet: Alphabet) -> None:
        self._capacity, self._alphabet = capacity, alphabet
        self._codes = np.empty(0, np.uint64)
        self._parts: list[Timed] = []
        self._bytes = self._fresh = 0  # of all, and of those that came since they were last looked through
        self._level = 0

    @property
    def one_in(self) -> int:
        """Of how many distinct traces one is kept."""
        return 1 << self._level

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._bytes

    def add(self, batch: TraceBatch) -> None:
        """Keep the traces of a batch, if it has durations."""
        if batch.durations is None or not len(batch):
            return
        self._keep(self._chosen(batch, np.ones(len(batch), np.int64)))

    def merge(self, other: TimedTraces, symbol_map: NDArray[np.int32]) -> None:
        """Keep what another has kept, whose symbols have these ids here."""
        self._level = max(self._level, other._level)
        theirs = other.held()
        ours = theirs._replace(symbols=symbol_map[theirs.symbols].astype(np.int32))
        self._keep(self._chosen(ours.batch(), theirs.counts))

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        self._parts = [joined(self._parts)]
        return {**self._parts[0]._asdict(), "fresh": self._fresh, "level": self._level}

    def restore(self, saved: Saved) -> None:
        """Be what was saved, once the alphabet is what it was; raises StateError if nothing can have been so."""
        part = Timed(
            saved.ids("symbols", np.int32, len(self._alphabet), None),
            saved.ids("bins", np.int16, BINS, None, least=UNKNOWN),
            saved.ids("lengths", np.int64, LONGEST + 1, None),
            saved.counts("counts", None),
            saved.column("hashes", np.uint64, None),
        )
        traces, events = len(part.lengths), int(part.lengths.sum())
        saved.check(len(part.counts) == len(part.hashes) == traces, "columns differ in length")
        saved.check(len(part.symbols) == len(part.bins) == events, "columns differ in length")
        self._level = saved.whole("level", 0, 63)
        self._bytes, self._fresh = part.nbytes, saved.whole("fresh", 0, part.nbytes)
        self._parts, self._codes = [part], np.empty(0, np.uint64)

    def held(self) -> Timed:
        """Return what is kept, in the order in which it came."""
        if self._level or self._bytes > self._capacity // 2:
            self._look_through()
        self._parts = [joined(self._parts)]
        return self._parts[0]

    def _keep(self, part: Timed) -> None:
        self._parts.append(part)
        self._bytes += part.nbytes
        self._fresh += part.nbytes
        if self._fresh > self._capacity // 4 and self._bytes > self._capacity // 2:
            self._look_through()

    def _look_through(self) -> None:
        """Keep each distinct trace once, and no more of them than fit."""
        all_of_them = joined(self._parts)
        hashes, which = all_of_them.hashes, _once(all_of_them)
        while True:
            which &= among(hashes, self._level)
            size = EVENT_BYTES * int(all_of_them.lengths[which].sum()) + TRACE_BYTES * int(which.sum())
            if size <= self._capacity // 2:
                break
            self._level += 1
        self._parts = [all_of_them if which.all() else all_of_them.chosen(which)]
        self._bytes, self._fresh = size, 0

    def _chosen(self, batch: TraceBatch, counts: NDArray[np.int64]) -> Timed:
        """Return the traces of a batch, so often each, that are not refused by their hash."""
        known = len(self._codes)
        if known < len(self._alphabet):
            fresh = [symbol_code(text, 0) for text in self._alphabet.texts[known:]]
            self._codes = np.concatenate([self._codes, np.array(fresh, np.uint64)])
        room, size = Timed.empty(batch.events, len(batch)), np.zeros(1, np.int64)
        symbols, bins = batch.symbols.astype(np.int32, copy=False), np.asarray(batch.durations, np.int16)
        given = self._codes, symbols, bins, batch.offsets, counts
        traces = sample_traces(*given, LONGEST, self._level, TimedColumns(*room), size)
        return room.cut(int(size[0]), traces)


def _once(timed: Timed) -> NDArray[np.bool_]:
    """Tell which traces are the first ones that are as they are, and give these the counts of all that are."""
    which = np.empty(len(timed.hashes), np.bool_)
    slots = np.full(1 << (2 * len(which)).bit_length(), -1, np.int32)
    find_first(timed.hashes, timed.counts, slots, which.view(np.int8))
    return which


def joined(parts: list[Timed]) -> Timed:
    """Return traces one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return Timed(*(np.concatenate(columns) for columns in zip(NONE, *parts, strict=True)))


def known(timed: Timed) -> bool:
    """Tell whether any duration is known."""
    return bool((timed.bins != UNKNOWN).any())
