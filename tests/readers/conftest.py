"""What the tests of the readers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from flexstream.alphabet import Alphabet
from flexstream.errors import FlexStreamError
from flexstream.readers import ReadContext, ReadOptions, read_batches
from flexstream.readers.raw import Where


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


@pytest.fixture(scope="session")
def read() -> Callable[..., Reading]:
    """`read_all`, as a fixture because test modules do not import each other."""
    return read_all
