"""Traces by member: all as long as there is room, then fewer, whatever the batches and the order of the members."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream.stream.batch import TraceBatch
from flexstream.summary.member_traces import MemberTraces

Traces = list[tuple[str, list[int]]]


def batch(traces: Traces) -> TraceBatch:
    lengths = [len(symbols) for _, symbols in traces]
    symbols = np.array([symbol for _, trace in traces for symbol in trace], np.int32)
    return TraceBatch(symbols, np.concatenate(([0], np.cumsum(lengths))), members=[name for name, _ in traces])


def drawn(seed: int, count: int, members: int) -> Traces:
    random = np.random.default_rng(seed)
    return [
        (f"m{random.integers(members)}", random.integers(0, 9, random.integers(0, 7)).tolist()) for _ in range(count)
    ]


def held(kept: MemberTraces) -> dict[str, tuple[int, int, list[list[int]]]]:
    return {one.name: (one.traces, one.one_in, [trace.tolist() for trace in one.batch]) for one in kept.samples()}


def test_all_traces_are_kept_in_their_order_while_there_is_room() -> None:
    traces = drawn(1, 500, 7)
    kept = MemberTraces(1 << 20)
    kept.add(batch(traces))
    expected = {name: [trace for own, trace in traces if own == name] for name, _ in traces}
    found = held(kept)
    assert list(found) == sorted(expected)
    assert found == {name: (len(own), 1, own) for name, own in expected.items()}
    events = {one.name: one.events for one in kept.samples()}
    assert events == {name: sum(map(len, own)) for name, own in expected.items()}


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_how_traces_of_one_member_are_mixed_with_others_is_no_matter(size: int) -> None:
    traces = drawn(2, 3000, 3)
    by_member = sorted(traces, key=lambda pair: pair[0])
    one, other = MemberTraces(1 << 20), MemberTraces(1 << 20)
    for start in range(0, len(traces), size):
        one.add(batch(traces[start : start + size]))
    other.add(batch(by_member))
    assert held(one) == held(other)


def test_memory_is_kept_and_the_members_with_few_traces_keep_them_all() -> None:
    capacity, kept = 200_000, MemberTraces(200_000)
    many = [("large", [1, 2, 3])] * 20_000
    for start in range(0, len(many), 1000):
        kept.add(batch([*many[start : start + 1000], (f"rare{start}", [4])]))
        assert kept.nbytes <= capacity
    found = held(kept)
    assert all(own == (1, 1, [[4]]) for name, own in found.items() if name != "large")
    traces, one_in, own = found["large"]
    assert traces == 20_000 and one_in > 1
    assert 0.8 < len(own) * one_in / traces < 1.25


def test_each_trace_of_a_member_has_the_same_chance() -> None:
    kept = MemberTraces(100_000)
    kept.add(batch([("a", [place]) for place in range(20_000)]))
    ((_, one_in, own),) = held(kept).values()
    places = np.array([trace[0] for trace in own])
    halves = np.array([(places < 10_000).sum(), (places >= 10_000).sum()])
    assert one_in > 1 and abs(halves[0] - halves[1]) < 4 * np.sqrt(halves.sum())


def test_members_without_room_are_counted_and_take_none() -> None:
    kept = MemberTraces(20_000)
    kept.add(batch([(f"member {number}", [number % 9]) for number in range(1000)]))
    assert kept.nbytes <= 20_000
    assert 0 < len(kept) < 1000
    assert kept.unlisted == 1000 - len(kept)
    assert kept.traces == 1000


def test_two_merged_are_as_one_that_has_seen_both() -> None:
    traces = drawn(3, 400, 5)
    one, other, both = MemberTraces(1 << 20), MemberTraces(1 << 20), MemberTraces(1 << 20)
    one.add(batch(traces[:250]))
    other.add(batch(traces[250:]))
    one.merge(other, np.arange(9, dtype=np.int32))
    both.add(batch(traces))
    assert held(one) == held(both)


def test_durations_stay_with_their_events() -> None:
    kept = MemberTraces(1 << 20)
    symbols, offsets = np.arange(6, dtype=np.int32), np.array([0, 2, 3, 6])
    bins = np.array([-1, 10, -1, -1, 20, 30], np.int16)
    kept.add(TraceBatch(symbols, offsets, durations=bins, members=["b", "a", "b"]))
    (a, b) = kept.samples()
    assert a.batch.durations is None and b.batch.durations is not None
    assert b.batch.symbols.tolist() == [0, 1, 3, 4, 5]
    assert b.batch.durations.tolist() == [-1, 10, -1, 20, 30]


def test_a_trace_that_would_take_all_the_room_is_not_kept() -> None:
    kept = MemberTraces(4096)
    kept.add(batch([("a", [1] * 1000), ("a", [2])]))
    assert held(kept) == {"a": (2, 1, [[2]])}


@pytest.mark.parametrize(("length", "kept"), [(85, 1), (86, 0)])
def test_a_trace_may_take_an_eighth_of_the_room(length: int, kept: int) -> None:
    traces = MemberTraces(4096)  # 85 events of six bytes are 510 bytes
    traces.add(batch([("a", [1] * length)]))
    assert len(held(traces)["a"][2]) == kept
