"""Repeated: traces that a stream repeated, kept apart from its tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..tuples import NamedTuple

if TYPE_CHECKING:
    from ..saved import Saved
    from ..stream.alphabet import Alphabet

AT_ONCE = 1 << 16
"""Traces of a batch."""


class Repeated(NamedTuple):
    """Traces that count for probabilities, but are no evidence of states.

    Attributes
    ----------
    symbols : int32 array, shape (k,)
        Trace ``i`` is ``symbols[starts[i]:starts[i + 1]]``.
    starts : int64 array, shape (n + 1,)
    times : int64 array, shape (n,)
        How often each was held back.
    traces, events : int
        What was held back; more than the arrays hold where there was no room to keep all.
    lost : int
        Traces of these of which nothing but their number is kept.

    Examples
    --------
    >>> some = Repeated(np.array([7, 8], np.int32), np.array([0, 1, 2]), np.array([5, 2]), 7, 7, 0)
    >>> both = some.plus(some)
    >>> both.times.tolist(), both.traces
    ([10, 4], 14)
    >>> both.heaviest(28).lost
    4
    >>> [len(batch) for batch in both.batches()]
    [14]
    """

    symbols: NDArray[np.int32]
    starts: NDArray[np.int64]
    times: NDArray[np.int64]
    traces: int
    events: int
    lost: int

    def state(self) -> dict[str, Any]:
        """Return the state that `saved` takes."""
        return self._asdict()

    @classmethod
    def saved(cls, saved: Saved, alphabet: int) -> Repeated:
        """Return the traces that were saved; raises StateError if none can have been so."""
        symbols = saved.ids("symbols", np.int32, alphabet, None)
        times = saved.counts("times", None)
        starts = saved.bounds("starts", len(times), len(symbols))
        traces, events, lost = (saved.whole(name) for name in ("traces", "events", "lost"))
        return cls(symbols, starts, times, traces, events, lost)

    def _each(self) -> Iterator[tuple[bytes, int]]:
        bounds = self.starts.tolist()
        for row, times in enumerate(self.times.tolist()):
            yield self.symbols[bounds[row] : bounds[row + 1]].tobytes(), times

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.symbols.nbytes + self.starts.nbytes + self.times.nbytes

    def renamed(self, symbol_map: NDArray[np.int32]) -> Repeated:
        """Return the same traces with other ids of their symbols, given by a map of shape (alphabet,)."""
        return self._replace(symbols=symbol_map[self.symbols])

    def plus(self, other: Repeated) -> Repeated:
        """Return both together; what is in both stands once."""
        times: dict[bytes, int] = {}
        for part in (self, other):
            for trace, number in part._each():
                times[trace] = times.get(trace, 0) + number
        return Repeated(*_arrays(times), self.traces + other.traces, self.events + other.events, self.lost + other.lost)

    def where(self, chosen: NDArray[np.bool_]) -> Repeated:
        """Return some of the traces, chosen by a mask of shape (traces,); the amounts stay."""
        lengths = np.diff(self.starts)
        starts = np.concatenate([[0], np.cumsum(lengths[chosen])]).astype(np.int64)
        return self._replace(symbols=self.symbols[np.repeat(chosen, lengths)], starts=starts, times=self.times[chosen])

    def batches(self) -> Iterator[TraceBatch]:
        """Yield the traces as batches, each as often as it was held back."""
        rows, lengths = np.repeat(np.arange(len(self.times)), self.times), np.diff(self.starts)
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            offsets = np.concatenate([[0], np.cumsum(lengths[some])])
            places = np.repeat(self.starts[some] - offsets[:-1], lengths[some]) + np.arange(offsets[-1])
            yield TraceBatch(self.symbols[places], offsets)

    def example(self, alphabet: Alphabet) -> tuple[list[str], int] | None:
        """Return the trace that was held back most often, and how often that was; None if none was."""
        if not len(self.times):
            return None
        row = int(np.argmax(self.times))
        trace = self.symbols[self.starts[row] : self.starts[row + 1]].tolist()
        return [alphabet.text(symbol) for symbol in trace], int(self.times[row])

    def to_document(self, alphabet: Alphabet) -> dict[str, Any] | None:
        """Return the amounts and an example as JSON values, None if nothing was held back."""
        if not self.traces:
            return None
        trace, times = self.example(alphabet) or (None, 0)
        amounts = {"traces": self.traces, "events": self.events, "given_up": self.lost}
        return {**amounts, "example": trace, "times": times}

    def heaviest(self, capacity: int) -> Repeated:
        """Return as many of the traces as fit into so many bytes, those that came most often."""
        if self.nbytes <= capacity:
            return self
        times = sorted(self._each(), key=lambda one: -one[1])
        taken = 8 + np.cumsum([16 + len(trace) for trace, _ in times])
        kept = dict(times[: int(np.searchsorted(taken, capacity, side="right"))])
        lost = int(self.times.sum()) - sum(kept.values())
        return Repeated(*_arrays(kept), self.traces, self.events, self.lost + lost)


def _arrays(times: dict[bytes, int]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    lengths = [len(trace) // 4 for trace in times]
    symbols = np.frombuffer(b"".join(times), np.int32).copy()
    return symbols, np.cumsum([0, *lengths]).astype(np.int64), np.array([*times.values()], np.int64)


NOTHING = Repeated(np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.int64), 0, 0, 0)
