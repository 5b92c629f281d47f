"""Special functions against exact sums and integrals that are obvious."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.pac.statistics.binomial import clopper_pearson
from flexstream.pac.statistics.special import incomplete_beta, log_best, log_beta, log_gamma, log_mixture


def binomial_tail(hits: int, trials: int, chance: float) -> float:
    """Return P(X >= hits), summed term by term."""
    return math.fsum(math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(hits, trials + 1))


@given(st.lists(st.floats(1e-3, 1e7), min_size=1, max_size=5))
def test_log_gamma(values: list[float]) -> None:
    assert log_gamma(values) == pytest.approx([math.lgamma(value) for value in values], rel=1e-10, abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_incomplete_beta_is_the_tail_of_the_binomial(trials: int, data: st.DataObject) -> None:
    hits, chance = data.draw(st.integers(1, trials)), data.draw(st.floats(0, 1))
    exact = binomial_tail(hits, trials, chance)
    assert incomplete_beta(hits, trials - hits + 1, chance).item() == pytest.approx(exact, abs=1e-10)


def test_incomplete_beta_of_large_numbers() -> None:
    """Around its mean, Beta(k, m - k + 1) is nearly normal; the far ends are 0 and 1."""
    hits, trials = 400_000.0, 1_000_000.0
    mean = hits / (trials + 1)
    assert incomplete_beta(hits, trials - hits + 1, mean).item() == pytest.approx(0.5, abs=1e-3)
    assert incomplete_beta(hits, trials - hits + 1, [0.3, 0.5]).tolist() == pytest.approx([0.0, 1.0])


@settings(max_examples=15)
@given(st.integers(1, 60), st.floats(1e-6, 0.5), st.data())
def test_clopper_pearson_limits_are_where_the_tails_are(trials: int, alpha: float, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    low, high = (float(limit) for limit in clopper_pearson(hits, trials, alpha))
    if hits:
        assert binomial_tail(hits, trials, low) == pytest.approx(alpha / 2, rel=1e-6)
    else:
        assert low == 0
    if hits < trials:
        assert 1 - binomial_tail(hits + 1, trials, high) == pytest.approx(alpha / 2, rel=1e-6)
    else:
        assert high == 1


def test_against_scipy() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not a dependency")
    for hits, trials in ((0, 10), (3, 10), (499, 500)):
        low, high = clopper_pearson(hits, trials, 0.01)
        exact = stats.binomtest(hits, trials).proportion_ci(0.99)
        assert (low.item(), high.item()) == pytest.approx((exact.low, exact.high), abs=1e-9)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(0, 3))
def test_the_mixture_is_the_product_of_its_predictions(counts: list[int], more: int) -> None:
    """One outcome after the other: each has probability (seen + 1/J) / (n + 1)."""
    outcomes = len(counts) + more
    exact, seen, total = 0.0, [0] * len(counts), 0
    for outcome, number in enumerate(counts):
        for _ in range(number):
            exact += math.log((seen[outcome] + 1 / outcomes) / (total + 1))
            seen[outcome] += 1
            total += 1
    assert log_mixture(counts, outcomes).item() == pytest.approx(exact, abs=1e-9)
    assert log_best(counts).item() >= log_mixture(counts, outcomes).item() - 1e-9


def test_log_beta() -> None:
    assert log_beta(np.array([2.0]), np.array([3.0])).item() == pytest.approx(-math.log(12))
