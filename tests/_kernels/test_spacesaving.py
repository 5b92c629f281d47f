"""Space-Saving against its guarantees and a naive twin."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.spacesaving import (
    CODES,
    COUNTS,
    combine_sketches,
    count_items,
    distance,
    overcount,
    resample,
)
from flexstream.summary.sketch import PrefixSketchShape

from .. import naive

streams = st.lists(st.integers(1, 12), max_size=80)
rooms = st.integers(1, 8)


def join(target: np.ndarray, source: np.ndarray) -> None:
    """Combine two sketches."""
    combine_sketches(target, source, np.empty((2, 2 * target.shape[2]), np.int32))


def counted(stream: list[int], counters: int) -> np.ndarray:
    """Return a sketch of a stream."""
    sketch = np.zeros(PrefixSketchShape(counters).dimensions, np.int32)
    count_items(sketch[0], np.array(stream, np.int32))
    return sketch


def counters_of(sketch: np.ndarray) -> dict[int, int]:
    """Return item and count of each counter."""
    used = int(sketch[0, CODES, 0])
    return dict(zip(sketch[0, CODES, 1 : used + 1].tolist(), sketch[0, COUNTS, 1 : used + 1].tolist(), strict=True))


@given(streams, rooms)
def test_counts_are_those_of_the_naive_twin(stream: list[int], counters: int) -> None:
    sketch = counted(stream, counters)
    # Which of the lightest is taken over is free, so only the counts are equal, not always the items.
    found = counters_of(sketch)
    assert sorted(found.values()) == sorted(naive.space_saving(stream, counters).values())
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert sketch[0, COUNTS, 0] == len(stream)


@given(streams, rooms)
def test_no_count_is_off_by_more_than_the_lightest(stream: list[int], counters: int) -> None:
    sketch, true = counted(stream, counters), Counter(stream)
    found, error = counters_of(sketch), int(overcount(sketch[0]))
    assert error <= len(stream) / counters
    for item, number in true.items():
        assert number <= found.get(item, error)
        assert found.get(item, number) <= number + error
    if len(true) < counters:
        assert error == 0
        assert found == dict(true)


@given(streams, streams, rooms)
def test_combined_sketches_are_off_by_no_more_than_both(one: list[int], other: list[int], counters: int) -> None:
    first, second = counted(one, counters), counted(other, counters)
    limit = int(overcount(first[0])) + int(overcount(second[0]))
    join(first, second)
    found, true = counters_of(first), Counter(one + other)
    assert first[0, COUNTS, 0] == len(one) + len(other)
    assert len(found) <= counters
    for item, number in found.items():
        assert true[item] <= number <= true[item] + limit
    for item in true.keys() - found.keys():
        assert true[item] <= int(overcount(first[0]))


@pytest.mark.twin("spacesaving.distance")
@given(streams, streams, rooms)
def test_distance_is_the_largest_difference_of_shares(one: list[int], other: list[int], counters: int) -> None:
    first, second = counted(one or [1], counters), counted(other or [2], 20)
    sizes = len(one or [1]), len(other or [2])
    wanted = naive.share_distance(counters_of(first), sizes[0], counters_of(second), sizes[1])
    assert distance(first[0], second[0]) == pytest.approx(wanted)
    assert distance(second[0], first[0]) == distance(first[0], second[0])


@pytest.mark.twin("spacesaving.overcount")
@given(streams, rooms)
def test_the_lightest_says_how_far_a_count_may_be_off(stream: list[int], counters: int) -> None:
    sketch = counted(stream, counters)
    assert overcount(sketch[0]) == naive.uncounted(counters_of(sketch), counters)


def test_a_resample_without_futures_gives_no_prefix_a_share() -> None:
    none, some = counted([], 4), counted([1, 1, 2, 1], 4)
    assert distance(none[0], none[0]) == 0
    assert distance(none[0], some[0]) == distance(some[0], none[0]) == 0.75


def test_resamples_are_poisson() -> None:
    drawn = np.empty(20_000, np.int64)
    resample(np.random.default_rng(1).integers(0, 2**64, len(drawn), np.uint64), drawn)
    shares = np.bincount(drawn, minlength=4)[:4] / len(drawn)
    assert shares == pytest.approx(np.exp(-1) / np.array([1, 1, 2, 6]), abs=0.012)
    assert drawn.mean() == pytest.approx(1, abs=0.03)
