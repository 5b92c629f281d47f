"""Mixtures around the truth: they hold at all times, what they cost is what they cost, and they are narrower."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream.pac.statistics.centred import believed_visits, centred_cost, centred_sequence
from flexstream.pac.statistics.divergence import (
    ANYWHERE,
    MOST_LIMITS,
    PARTS,
    SCALES,
    Outcomes,
    priced,
    state_radius,
    strengths,
    whole_divergence,
)
from flexstream.pac.statistics.intervals import confidence_sequence, mixture_cost


def divergence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    came = one > 0
    return float((one[came] * np.log(one[came] / other[came])).sum())


def test_coverage_at_all_times() -> None:
    random, alpha = np.random.default_rng(5), 0.2
    chances = random.uniform(0.02, 0.98, 1000)
    hits = (random.random((1500, 1000)) < chances).cumsum(0)
    missed = np.zeros(1000, np.bool_)
    for visits in (*range(1, 20), *np.geomspace(20, 1500, 30).astype(int)):
        low, high = centred_sequence(hits[visits - 1], np.full(1000, visits), alpha, 45)
        missed |= (chances < low) | (chances > high)
    assert alpha / 4 < missed.mean() <= alpha


def test_limits_are_where_the_mixture_reaches_the_level() -> None:
    low, high = (float(part) for part in centred_sequence(30, 100, 0.01, 10.0))
    for p in (low, high):
        a, b = 10 * p, 10 * (1 - p)
        mixture = math.lgamma(a + 30) + math.lgamma(b + 70) - math.lgamma(110) - (math.lgamma(a) + math.lgamma(b))
        wealth = mixture + math.lgamma(10) - 30 * math.log(p) - 70 * math.log(1 - p)
        assert wealth == pytest.approx(math.log(100), abs=1e-6)


def test_it_is_narrower_about_the_length_that_was_declared() -> None:
    declared, others = (
        find(np.array([1500.0]), np.array([3000.0]), 0.002)
        for find in (lambda *given: centred_sequence(*given, 90.0), confidence_sequence)
    )
    assert (declared[1] - declared[0]).item() < 0.92 * (others[1] - others[0]).item()
    assert centred_sequence([0, 0], [0, 5], 0.1, 3.0)[0].tolist() == [0, 0]
    assert centred_sequence([0, 5], [0, 5], 0.1, 3.0)[1].tolist() == [1, 1]


@settings(max_examples=80)
@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=5).filter(any), st.integers(0, 10**6), st.sampled_from([2, 30])
)
def test_what_a_mixture_around_the_truth_costs(counts: list[int], seed: int, strength: float) -> None:
    """Its likelihood over that under the truth is at least what the divergence and the cost leave of it."""
    truth = np.random.default_rng(seed).dirichlet(np.ones(len(counts)))
    truth = np.maximum(truth, 1e-6) / np.maximum(truth, 1e-6).sum()
    seen = np.array(counts, np.float64)
    visits, came = seen.sum(), seen > 0
    gain = sum(math.lgamma(strength * p + n) - math.lgamma(strength * p) for p, n in zip(truth, counts, strict=True))
    wealth = gain - math.lgamma(strength + visits) + math.lgamma(strength) - float((seen * np.log(truth)).sum())
    drawn = (seen + strength * truth) / (visits + strength)
    cost = centred_cost(seen[came], 0.7 * truth[came], [strength])[0]
    assert wealth >= (visits + strength) * divergence(drawn, truth) - cost - 1e-7
    most = np.minimum(1.0, np.maximum(truth, seen / visits) * 1.1)
    lost, counted = believed_visits(seen, most, [strength], PARTS)[:, 0]
    left = counted * divergence(seen / visits, truth) - lost
    assert ((visits + strength) * divergence(drawn, truth) >= left - 1e-7).all()
    assert lost[-1] == 0 and (np.diff(counted) < 0).all()


def test_what_is_known_to_be_near_counts_for_more() -> None:
    """Where probabilities are known, h is (1 - λ) as far from p as f is, so the divergence is (1 - λ)² of it."""
    counts, share = np.array([6000.0, 4000.0]), 0.2
    near, least = believed_visits(counts, counts / 10_000, [2500.0], [1.0, 0.0]).T[:, 0]
    assert near.tolist() == [pytest.approx(0, abs=1e-6), pytest.approx(12_500 * (1 - share) ** 2)]
    assert least.tolist() == [0, pytest.approx(12_500 * (1 - share + share * math.log(share)))]
    # An outcome that never came and has at most 0.01: (r - ρ(0)) * 0.01 is lost, and of the others next to nothing.
    rare = believed_visits(np.append(counts, 0.0), np.array([0.6, 0.4, 0.01]), [2500.0], [1.0])[:, 0, 0]
    kept = (1 - share) ** 2 - (1 - share + share * math.log(share))
    assert rare.tolist() == [pytest.approx(12_500 * kept * 0.01), pytest.approx(8000)]


def test_prices_of_the_parts_add_up_to_at_most_one() -> None:
    for declared in (None, 30.0):
        assert ANYWHERE + sum(math.exp(-price) for _, price in strengths(declared)) <= 1 + 1e-12
    assert len(strengths(None)) == SCALES
    counts, least = np.array([600.0, 0.0, 370.0]), np.array([0.5, 0.0, 0.3])
    costs = priced(Outcomes(counts, least, least + 0.1, 1, 0.05), [(30.0, 0.5)])
    assert costs[:, 0].tolist() == [mixture_cost(counts, 4) - math.log(ANYWHERE), 970.0]
    lost, counted = believed_visits(np.append(counts, 0.0), np.append(least + 0.1, 0.05), [30.0], PARTS)[:, 0]
    assert costs[1, 1:].tolist() == counted.tolist()
    around = centred_cost(counts[[0, 2]], least[[0, 2]], [30.0])[0]
    assert costs[0, 1:] == pytest.approx(0.5 + around + lost)
    all_others = priced(Outcomes(counts, least, least + 0.1, 9, 0.5), [(30.0, 0.5)])[0, 1]
    assert all_others == priced(Outcomes(counts, least, least + 0.1, 1, 0.2), [(30.0, 0.5)])[0, 1]  # 1 - Σ least
    assert state_radius(np.array([[4.0, 1.0], [100.0, 50.0]]), math.exp(-2)) == pytest.approx(math.sqrt(2 * 3 / 50))


def test_the_whole_holds_and_is_near_what_would_do() -> None:
    """A state with known intervals: the bound of its divergence is missed no more often than stated."""
    random, chances, alpha = np.random.default_rng(3), np.array([0.5, 0.3, 0.15, 0.05]), 0.1
    bounds, found = [], []
    for counts in random.multinomial(1000, chances, 400).astype(np.float64):
        row = Outcomes(counts, 0.8 * np.minimum(chances, counts / 1000), 1.25 * np.maximum(chances, counts / 1000))
        bounds.append(whole_divergence(priced(row, strengths(30.0))[:, :, None], np.ones(1), alpha))
        found.append(divergence(counts / 1000, chances))
    assert (np.array(found) > bounds).mean() <= alpha
    assert np.mean(bounds) < 2.6 * np.quantile(found, 1 - alpha)


def test_many_limits_are_thinned_out() -> None:
    costs = np.random.default_rng(1).uniform(5, 9, (2, 9, 400))
    costs[1] += 1000
    few = whole_divergence(costs, np.ones(400), 0.1)
    exact = min(
        most * (math.log(10) + np.where(1 / costs[1] <= most, costs[0], np.inf).min(0).sum())
        for most in np.unique(1 / costs[1])
        if most >= (1 / costs[1]).min(0).max()
    )
    assert exact <= few <= 1.01 * exact and MOST_LIMITS < 9 * 400


def test_the_whole_is_bounded_by_the_best_choice_of_mixtures() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        costs = random.uniform(1, 9, (2, 3, 4))
        costs[1] = random.uniform(50, 100, (3, 4))
        expected = random.uniform(0.2, 2, 4)
        best = math.inf
        for choice in itertools.product(range(3), repeat=4):
            ratio = (expected / costs[1, list(choice), range(4)]).max()
            best = min(best, ratio * (math.log(10) + costs[0, list(choice), range(4)].sum()))
        assert whole_divergence(costs, expected, 0.1) == pytest.approx(best)
    assert whole_divergence(np.empty((2, 3, 0)), np.empty(0), 0.1) == 0.0
