"""Drawn traces: each of a stream with the same chance, in bounded memory, whatever the batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import TraceBatch
from flexstream.stream.durations import UNKNOWN
from flexstream.summary import drawn as drawn_module
from flexstream.summary.drawn import EVENT_BYTES, TRACE_BYTES, DrawnTraces

from .. import naive


def numbered(start: int, stop: int, length: int = 1) -> TraceBatch:
    """Return traces that say where in the stream they come."""
    symbols = np.repeat(np.arange(start, stop), length)
    return TraceBatch(symbols, np.arange(0, len(symbols) + 1, length))


def places(drawn: DrawnTraces) -> list[int]:
    return sorted({int(trace[0]) for trace in drawn.held()})


@given(st.lists(st.integers(0, 90), min_size=1, max_size=8), st.integers(1, 40))
def test_batches_do_not_matter_and_there_are_never_too_many(sizes: list[int], most: int) -> None:
    parts, whole = DrawnTraces(1 << 20, most), DrawnTraces(1 << 20, most)
    ends = np.cumsum(sizes).tolist()
    for start, stop in zip([0, *ends], ends, strict=False):
        parts.add(numbered(start, stop))
        assert len(parts.held()) <= most
    whole.add(numbered(0, ends[-1]))
    assert places(parts) == places(whole)
    assert parts.one_in == whole.one_in


def test_all_are_kept_while_there_are_few_and_each_has_the_same_chance_later() -> None:
    drawn = DrawnTraces(1 << 20, 1000)
    drawn.add(numbered(0, 1000))
    assert places(drawn) == list(range(1000))
    for start in range(1000, 100_000, 333):
        drawn.add(numbered(start, min(100_000, start + 333)))
    found = np.array(places(drawn))
    assert drawn.one_in == 128
    assert np.histogram(found, 10, (0, 100_000))[0].tolist() == pytest.approx([78] * 10, abs=35)


def test_neighbours_are_drawn_together_but_where_few_are_kept() -> None:
    for most, together in ((8192, 15 / 16), (64, 1 / 16)):
        drawn = DrawnTraces(1 << 20, most)
        for start in range(0, 8192 * 16, 2048):
            drawn.add(numbered(start, start + 2048))
        assert (np.diff(drawn.places()) == 1).mean() == pytest.approx(together, abs=0.1)


def test_memory_is_bounded_and_what_is_too_long_is_left_out() -> None:
    drawn = DrawnTraces(10_000)
    for start in range(0, 5000, 100):
        drawn.add(numbered(start, start + 100, length=7))
        assert drawn.nbytes <= 10_000
    kept = len(drawn.held())
    assert drawn.nbytes == kept * (TRACE_BYTES + 7 * EVENT_BYTES)
    assert kept > 40
    drawn.add(numbered(0, 1, length=10_000))
    assert max(map(len, drawn.held())) == 7


def test_parts_of_batches_and_durations() -> None:
    batch = TraceBatch(np.arange(6), np.array([0, 2, 3, 6]), durations=np.arange(6, dtype=np.int16))
    drawn = DrawnTraces(1 << 20)
    drawn.add(batch.part(1, 3))
    drawn.add(numbered(9, 10))
    held = drawn.held()
    assert [trace.tolist() for trace in held] == [[2], [3, 4, 5], [9]]
    assert held.durations is not None
    assert held.durations.tolist() == [2, 3, 4, 5, -1]
    assert DrawnTraces(1 << 20).held().durations is None


def test_two_add_up_to_as_many_of_each() -> None:
    one, other = DrawnTraces(1 << 20, 500), DrawnTraces(1 << 20, 500)
    one.add(numbered(0, 400))
    other.add(numbered(0, 3000))
    one.merge(other, np.arange(3000, dtype=np.int32) + 10_000)
    found = np.array([int(trace[0]) for trace in one.held()])
    assert one.one_in == 8
    assert np.count_nonzero(found < 10_000) == pytest.approx(50, abs=25)
    assert np.count_nonzero(found >= 10_000) == pytest.approx(375, abs=70)
    one.add(numbered(20_000, 25_000))
    assert 250 < len(one.held()) <= 500


def test_what_comes_first_after_the_known_places_is_not_forgotten() -> None:
    """Batches may end anywhere beside the places for which it is known ahead whether they are drawn."""
    whole = DrawnTraces(1 << 20, 50)
    for start in range(0, 60_000, 20_000):
        whole.add(numbered(start, start + 20_000))
    for size in (1, 7, 4096, 8192, 8193):
        parts = DrawnTraces(1 << 20, 50)
        for start in range(0, 60_000, size):
            parts.add(numbered(start, min(60_000, start + size)))
        assert places(parts) == places(whole)


def test_what_is_drawn_is_looked_for_only_where_a_place_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two places that are drawn a batch costs a comparison, not a search."""
    drawn = DrawnTraces(1 << 20, 8)
    for start in range(0, 20_000, 5):
        drawn.add(numbered(start, start + 5))
    searched = []
    search = DrawnTraces._drawn
    monkeypatch.setattr(DrawnTraces, "_drawn", lambda self, low, high: searched.append(low) or search(self, low, high))
    for start in range(20_000, 30_000, 5):
        drawn.add(numbered(start, start + 5))
    assert len(searched) < 20


def test_a_run_is_hashed_once_and_drawn_as_if_each_place_were(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    hash_of = drawn_module.drawn_at
    drawn = DrawnTraces(1 << 20, 2048)
    drawn.salt(3)
    for start in range(0, 16_000, 1000):
        drawn.add(numbered(start, start + 1000))
    monkeypatch.setattr(
        drawn_module, "drawn_at", lambda places, *more: hashed.append(len(places)) or hash_of(places, *more)
    )
    for start in range(16_000, 26_010, 70):
        drawn.add(numbered(start, start + 70))
    assert sum(hashed) < 4000
    all_places = np.arange(26_010)
    expected = all_places[hash_of((all_places + (3 << 40)) >> 4, drawn.one_in.bit_length() - 1)]
    assert places(drawn) == expected.tolist()


@pytest.mark.parametrize("most", [1000, 20])
def test_sums_of_shards_that_drew_the_same_places_lie_in_one_order(most: int) -> None:
    shards = [numbered(100 * part, 100 * part + 40) for part in range(3)]
    states = []
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        total = DrawnTraces(1 << 20, most)
        for part in order:
            shard = DrawnTraces(1 << 20, most)
            shard.add(shards[part])
            total.merge(shard, np.arange(300, dtype=np.int32))
        total.sort()
        states.append({name: np.asarray(value).tolist() for name, value in total.state().items()})
    assert states[0] == states[1] == states[2]
    assert (states[0]["level"] > 0) == (most == 20)


@pytest.mark.twin("drawn_events.gather_events")
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8), st.booleans())
def test_events_of_traces_are_gathered_as_by_their_twin(given_traces: list[tuple[int, bool]], timed: bool) -> None:
    every = np.array([length for length, _ in given_traces], np.int64)
    wanted = np.array([chosen for _, chosen in given_traces], bool)
    starts, lengths = (np.cumsum(every) - every)[wanted], every[wanted]
    symbols = np.arange(int(every.sum()), dtype=np.int32)
    bins = (symbols[::-1] % 7).astype(np.int16) if timed else np.empty(0, np.int16)
    found = drawn_module._gathered(symbols, bins, starts, lengths)
    rows = naive.gathered(symbols.tolist(), starts.tolist(), lengths.tolist())
    assert found[0].tolist() == rows
    assert found[1].tolist() == ([int(bins[row]) for row in rows] if timed else [UNKNOWN] * len(rows))
