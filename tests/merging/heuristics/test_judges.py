"""The judges against their formulas."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.merging.heuristics import HEURISTICS, make
from flexstream.merging.heuristics.evidence import judge as evidence_judge

from ... import naive

NO_SKETCH = np.zeros((0, 1, 1), np.int32)
NO_FUTURES = np.empty((0, 1), np.int32)
node_counts = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 200), max_size=5)


def node(counts: dict[str, int], ends: int) -> naive.Node:
    """Return a node with these counts."""
    return naive.Node(visits=sum(counts.values()) + ends, ends=ends, counts=Counter(counts))


def line_up(one: naive.Node, other: naive.Node, base: dict[str | None, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and shares as the search gives them to a judge."""
    symbols = list(other.counts)
    rest = sum(count for symbol, count in one.counts.items() if symbol not in other.counts)
    rows = [(one.ends, other.ends), (rest, 0), *((one.counts[s], other.counts[s]) for s in symbols)]
    shares = [base[symbol] for symbol in symbols]
    return np.array(rows, np.int64), np.array([base[None], 1 - base[None] - sum(shares), *shares])


@pytest.mark.twin("judges.evidence")
@given(node_counts, node_counts, st.integers(0, 50), st.integers(0, 50), st.floats(0.1, 50))
def test_evidence_is_the_log_bayes_factor(
    one: dict[str, int], other: dict[str, int], ends: int, ends2: int, strength: float
) -> None:
    base: dict[str | None, float] = {None: 0.2, "a": 0.4, "b": 0.2, "c": 0.1, "d": 0.06, "e": 0.04}
    first, second = node(one, ends), node(other, ends2)
    found = evidence_judge(*line_up(first, second, base), NO_SKETCH, NO_SKETCH, NO_FUTURES, np.array([strength]))
    assert found == pytest.approx(naive.evidence(first, second, base, strength), rel=1e-7, abs=1e-7)


def test_evidence_grows_for_equal_and_falls_for_different_distributions() -> None:
    base: dict[str | None, float] = {None: 0.2, "a": 0.4, "b": 0.4}
    equal, different = [], []
    for scale in (1, 10, 100, 1000):
        first, alike, other = (
            node({"a": 3 * scale}, scale),
            node({"a": 3 * scale}, scale),
            node({"b": 3 * scale}, scale),
        )
        equal.append(evidence_judge(*line_up(first, alike, base), NO_SKETCH, NO_SKETCH, NO_FUTURES, np.array([5.0])))
        different.append(
            evidence_judge(*line_up(first, other, base), NO_SKETCH, NO_SKETCH, NO_FUTURES, np.array([5.0]))
        )
    assert equal == sorted(equal)
    assert equal[0] > 0
    assert different == sorted(different, reverse=True)
    assert different[-1] < -1000


@pytest.mark.parametrize("name", HEURISTICS)
def test_every_heuristic_is_described(name: str) -> None:
    kind = HEURISTICS[name]
    assert kind.name == name
    assert "References" in (kind.__doc__ or "")
    heuristic = make(name)
    assert heuristic.words(1.0)
    assert heuristic.words(-math.inf)
    assert all(isinstance(value, int | float) for value in heuristic.parameters())


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nope", {}, "no heuristic 'nope' (expected: one of alergia, css, css-published, evidence, spacesaving)"),
        ("evidence", {"alpha": 1}, "has no option 'alpha' (expected: one of margin"),
        ("evidence", {"strength": 0}, "strength must be a number above 0"),
        ("evidence", {"strength": math.nan}, "strength must be a number above 0"),
        ("evidence", {"strength": math.inf}, "strength must be a number above 0"),
        ("evidence", {"futures": 2.5}, "2.5 where a whole number is expected"),
        ("evidence", {"light": math.inf}, "cannot convert float infinity to integer"),
        ("css", {"alpha": 1}, "alpha must lie between 0 and 1"),
        ("css", {"futures": 0}, "futures must be at least 1"),
        ("css", {"width": 0}, "expected at least 0 x 1 x 1"),
        ("css", {"cells": 2}, "cells must be 0 or 1"),
        ("css", {"minhash": 1}, "minhash needs futures longer than a shingle of 2, not 2"),
        ("css", {"minhash": -1, "futures": 3}, "expected at least 0 on 1"),
        ("css-published", {"cells": 1}, "cells cannot be tested as published"),
        ("css-published", {"going_on": 2}, "going_on must be 0 or 1"),
        ("css-published", {"going_on": 1, "minhash": 1}, "going_on needs futures counted as they are"),
        ("css-published", {"stop": -1}, "stop must be a number of states"),
        ("alergia", {"alpha": 0}, "alpha must lie between 0 and 1"),
        ("alergia", {"k": -1}, "k must not be negative"),
        ("spacesaving", {"mu": 0}, "mu must lie between 0 and 1"),
        ("spacesaving", {"delta": 1}, "delta must lie between 0 and 1"),
        ("spacesaving", {"states": 0}, "states must be at least 1, not 0"),
        ("spacesaving", {"counters": 0}, "0 counters, 0 resamples: expected at least 1 and 0"),
        ("spacesaving", {"edition": 2013}, "edition must be 2012, or 2014 without copies"),
    ],
)
def test_wrong_options_say_what_is_expected(name: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError) as error:
        make(name, **options)
    assert message in str(error.value)
