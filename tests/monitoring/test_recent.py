"""The newest traces: what is held hangs on the traces and the capacity alone."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream import TraceBatch
from flexstream.monitoring.recent import RecentTraces

TRACES = st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=40)


def batch_of(traces: list[list[int]], timed: bool) -> TraceBatch:
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    offsets = np.cumsum([0, *map(len, traces)]).astype(np.int64)
    return TraceBatch(symbols, offsets, durations=(7 * symbols).astype(np.int16) if timed else None)


def lists(batch: TraceBatch) -> list[list[int]]:
    return [trace.tolist() for trace in batch]


@given(TRACES, st.integers(0, 500), st.integers(1, 9), st.integers(0, 9), st.booleans())
@example([[], [0]], 8, 1, 0, False)  # the last one takes more than all room
def test_what_is_held_is_the_newest_that_fits(
    traces: list[list[int]], capacity: int, size: int, before: int, timed: bool
) -> None:
    recent = RecentTraces(capacity, before)
    for start in range(0, len(traces), size):
        recent.add(batch_of(traces[start : start + size], timed))
    costs = [8 + (6 if timed else 4) * len(trace) for trace in traces]
    fitting = next((n for n in range(len(traces), 0, -1) if sum(costs[-n:]) <= capacity), 0)
    expected = traces[len(traces) - fitting :]
    assert lists(recent.since(0)) == expected
    assert (recent.first, recent.seen) == (before + len(traces) - fitting, before + len(traces))
    assert recent.nbytes < capacity + max([sum(costs[at : at + size]) for at in range(0, len(costs), size)], default=1)
    held = recent.since(0)
    assert held.durations is None or held.durations.tolist() == (7 * held.symbols).tolist()


@given(TRACES, st.integers(-3, 50), st.integers(-3, 50))
def test_parts_are_asked_for_by_their_number_in_the_stream(traces: list[list[int]], start: int, stop: int) -> None:
    recent = RecentTraces(1 << 20, 5)
    recent.add(batch_of(traces, timed=False))
    assert lists(recent.since(start)) == traces[max(0, start - 5) :]
    low, high = max(0, start - 5), max(0, stop - 5)
    assert lists(recent.since(start, stop)) == traces[min(low, high) : high][: max(0, high - low)]


def test_batches_become_one_that_has_times_where_all_do() -> None:
    parts = [batch_of([[1, 2], [3]], timed=True), batch_of([[4]], timed=True).part(0, 1), batch_of([[5]], timed=False)]
    assert lists(TraceBatch.joined(parts)) == [[1, 2], [3], [4], [5]]
    assert TraceBatch.joined(parts).durations is None
    assert TraceBatch.joined(parts[:2]).durations is not None
    assert lists(TraceBatch.joined([])) == []
