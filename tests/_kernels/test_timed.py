"""What is done with timed traces: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.sampled import TimedColumns, copy_chosen, find_first, sample_traces
from flexstream._kernels.timed import follow_traces, sort_durations, tally_durations
from flexstream.automata import time_contexts
from flexstream.automata.time_contexts import FURTHEST, Ordered, _explained, _split
from flexstream.automata.timing import Durations, _table
from flexstream.stream.batch import TraceBatch
from flexstream.summary.timed import Timed
from flexstream.targets import from_rows

from .. import naive

CODES = [1, 2**64 - 1, 0x123456789ABCDEF]
BINS = 50
Trace = list[tuple[int, int]]
events = st.tuples(st.integers(0, 2), st.integers(-1, BINS - 1))
timed_traces = st.lists(st.lists(events, max_size=7), max_size=12)
LINE = from_rows({0: {"a": (50, 1), "b": (30, 0), None: (20, 0)}, 1: {"c": (9, 0), None: (1, 0)}})


def columns_of(traces: list[Trace]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return symbols, bins and offsets, with an event before the first trace and one behind the last."""
    together = [(2, 3), *(event for trace in traces for event in trace), (2, 3)]
    offsets = np.cumsum([1, *map(len, traces)])
    return np.array([s for s, _ in together], np.int32), np.array([b for _, b in together], np.int16), offsets


@pytest.mark.twin("sampled.sample_traces")
@given(timed_traces, st.integers(1, 8), st.integers(0, 3), st.data())
def test_which_traces_are_kept(traces: list[Trace], longest: int, level: int, draw: st.DataObject) -> None:
    counts = draw.draw(st.lists(st.integers(1, 9), min_size=len(traces), max_size=len(traces)))
    symbols, bins, offsets = columns_of(traces)
    kept, size = Timed.empty(len(symbols), len(traces)), np.zeros(1, np.int64)
    given_columns = np.array(CODES, np.uint64), symbols, bins, offsets, np.array(counts, np.int64)
    number = sample_traces(*given_columns, longest, level, TimedColumns(*kept), size)
    wanted = naive.sampled(CODES, traces, longest, level)
    found = kept.cut(int(size[0]), number)
    assert list(zip(found.symbols.tolist(), found.bins.tolist(), strict=True)) == [
        event for _, trace, _ in wanted for event in trace
    ]
    assert found.lengths.tolist() == [len(trace) for _, trace, _ in wanted]
    assert found.counts.tolist() == [counts[number] for number, _, _ in wanted]
    assert found.hashes.tolist() == [hash for _, _, hash in wanted]


@pytest.mark.twin("timed.follow_traces")
@given(st.lists(st.lists(st.integers(-1, 4), max_size=7), max_size=9))
def test_which_transitions_are_taken(traces: list[list[int]]) -> None:
    arrows = {
        (row.source, LINE.symbols.index(row.symbol)): (edge, row.target) for edge, row in enumerate(LINE.transitions())
    }
    symbols, _, offsets = columns_of([[(symbol, 0) for symbol in trace] for trace in traces])
    wanted = [edge for trace in traces for edge in naive.transitions(arrows, trace)]
    for table in (_table(LINE), np.empty(0, np.int32)):
        found = np.full(len(symbols), 77)
        ways = LINE.offsets, LINE.edge_symbols, LINE.targets, table, len(LINE.symbols)
        follow_traces(*ways, symbols, offsets, found)
        assert found.tolist() == [77, *wanted, 77]


@pytest.mark.twin("timed.sort_durations", "timed.tally_durations")
@given(timed_traces, st.integers(2, 3), st.integers(1, 3), st.data())
def test_durations_by_transition(traces: list[Trace], pairs: int, least: int, draw: st.DataObject) -> None:
    together = sum(map(len, traces))
    counts = draw.draw(st.lists(st.integers(1, 9), min_size=len(traces), max_size=len(traces)))
    edges = draw.draw(st.lists(st.integers(-1, 3), min_size=together, max_size=together))
    _, bins, offsets = columns_of(traces)
    starts = np.zeros(4 + 2, np.int64)
    ordered = np.full(len(bins), 77, np.int16), np.full(len(bins), 77)
    events = np.full(len(bins), 77, np.int32)
    given_columns = np.array([0, *edges, 0]), bins, offsets, np.array(counts, np.int64)
    number = sort_durations(*given_columns, starts, *ordered, events)
    wanted = naive.durations(edges, traces, counts)
    assert number == sum(map(len, wanted.values()))
    for edge in range(4):
        own = slice(starts[edge], starts[edge + 1])
        assert list(zip(ordered[0][own].tolist(), ordered[1][own].tolist(), strict=True)) == wanted.get(edge, [])
    assert bins[events[:number]].tolist() == ordered[0][:number].tolist()
    cells, alike = np.zeros((2, BINS), np.int64), np.full(4, 77.0)
    rows = np.empty(number, np.int32), np.empty(number, np.int16), np.empty(number, np.int64)
    found = tally_durations(starts, *ordered, *cells, pairs, least, *rows, alike)
    told = {edge: naive.tallied(wanted[edge], pairs, least) for edge in sorted(wanted)}
    assert list(zip(*(row[:found].tolist() for row in rows), strict=True)) == [
        (edge, *row) for edge, (total, _) in told.items() for row in sorted(total.items())
    ]
    assert alike.tolist() == pytest.approx([told[edge][1] if edge in told else 1.0 for edge in range(4)])
    assert not cells.any()


