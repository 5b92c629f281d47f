"""The test of novelties: silent where nothing changes, soon where something does, the same whatever the batches."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch
from flexstream.monitoring import novelty
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.excess import Excess
from flexstream.monitoring.novelty import EARLIER, TOGETHER, NoveltyTest
from flexstream.targets import from_rows


def line(skipped: float) -> list[list[str]]:
    """Return 300 lots, of which so many leave out a step."""
    random = np.random.default_rng(5)
    return [
        ["cut", "drill", "ship"] if skip else ["cut", "drill", "clean", "ship"] for skip in random.random(300) < skipped
    ]


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.3, 0.9])
def test_it_is_silent_where_nothing_changes(share: float) -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        assert NoveltyTest(0.002).take(random.random(10_000) < share) == 10_000


def test_neighbours_count_as_one() -> None:
    stream = np.zeros(20_000, np.bool_)
    for start in (4_000, 4_004, 9_000, 9_004, 15_000, 15_004):  # eight lots lost together, three times
        stream[start : start + TOGETHER] = True
    assert NoveltyTest(0.002).take(stream) == len(stream)


@pytest.mark.parametrize(
    ("before", "share", "most"), [(0.0, 0.25, 60), (0.002, 0.25, 80), (0.02, 0.5, 80), (0.0, 0.05, 300)]
)
def test_what_becomes_frequent_is_noticed_and_dated(before: float, share: float, most: int) -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        test = NoveltyTest(0.002)
        assert test.take(random.random(2000) < before) == 2000
        assert test.take(random.random(1000) < share) <= most
        assert test.since is not None
        assert 1900 <= test.since <= 2000 + most


def test_probabilities_are_those_of_places_that_are_equally_likely() -> None:
    """Of 6 new groups among 20, that some 4 are among the last 5."""
    bound = exp(novelty._log_ways(6, 4) + novelty._log_product(5, 4) - novelty._log_product(20, 4))
    assert bound == pytest.approx(comb(6, 4) * 5 * 4 * 3 * 2 / (20 * 19 * 18 * 17))
    exact = sum(Fraction(comb(5, many) * comb(15, 6 - many), comb(20, 6)) for many in (4, 5))
    assert float(exact) <= bound <= 1.2 * float(exact)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=120), st.data())
def test_batches_play_no_part(values: list[float], data: st.DataObject) -> None:
    stream = np.concatenate([np.zeros(900, np.bool_), np.array(values) < 0.4])
    whole, parts, done = NoveltyTest(0.05), NoveltyTest(0.05), 0
    taken = whole.take(stream)
    while done < len(stream) and parts.since is None:
        step = data.draw(st.integers(1, 400))
        done += parts.copy().take(stream[done : done + step])  # a look takes nothing in
        parts.take(stream[parts.traces : parts.traces + step])
    assert (parts.traces, parts.since, parts.newest) == (taken, whole.since, whole.newest)
    assert len(whole.newest) <= EARLIER[-1]


def test_new_is_what_the_automaton_hardly_ever_does() -> None:
    rows = {0: {"a": (1000, 1), "b": (1000, 1)}, 1: {"c": (1999, 2), "d": (1, 2)}, 2: {None: (2000, 2)}}
    model = from_rows(rows)
    batch = TraceBatch.from_traces([["a", "c"], ["b", "c"], ["b", "e"], ["a", "c", "c"], ["a"]], model.alphabet())
    scaled, new = Excess(model).watched(batch)
    assert new.tolist() == [False, False, True, True, True]
    assert scaled.tolist() == Excess(model).scaled(batch).tolist()


@pytest.mark.parametrize("follow", ["report", "restart"])
def test_a_step_that_a_quarter_of_the_lots_leaves_out_is_noticed_within_60(follow: str) -> None:
    drift, learner = Drift(follow, tell=lambda line: None), StreamLearner()
    learner.observe(drift)
    for traces in [line(0.0)] * 5 + [line(0.25)]:
        learner.learn_many(traces)
    change = drift.changes[0]
    assert change.by == "novelty"
    assert 1500 < change.noticed <= 1560
    assert abs(change.since - 1500) <= 16
    assert len(drift.changes) == 1
