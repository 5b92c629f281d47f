"""Durations in diff: a slower step stands out first, two samples of one law do not."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream import PDFA, Alphabet, StreamLearner, TraceBatch
from flexstream.difference import diff
from flexstream.difference.words import text
from flexstream.stream.durations import UNKNOWN, bins_of


def learned(seed: int, slower: float = 1.0, timed: bool = True, traces: int = 600) -> PDFA:
    """Return the automaton of load, run or setup, unload, where run takes so many times as long."""
    random, learner = np.random.default_rng(seed), StreamLearner()
    symbols = [["load", "run" if random.random() < 0.7 else "setup", "unload"] for _ in range(traces)]
    batch = TraceBatch.from_traces(symbols, learner.alphabet)
    seconds = random.gamma(8.0, 10.0, len(batch.symbols))
    seconds[batch.symbols == learner.alphabet.ids["run"]] *= slower
    bins = bins_of(seconds)
    bins[batch.offsets[:-1]] = UNKNOWN
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins if timed else None))
    return learner.automaton


def test_a_slower_step_stands_first() -> None:
    found = diff(learned(1), learned(2, slower=1.3))
    assert [pace.symbol for pace in found.paces] == ["run"]
    assert found.paces[0].other.median / found.paces[0].one.median == pytest.approx(1.3, rel=0.08)
    lines = text(found).splitlines()
    assert lines[2].startswith("1 change beyond chance")
    assert lines[4].startswith("after load") and "run" in lines[5] and "takes" in lines[5]
    assert found.to_document()["paces"][0]["symbol"] == "run"
    assert not found.same


def test_two_samples_of_one_source_are_the_same() -> None:
    told = sum(not diff(learned(2 * seed, traces=200), learned(2 * seed + 1, traces=200)).same for seed in range(30))
    assert told <= 4


def in_one_queue(seed: int, traces: int = 600, alike: float = 0.99) -> PDFA:
    """Return the automaton of load and run, where run takes about as long as it did in the hundred traces before."""
    random, learner, level = np.random.default_rng(seed), StreamLearner(), 0.0
    seconds = np.full((traces, 2), np.nan)
    for trace, step in enumerate(random.normal(size=traces)):
        level = alike * level + step
        seconds[trace, 1] = 60 * np.exp(level / 4)
    batch = TraceBatch.from_traces([["load", "run"]] * traces, learner.alphabet)
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds.ravel())))
    return learner.automaton


def test_waits_that_hang_on_each_other_for_long_are_no_change() -> None:
    pairs = [(in_one_queue(2 * seed), in_one_queue(2 * seed + 1)) for seed in range(20)]
    assert sum(not diff(*pair).same for pair in pairs) <= 3


def test_models_without_times_are_compared_as_before() -> None:
    found = diff(learned(1), learned(2, slower=3.0, timed=False))
    assert found.paces == () and found.same
    assert Alphabet(["run"]).ids["run"] == 0


def test_what_is_slower_in_one_of_several_ways_is_told_where_it_is_so() -> None:
    rows = [["fast", "run"], ["slow", "run"]] * 300
    learners = []
    for minutes in (40.0, 52.0):
        learner = StreamLearner()
        batch = TraceBatch.from_traces(rows, learner.alphabet)
        seconds = np.full(len(batch.symbols), np.nan)
        seconds[1::4], seconds[3::4] = 60 * 10.0, 60 * minutes
        seconds[7::8] = 60 * 90.0
        learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds)))
        learners.append(learner)
    (pace,) = diff(*(learner.automaton for learner in learners)).paces
    assert pace.slower and pace.one.median == pace.other.median and pace.one.tail == pace.other.tail
    assert pace.reached == pytest.approx((60 * 40.0, 60 * 52.0), rel=0.01)
    told = text(diff(*(learner.automaton for learner in learners)))
    assert "within 41 min come 75 % -> 50 % (62.5 % at most 40 min -> 52 min, median 10 min as before)" in told


def jobs(long: float) -> PDFA:
    """Return the automaton of short and long jobs that share their states: ten minutes, and so many."""
    learner = StreamLearner()
    batch = TraceBatch.from_traces([[kind, "start", "stop"] for kind in ("short", "long")] * 400, learner.alphabet)
    seconds = 60 * np.tile([np.nan, 5, 10, np.nan, 5, long], 400)
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds)))
    return learner.automaton


def test_it_is_told_after_which_earlier_event_a_step_is_slower() -> None:
    found = diff(jobs(50.0), jobs(65.0))
    (pace,) = found.paces
    assert (pace.symbol, pace.mostly.symbol) == ("stop", "long")
    assert pace.mostly.medians == pytest.approx((50 * 60, 65 * 60), rel=0.03)
    assert "; most after long: median 50 min -> 65 min" in text(found)
    assert found.to_document()["paces"][0]["mostly"]["symbol"] == "long"


def test_where_durations_hang_on_nothing_nothing_is_told_of_it() -> None:
    found = diff(learned(1), learned(2, slower=1.3))
    assert found.paces[0].mostly is None
    assert "most after" not in text(found)
    assert "mostly" not in found.to_document()["paces"][0]