@pytest.mark.twin("timed.explain_durations")
@given(timed_traces, st.data())
def test_what_earlier_symbols_explain_of_durations(traces: list[Trace], draw: st.DataObject) -> None:
    together = sum(map(len, traces))
    counts = draw.draw(st.lists(st.integers(1, 3), min_size=len(traces), max_size=len(traces)))
    edges = draw.draw(st.lists(st.integers(-1, 2), min_size=together, max_size=together))
    symbols, bins, offsets = columns_of(traces)
    batch = TraceBatch(symbols, offsets, durations=bins)
    taken = np.array([-1, *edges, -1])
    near = np.empty(len(symbols), np.int8)
    found = _explained(Ordered.of(taken, batch, np.array(counts, np.int64), 3), batch, near)
    for edge in range(3):
        for back in range(1, FURTHEST + 1):
            events = naive.earlier(edges, traces, counts, edge, back)
            assert found[back - 1, edge] == pytest.approx(naive.explained(events), abs=1e-9)


@pytest.mark.twin("timed.split_durations")
@given(timed_traces, st.integers(1, 4), st.data())
def test_durations_by_what_was_before(traces: list[Trace], fewest: int, draw: st.DataObject) -> None:
    together = sum(map(len, traces))
    counts = draw.draw(st.lists(st.integers(1, 3), min_size=len(traces), max_size=len(traces)))
    edges = draw.draw(st.lists(st.integers(-1, 2), min_size=together, max_size=together))
    back = draw.draw(st.lists(st.integers(0, FURTHEST), min_size=3, max_size=3))
    symbols, bins, offsets = columns_of(traces)
    batch = TraceBatch(symbols, offsets, durations=bins)
    ordered = Ordered.of(np.array([-1, *edges, -1]), batch, np.array(counts, np.int64), 3)
    near = np.zeros(len(bins), np.int8)
    _explained(ordered, batch, near)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time_contexts, "FEWEST", fewest)
        found = _split(np.array(back, np.int8), ordered, batch, near)
    looked = {edge: naive.earlier(edges, traces, counts, edge, far) for edge, far in enumerate(back) if far}
    contexts, rows = naive.split(looked, fewest)
    if found is None:
        assert not contexts
        return
    assert list(zip(found.edges.tolist(), found.symbols.tolist(), strict=True)) == contexts
    assert list(zip(found.rows.tolist(), found.bins.tolist(), found.counts.tolist(), strict=True)) == rows
    split = {edge for edge, _ in contexts}
    assert found.back.tolist() == [far if edge in split else 0 for edge, far in enumerate(back)]


@pytest.mark.twin("timed.rank_durations")
@given(
    st.dictionaries(st.integers(0, 3), st.dictionaries(st.integers(0, BINS), st.integers(1, 9), max_size=9)),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, BINS + 1)), max_size=20),
)
def test_how_many_took_as_long(rows: dict[int, dict[int, int]], asked: list[tuple[int, int]]) -> None:
    told = [(edge, bin, count) for edge, own in sorted(rows.items()) for bin, count in sorted(own.items())]
    columns = ([row[place] for row in told] for place in range(3))
    found = Durations(*columns, np.ones(4)).ranks(
        np.array([e for e, _ in asked], np.int64), np.array([b for _, b in asked], np.int64)
    )
    assert list(zip(*(part.tolist() for part in found), strict=True)) == [naive.ranked(rows, *one) for one in asked]


@pytest.mark.twin("sampled.find_first", "sampled.copy_chosen")
@given(timed_traces, st.data())
def test_traces_that_are_the_same_are_kept_once(traces: list[Trace], draw: st.DataObject) -> None:
    traces = [*traces, *traces[::2]]
    counts = np.array(draw.draw(st.lists(st.integers(1, 9), min_size=len(traces), max_size=len(traces))), np.int64)
    together = [event for trace in traces for event in trace]
    symbols, bins = (np.array([event[place] for event in together], np.int32) for place in (0, 1))
    hashes = np.array([naive.timed_hash(CODES, trace) for trace in traces], np.uint64)
    wanted = naive.once(traces, counts.tolist())
    first, slots = np.empty(len(traces), np.int8), np.full(64, -1, np.int32)
    find_first(hashes, counts, slots, first)
    kept = Timed(symbols, bins.astype(np.int16), np.array([len(trace) for trace in traces], np.int64), counts, hashes)
    room = Timed.empty(len(symbols), len(traces))
    copy_chosen(*kept, first, TimedColumns(*room))
    number = int(first.sum())
    events = iter(zip(room.symbols.tolist(), room.bins.tolist(), strict=True))
    found = [[next(events) for _ in range(length)] for length in room.lengths[:number].tolist()]
    assert list(zip(found, room.counts[:number].tolist(), strict=True)) == wanted
