"""Recent traces: the newest of a stream, with which learning can begin anew."""

from __future__ import annotations

from collections import deque

import numpy as np

from ..stream.batch import TraceBatch

TRACE_BYTES, SYMBOL_BYTES, DURATION_BYTES = 8, 4, 2


class RecentTraces:
    """The newest traces of a stream, as many as fit into some bytes, whatever batches they come in.

    Parameters
    ----------
    capacity : int
        Bytes; so many again are taken where batches are large.
    first : int
        Traces of the stream before the first that comes.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> alphabet, recent = Alphabet(), RecentTraces(30)
    >>> recent.add(TraceBatch.from_traces([["a"], ["a", "b"], ["b"]], alphabet))
    >>> recent.first, [trace.tolist() for trace in recent.since(0)]
    (1, [[0, 1], [1]])
    """

    def __init__(self, capacity: int, first: int = 0) -> None:
        self.capacity, self.seen = capacity, first
        self._batches: deque[TraceBatch] = deque()
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes that are taken."""
        return self._bytes

    @property
    def first(self) -> int:
        """Traces of the stream before the first that is held."""
        return self.seen - sum(len(batch) for batch in self.held())

    def add(self, batch: TraceBatch) -> None:
        """Take in the next traces, as copies, and let go of the oldest."""
        self.seen += len(batch)
        newest = _newest(batch, self.capacity)
        if len(newest) < len(batch):  # what came before would not be next to what fits, be it nothing
            self._batches.clear()
            self._bytes = 0
        if len(newest):
            durations = None if newest.durations is None else newest.durations.copy()
            self._batches.append(
                TraceBatch(newest.symbols.copy(), newest.offsets.copy(), manner=batch.manner, durations=durations)
            )
            self._bytes += _size(newest)
        while self._batches and self._bytes - _size(self._batches[0]) >= self.capacity:
            self._bytes -= _size(self._batches.popleft())

    def since(self, start: int, stop: int | None = None) -> TraceBatch:
        """Return the traces from number ``start`` of the stream, counted from 0, to ``stop``, as far as held."""
        held = TraceBatch.joined(self.held())
        first = self.seen - len(held)
        last = self.seen if stop is None else min(max(stop, first), self.seen)
        return held.part(min(max(start, first), last) - first, last - first)

    def held(self) -> list[TraceBatch]:
        """Return what fits, as it came: of the oldest batch its newest traces."""
        if not self._batches:
            return []
        oldest, *others = self._batches
        return [_newest(oldest, self.capacity - (self._bytes - _size(oldest))), *others]


def _size(batch: TraceBatch) -> int:
    timed = 0 if batch.durations is None else DURATION_BYTES
    return TRACE_BYTES * len(batch) + (SYMBOL_BYTES + timed) * batch.events


def _newest(batch: TraceBatch, capacity: int) -> TraceBatch:
    """Return the newest traces of a batch that fit into so many bytes."""
    each = SYMBOL_BYTES + (0 if batch.durations is None else DURATION_BYTES)
    sizes = TRACE_BYTES + each * np.diff(batch.offsets)
    fitting = int(np.searchsorted(np.cumsum(sizes[::-1]), capacity, side="right"))
    return batch.part(len(batch) - fitting, len(batch))
