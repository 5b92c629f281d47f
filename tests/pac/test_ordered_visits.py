"""Limits from visits by their number: they hold though the sizes hang on outcomes, and they are narrow."""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.pac.statistics.ordered_visits import FEWEST, FIRST, ordered_limits, ordered_weights


def test_they_hold_where_the_outcome_leads_back() -> None:
    """A hit ends a string, or leads back: the number of visits hangs on the hits as much as it can."""
    random, alpha, streams = np.random.default_rng(11), 0.2, 4000
    for ends in (True, False):
        chances = random.uniform(0.2, 0.8, streams)
        trials, hits = [np.full(streams, 400.0)], []
        for _ in range(6):
            hits.append(random.binomial(trials[-1].astype(np.int64), chances).astype(np.float64))
            trials.append(trials[-1] - hits[-1] if ends else hits[-1])
        low, high = ordered_limits(np.array(hits), np.array(trials[:-1]), alpha)
        for missed in (chances < low, chances > high):
            assert alpha / 20 < missed.mean() <= alpha / 2 + 3 * math.sqrt(alpha / 2 / streams)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 7), st.floats(0.05, 0.95), st.sampled_from([0.5, 0.1, 0.01]), st.booleans())
def test_they_hold_exactly(strings: int, chance: float, alpha: float, back: bool) -> None:
    """Of two orders all that may happen is summed up: each side misses with at most half of alpha."""
    outcomes, weights = [], []
    for first in range(strings + 1):
        again = first if back else strings - first
        for second in range(again + 1):
            ways = math.comb(strings, first) * math.comb(again, second)
            hits = first + second
            weights.append(ways * chance**hits * (1 - chance) ** (strings + again - hits))
            outcomes.append((first, second, strings, again))
    table = np.array(outcomes, np.float64).T
    low, high = ordered_limits(table[:2], table[2:], alpha)
    assert sum(weights) == pytest.approx(1)
    for missed in (high < chance, low > chance):
        assert np.array(weights)[missed].sum() <= alpha / 2 * (1 + 1e-9)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=6))
def test_weights_hang_on_the_sizes_so_far(sizes: list[int]) -> None:
    trials = np.sort(np.array(sizes, np.float64))[::-1][:, None]
    weights = ordered_weights(trials)
    assert (weights**2).sum() == pytest.approx(1)
    for k in range(1, len(sizes)):
        changed = trials.copy()
        changed[k:] = 0
        assert ordered_weights(changed)[:k].tolist() == weights[:k].tolist()
    if len(sizes) > 1:
        assert weights[0, 0] ** 2 == pytest.approx(FIRST)


def test_what_is_left_goes_to_the_last_that_tells_anything() -> None:
    trials = np.array([[1000.0, 1000.0], [500.0, 100.0], [240.0, 10.0], [100.0, 0.0]])
    assert (
        pytest.approx(np.array([[0.6, 0.2, 0.2 * 0.52, 0.2 * 0.48], [0.6, 0.4, 0, 0]]))
        == (ordered_weights(trials) ** 2).T
    )
    assert FEWEST == 60  # 100 of 1,000 came back, of the 100 ten are expected; of 240 after 500 are 115


def test_limits_are_where_the_deviates_add_up() -> None:
    hits, trials = np.array([[30.0], [20.0]]), np.array([[100.0], [70.0]])
    low, high = (float(part[0]) for part in ordered_limits(hits, trials, 0.05))

    def deviate(k: float, m: float, p: float) -> float:
        q = (k + 1) / m
        return math.copysign(math.sqrt(2 * m * (q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p)))), p - q)

    squares = ordered_weights(trials)[:, 0] ** 2
    for p, side in ((high, [(30, 100), (20, 70)]), (1 - low, [(70, 100), (50, 70)])):
        total = sum(math.sqrt(w) * deviate(k, m, p) for w, (k, m) in zip(squares, side, strict=True))
        assert total == pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-6)


def test_they_are_narrower_where_many_come_back() -> None:
    hits, trials = np.array([[300.0], [150.0], [75.0], [37.0]]), np.array([[1000.0], [500.0], [250.0], [125.0]])
    low, high = ordered_limits(hits, trials, 0.005)
    once_low, once_high = binomial_limits(hits[0], trials[0], 0.005)
    assert (high - low).item() < 0.78 * (once_high - once_low).item()


@pytest.mark.parametrize("hits", list(itertools.product([0.0, 5.0], repeat=2)))
def test_edges(hits: tuple[float, float]) -> None:
    """Without trials, and where all or none hit, limits are those of no knowledge or hold the share."""
    low, high = ordered_limits(np.array(hits)[:, None], np.array([[5.0], [5.0]]), 0.05)
    share = sum(hits) / 10
    assert 0 <= low[0] <= share <= high[0] <= 1
    assert [part.tolist() for part in ordered_limits(np.zeros((2, 1)), np.zeros((2, 1)), 0.05)] == [[0], [1]]
