"""Points of a series: bounded, and none of what was measured is lost when they are put together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.live.timeline import Point, Series

BITS = st.lists(st.lists(st.floats(0, 100), max_size=5), min_size=1, max_size=60)


def point_of(start: float, bits: list[float]) -> Point:
    """Return a quarter of a second in which traces of these bits came."""
    mean = float(np.mean(bits)) if bits else 0.0
    return Point(start, 0.25, len(bits), 2 * len(bits), len(bits), mean, sum((one - mean) ** 2 for one in bits), 7)


@given(BITS, st.integers(1, 4))
def test_putting_together_loses_nothing(groups: list[list[float]], half: int) -> None:
    series = Series(most=2 * half)
    for at, bits in enumerate(groups):
        series.add(point_of(at / 4, bits))
        assert len(series.points) <= 2 * half
    whole = series.points[0]
    for point in series.points[1:]:
        assert point.start == pytest.approx(whole.start + whole.seconds)
        whole = whole.plus(point)
    values = [one for bits in groups for one in bits]
    assert (whole.traces, whole.scored, whole.memory) == (len(values), len(values), 7)
    assert whole.seconds == pytest.approx(len(groups) / 4)
    if values:
        assert whole.mean == pytest.approx(np.mean(values), abs=1e-9)
        assert whole.squares == pytest.approx(np.var(values) * len(values), abs=1e-6)


def test_the_band_is_an_interval_of_the_mean() -> None:
    generator = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        *_, mean, low, high = point_of(0, generator.normal(5, 2, 50).tolist()).row()
        inside += low <= 5 <= high
        assert low < mean < high
    assert 0.9 < inside / 400 < 0.98
    assert point_of(0, [3.0]).row()[4:] == [3.0, None, None] and point_of(0, []).row()[4:] == [None, None, None]


def test_who_has_some_points_gets_the_last_again_and_the_rest() -> None:
    series = Series(most=4)
    for at in range(5):
        series.add(Point(at, 1.0, traces=at))
    assert series.age == 1 and series.since(0, 4)[0] == 0  # other points than these: all anew
    first, rows = series.since(1, 2)
    assert first == 1 and len(rows) == len(series.points) - 1
    assert series.since(1, 10_000)[0] == len(series.points) - 1
