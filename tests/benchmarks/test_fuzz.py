"""Mutated files of every format end as they should, and what is at fault would be found."""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexstream.errors import UsageError
from flexstream.readers import FORMATS
from flexstream.readers.presets import NAMES
from flexstream.readers.reading import Reading

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import fuzz

    return fuzz


def test_mutated_files_end_in_traces_or_in_one_line(fuzz: Any) -> None:
    found = fuzz.measure(inputs=40 * len(fuzz.seeds()), seed=1, first=0, only=[], seconds=1e9)
    assert found["found"] == []
    assert found["total"]["read"] > 0 < found["total"]["told"]
    assert set(FORMATS) | set(NAMES) <= set(found["kinds"])


def test_every_format_has_files_of_its_own(fuzz: Any) -> None:
    """A new format needs an entry in `plain_seeds`."""
    assert set(FORMATS) <= set(fuzz.plain_seeds())


def test_mutations_hang_on_the_luck_alone(fuzz: Any) -> None:
    from shared.mutations import MUTATIONS, mutated

    data = b"load run\nload setup run\n" * 5
    for name, mutation in MUTATIONS.items():
        once, again = (mutation(data, random.Random(7)) for _ in range(2))
        assert once == again, name
        assert mutation(b"", random.Random(1)) is not None
    others = [b"case,event\n1,load\n"]
    made = [mutated(data, others, random.Random(number)) for number in range(400)]
    assert made == [mutated(data, others, random.Random(number)) for number in range(400)]
    assert {name for _, done in made for name in done} == {*MUTATIONS, "crossed"}


def _broken(kind: str) -> Any:
    def read(*_: object) -> Iterator[Any]:
        if kind == "crash":
            os._exit(3)
        if kind == "slow":
            begin = time.process_time()
            while time.process_time() - begin < 0.3:
                pass
        elif kind == "silent":
            raise UsageError
        else:
            raise KeyError(kind)
        yield from ()

    return read


@pytest.mark.parametrize(
    ("kind", "end"), [("key", "faults"), ("silent", "faults"), ("slow", "slow"), ("crash", "crashed")]
)
def test_faults_are_found(fuzz: Any, kind: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"lines": [b"load run\n"]}
    from shared import fuzzing

    monkeypatch.setattr(fuzzing, "SLOW", 0.2)
    monkeypatch.setattr(Reading, "_read", _broken(kind))
    found = fuzzing.apart(fuzz.trial_of(known), "lines", 0, 2, 0)
    assert set(found["counts"]) == {end}
    assert found["faults"][0]["kind"] == "lines"


def test_seeds_are_files_that_can_be_read(fuzz: Any) -> None:
    fuzz.unmutated(fuzz.seeds())
    with pytest.raises(Exception, match="is empty"):
        fuzz.unmutated({"csv": [io.BytesIO().getvalue()]})
