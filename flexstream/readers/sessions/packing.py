"""Traces of texts or ids to batches."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ...stream.alphabet import Alphabet
from ...stream.batch import TraceBatch
from ...stream.durations import UNKNOWN
from ...stream.names import LateNames, joined
from ...stream.origins import origins_of, with_ends
from ..diagnostics import Diagnostics
from ..items import Traces
from .closed_names import ClosedNames
from .ended import Ended

BATCH_TRACES = 4096
BATCH_EVENTS = 1 << 18
# Who watches a live source, followed or piped in, would rather wait a second than for 4096 traces.
FOLLOW_TRACES = 64
LONGEST_SECONDS = 1.0


class Packer:
    """Collects traces and hands them out as batches.

    Texts are encoded as they come, a trace in one go: others may give ids to symbols between two traces, and the ids
    are to hang on the order of the events alone.

    Parameters
    ----------
    alphabet : Alphabet
        Grows by the symbols it has not seen, in the order of the events.
    diagnostics : Diagnostics
        Counts what is handed out.

    Examples
    --------
    >>> packer = Packer(Alphabet(), Diagnostics())
    >>> packer.add(None, ["load", "run"]), packer.add("lot 7", [])
    (False, False)
    >>> batch = packer.take()
    >>> batch.symbols, batch.offsets, batch.names
    (array([0, 1], dtype=int32), array([0, 2, 2]), ['1', 'lot 7'])
    """

    __slots__ = (
        "_alphabet",
        "_closed",
        "_early",
        "_ends",
        "_ids",
        "_lengths",
        "_limit",
        "_names",
        "_origins",
        "_pending",
        "_spans",
        "_started",
        "_stats",
        "_unnamed",
    )

    def __init__(self, alphabet: Alphabet, diagnostics: Diagnostics) -> None:
        self._alphabet = alphabet
        self._stats, self._closed = diagnostics.stats, ClosedNames()
        self._limit = FOLLOW_TRACES if diagnostics.options.follow else BATCH_TRACES
        self._clear()

    def _clear(self) -> None:
        self._ids = array("i")
        self._spans = array("h")  # may be shorter: the rest is not known
        self._lengths = array("q")
        self._origins, self._ends = array("q"), array("q")  # rows of two, of events and of ends of traces
        self._names: list[str | None] = []
        self._pending: list[LateNames] = []  # of the last traces
        self._unnamed = self._early = 0
        self._started = time.monotonic()

    def __len__(self) -> int:
        return len(self._lengths)

    def add(
        self,
        name: str | None,
        symbols: Sequence[str],
        spans: NDArray[np.int16] | None = None,
        place: int | None = None,
    ) -> bool:
        """Add a trace of symbol texts, all at one place; return whether it is time to take a batch."""
        self._add_spans(spans)
        if place is not None:
            self._add_origins(origins_of(np.full(len(symbols), place)), origins_of([place]))
        encode(symbols, self._alphabet, self._ids)
        return self._added(name, len(symbols))

    def add_ids(
        self,
        name: str | None,
        ids: array[int],
        spans: NDArray[np.int16] | None = None,
        origins: NDArray[np.int64] | None = None,
        place: int | None = None,
    ) -> bool:
        """Add a trace that is already encoded, which ends at a place or with its last event; return as `add` does."""
        self._add_spans(spans)
        if origins is not None:
            self._add_origins(origins, origins[-1:] if place is None else origins_of([place]))
        self._ids.extend(ids)
        return self._added(name, len(ids))

    def _add_origins(self, origins: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        self._origins.frombytes(origins.tobytes())
        self._ends.frombytes(ends.tobytes())

    def _add_spans(self, spans: NDArray[np.int16] | None) -> None:
        """Add the durations of events that are about to come."""
        if spans is not None and len(spans):
            self._spans.extend([UNKNOWN] * (len(self._ids) - len(self._spans)))
            self._spans.frombytes(spans.tobytes())

    def _durations(self, offsets: NDArray[np.int64]) -> NDArray[np.int16] | None:
        """Return the durations of all events; the first of a trace has none, whatever was before it in its case."""
        if not self._spans:
            return None
        found = np.full(len(self._ids), UNKNOWN, np.int16)
        found[: len(self._spans)] = self._spans
        found[offsets[:-1][offsets[1:] > offsets[:-1]]] = UNKNOWN
        return found

    def room(self) -> tuple[int, int]:
        """Return how many traces, and how many events or those of one trace more, the next batch takes at most."""
        return self._limit - len(self._lengths), BATCH_EVENTS - len(self._ids)

    def add_ended(self, ended: Ended) -> Iterator[TraceBatch]:
        """Add cases that have ended; yield the batches that are full with them."""
        stops = np.cumsum(ended.lengths)
        start = used = 0
        while start < len(ended.names):
            full = int(np.searchsorted(stops, used + BATCH_EVENTS - len(self._ids))) + 1
            stop = min(full, start + self._limit - len(self._lengths), len(ended.names))
            self._add_spans(None if ended.durations is None else ended.durations[used : stops[stop - 1]])
            self._ids.frombytes(ended.symbols[used : stops[stop - 1]].tobytes())
            if ended.origins is not None:
                self._add_origins(ended.origins[used : stops[stop - 1]], ended.origins[stops[start:stop] - 1])
            self._count_early(ended, start, stop)
            self._lengths.frombytes(ended.lengths[start:stop].tobytes())
            self._add_names(ended.names[start:stop])
            start, used = stop, int(stops[stop - 1])
            if self._is_full():
                yield self.take()

    def _count_early(self, ended: Ended, start: int, stop: int) -> None:
        """Count the cases that were closed for want of room, and those that go on with one that was."""
        early = ended.early[start:stop]
        number = int(early.sum())
        if number or self._closed:
            self._stats.cut_short += self._closed.came_again(ended.names[start:stop], early.tolist())
        self._early += number

    def add_traces(self, traces: Traces) -> Iterator[TraceBatch]:
        """Add whole traces; yield the batches that are full with them.

        >>> packer, two = Packer(Alphabet(["a"]), Diagnostics()), np.array([1, 1])
        >>> list(packer.add_traces(Traces(["x", None], np.zeros(2, np.int32), two))), len(packer)
        ([], 2)
        """
        stops = np.cumsum(traces.lengths)
        start = used = 0
        self._look_up()
        while start < len(traces.names):
            full = int(np.searchsorted(stops, used + BATCH_EVENTS - len(self._ids))) + 1
            stop = min(full, start + self._limit - len(self._lengths), len(traces.names))
            end = int(stops[stop - 1])
            self._add_spans(None if traces.durations is None else traces.durations[used:end])
            self._ids.frombytes(traces.symbols[used:end].tobytes())
            self._lengths.frombytes(traces.lengths[start:stop].tobytes())
            names = traces.names[start:stop]
            self._names += names
            self._unnamed += names.count(None)
            start, used = stop, end
            if self._is_full():
                yield self.take()

    def _add_names(self, names: list[str] | LateNames) -> None:
        if isinstance(names, LateNames):
            self._pending.append(names)
        else:
            self._look_up()
            self._names += names

    def _look_up(self) -> None:
        """Let all names be texts."""
        for names in self._pending:
            self._names += names
        self._pending.clear()

    def _added(self, name: str | None, length: int) -> bool:
        self._look_up()
        self._lengths.append(length)
        self._names.append(name)
        self._unnamed += name is None
        return self._is_full()

    def _is_full(self) -> bool:
        return len(self._lengths) >= self._limit or len(self._ids) >= BATCH_EVENTS or self._late()

    def _late(self) -> bool:
        return time.monotonic() - self._started > LONGEST_SECONDS

    def take(self) -> TraceBatch:
        """Return what was collected and start anew."""
        symbols = np.frombuffer(self._ids, np.int32) if self._ids else np.empty(0, np.int32)
        offsets = np.zeros(len(self._lengths) + 1, np.int64)
        np.cumsum(self._lengths, out=offsets[1:])
        late = joined(self._pending) if self._pending and not self._names else self._numbered()
        names, spans = cast("list[str] | None", late), self._durations(offsets)
        origins = self._taken_origins(offsets)
        batch = self.count(TraceBatch(symbols, offsets, names, self._early, durations=spans, origins=origins))
        self._clear()
        return batch

    def _taken_origins(self, offsets: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return the origins of all events and ends; None where they are not known of all traces."""
        if not len(self._ends) or len(self._ends) < 2 * (len(offsets) - 1):
            return None
        events, ends = (np.array(kept, np.int64).reshape(-1, 2) for kept in (self._origins, self._ends))
        return with_ends(events, offsets, ends)

    def rest(self) -> Iterator[TraceBatch]:
        """Yield what was collected, if anything."""
        if self._lengths:
            yield self.take()

    def places(self) -> NDArray[np.int64]:
        """Return the places of all events and ends that were collected, as far as they are known."""
        return np.concatenate([np.array(kept, np.int64)[::2] for kept in (self._origins, self._ends)])

    def count(self, batch: TraceBatch) -> TraceBatch:
        """Count a batch that is handed on, and return it."""
        stats, other = self._stats, self._alphabet.other
        stats.traces += len(batch)
        stats.events += batch.events
        stats.closed_early += batch.closed_early
        if other is not None:
            stats.other_events += int(np.count_nonzero(batch.symbols == other))
        return batch

    def state(self) -> dict[str, Any]:
        """Return what was collected as texts, numbers and arrays."""
        self._look_up()
        return {
            "names": list(self._names),
            "lengths": np.array(self._lengths, np.int64),
            "symbols": np.array(self._ids, np.int32),
            **({"durations": np.array(self._spans, np.int16)} if self._spans else {}),
            "early": self._early,
            **({"closed": self._closed.state()} if self._closed else {}),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another packer had collected."""
        self._names, self._early = list(state["names"]), state["early"]
        if "closed" in state:
            self._closed.restore(state["closed"])
        self._unnamed = self._names.count(None)
        self._lengths = array("q", np.asarray(state["lengths"], np.int64).tobytes())
        self._ids = array("i", np.asarray(state["symbols"], np.int32).tobytes())
        self._spans = array("h", np.asarray(state.get("durations", ()), np.int16).tobytes())

    def _numbered(self) -> list[str] | None:
        """Return the names, the running number of the trace where it has none, or None without any."""
        self._look_up()
        if self._unnamed == len(self._names):
            return None
        if not self._unnamed:
            return cast("list[str]", self._names)
        start = self._stats.traces + 1
        return [str(number) if name is None else name for number, name in enumerate(self._names, start)]


def encode(texts: Sequence[str], alphabet: Alphabet, ids: array[int]) -> None:
    """Append the ids of texts, adding symbols in the order of first sight."""
    known, size = alphabet.ids, len(ids)
    if alphabet.other is not None:
        ids.extend(map(known.get, texts, repeat(alphabet.other)))
        return
    try:
        ids.extend(map(known.__getitem__, texts))
    except KeyError:
        del ids[size:]
        ids.extend(map(alphabet.id, texts))
