"""Beginnings: the first traces of a stream, looked at again once it is clear that they are copies of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..summary.repeated import Repeated
from ..tuples import NamedTuple

if TYPE_CHECKING:
    from ..saved import Saved


TRACES, SYMBOLS = 1000, 1 << 16
"""Traces and events up to which a beginning is remembered."""
COPIES, SURE = 0.875, 10.0
"""Share of copies where there are some, and bits by which they must be likelier than chance, as in the kernel."""


class Beginning:
    """The first traces of a stream, as long as none of them is held back.

    It takes some traces to see that they are copies.  Those were counted by then; a beginning says which, so that they
    can be taken back.  It looks back as far as copies are likelier than chance: what was alike before because it is
    frequent is evidence.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> traces = TraceBatch.from_traces([[str(number // 3)] for number in range(60)], Alphabet())
    >>> Beginning().copies(traces, 59).tolist()[:7]
    [False, True, True, False, True, True, False]
    """

    def __init__(self) -> None:
        self._symbols: list[NDArray[np.int32]] = []
        self._lengths: list[NDArray[np.int64]] = []
        self.traces = self._events = 0

    @property
    def over(self) -> bool:
        """Whether more came than is remembered."""
        return self.traces >= TRACES or self._events > SYMBOLS

    def add(self, batch: TraceBatch) -> None:
        """Remember the traces of a batch, unless the beginning is over with them."""
        self.traces += len(batch)
        self._events += batch.events
        if not self.over:
            self._symbols.append(batch.symbols[batch.offsets[0] : batch.offsets[-1]].copy())
            self._lengths.append(np.diff(batch.offsets))

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        batch = self.batch()
        return {"symbols": batch.symbols, "offsets": batch.offsets, "traces": self.traces, "events": self._events}

    def restore(self, saved: Saved, alphabet: int) -> None:
        """Be a beginning that was saved; raises StateError if none can have been so."""
        symbols, offsets = saved.ids("symbols", np.int32, alphabet, None), saved.column("offsets", np.int64, None)
        saved.check(len(offsets) >= 1, "there are no offsets")
        saved.bounds("offsets", len(offsets) - 1, len(symbols))
        self.traces, self._events = saved.whole("traces"), saved.whole("events")
        saved.check(not self.over, "the beginning is over")
        saved.check((self.traces, self._events) == (len(offsets) - 1, len(symbols)), "traces are missing")
        self._symbols, self._lengths = [symbols], [np.diff(offsets)]

    def batch(self) -> TraceBatch:
        """Return all that is remembered."""
        lengths = np.concatenate([np.empty(0, np.int64), *self._lengths])
        symbols = np.concatenate([np.empty(0, np.int32), *self._symbols])
        return TraceBatch(symbols, np.concatenate([[0], np.cumsum(lengths)]))

    def copies(self, batch: TraceBatch, first: int) -> NDArray[np.bool_]:
        """Return which of the first traces were copies, all before the first one that is held back.

        Parameters
        ----------
        batch : TraceBatch
            What comes next.
        first : int
            Which of its traces is the first that is held back, or its length.

        Returns
        -------
        bool array, shape (traces remembered + first,)
            All false where too many came to be remembered.
        """
        whole = [trace.tobytes() for trace in (*self.batch(), *batch.part(0, min(first + 1, len(batch))))]
        copied = np.zeros(self.traces + first, np.bool_)
        if len(whole) > TRACES or sum(map(len, whole)) > 4 * SYMBOLS:
            return copied
        known: dict[bytes, int] = {}
        ids = np.array([known.setdefault(trace, len(known)) for trace in whole])
        rarity = np.log2(COPIES * len(ids) / np.bincount(ids)[ids] + 1 - COPIES)
        runs = [_run(ids[lag:] == ids[:-lag], rarity[lag:]) for lag in range(1, len(ids))]
        if not runs:
            return copied
        lag = 1 + max(range(len(runs)), key=lambda row: runs[row].bits)  # the smallest of those that foretell most
        if runs[lag - 1].bits >= SURE + np.log2(len(ids)):
            start = lag + runs[lag - 1].start
            copied[start:] = (ids[start:] == ids[start - lag : -lag])[: len(copied) - start]
        return copied


class _Run(NamedTuple):
    """From where on to the end traces were copied, and by how many bits that is likelier than chance."""

    start: int
    bits: float


def _run(matches: NDArray[np.bool_], rarity: NDArray[np.float64]) -> _Run:
    """Return the likeliest run, given which traces are foretold and the bits that each of them wins if it is."""
    sums = np.cumsum(np.where(matches, rarity, np.log2(1 - COPIES))[::-1])
    most = len(sums) - 1 - int(np.argmax(sums[::-1]))  # the longest of the best
    return _Run(len(sums) - 1 - most, float(sums[most]))


def split(batch: TraceBatch, held: NDArray[np.bool_]) -> tuple[TraceBatch, TraceBatch]:
    """Return the traces of a batch that are not held back, and those that are."""
    lengths, symbols = np.diff(batch.offsets), batch.symbols[batch.offsets[0] : batch.offsets[-1]]
    by_event = np.repeat(held, lengths)
    return _packed(symbols[~by_event], lengths[~held]), _packed(symbols[by_event], lengths[held])


def _packed(symbols: NDArray[np.int32], lengths: NDArray[np.int64]) -> TraceBatch:
    return TraceBatch(symbols, np.concatenate([[0], np.cumsum(lengths)]))


def repeated(batch: TraceBatch) -> Repeated:
    """Return the traces of a batch, each held back once."""
    times = np.ones(len(batch), np.int64)
    return Repeated(batch.symbols.astype(np.int32), batch.offsets, times, len(batch), batch.events, 0)
