"""Gradual changes: noticed while they go on, silent where nothing changes, the same whatever the batches."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream import StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.gradual import RUN, Part, gradual, permuted, sampled
from flexstream.monitoring.recent import RecentTraces
from flexstream.summary.drawn import DrawnTraces


def line(places: NDArray[np.int64], shares: NDArray[np.float64], seed: int = 1) -> list[list[str]]:
    """Return lots, of which so many go the one of two ways; which follows costs a bit, and costs a bit always."""
    random = np.random.default_rng(seed)
    return [["cut", "left" if one else "right", "ship"] for one in random.random(len(places)) < shares]


def slowly(before: int, span: int) -> list[list[str]]:
    """Return lots of two ways, the first of which comes more and more often after so many, 70 % instead of half."""
    places = np.arange(before + span)
    return line(places, 0.5 + 0.2 * np.maximum(0, places - before) / span)


def of_symbols(symbols: NDArray[np.int64]) -> list[Part]:
    """Return traces of one event each."""
    return [Part(TraceBatch(symbols.astype(np.int32), np.arange(len(symbols) + 1)), np.arange(len(symbols)))]


def watched(traces: list[list[str]], sizes: tuple[int, ...] = (10**6,)) -> Drift:
    drift, learner, start = Drift(tell=lambda line: None), StreamLearner(), 0
    learner.observe(drift)
    for size in itertools.cycle(sizes):
        if start >= len(traces):
            break
        learner.learn_many(traces[start : start + size])
        start += size
    return drift


@pytest.mark.parametrize("before", [0, 4000])
def test_a_slow_change_is_noticed_while_it_goes_on(before: int) -> None:
    changes = watched(slowly(before, 8000)).changes
    assert changes and before < changes[0].since < changes[0].noticed <= before + 8000


def test_it_tells_that_the_place_is_not_known_exactly() -> None:
    change = watched(slowly(4000, 8000)).changes[0]
    assert change.by == "gradual"
    assert change.text.startswith(f"the source changed around trace {change.since:,} (noticed at {change.noticed:,})")


def test_batches_play_no_part() -> None:
    traces = slowly(2000, 5000)
    assert watched(traces).changes == watched(traces, (997, 16, 1)).changes != []


def test_a_learner_that_was_saved_notices_the_same() -> None:
    traces, whole = slowly(2000, 6000), watched(slowly(2000, 6000))
    first, one = StreamLearner(), Drift(tell=lambda line: None)
    first.observe(one)
    first.learn_many(traces[:5000])
    second, other = StreamLearner(), Drift(tell=lambda line: None)
    second.observe(other)
    second.restore(first.state())
    second.learn_many(traces[5000:])
    assert (other.gradual.looks, other.gradual.at) == (whole.gradual.looks, whole.gradual.at)
    assert other.changes == whole.changes != []


@pytest.mark.parametrize("together", [1, RUN])
def test_it_is_silent_where_nothing_changes_however_rare_events_are(together: int) -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        found = gradual(of_symbols(np.repeat(np.minimum(random.zipf(1.3, 6000 // together), 500), together)))
        assert found is not None and found.log_p > math.log(1e-3)


def test_what_changes_a_little_everywhere_is_found() -> None:
    """No symbol says much by itself: all of them together do."""
    random, shares = np.random.default_rng(4), np.full(20, 0.05)
    others = shares + np.where(np.arange(20) % 2, 0.015, -0.015)
    found = gradual(of_symbols(np.concatenate([random.choice(20, 4000, p=part) for part in (shares, others)])))
    assert found is not None and found.log_p < -10
    assert abs(found.since - 4000) < 1000


@given(st.lists(st.integers(0, 5), min_size=16, max_size=16), st.sampled_from([2, 4, 6]))
def test_the_bound_is_one(values: list[int], newer: int) -> None:
    """No order of the strata gives so large a sum more often than is said."""
    ordered = values[::-1] if newer <= 4 else [-value for value in values]
    part = 2 * min(newer, 8 - newer)
    strata = np.array(ordered[: part * (16 // part)]).reshape(-1, part)
    sums = np.array([0.0])
    for stratum in strata.T:
        sums = np.unique(np.add.outer(sums, stratum)) if part > 8 else np.add.outer(sums, stratum).ravel()
    exact = float((sums >= strata[0].sum()).mean())
    assert permuted(np.array(values, np.float64), newer) >= math.log(exact) - 1e-9


def test_traces_are_the_fewer_the_older_they_are_and_the_oldest_are_those_drawn() -> None:
    recent, drawn = RecentTraces(12 * 20_000), DrawnTraces(1 << 20)
    for start in range(0, 100_000, 5000):
        batch = TraceBatch(np.arange(start, start + 5000, dtype=np.int32), np.arange(5001))
        recent.add(batch)
        drawn.add(batch)
    parts, places = sampled(recent, drawn, 0, 1000)
    symbols = [part.batch.symbols[part.batch.offsets[part.rows]] for part in parts]
    assert np.concatenate(symbols).tolist() == places.tolist()
    assert (np.diff(places) > 0).all() and places[0] >= 1000
    ages = 100_000 - places
    assert (ages <= 8000).sum() == 8000
    assert [1500 < number < 6000 for number in np.histogram(ages, [8192, 16_384, 100_000])[0]] == [True, True]
    assert recent.first == 80_000 > places[len(parts[0].rows) - 1]


def test_nothing_is_asked_of_a_few() -> None:
    assert gradual(of_symbols(np.arange(700) % 2)) is None


def test_one_that_was_saved_before_there_was_such_a_test_begins_it_there() -> None:
    first, second = StreamLearner(), StreamLearner()
    first.observe(Drift(tell=lambda line: None))
    first.learn_many(slowly(0, 2000))
    state = first.state()
    del state["observers"]["drift"]["gradual"]
    drift = Drift(tell=lambda line: None)
    second.observe(drift)
    second.restore(state)
    assert (drift.gradual.start, drift.gradual.looks) == (2000, 0)
