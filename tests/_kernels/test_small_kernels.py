"""The heap and the gamma functions against the standard library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.gamma import log_gammas, log_rises
from flexstream._kernels.heap import sort_by_heap

from .. import naive


def sorted_(weights: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Push all, pop all."""
    found = np.empty((len(weights), 2), np.int64)
    sort_by_heap(weights, nodes, np.empty(len(weights), np.int64), np.empty(len(weights), np.int32), found)
    return found


def rising(x: float, more: int, n: int) -> float:
    """Return what the kernel says of further draws."""
    logs = np.empty(1)
    log_rises(x, np.array([more]), np.array([n]), logs)
    return float(logs[0])


@pytest.mark.twin("heap.sort_by_heap")
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=60))
def test_heap_gives_the_heaviest_first_then_the_smallest_number(entries: list[tuple[int, int]]) -> None:
    weights = np.array([weight for weight, _ in entries], np.int64)
    nodes = np.array([node for _, node in entries], np.int32)
    assert [tuple(row) for row in sorted_(weights, nodes).tolist()] == naive.heaviest_first(entries)


@pytest.mark.twin("gamma.log_gammas")
@given(st.lists(st.floats(1e-6, 1e8) | st.floats(0.5, 30), max_size=5))
def test_log_gamma_equals_the_standard_one(numbers: list[float]) -> None:
    logs = np.full(len(numbers), np.nan)
    log_gammas(np.array(numbers), logs)
    assert logs.tolist() == pytest.approx([naive.log_gamma(x) for x in numbers], rel=1e-10, abs=1e-10)


@given(st.floats(1e-6, 1e3), st.integers(0, 10**6), st.integers(0, 10**6))
def test_log_rising_equals_its_definition(x: float, more: int, n: int) -> None:
    terms = [math.lgamma(x + more + n), math.lgamma(x), -math.lgamma(x + more), -math.lgamma(x + n)]
    scale = max(map(abs, terms))
    assert rising(x, more, n) == pytest.approx(math.fsum(terms), rel=1e-8, abs=1e-12 * scale + 1e-9)


draws = st.tuples(st.integers(0, 10**4), st.integers(0, 60))


@pytest.mark.twin("gamma.log_rises")
@given(st.floats(1e-6, 1e3), st.lists(draws | st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5))
def test_log_rising_equals_its_twin(x: float, pairs: list[tuple[int, int]]) -> None:
    more, n = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    logs = np.full(len(pairs), np.nan)
    log_rises(x, more, n, logs)
    assert logs.tolist() == pytest.approx([naive.log_rising(x, *pair) for pair in pairs], rel=1e-8, abs=1e-8)


@given(st.floats(1e-6, 1e3), st.integers(0, 100), st.integers(0, 100))
def test_log_rising_is_symmetric(x: float, more: int, n: int) -> None:
    assert rising(x, more, n) == rising(x, n, more)
