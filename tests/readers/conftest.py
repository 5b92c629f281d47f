"""What the tests of the readers share."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from flexstream.errors import FlexStreamError
from flexstream.readers import ReadContext, ReadOptions, assemble, read_batches, read_items
from flexstream.readers.source.raw import Where
from flexstream.stream.alphabet import Alphabet


@dataclass
class Reading:
    """Everything that came out of one call."""

    traces: list[list[str]]
    names: list[str] | None
    batches: int
    context: ReadContext
    error: FlexStreamError | None

    @property
    def named(self) -> list[tuple[str, list[str]]]:
        """The traces with their names."""
        return list(zip(self.names or [], self.traces, strict=True))


def read_all(sources: Where | Iterable[Where], **options: Any) -> Reading:
    """Read sources to the end or to the first error, which is kept."""
    alphabet, context = Alphabet(), ReadContext(ReadOptions(**options))
    reading = Reading([], [], 0, context, None)
    try:
        for batch in read_batches(sources, alphabet, context=context):
            reading.batches += 1
            reading.traces += [[alphabet.text(symbol) for symbol in trace] for trace in batch]
            if batch.names is None:
                reading.names = None
            elif reading.names is not None:
                reading.names += batch.names
    except FlexStreamError as error:
        reading.error = error
    assert context.traces == len(reading.traces)
    assert context.events == sum(map(len, reading.traces))
    return reading


class Dripping(io.BytesIO):
    """Hands out a few bytes at a time, so that there are many blocks."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most so many bytes."""
        return super().read(self._size)


@dataclass(frozen=True)
class Bounds:
    """Size of the pieces in which bytes come; bytes for symbols and for open cases."""

    piece: int = 1 << 18
    symbols: int | None = None
    cases: int | None = None


def read_one_way(
    content: bytes, quickly: bool, bounds: Bounds = Bounds(), known: str = "", **options: Any
) -> tuple[Any, ...]:
    """Return all that comes out of reading, by compiled loops or the general way."""
    alphabet, context = Alphabet(known, bounds.symbols), ReadContext(ReadOptions(**options), room=bounds.cases)
    source = Dripping(content, bounds.piece)
    if quickly:
        batches = read_batches(source, alphabet, context=context)
    else:
        batches = assemble(read_items(source, context), alphabet, context=context)
    traces: list[list[str]] = []
    names: list[str] = []
    error = ""
    try:
        for batch in batches:
            traces += [[alphabet.text(symbol) for symbol in trace] for trace in batch]
            names += batch.names or []
    except FlexStreamError as caught:
        error = str(caught)
    counts = (context.skipped, context.rejected, context.forced_closed, context.traces, context.events)
    table = (list(alphabet), alphabet.other, alphabet.left)
    return traces, names, table, error, context.notes, context.messages, counts


def read_both_ways(content: bytes, bounds: Bounds = Bounds(), known: str = "", **options: Any) -> tuple[Any, ...]:
    """Compare the quick and the general way; return what came out."""
    quick = read_one_way(content, True, bounds, known, **options)
    assert quick == read_one_way(content, False, bounds, known, **options)
    return quick


@pytest.fixture(scope="session")
def both() -> Callable[..., tuple[Any, ...]]:
    """`read_both_ways`; bounds are given as a tuple of the fields of `Bounds`."""
    return lambda content, bounds=(), **options: read_both_ways(content, Bounds(*bounds), **options)


@pytest.fixture(scope="session")
def read() -> Callable[..., Reading]:
    """`read_all`, as a fixture because test modules do not import each other."""
    return read_all
