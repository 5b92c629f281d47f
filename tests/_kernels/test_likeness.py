"""Which traces are the same, and how often classes come together: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream._kernels.likeness import count_pairs, count_symbols, count_together, number_traces

from .. import naive

CLASSES = 3


@pytest.mark.twin("likeness.number_traces")
@given(st.lists(st.lists(st.integers(-1, 2), max_size=3).map(tuple), max_size=20))
def test_traces_have_the_number_of_the_first_that_is_the_same(traces: list[tuple[int, ...]]) -> None:
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    offsets = np.cumsum([0, *map(len, traces)])
    numbers = np.empty(len(traces), np.int64)
    known = number_traces(symbols, offsets, len(traces), np.full(32, -1), numbers)
    assert numbers.tolist() == naive.numbers_of(traces)
    assert known == len(set(traces))


def matrices(things: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(st.integers(0, CLASSES - 1), min_size=things, max_size=things), min_size=1, max_size=3)


@pytest.mark.twin("likeness.count_together")
@given(st.integers(1, 6).flatmap(lambda things: st.tuples(matrices(things), matrices(things))))
def test_classes_are_counted_together(given_classes: tuple[list[list[int]], list[list[int]]]) -> None:
    ones, others = (np.array(part, np.int64) for part in given_classes)
    table = np.zeros((CLASSES, CLASSES), np.int64)
    count_together(ones, others, len(ones), len(others), ones.shape[1], table)
    wanted = naive.together(*given_classes)
    assert table.tolist() == [[wanted[row, column] for column in range(CLASSES)] for row in range(CLASSES)]


@pytest.mark.twin("likeness.count_pairs")
@given(st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=4, max_size=9), st.integers(1, 2), st.integers(0, 1))
def test_pairs_are_counted_in_groups(traces: list[list[int]], size: int, before: int) -> None:
    symbols, offsets = np.array([symbol for trace in traces for symbol in trace], np.int32), offsets_of(traces)
    rows, counts = np.arange(len(traces) - 2 * size + before, len(traces)), np.zeros((2, 9), np.int32)
    count_pairs(symbols, offsets, rows, before, size, np.array([1, 2, 2, 1]), 3, counts)
    kinds = [[(1, 2, 2, 1)[symbol] for symbol in traces[row]] for row in rows]
    wanted = [naive.pairs(kinds[: size - before]), naive.pairs(kinds[size - before :])]
    assert counts.tolist() == [[group[code // 3, code % 3] for code in range(9)] for group in wanted]


@pytest.mark.twin("likeness.count_symbols")
@given(st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=9))
def test_symbols_of_some_traces_are_counted(traces: list[list[int]]) -> None:
    symbols, times = np.array([symbol for trace in traces for symbol in trace], np.int32), np.zeros(4, np.int64)
    count_symbols(symbols, offsets_of(traces), np.arange(0, len(traces), 2), times)
    wanted = naive.symbols_of(traces[::2])
    assert times.tolist() == [wanted[symbol] for symbol in range(4)]


def offsets_of(traces: list[list[int]]) -> NDArray[np.int64]:
    return np.cumsum([0, *map(len, traces)])
