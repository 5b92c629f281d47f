"""How likely so many alarms are, against sums by hand and against simulated ranks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from flexstream.monitoring.rate_test import LEFT_OUT, chance_of_as_many


def exact(alarms: int, traces: int, calibrated: int, above: int) -> float:
    """Return the tail of the beta-binomial law as a sum of fractions: ranks of n + m exchangeable numbers."""
    n, m, total = calibrated, traces, Fraction(0)
    for many in range(alarms, traces + 1):
        ways = math.comb(many + above - 1, many) * math.comb(m - many + n - above, m - many)
        total += Fraction(ways, math.comb(n + m, m))
    return float(total)


@pytest.mark.parametrize(
    ("traces", "calibrated", "rate"), [(10, 19, 0.1), (40, 99, 0.05), (7, 9, 0.5), (100, 999, 0.01)]
)
def test_it_is_the_tail_of_the_beta_binomial_law(traces: int, calibrated: int, rate: float) -> None:
    above = round(rate * (calibrated + 1))
    for alarms in range(traces + 1):
        expected = exact(alarms, traces, calibrated, above)
        assert chance_of_as_many(alarms, traces, calibrated, rate) == pytest.approx(expected, rel=1e-9)


def test_it_is_what_ranks_do() -> None:
    chance, runs, often = np.random.default_rng(4), 20_000, 0
    for _ in range(runs):
        scores = chance.random(99 + 50)
        limit = np.sort(scores[:99])[-5]  # five of a hundred places are above
        often += int((scores[99:] > limit).sum() >= 6)
    found = chance_of_as_many(6, 50, 99, 0.05)
    assert abs(often / runs - found) < 4 * math.sqrt(found * (1 - found) / runs)


def test_large_streams_are_no_trouble() -> None:
    assert chance_of_as_many(20_000, 1_000_000, 16_384, 0.01) < 1e-6
    assert 0.3 < chance_of_as_many(10_000, 1_000_000, 16_384, 0.01) < 0.7


def test_traces_that_come_together_count_as_fewer() -> None:
    assert chance_of_as_many(60, 4000, 4000, 0.01, 1.0) == chance_of_as_many(60, 4000, 4000, 0.01)
    chances = [chance_of_as_many(100, 4000, 4000, 0.01, index) for index in (1.0, 2.0, 5.0, 20.0)]
    assert chances == sorted(chances)
    assert chances[0] < 1e-5
    assert chances[-1] > 0.05
    assert chance_of_as_many(4000, 4000, 4000, 0.01, 7.0) < 1e-6


def test_traces_left_out_again_are_of_less_worth() -> None:
    """Kinds of traces by a power law: what is left out again alarms where nobody else is of its kind."""
    chance, traces, z_values = np.random.default_rng(8), 1000, []
    shares = np.arange(1, 1001) ** -2.5
    for _ in range(400):
        learned, coming = (chance.multinomial(traces, shares / shares.sum()) for _ in range(2))
        alone, new = int((learned == 1).sum()), int(coming[learned == 0].sum())
        z_values.append((new - alone) / math.sqrt(alone + new))
    assert 1.1 < np.var(z_values) < (1 + 1 / LEFT_OUT) / 2 + 0.1
    chances = [chance_of_as_many(40, 2000, 2000, 0.01, worth=worth) for worth in (1.0, LEFT_OUT)]
    assert chances[0] < 0.005 < chances[1] < 0.05
