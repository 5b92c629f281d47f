"""Limits of a mean by betting: against their definition, their level, and what clipping and cells do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.pac.statistics.betting import BOLDEST, CELLS, limits, spread_of
from flexstream.pac.statistics.binomial import clopper_pearson


def won(values: list[float], mean: float, bet: float) -> float:
    """Return the logarithm of what a bet that the mean is above has come to, value by value, in [0, 1]."""
    return math.fsum(math.log1p(min(bet, BOLDEST / mean) * (value - mean)) for value in values)


def test_the_limit_is_where_the_bet_has_just_been_won() -> None:
    values = [0.25, 0.5, 0.75, 0.5] * 50  # at edges of cells, so that cells change nothing
    alpha, variance = 0.01, 0.03
    low, high = limits(spread_of(np.array(values), 0.0, 1.0, variance), alpha)
    bet = math.sqrt(2 * math.log(1 / alpha) / (len(values) * variance))
    assert won(values, low, bet) == pytest.approx(math.log(1 / alpha), abs=1e-3)
    assert won([1 - value for value in values], 1 - high, bet) == pytest.approx(math.log(1 / alpha), abs=1e-3)


@settings(max_examples=60)
@given(st.lists(st.floats(-3, 9), min_size=1, max_size=60), st.floats(0.001, 0.2))
def test_cells_keep_the_mean_and_never_make_limits_narrower(values: list[float], alpha: float) -> None:
    spread = spread_of(np.array(values), -2.0, 6.0, 1.0)
    assert spread.values == pytest.approx(len(values))
    assert spread.mean == pytest.approx(np.clip(values, -2, 6).mean())
    low, high = limits(spread, alpha)
    assert -2 <= low <= spread.mean + 1e-9 and spread.mean - 1e-9 <= high <= 6
    inside = (np.clip(values, -2, 6) + 2) / 8
    bet = math.sqrt(2 * math.log(1 / alpha) / (len(values) * max(1 / 64, 1 / (4 * len(values)))))
    if low > -2:
        assert won(inside.tolist(), (low + 2) / 8, bet) >= math.log(1 / alpha) - 1e-3


@pytest.mark.parametrize(
    ("draw", "mean"),
    [
        (lambda random, size: random.random(size), 0.5),
        (lambda random, size: (random.random(size) < 0.02) * 1.0, 0.02),
        (lambda random, size: np.minimum(random.exponential(0.1, size), 1.0), 0.1 * (1 - math.exp(-10))),
    ],
)
def test_limits_miss_no_more_often_than_told(draw, mean: float) -> None:  # type: ignore[no-untyped-def]
    random, trials, alpha = np.random.default_rng(7), 400, 0.05
    missed = [0, 0]
    for _ in range(trials):
        low, high = limits(spread_of(draw(random, 200), 0.0, 1.0, mean * (1 - mean) / 2), alpha)
        missed[0] += mean < low
        missed[1] += mean > high
    for side in missed:
        assert clopper_pearson(side, trials, 0.001)[0] <= alpha


def test_limits_close_in_as_values_come() -> None:
    widths = []
    for size in (100, 1000, 10_000):
        low, high = limits(spread_of(np.random.default_rng(size).random(size), 0.0, 1.0, 1 / 12), 0.01)
        widths.append(high - low)
    assert widths[0] > 2 * widths[1] > 4 * widths[2]
    assert widths[2] < 3.2 * 2 * math.sqrt(1 / 12 / 10_000) * 1.1  # sqrt(2 ln(1/α)) = 3.03 standard errors a side


def test_nothing_known_is_everything() -> None:
    assert limits(spread_of(np.empty(0), 0.0, 4.0, 1.0), 0.05) == pytest.approx((0.0, 4.0))
    assert CELLS == 64
