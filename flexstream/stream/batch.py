"""TraceBatch: many traces in two flat arrays, the coin in which events are handed on."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..arguments import written
from ..classes import dataclass
from ..errors import UsageError, WrongTypeError
from .alphabet import Alphabet
from .manner import Manner
from .names import LateSlot
from .position import Position
from .traces import as_traces


@dataclass(frozen=True, slots=True, eq=False)
class TraceBatch:
    """Traces one behind the other: trace ``i`` is ``symbols[offsets[i]:offsets[i + 1]]``.

    Attributes
    ----------
    symbols : int32 array, shape (k,)
        Symbol ids of one alphabet.
    offsets : int64 array, shape (n + 1,)
        Non-decreasing, from 0 to k.
    names : list of str, or None
        What the source calls each trace (its case id), where it has names.
    closed_early : int
        How many of the traces are cases that were cut short because too many were open.
    position : Position, or None
        Up to where its sources were read when the batch was made, where it comes from some that can be read on from
        there. What was read by then and is in no batch yet is in the state of the reading.
    manner : mapping, or None
        How its sources were read, see :mod:`flexstream.stream.manner`.
    durations : int16 array, shape (k,), or None
        How long after the event before it in its trace each came, as bins of :mod:`flexstream.stream.durations`; None
        where no times are known.
    origins : int64 array, shape (k + n, 2), or None
        Where each event, and behind those of its trace its end, stood and when it happened, see
        :mod:`flexstream.stream.origins`; None where nobody asked for it.
    members : list of str, or None
        Which member of a fleet each trace is of, where they are told apart; see :mod:`flexstream.automata.fleet`.

    Raises
    ------
    UsageError
        If the arrays do not fit together; WrongTypeError if they are none.

    Examples
    --------
    >>> batch = TraceBatch.from_traces([["a", "b"], [], ["b"]], Alphabet())
    >>> len(batch), batch.events
    (3, 3)
    >>> [trace.tolist() for trace in batch]
    [[0, 1], [], [1]]
    """

    symbols: NDArray[np.int32]
    offsets: NDArray[np.int64]
    names: list[str] | None = None
    closed_early: int = 0
    position: Position | None = None
    manner: Manner | None = None
    durations: NDArray[np.int16] | None = None
    origins: NDArray[np.int64] | None = None
    members: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name, array in (("symbols", self.symbols), ("offsets", self.offsets)):
            if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype.kind not in "iu":
                raise WrongTypeError(
                    f"{name} of a batch are not {written(array)} (expected: an array of whole numbers)"
                )
        bounds, length = self.offsets, len(self.symbols)
        whole = len(bounds) > 0 and 0 <= bounds.item(0) <= bounds.item(-1) <= length
        if not whole or (len(bounds) > 2 and (bounds[1:] < bounds[:-1]).any()):
            raise UsageError(f"offsets of a batch that do not cut its {length} symbols into traces")
        if self.durations is not None and len(self.durations) != length:
            raise UsageError(f"{len(self.durations)} durations of {length} symbols (expected: one each, or None)")
        if self.origins is not None and self.origins.shape != (self.events + len(self), 2):
            raise UsageError(f"origins of shape {self.origins.shape} of {self.events} events and {len(self)} ends")
        if self.members is not None and len(self.members) != len(self):
            raise UsageError(f"{len(self.members)} members of {len(self)} traces (expected: one each, or None)")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        bounds = self.offsets.tolist()
        for start, stop in itertools.pairwise(bounds):
            yield self.symbols[start:stop]

    @property
    def events(self) -> int:
        """Number of events in all traces."""
        return int(self.offsets[-1] - self.offsets[0])

    @classmethod
    def from_traces(cls, traces: Iterable[Sequence[str | int]], alphabet: Alphabet) -> TraceBatch:
        """Encode traces with an alphabet, which grows by the symbols it has not seen.

        Raises
        ------
        WrongTypeError
            If one of them is no trace, see :func:`~flexstream.stream.traces.as_traces`; then nothing is added.
        """
        return cls.from_texts(as_traces(traces), alphabet)

    @classmethod
    def from_texts(cls, traces: Iterable[Sequence[str]], alphabet: Alphabet) -> TraceBatch:
        """Encode traces whose symbols are known to be texts."""
        encoded = [alphabet.encode_texts(trace) for trace in traces]
        offsets = np.array(list(itertools.accumulate(map(len, encoded), initial=0)), np.int64)
        symbols = np.concatenate(encoded) if len(encoded) > 1 else encoded[0] if encoded else np.empty(0, np.int32)
        return cls(symbols, offsets)

    def recoded(self, ids: NDArray[np.int32]) -> TraceBatch:
        """Return the traces with other ids, and durations where they have them.

        Parameters
        ----------
        ids : int32 array, shape (alphabet,)
            The other id of each symbol, -1 where it has none.

        Examples
        --------
        >>> batch = TraceBatch.from_traces([["a", "b"], ["b"]], Alphabet())
        >>> batch.recoded(np.array([5, -1], np.int32)).symbols.tolist()
        [5, -1, -1]
        """
        first, last = self.offsets[0], self.offsets[-1]
        symbols = self.symbols[first:last]
        durations = None if self.durations is None else self.durations[first:last]
        return TraceBatch(ids[symbols] if len(ids) else symbols, self.offsets - first, durations=durations)

    @classmethod
    def joined(cls, batches: Iterable[TraceBatch], named: bool = False) -> TraceBatch:
        """Return the traces of batches as one, with durations where all have them, read in the manner of the last.

        Parameters
        ----------
        batches : iterable of TraceBatch
        named : bool
            Whether what tells the traces apart is kept as well: their names and origins, where all have them.

        Examples
        --------
        >>> alphabet = Alphabet()
        >>> batches = [TraceBatch.from_traces(traces, alphabet) for traces in ([["a"], []], [["b", "a"]])]
        >>> [trace.tolist() for trace in TraceBatch.joined(batches)], len(TraceBatch.joined([]))
        ([[0], [], [1, 0]], 0)
        """
        parts = list(batches)
        starts = itertools.accumulate((part.events for part in parts), initial=0)
        bounds = [part.offsets[1:] - part.offsets[0] + start for part, start in zip(parts, starts, strict=False)]
        symbols = [part.symbols[part.offsets[0] : part.offsets[-1]] for part in parts]
        timed = _all(part.durations for part in parts)
        names, placed = (_all(getattr(part, name) for part in parts if named) for name in ("names", "origins"))
        return cls(
            np.concatenate([np.empty(0, np.int32), *symbols]),
            np.concatenate([np.zeros(1, np.int64), *bounds]),
            None if names is None else list(itertools.chain.from_iterable(names)),
            manner=parts[-1].manner if parts else None,
            durations=None if timed is None else np.concatenate(timed),
            origins=None if placed is None else np.concatenate(placed),
        )

    def check(self, alphabet: Alphabet) -> None:
        """Raise UsageError where a symbol has an id that an alphabet does not give: the batch is another's."""
        if not len(self.symbols):
            return
        least, most = int(self.symbols.min()), int(self.symbols.max())
        if least < 0 or most >= len(alphabet):
            wrong = least if least < 0 else most
            raise UsageError(
                f"a batch with the symbol id {wrong} for an alphabet of {len(alphabet)} symbols "
                "(expected: a batch encoded with that alphabet)"
            )

    def part(self, start: int, stop: int) -> TraceBatch:
        """Return traces ``start`` to ``stop`` as a batch that shares this one's symbols.

        Position and cases closed early go with the part that holds the last trace, so that parts add up to the whole.
        """
        low, high = self.offsets[start], self.offsets[stop]
        names = None if (held := _NAMES.as_given(self)) is None else held[start:stop]
        early, position = (self.closed_early, self.position) if stop == len(self) else (0, None)
        bounds, kept = self.offsets[start : stop + 1] - low, cast("list[str] | None", names)
        spans = None if self.durations is None else self.durations[low:high]
        rows = (
            None if self.origins is None else self.origins[low - self.offsets[0] + start :][: high - low + stop - start]
        )
        of = None if self.members is None else self.members[start:stop]
        return TraceBatch(self.symbols[low:high], bounds, kept, early, position, self.manner, spans, rows, of)

    def chosen(self, rows: NDArray[np.integer[Any]]) -> TraceBatch:
        """Return some of the traces, in this order, with their names, durations, origins and members.

        >>> TraceBatch.from_traces([["a"], ["b", "a"], []], Alphabet()).chosen(np.array([2, 1])).symbols.tolist()
        [1, 0]
        """
        starts = self.offsets[rows]
        lengths = self.offsets[np.asarray(rows) + 1] - starts
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        events = np.arange(int(offsets[-1])) + np.repeat(starts - offsets[:-1], lengths)
        spans = None if self.durations is None else self.durations[events]
        names, members = (
            None if texts is None else [texts[row] for row in rows.tolist()] for texts in (self.names, self.members)
        )
        origins, manner = self._origins_of(rows), self.manner
        return TraceBatch(self.symbols[events], offsets, names, 0, None, manner, spans, origins, members)

    def _origins_of(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.int64] | None:
        """Return the origins of some of the traces, of their ends as well."""
        if self.origins is None:
            return None
        starts = self.offsets[:-1] - self.offsets[0] + np.arange(len(self))
        stops = np.append(starts[1:], len(self.origins))
        parts = [self.origins[starts[row] : stops[row]] for row in rows.tolist()]
        return np.concatenate(parts) if parts else self.origins[:0]

    def at(self, position: Position | None, manner: Manner | None) -> TraceBatch:
        """Return this batch with another position, read in this manner."""
        names, spans = cast("list[str] | None", _NAMES.as_given(self)), self.durations
        kept = self.origins, self.members
        return TraceBatch(self.symbols, self.offsets, names, self.closed_early, position, manner, spans, *kept)

    def with_origins(self, origins: NDArray[np.int64] | None) -> TraceBatch:
        """Return this batch with other origins."""
        names, spans = cast("list[str] | None", _NAMES.as_given(self)), self.durations
        early, position, kept = self.closed_early, self.position, (origins, self.members)
        return TraceBatch(self.symbols, self.offsets, names, early, position, self.manner, spans, *kept)


def _all(columns: Iterable[Any]) -> list[Any] | None:
    """Return columns of several batches; None where there are none, or one of them lacks it."""
    found = list(columns)
    return found if found and all(column is not None for column in found) else None


_NAMES = LateSlot(vars(TraceBatch)["names"])
setattr(TraceBatch, "names", _NAMES)  # noqa: B010 - a class is not assigned to where types are checked
