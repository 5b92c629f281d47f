"""Error probabilities of decisions and what would settle them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream.pac.statistics.decisions import (
    ALIKE,
    SURE,
    merge_error,
    separation_error,
    strings_to_settle_merge,
    strings_to_settle_separation,
)

scores = st.floats(-800, 800)


@given(scores, scores, st.integers(0, 20))
def test_errors_are_posteriors(score: float, second: float, others: int) -> None:
    error = merge_error(score, second, others)
    # Even odds for: a state of its own (likelihood 1), the target, the others.
    top = max(0.0, score, second if others else score)
    own, target = math.exp(-top), math.exp(score - top)
    rest = others * math.exp(second - top) if others else 0.0
    assert error == pytest.approx((own + rest) / (own + target + rest), abs=1e-9)
    assert 0 <= separation_error(score, others) <= 1


@given(scores, scores, st.integers(0, 20), scores)
def test_a_state_with_the_same_outcomes_is_one_more_of_those_a_merge_may_miss(
    score: float, second: float, others: int, division: float
) -> None:
    """It has odds of its own, whatever the score: what all the rest says for one state says nothing against it."""
    error, unasked = merge_error(score, second, others, division), merge_error(score, second, others)
    assert unasked <= error <= 1 and merge_error(score, second, others, math.inf) == unasked
    odds = math.exp(min(700.0, ALIKE - division))
    alone = odds / (1 + odds)
    assert error >= alone * (1 - 1e-9)
    assert merge_error(1e4, -math.inf, others, division) == pytest.approx(alone, rel=1e-9)


divisions = st.one_of(st.just(math.inf), st.floats(-3, 20))


@given(st.floats(0.1, 20), st.floats(0.1, 40), st.integers(1, 5), st.integers(2, 6), divisions)
def test_what_settles_a_merge(score: float, lead: float, others: int, outcomes: int, division: float) -> None:
    level, strings = 1e-3, 1000.0
    more = strings_to_settle_merge(strings, score, score - lead, others, outcomes, level, division)
    if merge_error(score, score - lead, others, division) <= level:
        assert more == 0
    elif more is not None:
        factor = 1 + more / strings
        gain = (outcomes - 1) / 2 * math.log(factor)
        later = score + gain
        assert merge_error(later, later - lead * factor, others, division + gain) <= level * 1.01


@given(st.floats(-30, -0.1), st.integers(1, 5))
def test_what_settles_a_separation(score: float, others: int) -> None:
    level, strings = 1e-3, 1000.0
    more = strings_to_settle_separation(strings, score, others, level)
    if more is None:  # so little may be chance
        assert -score <= 2 * SURE * SURE
        return
    assert separation_error(score * (1 + more / strings), others) <= level * 1.01


def _log_factors(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the log probability of counts under a uniform prior over distributions, along the last axis."""
    log_gamma = np.vectorize(math.lgamma)
    return math.lgamma(counts.shape[-1]) + log_gamma(counts + 1).sum(-1) - log_gamma(counts.sum(-1) + counts.shape[-1])


@pytest.mark.parametrize("shares", [(0.85, 0.15), (0.6, 0.3, 0.1), (0.4, 0.3, 0.1, 0.1, 0.1)])
def test_a_merge_that_is_right_is_settled_by_so_many_strings_in_nine_of_ten_cases(shares: tuple[float, ...]) -> None:
    luck, sizes, runs, settled = np.random.default_rng(1), (100, 600), 300, 0

    def log_factor(counts: list[NDArray[np.int64]]) -> float:
        one, other = counts
        return float(_log_factors(one + other) - _log_factors(one) - _log_factors(other))

    apart = 100.0  # all but how visits divide speaks for one state
    for _ in range(runs):
        counts = [luck.multinomial(size, shares) for size in sizes]
        division = log_factor(counts)
        level = merge_error(apart, -math.inf, 0, division + 1.5)  # which is open
        more = strings_to_settle_merge(1.0, apart, -math.inf, 0, len(shares), level, division)
        assert more is not None and more > 0
        later = [one + luck.multinomial(int(more * size), shares) for one, size in zip(counts, sizes, strict=True)]
        settled += merge_error(apart, -math.inf, 0, log_factor(later)) <= level
    assert 0.85 <= settled / runs <= 0.99


@pytest.mark.parametrize("rate", [0.006, 0.01])
def test_a_separation_that_is_right_is_settled_by_so_many_strings_in_nine_of_ten_cases(rate: float) -> None:
    luck, level, told, settled = np.random.default_rng(1), 1e-6, 0, 0
    for _ in range(2000):
        score = luck.normal(rate * 1000, math.sqrt(2 * rate * 1000))
        more = strings_to_settle_separation(1000, -score, 1, level)
        if more:
            later = score + luck.normal(rate * more, math.sqrt(2 * rate * more))
            told, settled = told + 1, settled + (separation_error(-later, 1) <= level)
    assert told > 300 and 0.85 <= settled / told <= 0.99


def test_some_decisions_are_not_settled_by_more_of_the_same() -> None:
    assert strings_to_settle_merge(1000, 5.0, 5.0, 1, 3, 1e-3) is None
    assert strings_to_settle_merge(1000, -50.0, -math.inf, 1, 2, 1e-3) is None
    assert strings_to_settle_merge(1000, 50.0, -math.inf, 1, 2, 1e-3, -40.0) is None
    assert strings_to_settle_separation(1000, 0.0, 3, 1e-3) is None
