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
from flexstream.pac.statistics.divergence import SCALES, priced, state_radius, strengths, whole_divergence
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
    cost = centred_cost(seen[came], 0.7 * truth[came], strength)
    assert wealth >= (visits + strength) * divergence(drawn, truth) - cost - 1e-7
    believed = float(believed_visits(np.array(visits), strength))
    assert (visits + strength) * divergence(drawn, truth) >= believed * divergence(seen / visits, truth) - 1e-7


def test_prices_of_the_parts_add_up_to_at_most_one() -> None:
    for declared in (None, 30.0):
        assert 0.5 + sum(math.exp(-price) for _, price in strengths(declared)) <= 1 + 1e-12
    assert len(strengths(None)) == SCALES
    counts, least = np.array([600.0, 0.0, 370.0]), np.array([0.5, 0.0, 0.3])
    costs = priced(counts, least, 4, [(30.0, 0.5)])
    assert costs[:, 0].tolist() == [mixture_cost(counts, 4) + math.log(2), 970.0]
    assert costs[0, 1] == 0.5 + centred_cost(counts[[0, 2]], least[[0, 2]], 30.0)
    assert state_radius(np.array([[4.0, 1.0], [100.0, 50.0]]), math.exp(-2)) == pytest.approx(math.sqrt(2 * 3 / 50))


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
