"""An alarm names the event with which a trace leaves the automaton, not what is odd for the state guessed after it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flexstream import Judge, StreamLearner, TraceBatch
from flexstream.monitoring.alarm import Alarm
from flexstream.monitoring.live_cases import LiveCases
from flexstream.monitoring.notice import Notice, Notices, judging

WAFERS = ["load", "start", "done", "start", "done", "vent", "unload"]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """Return a judge of lots whose wafers are started and done, twice each, and some of which alarm."""
    learner, chance = StreamLearner(), np.random.default_rng(1)
    for _ in range(600):
        odd = [["alarm", "recover"] if chance.random() < 0.03 else [] for _ in range(2)]
        learner.learn_one(["load", "start", *odd[0], "done", "start", *odd[1], "done", "vent", "unload"])
    return Judge(learner.model, 0.02)


def alarmed(judge: Judge, trace: list[str]) -> Alarm:
    (alarm,) = judge.alarms(TraceBatch.from_traces([trace], judge.model.alphabet()))
    assert alarm is not None
    return alarm


@pytest.mark.parametrize("place", range(1, 6))
def test_a_repeated_event_is_named_itself(judge: Judge, place: int) -> None:
    trace = [*WAFERS[: place + 1], *WAFERS[place:]]
    found = alarmed(judge, trace)
    assert (found.position, found.symbol) == (place + 1, WAFERS[place])
    assert WAFERS[place + 1] in {outcome.symbol for outcome in found.expected}


def test_what_is_odd_before_is_named_where_it_is_odder(judge: Judge) -> None:
    """A lot with one wafer too few, as far as the automaton can tell, since an event came twice."""
    twice = alarmed(judge, ["load", "start", "start", "done", "vent", "unload"])
    assert (twice.position, twice.symbol) == (2, "start")
    unknown = alarmed(judge, ["load", "fire", "start", "done", "start", "done", "vent", "vent", "unload"])
    assert unknown.position == 1


def test_an_open_case_alarms_for_the_same_event(judge: Judge) -> None:
    raised: list[Notice] = []
    alphabet = judge.model.alphabet()
    notices = Notices(judging(judge.model), alphabet.texts, str)

    def counts(notice: Notice, first: bool) -> bool:
        raised.append(notice)
        return True

    cases = LiveCases(judge, notices, counts)
    trace = ["load", "start", "done", "start", "done", "done", "vent", "unload"]
    for symbol in trace:
        cases.event("a", alphabet.id(symbol), None, None)
    (notice,) = raised
    found = alarmed(judge, trace)
    assert (notice.odd.position, notice.thing.symbol, notice.odd.state) == (found.position, found.symbol, found.state)
    assert not math.isnan(notice.odd.bits)


def test_what_was_accepted_hides_nothing(judge: Judge) -> None:
    raised: list[tuple[int, str | None]] = []
    alphabet = judge.model.alphabet()
    notices = Notices(judging(judge.model), alphabet.texts, str)

    def refuses(notice: Notice, first: bool) -> bool:
        raised.append((notice.odd.position, notice.thing.symbol))
        return False

    cases = LiveCases(judge, notices, refuses)
    for symbol in ["load", "start", "done", "vent", "load"]:
        cases.event("a", alphabet.id(symbol), None, None)
    assert raised == [(3, "vent"), (4, "load")]
