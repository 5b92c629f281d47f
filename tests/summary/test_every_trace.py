"""Every trace: a tree, what is kept beside it and times tell which traces came, and how often each."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import TraceBatch
from flexstream.stream.alphabet import Alphabet
from flexstream.summary.drawn import EVENT_BYTES, TRACE_BYTES, DrawnTraces
from flexstream.summary.every_trace import EveryTrace, told_by
from flexstream.summary.repeated import NOTHING, Repeated
from flexstream.summary.sums import rearrange
from flexstream.summary.timed import TimedTraces
from flexstream.summary.tree import PrefixTree

TRACES = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=1, max_size=30)


def batch_of(traces: list[list[int]], bins: list[list[int]] | None = None) -> TraceBatch:
    offsets = np.cumsum([0, *map(len, traces)])
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    durations = None if bins is None else np.array([one for trace in bins for one in trace], np.int16)
    return TraceBatch(symbols, offsets, durations=durations)


def tree_of(traces: list[list[int]], grow_at: int) -> PrefixTree:
    tree = PrefixTree(grow_at=grow_at)
    tree.count(batch_of(traces))
    rearrange(tree, np.arange(3, dtype=np.int32))
    return tree


def as_counter(every: EveryTrace) -> Counter[tuple[tuple[int, int], ...]]:
    symbols, bins = every.events(np.arange(len(every.hashes)))
    found: Counter[tuple[tuple[int, int], ...]] = Counter()
    end = 0
    for length, count in zip(every.lengths.tolist(), every.counts.tolist(), strict=True):
        start, end = end, end + length
        found[tuple(zip(symbols[start:end].tolist(), bins[start:end].tolist(), strict=True))] += count
    return found


@given(TRACES, TRACES, st.integers(1, 9))
def test_a_tree_and_what_is_beside_it_tell_every_trace(
    traces: list[list[int]], held: list[list[int]], grow_at: int
) -> None:
    beside = batch_of(held)
    repeated = Repeated(beside.symbols, beside.offsets, np.ones(len(held), np.int64), len(held), beside.events, 0)
    found = told_by(tree_of(traces, grow_at), repeated, TimedTraces(1 << 20, Alphabet()))
    assert found is not None
    assert len(set(found.hashes.tolist())) == len(found.hashes)
    assert as_counter(found) == Counter(tuple((symbol, -1) for symbol in trace) for trace in traces + held)


@given(st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), max_size=5), min_size=1, max_size=30))
def test_times_are_told_where_they_are_known(traces: list[list[tuple[int, int]]]) -> None:
    traces = [[(trace[0][0], -1), *trace[1:]] if trace else [] for trace in traces]  # no time before the first
    plain = [[symbol for symbol, _ in trace] for trace in traces]
    timed = TimedTraces(1 << 20, Alphabet(["a", "b", "c"]))
    timed.add(batch_of(plain, [[one for _, one in trace] for trace in traces]))
    found = told_by(tree_of(plain, 3), NOTHING, timed)
    assert found is not None
    assert as_counter(found) == Counter(map(tuple, traces))


@pytest.mark.parametrize("lost", ["tails", "beside", "thinned"])
def test_nothing_is_told_where_some_are_not_known(lost: str) -> None:
    tree, held = tree_of([[0, 1, 2]] * 9, 5), NOTHING
    if lost == "tails":
        tree = PrefixTree(grow_at=5, keep_tails=False)
        tree.count(batch_of([[0, 1, 2]] * 9))
    elif lost == "beside":
        held = NOTHING._replace(lost=1)
    else:
        tree.thinned_nodes = 1
    assert told_by(tree, held, TimedTraces(1 << 20, Alphabet())) is None


def test_few_with_times_that_make_up_much_do_not_stand_for_all() -> None:
    draw = np.random.default_rng(1)
    rare = [[-1, *draw.integers(0, 1800, 5).tolist()] for _ in range(2000)]
    for often, known in ((0, True), (4000, False)):
        bins = rare + [[-1, 7, 7, 7, 7, 7]] * often
        timed, traces = TimedTraces(1 << 16, Alphabet(["a", "b", "c"])), [[0] * 6] * len(bins)
        timed.add(batch_of(traces, bins))
        assert timed.held().counts.sum() < len(bins)
        found = told_by(tree_of(traces, 2), NOTHING, timed)
        assert (found is not None) == known
        if found is not None:
            assert int(found.counts.sum()) == pytest.approx(len(bins), rel=0.1)


def test_of_each_trace_as_many_are_drawn_as_are_due() -> None:
    traces = [[0]] * 7000 + [[1, number % 3, number // 3 % 3, number // 9 % 3] for number in range(2700)] + [[]] * 300
    tree = tree_of(traces, 2)
    for capacity, most in ((1 << 20, 1000), (300 * (TRACE_BYTES + 2 * EVENT_BYTES), 8000)):
        drawn = DrawnTraces(capacity, most)
        drawn.add(batch_of(traces))
        drawn.sort(lambda: told_by(tree, NOTHING, TimedTraces(1 << 20, Alphabet())))
        kept = Counter(tuple(trace.tolist()) for trace in drawn.held())
        share = 1 / drawn.one_in
        assert 1 < len(drawn.held()) <= most
        assert drawn.nbytes <= capacity
        assert kept[(0,)] == pytest.approx(7000 * share, abs=1)
        assert all(abs(count - 100 * share) <= 1 for trace, count in kept.items() if trace[:1] == (1,))
        assert len(drawn.held()) == pytest.approx(10_000 * share, abs=29)
        half = DrawnTraces(capacity, most // 2)
        half.merge(drawn, np.arange(3, dtype=np.int32))  # what was drawn so is halved as any other
        assert len(half.held()) == pytest.approx(10_000 / half.one_in, rel=0.25)


def test_copies_of_one_trace_lie_apart() -> None:
    """Half of what is drawn is held against the other half: both must be a fair share of all."""
    drawn = DrawnTraces(1 << 20)
    drawn.add(batch_of([[number % 5] for number in range(1000)]))
    drawn.sort()
    first = Counter(trace.tolist()[0] for trace in drawn.held().part(0, 500))
    assert all(count == pytest.approx(100, abs=30) for count in first.values())
    assert (np.diff(drawn.places()) < 0).all()
