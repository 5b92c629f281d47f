"""What waits to be looked at: all of a slow stream, joined; the newest of one that brings more."""

from __future__ import annotations

import numpy as np

from flexstream import Alphabet, TraceBatch
from flexstream.live.samples import TRACES
from flexstream.live.waiting import MOST_EVENTS, MOST_TRACES, Waiting


def batch_of(lengths: list[int], names: bool = False) -> TraceBatch:
    traces = [[str(length)] * length for length in lengths]
    batch = TraceBatch.from_traces(traces, Alphabet([str(number) for number in range(10)]))
    known = [f"case {length}" for length in lengths] if names else None
    durations = np.arange(batch.events, dtype=np.int16)
    origins = np.arange(2 * (batch.events + len(batch))).reshape(-1, 2)
    return TraceBatch(batch.symbols, batch.offsets, known, durations=durations, origins=origins)


def test_traces_that_follow_one_another_are_one_batch() -> None:
    waiting, whole = Waiting(), batch_of([3, 0, 2, 1, 4], names=True)
    for start, stop in ((0, 2), (2, 4), (4, 5)):
        waiting.add(whole.part(start, stop), 10 + start)
    assert not waiting.behind
    ((found, before),) = waiting.take()
    assert before == 10 and found.names == whole.names
    for name in ("symbols", "offsets", "durations", "origins"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)), name
    assert waiting.take() == []


def test_what_does_not_follow_or_has_other_facts_stays_apart() -> None:
    waiting = Waiting()
    for batch, before in ((batch_of([1]), 0), (batch_of([1]), 2), (batch_of([1], names=True), 3)):
        waiting.add(batch, before)
    assert [before for _, before in waiting.take()] == [0, 2, 3]


def test_of_what_is_too_much_the_newest_waits() -> None:
    waiting = Waiting()
    for number in range(MOST_TRACES // 50 + 1):
        waiting.add(batch_of([1] * 50), 50 * number)
    assert waiting.behind
    assert sum(len(batch) for batch, _ in waiting.take()) == TRACES
    assert not waiting.behind
    waiting.add(batch_of([1] * 50), 0)
    waiting.add(TraceBatch(np.zeros(MOST_EVENTS, np.int32), np.array([0, MOST_EVENTS])), 50)
    assert waiting.behind
