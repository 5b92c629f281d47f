"""States of readings that nobody can have had are refused, or harmless."""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from flexstream.errors import FlexStreamError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.sessions import packing
from flexstream.stream.alphabet import Alphabet

REFUSED = (FlexStreamError, KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, AssertionError)
"""What `Checkpoints` takes for a state that is none."""
ROWS = "".join(f"c{number % 9},t{number % 5},{1_700_000_000 + number}\n" for number in range(200))
LINES = "".join(f"a b{number % 7} c\n" for number in range(60))
KINDS = {
    "cases": ("case,event,time\n" + ROWS, {"max_open_cases": 6}),
    "untimed": ("case,event\n" + "".join(f"c{n % 9},t{n % 5}\n" for n in range(200)), {"max_open_cases": 6}),
    "windows": ("event\n" + "".join(f"t{n % 5}\n" for n in range(200)), {"window": 7, "stride": 3, "case": ""}),
    "lines": (LINES, {"format": "lines"}),
}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 3)


def reading(kind: str) -> Reading:
    text, options = KINDS[kind]
    return Reading(io.BytesIO(text.encode()), Alphabet(), ReadOptions(**options), resumable=True)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the ways to all values in a state."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*way, key)
        if isinstance(below, dict | list):
            yield from places(below, (*way, key))


def spoilt(value: Any, luck: random.Random) -> Any:
    """Return another value than one."""
    if isinstance(value, np.ndarray) and len(value) and luck.random() < 0.8:
        other = value.copy()
        other[luck.randrange(len(other))] = (
            luck.choice([-1, 0, 1, 7, 2**30, -(2**30)]) if value.dtype.itemsize > 2 else 9
        )
        return luck.choice([other, value[:-1], np.append(value, value[:1])])
    others: list[Any] = [None, -1, 0, 1, 2**40, 1.5, "x", [], {}, np.empty(0, np.int32), np.array([5, -5])]
    return luck.choice(others)


@pytest.mark.parametrize("kind", list(KINDS))
def test_spoilt_states_are_refused_or_harmless(kind: str) -> None:
    """No compiled loop may be led out of its arrays: the test's process is what would die of it."""
    first = reading(kind)
    states: list[dict[str, Any]] = []
    first.rest_at, first.at_rest = 0.0, lambda: states.append(first.state())
    for _ in first:
        states.append(first.state())
    luck, refused = random.Random(kind), 0
    for _ in range(400):
        state = copy.deepcopy(luck.choice(states))
        *way, last = luck.choice(list(places(state)))
        part = state
        for key in way:
            part = part[key]
        part[last] = spoilt(part[last], luck)
        second = reading(kind)
        try:
            second.restore(state)
        except REFUSED:
            refused += 1
            continue
        with suppress(FlexStreamError):
            for batch in second:
                batch.check(second.alphabet)
    assert refused > 50
