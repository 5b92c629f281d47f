"""Error probabilities of decisions and what would settle them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.pac.statistics.decisions import (
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


@given(st.floats(0.1, 20), st.floats(0.1, 40), st.integers(1, 5), st.integers(2, 6))
def test_what_settles_a_merge(score: float, lead: float, others: int, outcomes: int) -> None:
    level, strings = 1e-3, 1000.0
    more = strings_to_settle_merge(strings, score, score - lead, others, outcomes, level)
    if merge_error(score, score - lead, others) <= level:
        assert more == 0
    elif more is not None:
        factor = 1 + more / strings
        later = score + (outcomes - 1) / 2 * math.log(factor)
        assert merge_error(later, later - lead * factor, others) <= level * 1.01


@given(st.floats(-30, -0.1), st.integers(1, 5))
def test_what_settles_a_separation(score: float, others: int) -> None:
    level, strings = 1e-3, 1000.0
    more = strings_to_settle_separation(strings, score, others, level)
    assert more is not None
    assert separation_error(score * (1 + more / strings), others) <= level * 1.01


def test_some_decisions_are_not_settled_by_more_of_the_same() -> None:
    assert strings_to_settle_merge(1000, 5.0, 5.0, 1, 3, 1e-3) is None
    assert strings_to_settle_merge(1000, -50.0, -math.inf, 1, 2, 1e-3) is None
    assert strings_to_settle_separation(1000, 0.0, 3, 1e-3) is None
