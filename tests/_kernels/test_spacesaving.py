"""Space-Saving against its guarantees and a naive twin."""

from __future__ import annotations

from collections import Counter

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels import spacesaving
from flexstream._kernels.spacesaving import CODES, COUNTS, distance
from flexstream.summary.sketch import PrefixSketchShape

from .. import naive

streams = st.lists(st.integers(1, 12), max_size=80)
rooms = st.integers(1, 8)


@numba.njit
def count_all(sketch, items):  # type: ignore[no-untyped-def]
    """Count items, each as a future of its own."""
    for item in items:
        sketch[COUNTS, 0] += 1
        spacesaving.count_item(sketch[CODES], sketch[COUNTS], item, 1)


@numba.njit
def join(target, source):  # type: ignore[no-untyped-def]
    """Combine two sketches."""
    spacesaving.combine(target, source, np.empty((2, 2 * target.shape[2]), np.int32))


@numba.njit
def error_of(sketch):  # type: ignore[no-untyped-def]
    """Return how far a count may be off."""
    return spacesaving.uncounted(sketch)


@numba.njit
def poisson(randoms):  # type: ignore[no-untyped-def]
    """Return what random bits draw."""
    return [spacesaving.resampled(random) for random in randoms]


def counted(stream: list[int], counters: int) -> np.ndarray:
    """Return a sketch of a stream."""
    sketch = np.zeros(PrefixSketchShape(counters).dimensions, np.int32)
    count_all(sketch[0], np.array(stream, np.int32))
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
    found, error = counters_of(sketch), int(error_of(sketch[0]))
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
    limit = int(error_of(first[0])) + int(error_of(second[0]))
    join(first, second)
    found, true = counters_of(first), Counter(one + other)
    assert first[0, COUNTS, 0] == len(one) + len(other)
    assert len(found) <= counters
    for item, number in found.items():
        assert true[item] <= number <= true[item] + limit
    for item in true.keys() - found.keys():
        assert true[item] <= int(error_of(first[0]))


@pytest.mark.twin("spacesaving.distance")
@given(streams, streams, rooms)
def test_distance_is_the_largest_difference_of_shares(one: list[int], other: list[int], counters: int) -> None:
    first, second = counted(one or [1], counters), counted(other or [2], 20)
    sizes = len(one or [1]), len(other or [2])
    wanted = naive.share_distance(counters_of(first), sizes[0], counters_of(second), sizes[1])
    assert distance(first[0], second[0]) == pytest.approx(wanted)
    assert distance(second[0], first[0]) == distance(first[0], second[0])


@pytest.mark.twin("spacesaving.uncounted")
@given(streams, rooms)
def test_the_lightest_says_how_far_a_count_may_be_off(stream: list[int], counters: int) -> None:
    sketch = counted(stream, counters)
    assert error_of(sketch[0]) == naive.uncounted(counters_of(sketch), counters)


def test_resamples_are_poisson() -> None:
    drawn = np.array(poisson(np.random.default_rng(1).integers(0, 2**64, 20_000, np.uint64)))
    shares = np.bincount(drawn, minlength=4)[:4] / len(drawn)
    assert shares == pytest.approx(np.exp(-1) / np.array([1, 1, 2, 6]), abs=0.012)
    assert drawn.mean() == pytest.approx(1, abs=0.03)
