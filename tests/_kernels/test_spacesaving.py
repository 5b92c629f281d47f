"""Space-Saving against its guarantees and a naive twin."""

from __future__ import annotations

import math
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


def counters_of(sketch: np.ndarray, copy: int = 0) -> dict[int, int]:
    """Return item and count of each counter."""
    used = int(sketch[copy, CODES, 0])
    codes, counts = sketch[copy, :, 1 : used + 1].tolist()
    assert len(set(codes)) == used
    return dict(zip(codes, counts, strict=True))


@pytest.mark.twin("spacesaving.count_items")
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


@pytest.mark.twin("spacesaving.combine_sketches")
@given(st.lists(st.tuples(streams, streams), min_size=1, max_size=3), rooms)
def test_copies_add_up_one_by_one(pairs: list[tuple[list[int], list[int]]], counters: int) -> None:
    first, second = (np.concatenate([counted(pair[side], counters) for pair in pairs]) for side in (0, 1))
    twins = [
        naive.added_counts(counters_of(first, copy), counters_of(second, copy), counters) for copy in range(len(pairs))
    ]
    left = second.copy()
    join(first, second)
    assert np.array_equal(second, left)
    for copy, (twin, (one, other)) in enumerate(zip(twins, pairs, strict=True)):
        found, wanted = counters_of(first, copy), list(twin.values())[:counters]
        assert list(found.values()) == wanted  # which of the lightest have no place is free
        assert all(twin[item] == count for item, count in found.items())
        assert first[copy, COUNTS, 0] == len(one) + len(other)


@pytest.mark.twin("spacesaving.distance")
@given(streams, streams, rooms)
def test_distance_is_the_largest_difference_of_shares(one: list[int], other: list[int], counters: int) -> None:
    first, second = counted(one, counters), counted(other, 20)
    wanted = naive.share_distance(counters_of(first), len(one), counters_of(second), len(other))
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


BELOW = [sum(math.exp(-1) / math.factorial(i) for i in range(times)) for times in range(1, 13)]
"""Up to which share of the unit fewer than 1, 2, ... 12 are drawn."""
near_limits = st.builds(
    lambda share, off: int(share * 2**64) + off, st.sampled_from(BELOW), st.integers(-(2**24), 2**24)
)


@pytest.mark.twin("spacesaving.resample")
@given(st.lists(st.integers(0, 2**64 - 1) | near_limits, max_size=20))
def test_resamples_are_those_of_the_twin(randoms: list[int]) -> None:
    # Where the share lies on the limit, rounding decides.
    randoms = [r for r in [*randoms, 0, 2**64 - 1] if all(abs(r / 2**64 - share) > 1e-14 for share in BELOW)]
    drawn = np.empty(len(randoms), np.int64)
    resample(np.array(randoms, np.uint64), drawn)
    assert drawn.tolist() == [naive.poisson(random) for random in randoms]


def test_resamples_are_poisson() -> None:
    drawn = np.empty(20_000, np.int64)
    resample(np.random.default_rng(1).integers(0, 2**64, len(drawn), np.uint64), drawn)
    shares = np.bincount(drawn, minlength=4)[:4] / len(drawn)
    assert shares == pytest.approx(np.exp(-1) / np.array([1, 1, 2, 6]), abs=0.012)
    assert drawn.mean() == pytest.approx(1, abs=0.03)
