"""Open cases: steps as the automaton takes them, silence by two clocks, nothing that more events could make usual."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner
from flexstream.automata.calibration import LATE, WORST
from flexstream.monitoring.alarm import Judge
from flexstream.monitoring.least import least_alarming
from flexstream.monitoring.live_cases import LiveCases
from flexstream.monitoring.notice import Notice, Notices, judging, walked
from flexstream.monitoring.waits import Tail
from flexstream.stream.batch import TraceBatch
from flexstream.stream.durations import bins_of

STEPS = ["load", "run", "check", "unload"]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """Return a judge of lots that check about a third of their runs twice, a minute between two steps."""
    chance = np.random.default_rng(3)
    traces = [[*STEPS[:2], *(["run"] if chance.random() < 0.3 else []), *STEPS[2:]] for _ in range(3000)]
    learner = StreamLearner()
    batch = TraceBatch.from_traces(traces, learner.alphabet)
    seconds = chance.uniform(50, 70, len(batch.symbols))
    seconds[batch.offsets[:-1]] = math.nan
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds)))
    return Judge(learner.model, 0.01)


class Watched:
    """Live cases with a clock that is set by hand."""

    def __init__(self, judge: Judge) -> None:
        self.now, self.raised, self.firsts = 0.0, list[Notice](), list[bool]()
        self.alphabet = judge.model.alphabet()
        self.notices = Notices(judging(judge.model), self.alphabet.texts, str)
        self.cases = LiveCases(judge, self.notices, self.raise_, clock=lambda: self.now)

    def raise_(self, notice: Notice, first: bool) -> bool:
        self.raised.append(notice)
        self.firsts.append(first)
        return True

    def event(self, case: str | None, symbol: str, moment: float | None = None) -> None:
        self.cases.event(case, self.alphabet.id(symbol), moment, 7)

    @property
    def kinds(self) -> list[tuple[str | int, str, str | None]]:
        return [(notice.trace, notice.thing.kind, notice.thing.symbol) for notice in self.raised]


def test_steps_are_those_of_the_automaton(judge: Judge) -> None:
    chance = np.random.default_rng(5)
    watched = Watched(judge)
    least = watched.cases.least_bits
    for number in range(300):
        trace = chance.choice([*STEPS, "other"], size=chance.integers(1, 9)).tolist()
        before = len(watched.raised)
        for symbol in trace:
            watched.event(f"case {number}", symbol)
        batch = TraceBatch.from_traces([trace], watched.alphabet)
        bits, states = walked(watched.notices.automaton, batch)
        known = np.zeros(len(bits), np.bool_)
        watched.notices.automaton.bits_of(batch, np.empty(len(bits)), known)
        odd, guessed = dict[tuple[int, str], float](), False
        for place, symbol in enumerate(trace):
            if bits[place] >= least and not guessed:
                odd.setdefault((int(states[place]), symbol), float(bits[place]))
            guessed = bool(not known[place] and (guessed or bits[place] >= least))
        found = {(one.odd.state, one.thing.symbol): one.odd.bits for one in watched.raised[before:]}
        assert found == pytest.approx(odd)
        assert watched.cases.cases[f"case {number}"].state == states[-1]


def test_what_alarms_while_open_alarms_whatever_comes(judge: Judge) -> None:
    """The trace as a whole, however it goes on, has a p-value within the rate."""
    chance = np.random.default_rng(8)
    watched = Watched(judge)
    for number in range(200):
        trace = chance.choice([*STEPS, "other"], p=[0.24, 0.24, 0.24, 0.24, 0.04], size=4).tolist()
        before = len(watched.raised)
        for symbol in trace:
            watched.event(str(number), symbol)
        if len(watched.raised) > before:
            ways = [trace, [*trace, "unload"], [*trace, *STEPS], [*trace, *STEPS * 10]]
            batch = TraceBatch.from_traces(ways, watched.alphabet)
            assert (judge.p_values(batch) <= 0.01).all()


def test_the_least_value_that_alarms_is_the_least(judge: Judge) -> None:
    for name in (WORST, LATE):
        least = least_alarming(judge.calibration, name, judge.rate)
        assert least is not None
        rows = np.full((2, len(judge.calibration.statistics)), -1, np.int32)
        rows[:, judge.calibration.statistics.index(name)] = [least - 1, least]
        below, at = judge.calibration.judged(rows).p_values <= judge.rate
        assert (below, at) == (False, True)


def test_a_case_alarms_for_each_thing_once(judge: Judge) -> None:
    watched = Watched(judge)
    for symbol in ("load", "unload", "load", "unload", "load", "unload"):
        watched.event("x", symbol)
    assert len(set(watched.kinds)) == len(watched.kinds)
    assert watched.firsts == [True] + [False] * (len(watched.firsts) - 1)
    assert watched.raised[0].place.line == 7
    watched.cases.ended(["x"])
    assert len(watched.cases.told_of("x")) == len(watched.kinds)
    assert not watched.cases.cases


def test_a_step_that_takes_long_alarms_at_once(judge: Judge) -> None:
    watched = Watched(judge)
    watched.event("x", "load", 1000.0)
    watched.event("x", "run", 5000.0)
    assert watched.kinds == [("x", "late", "run")]
    assert watched.raised[0].odd.seconds == 4000.0
    assert watched.raised[0].odd.usual == pytest.approx(70, abs=2)


def test_silence_alarms_by_the_clock_of_the_wall(judge: Judge) -> None:
    watched = Watched(judge)
    watched.event("x", "load")
    watched.now = 65.0
    watched.cases.waited()
    assert watched.kinds == []
    watched.now = 4000.0
    watched.cases.waited()
    watched.now = 9000.0
    watched.cases.waited()
    assert watched.kinds == [("x", "silence", None)]
    assert watched.raised[0].odd.seconds == 4000.0


def test_silence_alarms_by_the_times_of_other_events_and_is_not_said_twice(judge: Judge) -> None:
    watched = Watched(judge)
    watched.event("x", "load", 1000.0)
    watched.now = 2.0
    watched.event("y", "load", 9000.0)
    watched.cases.waited()
    assert watched.kinds == [("x", "silence", None)]
    watched.event("x", "run", 9000.0)
    assert watched.kinds == [("x", "silence", None)]


def test_a_case_that_may_be_over_is_not_missed(judge: Judge) -> None:
    watched = Watched(judge)
    for place, symbol in enumerate(STEPS):
        watched.event("x", symbol, 1000.0 + 60 * place)
    watched.now = 1e6
    watched.cases.waited()
    assert watched.kinds == []


def test_a_model_without_times_misses_nobody() -> None:
    learner = StreamLearner()
    learner.learn_many([STEPS] * 500)
    watched = Watched(Judge(learner.model, 0.01))
    watched.event("x", "load", 0.0)
    watched.event("x", "run", 1e6)
    watched.now = 1e6
    watched.cases.waited()
    assert watched.kinds == []


def test_what_is_accepted_is_not_asked_for_again(judge: Judge) -> None:
    watched = Watched(judge)
    asked: list[Any] = []
    watched.cases._raised = lambda notice, first: bool(asked.append((notice, first)))
    for symbol in ("load", "unload"):
        watched.event("x", symbol)
    watched.now = 1e4
    for _ in range(3):
        watched.cases.waited()
    assert len(asked) == len({notice.thing for notice, _ in asked})
    assert all(first for _, first in asked)
    watched.cases.ended(["x"])
    assert watched.cases.told_of("x") == frozenset()


@pytest.mark.parametrize("never", [0.0, 0.25])
def test_a_tail_counts_what_took_as_long(never: float) -> None:
    chance = np.random.default_rng(1)
    bins, counts = np.unique(bins_of(chance.uniform(1, 100, 500)), return_counts=True)
    order = chance.permutation(len(bins))
    tail = Tail(bins[order], counts[order], never)
    for seconds in (0.5, 1.0, 10.0, 99.0, 1e4):
        longer = int(counts[bins >= bins_of(seconds)].sum())
        assert tail.rarity(seconds) == pytest.approx(never + (1 - never) * (1 + longer) / 501)
    assert int(counts[bins > bins_of(tail.usual)].sum()) <= 0.001 * 500


def test_names_and_ends_with_the_input(judge: Judge) -> None:
    """Cases that end with the input, whose names are left out, do so in the order of their first events."""
    watched = Watched(judge)
    for case, symbol in (("a", "load"), ("b", "load"), ("a", "unload")):
        watched.event(case, symbol)
    assert [bool(watched.cases.told_of(None)) for _ in range(2)] == [True, False]


def test_a_step_that_is_usual_after_other_events_alarms_after_its_own() -> None:
    """Short and long jobs share their states: half a minute, and ten; two minutes are neither."""
    learner, chance = StreamLearner(), np.random.default_rng(4)
    batch = TraceBatch.from_traces([[kind, "start", "stop"] for kind in ("short", "long")] * 500, learner.alphabet)
    seconds = chance.uniform(0.9, 1.1, len(batch.symbols)) * np.tile([math.nan, 5, 30, math.nan, 5, 600], 500)
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds)))
    watched = Watched(Judge(learner.model, 0.01))
    for case, kind, took in (("a", "short", 30.0), ("b", "short", 120.0), ("c", "long", 600.0)):
        for symbol, moment in ((kind, 0.0), ("start", 5.0), ("stop", 5.0 + took)):
            watched.event(case, symbol, moment)
    assert watched.kinds == [("b", LATE, "stop")]
    assert watched.raised[0].odd.usual == pytest.approx(33, rel=0.02)
