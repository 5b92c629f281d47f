"""Tallies and lateness: a trace that is left out is scored as by a model that never saw it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Alphabet, ModelError, TraceBatch
from flexstream.automata.lateness import lateness
from flexstream.automata.tallies import TABLE, Tallies, bins_of, entries_of
from flexstream.automata.timing import durations_of
from flexstream.targets import from_rows

from .. import naive

LETTERS = ["a", "b", "c"]
some = st.lists(st.lists(st.sampled_from(LETTERS), max_size=14), min_size=2, max_size=8)


def batch_of(traces: list[list[str]]) -> TraceBatch:
    return TraceBatch.from_traces(traces, Alphabet(LETTERS))


def slow_surprise(usual: list[list[str]], trace: list[str]) -> float:
    """Return the surprise of the counts, symbol by symbol."""
    bits = 0.0
    for symbol in [*LETTERS, "any other"]:
        own = int(bins_of(np.array([trace.count(symbol)]))[0])
        often = sum(int(bins_of(np.array([other.count(symbol)]))[0]) == own for other in usual)
        bits -= np.log2((often + 0.5) / (len(usual) + 1))
    return bits


@pytest.mark.twin("tallying.tally_symbols")
@given(st.lists(st.lists(st.integers(-2, 6), max_size=9), max_size=9), st.integers(0, 5))
def test_entries_are_the_symbols_of_each_trace(traces: list[list[int]], alphabet: int) -> None:
    symbols = np.array([-1, *(symbol for trace in traces for symbol in trace), 9], np.int32)
    offsets = 1 + np.cumsum([0, *map(len, traces)])
    found = entries_of(TraceBatch(symbols, offsets), alphabet)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == naive.symbol_entries(traces, alphabet)


@given(some)
def test_a_large_alphabet_is_searched_and_says_the_same(traces: list[list[str]]) -> None:
    batch, few = batch_of(traces), Tallies.of(batch_of(traces), 3)
    many = Tallies.of(batch, TABLE)
    assert [column.tolist() for column in (many.symbols, many.bins, many.counts)] == [
        column.tolist() for column in (few.symbols, few.bins, few.counts)
    ]
    beyond = TraceBatch(np.array([0, 1, 1, 7, 2, 2, 2]), np.array([0, 3, 7]))
    wider = replace(few, alphabet=9)
    assert np.diff(replace(few, alphabet=TABLE).surprise(beyond)) == pytest.approx(np.diff(wider.surprise(beyond)))


@given(some)
def test_a_trace_left_out_is_compared_with_all_others(traces: list[list[str]]) -> None:
    tallies = Tallies.of(batch_of(traces), 3)
    found = tallies.surprise(batch_of(traces), left_out=True)
    for row, trace in enumerate(traces):
        others = traces[:row] + traces[row + 1 :]
        assert found[row] == pytest.approx(slow_surprise(others, trace))


@given(some, some)
def test_other_traces_are_compared_with_all(usual: list[list[str]], traces: list[list[str]]) -> None:
    found = Tallies.of(batch_of(usual), 3).surprise(batch_of(traces))
    assert found.tolist() == pytest.approx([slow_surprise(usual, trace) for trace in traces])


def test_symbols_outside_the_alphabet_are_as_rare_as_can_be() -> None:
    tallies = Tallies.of(batch_of([["a"]] * 99), 3)
    outside = TraceBatch(np.array([0, 7, -1]), np.array([0, 1, 3]))
    usual, odd = tallies.surprise(outside)
    assert usual < 0.1
    assert odd > 10
    assert tallies.rarest(outside.part(1, 2))[0].symbol in (0, 3)


@pytest.mark.parametrize(
    ("symbols", "bins", "counts", "traces"),
    [([0], [0], [1], 5), ([3], [1], [1], 5), ([0, 0], [2, 1], [1, 1], 5), ([0], [1], [9], 5), ([0], [1], [0], 5)],
)
def test_rows_that_do_not_fit_are_refused(symbols, bins, counts, traces) -> None:
    with pytest.raises(ModelError):
        Tallies(symbols, bins, counts, traces, 3)


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5), min_size=2, max_size=6))
def test_a_step_is_compared_with_those_of_other_traces(bins: list[list[int]]) -> None:
    loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in bins])))
    batch = TraceBatch(np.zeros(offsets[-1], np.int64), offsets, durations=np.concatenate(bins).astype(np.int16))
    found = lateness(_timed(loop, batch), batch, left_out=True)
    for row in range(len(bins)):
        keep = [other for other in range(len(bins)) if other != row]
        rest = np.concatenate([bins[other] for other in keep]).astype(np.int16)
        starts = np.concatenate(([0], np.cumsum([len(bins[other]) for other in keep])))
        others = TraceBatch(np.zeros(len(rest), np.int64), starts, durations=rest)
        assert found[row] == pytest.approx(lateness(_timed(loop, others), batch)[row])


def _timed(loop, batch: TraceBatch):
    return replace(loop, durations=durations_of(loop, batch, np.ones(len(batch), np.int64)))


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=2, max_size=6))
def test_an_open_case_is_never_later_than_when_it_ends(bins: list[list[int]]) -> None:
    """Times the number of steps, as calibrations of earlier versions had it, it may be."""
    loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in bins])))
    batch = TraceBatch(np.zeros(offsets[-1], np.int64), offsets, durations=np.concatenate(bins).astype(np.int16))
    model = _timed(loop, batch)
    for row in bins:
        steps = np.array(row, np.int16)
        so_far = [
            TraceBatch(np.zeros(size, np.int64), np.array([0, size]), durations=steps[:size])
            for size in range(1, len(row) + 1)
        ]
        found = [float(lateness(model, part)[0]) for part in so_far]
        assert found == sorted(found)
        assert lateness(model, so_far[-1], shared=True)[0] == pytest.approx(max(0.0, found[-1] - np.log2(len(row))))
