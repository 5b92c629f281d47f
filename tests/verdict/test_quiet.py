"""No verdict cries wolf: of streams in which nothing is wrong there is nothing to say, and faults are named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    """The script that measures it, whose streams are smaller here."""
    sys.path[:0] = [str(BENCHMARKS / "quality"), str(BENCHMARKS)]
    try:
        import verdicts

        yield verdicts
    finally:
        del sys.path[:2]


def some(streams, ending):
    """Return the streams whose names end so, or begin so: all 100 are the benchmark's."""
    return (stream for stream in streams if stream[0].endswith(ending) or stream[0].startswith(ending))


def test_nothing_is_said_of_automata(benchmark):
    found = benchmark.quiet(some(benchmark.targets(500), " 2"))
    assert (found["streams"], found["said"]) == (14, {})


def test_nothing_is_said_of_the_fab(benchmark):
    found = benchmark.quiet(some(benchmark.fab(1), "fab default"))
    assert (found["streams"], found["said"]) == (8, {})


def test_faults_are_named(benchmark):
    rows = {row["fault"]: row["named"] / row["streams"] for row in benchmark.spoiled(500)}
    # Random events are taken for states of their own here and there.
    assert rows.pop("events in any order") > 0.5
    assert set(rows.values()) == {1.0}
