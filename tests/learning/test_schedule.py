"""When a learner refines: alone against a slow twin, and asked by anybody at any time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch
from flexstream.learning import schedule
from flexstream.learning.schedule import LONG, NEVER, Schedule
from flexstream.pac.report.evidence import with_evidence
from flexstream.targets import reber, reentrant_line

LOTS = list(reentrant_line().sample(3000, seed=2))
WAYS: list[dict[str, Any]] = [
    {},
    {"strategy": "replay"},
    {"ensemble": 3},
    {"memory": "256KiB"},
    {"nodes": 40},
    {"reach": 3},
    {"every": 400},
    {"heuristic": "css"},
    {"heuristic": "alergia", "strategy": "final"},
]

QUESTIONS: list[Callable[[StreamLearner], object]] = [
    lambda learner: learner.automaton,
    lambda learner: learner.model,
    lambda learner: list(learner.explain()),
    with_evidence,
]


def due_times(schedule: Schedule, last: int, states: int, whole: bool) -> list[int]:
    """Return after which traces a schedule wants a refinement."""
    found, traces = [], 0
    while traces < last:
        traces += schedule.until(traces)
        if schedule.due(traces, whole):
            schedule.refined(traces, states)
            found.append(traces)
    return [traces for traces in found if traces <= last]


@pytest.mark.parametrize(
    ("sparse", "whole", "states", "expected"),
    [
        (True, True, 1, [1000, 8000, 128_000, 256_000]),
        (True, True, 200, [1000, 8000, 256_000]),
        (False, True, 1, [1000 << power for power in range(9)]),
        (True, False, 1, [1000 << power for power in range(9)]),
    ],
)
def test_without_a_wish_it_is_after_doublings(sparse: bool, whole: bool, states: int, expected: list[int]) -> None:
    assert due_times(Schedule(None, sparse), 256_000, states, whole) == expected


@given(st.integers(1, 500))
def test_every_so_many_traces(every: int) -> None:
    assert due_times(Schedule(every), 2000, 3, True) == list(range(every, 2001, every))


def test_zero_is_never() -> None:
    quiet = Schedule(0)
    assert quiet.until(77) == NEVER
    assert not quiet.due(1000, whole=False)


@pytest.mark.parametrize(("thin", "states", "thins"), [(True, 4, True), (True, 5, False), (False, 4, False)])
def test_a_long_stream_without_new_states_is_thinned_once(thin: bool, states: int, thins: bool) -> None:
    plan = Schedule(None, thin=thin)
    plan.refined(LONG // 2, 4)
    assert not plan.thins()
    plan.refined(LONG, states)
    assert (plan.thins(), plan.thins()) == (thins, False)


@settings(max_examples=40)
@given(st.sampled_from(WAYS), st.lists(st.integers(1, 2999), max_size=4), st.data())
def test_asking_changes_no_model(way: dict[str, Any], moments: list[int], data: st.DataObject) -> None:
    """Whoever looks on, and whenever: the same traces give the same model, byte for byte but for the looks."""
    asked = StreamLearner(**way)
    start = 0
    for moment in [*sorted(set(moments)), len(LOTS)]:
        asked.learn_many(LOTS[start:moment])
        start = moment
        data.draw(
            st.sampled_from(
                [lambda it: it.automaton, lambda it: it.model, with_evidence, lambda it: list(it.explain())]
            )
        )(asked)
    assert (asked.model.to_json(), list(asked.explain())) == learned_alone(WAYS.index(way))


@functools.cache
def learned_alone(way: int) -> tuple[str, list[Any]]:
    """Return model and explanation of a learner that nobody has asked before."""
    alone = StreamLearner(**WAYS[way])
    alone.learn_many(LOTS)
    return alone.model.to_json(), list(alone.explain())


def test_a_refinement_that_is_told_counts_as_one() -> None:
    learner = StreamLearner(every=0, strategy="replay")
    learner.learn_many(LOTS[:1500])
    told = learner.refine()
    assert learner.answer().refinement is told
    assert learner.answer().tree is learner.tree
    learner.learn_many(LOTS[1500:])
    assert learner.answer().tree is not learner.tree
    assert {entry.stage.name for entry in learner.journal} >= {"KEPT"}


def test_what_was_asked_just_before_is_not_searched_for_again() -> None:
    asked, alone = StreamLearner(every=0), StreamLearner(every=0)
    for learner in (asked, alone):
        learner.learn_many(LOTS[:1500])
    automaton = asked.automaton
    assert asked.refine() is asked.answer().refinement
    assert asked.answer().tree is asked.tree
    assert asked.automaton is automaton
    alone.refine()
    assert asked.refinements == alone.refinements == 1
    for learner in (asked, alone):
        learner.learn_many(LOTS[1500:])
    assert asked.automaton.to_json() == alone.automaton.to_json()


def test_a_thinned_tree_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LONG", 2000)
    monkeypatch.setattr(schedule, "EACH", 100)
    monkeypatch.setattr("flexstream.summary.tree.CACHED", 1 << 13)
    thinned, whole = StreamLearner(), StreamLearner(thin=False)
    traces = reber().sample(6000, seed=1)
    for learner in (thinned, whole):
        learner.learn_many(traces)
    told = thinned.provenance()["tree"]
    assert told["thinned_nodes"] == told["given_up_nodes"] > 0
    assert told["thinned_tails"] == told["given_up_tails"]
    assert whole.provenance()["tree"]["given_up_nodes"] == 0
    assert thinned.refinements == whole.refinements


def test_nine_thousand_traces_have_the_same_states_with_a_report_and_without() -> None:
    lots = reentrant_line().sample(9000, seed=3)
    plain, reported = StreamLearner(), StreamLearner(thin=False)
    for learner in (plain, reported):
        learner.learn_many(lots)
    assert plain.automaton.equivalent(reported.automaton, tolerance=0)


def test_batches_that_straddle_a_refinement_are_cut_there() -> None:
    counted = TraceBatch.from_traces(LOTS, StreamLearner().alphabet)
    pieces = [counted.part(start, min(start + 37, len(counted))) for start in range(0, len(counted), 37)]
    assert sum(map(len, pieces)) == len(counted)
    assert np.array_equal(np.concatenate([piece.symbols for piece in pieces]), counted.symbols)
