"""What the tests of the readers share."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from flexstream.errors import FlexStreamError
from flexstream.readers import ReadContext, Reading, ReadOptions, assemble, read_items
from flexstream.readers.source.raw import Where
from flexstream.stream.alphabet import Alphabet


@dataclass
class Found:
    """Everything that came out of one call."""

    traces: list[list[str]]
    names: list[str] | None
    batches: int
    told: Reading
    error: FlexStreamError | None

    @property
    def named(self) -> list[tuple[str, list[str]]]:
        """The traces with their names."""
        return list(zip(self.names or [], self.traces, strict=True))


def read_all(sources: Where | Iterable[Where], **options: Any) -> Found:
    """Read sources to the end or to the first error, which is kept."""
    alphabet = Alphabet()
    reading = Reading(sources, alphabet, ReadOptions(**options))
    found = Found([], [], 0, reading, None)
    try:
        for batch in reading:
            found.batches += 1
            found.traces += [[alphabet.text(symbol) for symbol in trace] for trace in batch]
            if batch.names is None:
                found.names = None
            elif found.names is not None:
                found.names += batch.names
    except FlexStreamError as error:
        found.error = error
    assert reading.stats.traces == len(found.traces)
    assert reading.stats.events == sum(map(len, found.traces))
    return found


class Dripping(io.BytesIO):
    """Hands out a few bytes at a time, so that there are many blocks."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most so many bytes."""
        return super().read(self._size)

    def read1(self, size: int | None = -1, /) -> bytes:
        """Return at most so many bytes, by the method that a source prefers."""
        return self.read(size)


@dataclass(frozen=True)
class Bounds:
    """Size of the pieces in which bytes come; bytes for symbols and for open cases."""

    piece: int = 1 << 18
    symbols: int | None = None
    cases: int | None = None


def read_one_way(
    content: bytes, fast: bool, bounds: Bounds = Bounds(), known: str = "", **options: Any
) -> tuple[Any, ...]:
    """Return all that comes out of reading, by the fast or the general path."""
    alphabet, source = Alphabet(known, bounds.symbols), Dripping(content, bounds.piece)
    told: Reading | ReadContext
    if fast:
        batches = told = Reading(source, alphabet, ReadOptions(**options), bounds.cases)
    else:
        told = ReadContext(ReadOptions(**options), case_bytes=bounds.cases)
        items, ahead = read_items(source, told), alphabet.copy()
        batches = assemble(items, alphabet, diagnostics=told, case_bytes=bounds.cases, ahead=ahead)
    traces: list[list[str]] = []
    names: list[str] = []
    error = ""
    try:
        for batch in batches:
            traces += [[alphabet.text(symbol) for symbol in trace] for trace in batch]
            names += batch.names or []
    except FlexStreamError as caught:
        # Which encoding a text looks like is told from as much of it as is at hand, which hangs on how its bytes came.
        error = str(caught).partition(" in UTF-8")[0].removesuffix(")")
    table = (list(alphabet), alphabet.other, alphabet.left)
    return traces, names, table, error, told.notes, told.stats


def read_both_ways(content: bytes, bounds: Bounds = Bounds(), known: str = "", **options: Any) -> tuple[Any, ...]:
    """Compare the fast and the general path; return what came out."""
    fast = read_one_way(content, True, bounds, known, **options)
    assert fast == read_one_way(content, False, bounds, known, **options)
    return fast


@pytest.fixture(scope="session")
def dripping() -> type[Dripping]:
    """`Dripping`, as a fixture because test modules do not import each other."""
    return Dripping


@pytest.fixture(scope="session")
def both() -> Callable[..., tuple[Any, ...]]:
    """`read_both_ways`; bounds are given as a tuple of the fields of `Bounds`."""
    return lambda content, bounds=(), **options: read_both_ways(content, Bounds(*bounds), **options)


@pytest.fixture(scope="session")
def read() -> Callable[..., Found]:
    """`read_all`."""
    return read_all
