"""Traces that are strange together: means as defined, a level that is seldom passed, and what is told when."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.calibration import Calibration
from flexstream.automata.tallies import Tallies
from flexstream.monitoring.together import WEIGHT, Together, level


def calibrated(values: np.ndarray, names: tuple[str, ...]) -> Calibration:
    return Calibration.of(values, names, Tallies([], [], [], len(values), 0))  # type: ignore[arg-type]


@given(st.integers(0, 99), st.integers(1, 12), st.lists(st.integers(0, 90), max_size=6), st.integers(1, 3))
def test_cuts_of_the_stream_change_nothing(seed: int, most: int, cuts: list[int], statistics: int) -> None:
    random = np.random.default_rng(seed)
    known = calibrated(random.integers(0, most, (40, statistics)), ("worst", "bits", "counts")[:statistics])
    stream = random.integers(-1, most + 3, (300, statistics))
    whole, parts = Together(known, 0.05), Together(known, 0.05)
    found, row = whole.add(stream), 0
    told = []
    for size in [*cuts, len(stream)]:
        told += [run._replace(row=run.row + row) for run in parts.add(stream[row : row + size])]
        row += len(stream[row : row + size])
    assert [run[:3] for run in told] == [run[:3] for run in found]
    mean = np.ones(statistics)
    for values in known.surprises(stream):
        mean = (1 - WEIGHT) * mean + WEIGHT * np.where(np.isnan(values), 1.0, values)
    assert np.allclose(mean, whole.means)
    assert np.allclose(mean, parts.means)


@given(st.integers(0, 999), st.integers(1, 40), st.integers(1, 60))
def test_usual_traces_are_as_surprising_as_chance_has_it_however_many_are_tied(seed: int, most: int, n: int) -> None:
    """Of n + 1 exchangeable traces each is left out once: the mean is 1, as that of an exponential number is."""
    random = np.random.default_rng(seed)
    both = random.integers(0, most, (n + 1, 1))
    found = [
        calibrated(np.delete(both, row, axis=0), ("bits",)).surprises(both[row : row + 1])[0, 0] for row in range(n + 1)
    ]
    assert np.mean(found) == pytest.approx(1.0)


def test_the_level_is_passed_as_seldom_as_is_said() -> None:
    random = np.random.default_rng(5)
    values = random.exponential(size=(2000, 400))
    means = np.ones(2000)
    for column in values.T:
        means += WEIGHT * (column - means)
    for rate in (0.1, 0.02, 0.005):
        assert (means > level(rate)).mean() <= rate
    assert (means > level(0.1)).any()  # nor is it so high that nothing passes it


def test_how_long_steps_took_is_left_out() -> None:
    known = calibrated(np.column_stack([np.arange(99), np.arange(99)]), ("bits", "late"))
    together = Together(known, 0.01)
    assert together.add(np.column_stack([np.full(300, 50), np.full(300, 1000)])) == []
    assert [run.statistic for run in together.add(np.full((30, 2), 1000))] == ["bits"]


def test_it_is_told_again_only_after_the_mean_came_back() -> None:
    known = calibrated(np.arange(999)[:, None], ("bits",))
    together = Together(known, 0.01)
    strange, usual = np.full((40, 1), 5000), np.full((60, 1), 300)
    rows = [run.row for run in together.add(np.concatenate([usual, strange, usual[:2], strange, usual, strange]))]
    assert len(rows) == 2
    assert 60 <= rows[0] < 70
    assert 202 <= rows[1] < 212


@pytest.mark.parametrize("share", [0.1, 0.15])
def test_runs_that_are_told_do_not_overlap(share: float) -> None:
    """A stream in which a few of the traces are strange: means come and go above usual, and now and then get there."""
    random = np.random.default_rng(8)
    known = calibrated(np.column_stack([random.permutation(999), random.permutation(999)]), ("worst", "bits"))
    stream = np.where(random.random((3000, 1)) < share, 5000, random.integers(0, 999, (3000, 2)))
    runs = Together(known, 0.05).add(stream)
    assert len(runs) > 2
    for before, after in itertools.pairwise(runs):
        assert after.row + 1 - after.traces > before.row
