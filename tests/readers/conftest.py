"""What the tests of the readers share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from flexstream.alphabet import Alphabet
from flexstream.errors import FlexStreamError
from flexstream.readers import ReadContext, ReadOptions, read_batches
from flexstream.readers.raw import Where

# A busy machine is slow, not wrong.
settings.register_profile("readers", deadline=None)
settings.load_profile("readers")


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


@pytest.fixture
def data() -> Path:
    """The folder with public data that is not part of the project."""
    given = os.environ.get("FLEXSTREAM_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; name the folder with FLEXSTREAM_DATA")
    return folder
