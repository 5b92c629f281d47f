"""Replay: how a reading goes on where its sources cannot be read from their middle: by reading them once more."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ChangedSourceError
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch

Sums = tuple[int, int, int]
"""CRC-32 of the symbols, the lengths and the durations of traces."""
NO_SUMS: Sums = (0, 0, 0)


def sums_of(batch: TraceBatch, sums: Sums = NO_SUMS) -> Sums:
    """Return the sums of traces and of those before them; how they are cut into batches makes no difference.

    >>> whole = TraceBatch.from_traces([["a", "b"], [], ["b"]], Alphabet())
    >>> sums_of(whole.part(1, 3), sums_of(whole.part(0, 1))) == sums_of(whole)
    True
    """
    low, high = int(batch.offsets[0]), int(batch.offsets[-1])
    symbols = _crc(batch.symbols[low:high], "<i4", sums[0])
    lengths = _crc(np.diff(batch.offsets), "<i8", sums[1])
    spans = sums[2] if batch.durations is None else _crc(batch.durations[low:high], "<i2", sums[2])
    return symbols, lengths, spans


def _crc(column: NDArray[Any], kind: str, before: int) -> int:
    return zlib.crc32(np.ascontiguousarray(column, kind).view(np.uint8).data, before) if len(column) else before


class Replay:
    """Counts what was handed out since a state, and what it takes to find the same place again.

    Parameters
    ----------
    base : mapping or None
        The state of a reading; None: its beginning.

    Examples
    --------
    >>> alphabet = Alphabet()
    >>> batch, replay = TraceBatch.from_traces([["load"], ["load", "run"]], alphabet), Replay(None)
    >>> replay.take(batch)
    >>> replay.state(alphabet, 1)["traces"]
    1
    """

    def __init__(self, base: Mapping[str, Any] | None) -> None:
        self.base = base
        self._before, self._sums, self._traces = (NO_SUMS, 0), (NO_SUMS, 0), 0
        self._last: TraceBatch | None = None

    def take(self, batch: TraceBatch) -> None:
        """Count traces that are handed out."""
        self._before, self._last = self._sums, batch
        self._sums = _with(batch, *self._sums)
        self._traces += len(batch)

    def state(self, alphabet: Alphabet, left: int = 0) -> dict[str, Any]:
        """Return a document of it, without the last so many of the traces that were handed out last.

        Parameters
        ----------
        alphabet : Alphabet
            Of the traces.
        left : int
        """
        sums, known = self._sums
        if left and self._last is not None:
            sums, known = _with(self._last.part(0, len(self._last) - left), *self._before)
        told = {"sums": list(sums), "symbols": known, "texts": _texts(alphabet, known)}
        return {"base": self.base, "traces": self._traces - left, **told}


def _with(batch: TraceBatch, sums: Sums, known: int) -> tuple[Sums, int]:
    """Return the sums of traces and of those before them, and how many symbols occur in all."""
    low, high = batch.offsets[0], batch.offsets[-1]
    return sums_of(batch, sums), max(known, 1 + int(batch.symbols[low:high].max(initial=-1)))


def _texts(alphabet: Alphabet, known: int) -> str:
    """Return the hash of the first symbols."""
    from hashlib import blake2b  # which hardly anybody needs

    parts = (text.encode("utf-8", "surrogatepass") for text in alphabet.texts[:known])
    return blake2b(b"".join(b"%d:%b" % (len(part), part) for part in parts), digest_size=16).hexdigest()


def behind(
    batches: Iterator[TraceBatch], state: Mapping[str, Any], alphabet: Alphabet, replay: Replay, name: str
) -> Iterator[TraceBatch]:
    """Yield batches behind the traces of a state, which are read once more.

    Parameters
    ----------
    batches : iterator of TraceBatch
        From the beginning on, or from the base of the state.
    state : mapping
        What `Replay.state` returned.
    alphabet : Alphabet
        Of the batches.
    replay : Replay
        Counts the traces that are passed over.
    name : str
        Of the sources, for errors.

    Raises
    ------
    ChangedSourceError
        If they are other traces; then none was handed on.
    """
    left = int(state["traces"])
    for batch in batches if left else ():
        most = min(left, len(batch))
        replay.take(batch.part(0, most))
        left -= most
        if not left:
            _check(state, alphabet, replay, name)
            if most < len(batch):
                yield batch.part(most, len(batch))
            break
    if left:
        raise _changed(name, f"{left:,} of the {state['traces']:,} traces that were read before are gone")
    yield from batches


def _check(state: Mapping[str, Any], alphabet: Alphabet, replay: Replay, name: str) -> None:
    found, compared = replay.state(alphabet), ("sums", "symbols", "texts")
    if any(found[key] != state[key] for key in compared):
        raise _changed(name, f"the first {state['traces']:,} traces are not those that were read before")


def _changed(name: str, problem: str) -> ChangedSourceError:
    return ChangedSourceError(name, None, problem, "the sources as they were, or longer")
