"""Confidence sequences: what they are, what they cost, and that they hold at all times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.pac.statistics.binomial import binomial_limits, clopper_pearson
from flexstream.pac.statistics.divergence import Outcomes, priced, state_radius, strengths
from flexstream.pac.statistics.intervals import confidence_sequence
from flexstream.pac.statistics.special import log_mixture


@settings(max_examples=40)
@given(st.integers(1, 10_000), st.floats(1e-9, 0.5), st.data())
def test_limits_are_where_the_martingale_reaches_its_bound(visits: int, alpha: float, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, visits))
    low, high = (float(limit) for limit in confidence_sequence(hits, visits, alpha))
    assert low <= hits / visits <= high
    for limit in (low, high):
        if 0 < limit < 1:
            likelihood = hits * math.log(limit) + (visits - hits) * math.log1p(-limit)
            wealth = log_mixture([hits, visits - hits], 2).item() - likelihood
            rounding = 1e-14 / min(limit, 1 - limit)
            assert wealth == pytest.approx(math.log(1 / alpha), abs=1e-5 + rounding)
    assert (low == 0) == (hits == 0)
    assert (high == 1) == (hits == visits)


def test_all_looks_cost_something() -> None:
    """Between the two there is at most a factor of two, so all looks cost less than four times the visits."""
    hits, visits = np.array([0, 1, 50, 500, 5, 900]), np.array([20, 20, 100, 1000, 1000, 1000])
    low, high = confidence_sequence(hits, visits, 0.01)
    once_low, once_high = clopper_pearson(hits, visits, 0.01)
    assert (high - low > once_high - once_low).all()
    assert (high - low < 2 * (once_high - once_low)).all()


def test_without_visits_everything_is_possible() -> None:
    low, high = confidence_sequence([0], [0], 0.05)
    assert (low.item(), high.item()) == (0, 1)


def test_coverage_at_all_times() -> None:
    """1,000 coins watched for 1,500 throws: at most alpha of the sequences ever miss, and not absurdly fewer."""
    random, alpha = np.random.default_rng(5), 0.2
    chances = random.uniform(0.02, 0.98, 1000)
    hits = (random.random((1500, 1000)) < chances).cumsum(0)
    missed = np.zeros(1000, np.bool_)
    for visits in (*range(1, 60), *np.geomspace(60, 1500, 40).astype(int)):
        low, high = confidence_sequence(hits[visits - 1], np.full(1000, visits), alpha)
        missed |= (chances < low) | (chances > high)
    assert alpha / 4 < missed.mean() <= alpha


def test_looks_before_all_states_are_found() -> None:
    """Four states, each found by one visit in twenty of the one before; the level is shared by those found so far."""
    random, alpha, streams, states, visits = np.random.default_rng(9), 0.3, 800, 4, 800
    chances = random.uniform(0.2, 0.8, (streams, states))
    goes = random.random((states, streams, visits)) < 0.05
    begins = np.zeros((states, streams), np.int64)
    for state in range(1, states):  # from when on a state is met
        begins[state] = begins[state - 1] + np.where(goes[state].any(1), goes[state].argmax(1), visits) + 1
    hits = np.where(random.random((visits, streams, states)) < chances, 1, 0)
    hits *= np.arange(visits)[:, None, None] >= begins.T
    seen, missed = hits.cumsum(0), np.zeros(streams, np.bool_)
    for look in np.unique(np.geomspace(1, visits, 24).astype(int)):
        trials = np.maximum(look - begins.T, 0)
        for found in range(1, states + 1):
            rows = (trials > 0).sum(1) == found
            low, high = confidence_sequence(seen[look - 1][rows], trials[rows], alpha / found)
            missed[rows] |= ((chances[rows] < low) | (chances[rows] > high)).any(1)
    assert alpha / 5 < missed.mean() <= alpha * sum(1 / state for state in range(1, states + 1))


def test_radius_covers_the_row() -> None:
    random, chances = np.random.default_rng(7), np.array([0.5, 0.3, 0.15, 0.05])
    misses, radii = 0, []
    for _ in range(500):
        counts = random.multinomial(400, chances).astype(np.float64)
        radii.append(state_radius(priced(Outcomes(counts, 0.7 * chances, 1.4 * chances), strengths(12.0)), 0.1))
        misses += np.abs(counts / 400 - chances).sum() > radii[-1]
    assert misses <= 50
    assert 0.1 < np.mean(radii) < 0.4


@settings(max_examples=60)
@given(st.integers(1, 60), st.floats(0.001, 0.999), st.sampled_from([0.5, 0.05, 1e-3, 1e-6]))
def test_binomial_limits_hold(trials: int, chance: float, alpha: float) -> None:
    """The exact probability of missing, on each side, is at most half of alpha."""
    hits = np.arange(trials + 1)
    low, high = binomial_limits(hits, np.full(trials + 1, trials), alpha)
    weights = [math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)]
    for missed in (high < chance, low > chance):
        assert np.array(weights)[missed].sum() <= alpha / 2 * (1 + 1e-9)
    assert (low <= hits / trials).all()
    assert (high >= hits / trials).all()


@settings(max_examples=40)
@given(st.integers(2, 2000), st.data(), st.sampled_from([0.05, 1e-4]))
def test_binomial_limits_are_less_than_one_hit_off(trials: int, data: st.DataObject, alpha: float) -> None:
    hits = data.draw(st.integers(1, trials - 1))
    low, high = (float(limit) for limit in binomial_limits(hits, trials, alpha))
    exact_low, exact_high = (float(limit) for limit in clopper_pearson(hits, trials, alpha))
    assert low <= exact_low + 1e-9
    assert high >= exact_high - 1e-9
    assert low >= float(clopper_pearson(hits - 1, trials, alpha)[0]) - 1e-9
    assert high <= float(clopper_pearson(hits + 1, trials, alpha)[1]) + 1e-9


def test_binomial_limits_of_several_levels() -> None:
    low, high = binomial_limits([30, 30, 0, 5], [100, 100, 0, 5], [0.05, 0.01, 0.05, 0.05])
    assert low[1] < low[0] < 0.3 < high[0] < high[1]
    assert (low[2], high[2], high[3]) == (0, 1, 1)


def test_binomial_limits_at_the_ends_are_exact() -> None:
    """(1 - p)^m = α/2 without hits, p^m = 1 - α/2 with one miss left over: the tails that are sums of one term."""
    low, high = binomial_limits([0, 9, 10, 1], [10, 10, 10, 10], 0.02)
    assert high[[0, 1]] == pytest.approx([1 - 0.01 ** (1 / 10), 0.99 ** (1 / 10)], rel=1e-12)
    assert low[[2, 3]] == pytest.approx([0.01 ** (1 / 10), 1 - 0.99 ** (1 / 10)], rel=1e-12)
    assert (low[0], high[2]) == (0, 1)
    one_low, one_high = binomial_limits([0, 1], [1, 1], 0.02)
    assert one_high[0] == pytest.approx(0.99) and one_low[1] == pytest.approx(0.01)
