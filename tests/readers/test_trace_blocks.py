"""Blocks of whole traces: put in order as one trace after the other would be."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Alphabet
from flexstream.readers.diagnostics import Diagnostics
from flexstream.readers.parsing.tokeniser import Tokeniser
from flexstream.readers.sessions import trace_order
from flexstream.readers.sessions.gathering import Gatherer
from flexstream.readers.sessions.ordering import YEAR, all_in_order, in_order
from flexstream.readers.sessions.trace_block import TraceBlock, TraceTexts
from flexstream.readers.sessions.trace_order import SYMBOL_BYTES, TRACE_BYTES, TraceOrder
from flexstream.stream.durations import spans_of

times = st.one_of(st.integers(0, 4).map(float), st.just(math.nan), st.sampled_from([3 * YEAR, -3 * YEAR, 9 * YEAR]))
timed_traces = st.lists(st.lists(times, max_size=12), max_size=12)
Row = tuple[float, str, list[str]]
rows = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 9).map(float), st.just(math.nan)),
        st.sampled_from(["a", "b", "c"]),
        st.lists(st.sampled_from(["load", "run", "ü", ""]), max_size=4),
    ),
    max_size=25,
)


@given(timed_traces)
def test_many_traces_are_put_in_order_as_each_is(given_times: list[list[float]]) -> None:
    each, both = Diagnostics(), Diagnostics()
    symbols, lengths = [list(range(len(one))) for one in given_times], np.array([*map(len, given_times)], np.int64)
    wanted = [in_order(names, moments, each) for names, moments in zip(symbols, given_times, strict=True)]
    flat = np.array([moment for moments in given_times for moment in moments], np.float64)
    numbers = np.array([name for names in symbols for name in names], np.int32)
    found, firsts, moments = all_in_order(numbers, lengths, flat, both)
    assert found.tolist() == [name for names, _, _ in wanted for name in names]
    assert firsts.tolist() == pytest.approx([first for _, first, _ in wanted], nan_ok=True)
    assert moments.tolist() == pytest.approx([time for *_, all in wanted for time in all], nan_ok=True)
    assert (each.stats, sorted(each.notes)) == (both.stats, sorted(both.notes))


def sorted_one_by_one(given_rows: list[Row], most: int) -> tuple[list[Row], int]:
    """Return traces in order, and how many events were late: a trace at a time, as the rules say."""
    held, out, late = list[tuple[float, int, Row]](), list[Row](), 0
    last = released = -math.inf
    for place, row in enumerate(given_rows):
        last = last if math.isnan(row[0]) else row[0]
        if last == -math.inf:
            out.append(row)
            continue
        late += len(row[2]) if last < released else 0
        held.append((last, place, row))
        if sum(TRACE_BYTES + SYMBOL_BYTES * len(one[2]) for *_, one in held) > most:
            held.sort()
            half = (len(held) + 1) // 2
            out += [one for *_, one in held[:half]]
            released, held = max(released, held[half - 1][0]), held[half:]
    return out + [one for *_, one in sorted(held)], late


def blocks_of(given_rows: list[Row], size: int, texts: TraceTexts) -> Iterator[TraceBlock]:
    for start in range(0, len(given_rows), size):
        part = given_rows[start : start + size]
        symbols = texts.find([symbol for _, _, symbols in part for symbol in symbols])
        lengths = np.array([len(symbols) for *_, symbols in part], np.int64)
        yield TraceBlock([name for _, name, _ in part], symbols, lengths, np.array([time for time, *_ in part]))


@pytest.mark.parametrize("forgetful", [False, True])
@given(given_rows=rows, size=st.integers(1, 9), most=st.sampled_from([1, 700, 2000, 1 << 20]))
def test_blocks_wait_as_single_traces_do(forgetful: bool, given_rows: list[Row], size: int, most: int) -> None:
    texts, diagnostics = TraceTexts(), Diagnostics()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace_order, "FEWEST_BYTES", 0 if forgetful else 1 << 20)
        order, found = TraceOrder(diagnostics, most, texts), list[tuple[str | None, list[str]]]()

        def take(blocks: Iterator[TraceBlock]) -> None:
            for block in blocks:
                stops, symbols = np.cumsum(block.lengths).tolist(), texts.symbols(block.symbols)
                sizes = block.lengths.tolist()
                each = zip(block.names, stops, sizes, strict=True)
                found.extend((name, symbols[stop - length : stop]) for name, stop, length in each)

        for block in blocks_of(given_rows, size, texts):
            take(order.sorted([block]))
        take(order.rest())
    wanted, late = sorted_one_by_one(given_rows, most)
    assert found == [(name, symbols) for _, name, symbols in wanted]
    assert diagnostics.stats.late == late


def test_symbols_get_their_ids_as_they_are_handed_on() -> None:
    alphabet = Alphabet(["ship"])
    texts = TraceTexts(Tokeniser(alphabet))
    numbers = texts.find(["load", "run", "ship", "load"])
    assert texts.ids(numbers[[1, 2]]).tolist() == [1, 0]
    assert texts.ids(numbers).tolist() == [2, 1, 0, 2]
    assert list(alphabet) == ["ship", "run", "load"]


def test_one_by_one_or_many_at_once_they_are_the_same() -> None:
    given_traces = [("a", ["x", "y"], [2.0, 1.0]), (None, [], []), ("b", ["y"], [math.nan]), ("c", ["x"], [5.0])]
    one, many = (Gatherer(TraceTexts(), Diagnostics()) for _ in range(2))
    for trace in given_traces:
        one.add(*trace)
    flat = [symbol for _, symbols, _ in given_traces for symbol in symbols]
    moments = np.array([moment for *_, moments in given_traces for moment in moments])
    lengths = np.array([len(symbols) for _, symbols, _ in given_traces])
    many.add_all([name for name, *_ in given_traces], many.texts.find(flat), lengths, moments)
    (first,), (second,) = one.take(), many.take()
    assert one.texts.symbols(first.symbols) == many.texts.symbols(second.symbols) == ["y", "x", "y", "x"]
    assert first.names == second.names and first.times.tolist() == pytest.approx(second.times.tolist(), nan_ok=True)
    assert first.spans is not None and second.spans is not None
    wanted = [bin for *_, own in given_traces for bin in spans_of(sorted(own))]
    assert first.spans.tolist() == second.spans.tolist() == wanted
    assert one.take() == []


def test_without_times_there_are_no_durations() -> None:
    traces = Gatherer(TraceTexts(), Diagnostics())
    traces.add("a", ["x"], [math.nan])
    assert traces.take()[0].spans is None
