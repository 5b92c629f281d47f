"""Drift: changes are noticed, dated, told and followed; what does not change is left alone; batches play no part."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch, UsageError
from flexstream.automata.sampling import texts
from flexstream.errors import WrongTypeError
from flexstream.learning.observers import Observer
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.source_change import SourceChange
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.targets import PFA, Problem, Recipe, reber, reentrant_line

LOTS, WORDS = list(reentrant_line().sample(4000, seed=4)), list(reber().sample(4000, seed=5))
CHANGING = [*LOTS[:2500], *WORDS[:1700]]


def drawn(source: PFA, traces: int, seed: int = 1) -> list[list[str]]:
    return texts(source.sampler(seed).batch(traces), source.symbols)


def moved(source: PFA, share: float) -> PFA:
    """Return a source in which each state gives a share of each outcome's probability to the next one."""
    chances = source.probabilities.copy()
    for start, stop in zip(source.offsets[:-1], source.offsets[1:], strict=True):
        chances[start:stop] = (1 - share) * chances[start:stop] + share * np.roll(chances[start:stop], 1)
    return replace(source, probabilities=chances)


def watched(traces: list[list[str]], drift: Drift, size: int = 10_000, **params: Any) -> StreamLearner:
    """Return a learner that has learned traces while they were watched, in batches of a size."""
    learner = StreamLearner(**params)
    learner.observe(drift)
    for start in range(0, len(traces), size):
        learner.learn_many(traces[start : start + size])
    return learner


def quiet(follow: str = "report") -> Drift:
    return Drift(follow, tell=lambda line: None)


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_another_source_is_noticed_within_60_traces(seed: int) -> None:
    recipe, drift = Recipe(states=20, symbols=8), quiet()
    one, other = (drawn(Problem.random("pdfa", recipe, number).target, 3000) for number in (seed, seed + 1))
    watched([*one, *other], drift)
    (change,) = drift.changes
    assert 3000 <= change.noticed <= 3060
    assert abs(change.since - 3000) <= 8
    assert change.after > 1.5 * change.before


@pytest.mark.parametrize("seed", [7, 8])
def test_a_tenth_of_the_mass_that_moves_is_noticed(seed: int) -> None:
    source, drift = Problem.random("pdfa", Recipe(states=20, symbols=8), seed).target, quiet()
    watched([*drawn(source, 3000), *drawn(moved(source, 0.1), 4000, 2)], drift)
    change = drift.changes[0]
    assert 3000 <= change.noticed <= 4500
    assert abs(change.since - 3000) <= 150


@pytest.mark.parametrize("seed", range(4))
def test_a_source_that_stays_is_left_alone(seed: int) -> None:
    drift = quiet("restart")
    source = Problem.random("pdfa", Recipe(states=20, symbols=8), seed).target
    learner = watched(drawn(source, 12_000), drift)
    assert drift.changes == []
    assert (learner.traces, learner.forgotten) == (12_000, 0)


@pytest.mark.parametrize("params", [{}, {"ensemble": 3}, {"heuristic": "css"}, {"states": 6}, {"every": 500}])
def test_after_a_restart_the_model_is_that_of_the_new_source(params: dict[str, Any]) -> None:
    drift = quiet("restart")
    learner = watched(CHANGING, drift, **params)
    fresh = StreamLearner(**params)
    fresh.alphabet.encode(learner.alphabet.texts)
    (change,) = drift.changes
    fresh.learn_many(CHANGING[change.since :])
    assert 2490 <= change.since == learner.forgotten <= 2510
    assert learner.traces == fresh.traces == len(CHANGING) - change.since
    assert learner.model.to_json().replace("drift", "") != learner.model.to_json()
    scores = [
        model.score_batch(TraceBatch.from_traces(WORDS[2000:], model.alphabet()))
        for model in (learner.model, fresh.model)
    ]
    assert np.allclose(scores[0][0], scores[1][0])
    assert [len(each.automaton) for each in (learner, fresh)] == [len(fresh.automaton)] * 2


@pytest.mark.parametrize("follow", ["report", "restart", "decay"])
@settings(max_examples=3)
@given(sizes=st.lists(st.integers(1, 1500), min_size=1, max_size=4), encoded=st.booleans())
def test_batches_play_no_part(follow: str, sizes: list[int], encoded: bool) -> None:
    told: list[str] = []
    whole, parts = Drift(follow, tell=told.append), Drift(follow, tell=told.append)
    one, other, start = watched(CHANGING, whole), StreamLearner(), 0
    other.observe(parts)
    while start < len(CHANGING):
        for size in sizes:
            part = CHANGING[start : start + size]
            other.learn_many(TraceBatch.from_traces(part, other.alphabet) if encoded else part)
            start += size
    assert parts.changes == whole.changes
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    if not encoded:  # else symbols are known before their time
        assert other.automaton.to_json() == one.automaton.to_json()


@settings(max_examples=10)
@given(st.integers(1, 400), st.integers(0, 300))
def test_who_watches_hangs_on_the_stream_alone(size: int, before: int) -> None:
    """An automaton of the first 250 traces watches, those that came before it was asked to among them."""
    drift, learner = quiet(), StreamLearner()
    learner.learn_many(LOTS[:before])
    learner.observe(drift)
    for start in range(before, 1200, size):
        learner.learn_many(LOTS[start : min(1200, start + size)])
    assert [watcher.start for watcher in drift._watchers] == ([250, 1000] if before < 250 else [1000])


def test_decay_keeps_as_many_traces_from_before_as_came_after() -> None:
    (change,) = _changes_of(CHANGING)
    assert change.followed is not None
    learner = watched(CHANGING[: change.followed], quiet("decay"))
    assert learner.forgotten == 2 * change.since - change.followed
    assert learner.forgotten + learner.traces == change.followed


def _changes_of(traces: list[list[str]]) -> list[SourceChange]:
    drift = quiet("decay")
    watched(traces, drift)
    return drift.changes


def test_decay_forgets_another_source_as_soon_as_the_new_one_foretells_itself_better() -> None:
    told: list[str] = []
    drift = Drift("decay", tell=told.append)
    learner, fresh = watched(CHANGING, drift), StreamLearner()
    since = drift.changes[0].since
    assert learner.forgotten == since
    assert sum(line.startswith(f"nothing from before trace {since + 1:,} is kept") for line in told) == 1
    fresh.learn_many(CHANGING[since:])
    assert len(learner.automaton) == len(fresh.automaton)
    assert learner.automaton.visits.tolist() == fresh.automaton.visits.tolist()


def test_what_was_before_a_change_fades_by_halves() -> None:
    source = Problem.random("pdfa", Recipe(), 7).target
    stream = [*drawn(source, 4000), *drawn(moved(source, 0.3), 3000, 2)]
    drift, learner = quiet("decay"), StreamLearner()
    learner.observe(drift)
    kept = {}
    for start in range(0, len(stream), 100):
        learner.learn_many(stream[start : start + 100])
        if drift.changes and drift.changes[-1].followed is not None:
            kept[drift.seen - drift.changes[-1].since] = drift.changes[-1].since - learner.forgotten
    assert list(kept.values()) == sorted(kept.values(), reverse=True)
    change = drift.changes[-1]
    assert change.followed is not None
    first = change.followed - change.since
    for after, old in kept.items():
        assert old <= max(0, first) / 2 ** int(np.log2(max(1, after // first)))
    assert learner.forgotten + learner.traces == len(stream)


def test_nothing_fades_where_too_many_have_come_to_begin_anew() -> None:
    """What does not fit into the memory for recent traces stays learned, and what was before it weighs little."""
    (change,) = _changes_of(CHANGING)
    assert change.followed is not None
    drift, learner = quiet("decay"), StreamLearner()
    learner.observe(drift)
    learner.learn_many(CHANGING[: change.followed])
    kept = learner.forgotten
    drift.recent.capacity = 0
    learner.learn_many(CHANGING[change.followed :])
    assert learner.forgotten == kept


def test_a_small_change_is_followed_only_once_the_new_traces_foretell_better() -> None:
    source, drift = Problem.random("pdfa", Recipe(), 7).target, quiet("restart")
    watched([*drawn(source, 6000), *drawn(moved(source, 0.1), 4000, 2)], drift)
    change = drift.changes[0]
    assert change.followed is not None
    assert change.followed > change.noticed


def test_two_changes_one_after_the_other() -> None:
    drift = quiet("restart")
    learner = watched([*LOTS[:2000], *WORDS[:2000], *LOTS[2000:]], drift)
    assert [round(change.since, -2) for change in drift.changes] == [2000, 4000]
    assert (learner.traces + learner.forgotten, round(learner.forgotten, -2)) == (6000, 4000)


def test_what_was_noticed_stands_in_models() -> None:
    drift = quiet("restart")
    learner = watched(CHANGING, drift)
    told = learner.model.provenance["drift"]
    assert (told["on_drift"], told["first"], told["last"]) == ("restart", learner.forgotten + 1, len(CHANGING))
    (change,) = told["changes"]
    assert change["since"] == learner.forgotten
    assert change["changes"] > 0
    assert all("->" in line for line in change["changed"])
    assert learner.model.provenance["traces"] == learner.traces
    untouched = watched(LOTS[:1200], quiet())
    assert untouched.model.provenance["drift"] == {"first": 1, "last": 1200, "on_drift": "report", "changes": []}


def test_one_who_only_reports_changes_no_model() -> None:
    plain = StreamLearner()
    plain.learn_many(CHANGING)
    model = replace(watched(CHANGING, quiet()).automaton, provenance={})
    assert model.to_json() == replace(plain.automaton, provenance={}).to_json()


def test_what_changed_is_told_at_the_end_where_few_traces_came_after_it() -> None:
    lines: list[str] = []
    drift = Drift(tell=lines.append)
    learner = watched([*LOTS[:2000], *WORDS[:150]], drift)
    assert [line.split()[0] for line in lines] == ["the"]
    drift.settle(learner)
    drift.settle(learner)
    assert [line.split()[0] for line in lines] == ["the", "what"]
    assert "at the start" in lines[1]


def test_changes_go_to_the_log_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "flexstream"):
        watched(CHANGING, Drift())
    assert caplog.messages[0].startswith("the source changed after trace 2,")


def test_it_joins_late_and_follows_fits_merges_and_copies() -> None:
    drift, learner = quiet("restart"), StreamLearner()
    learner.learn_many(LOTS[:500])
    learner.observe(drift)
    learner.learn_many([*LOTS[500:2500], *WORDS[:300]])
    assert 2500 <= drift.changes[0].noticed <= 2560
    copy.deepcopy(learner).learn_many(LOTS[:100])  # a copy has no observers
    other = StreamLearner().fit(WORDS[:400])
    learner.merge(other)
    learner.learn_many(WORDS[300:400])
    learner.fit([*WORDS[:2000], *LOTS[:200]])
    assert 2000 <= drift.changes[-1].noticed <= 2060
    assert learner.forgotten == drift.changes[-1].since


def test_another_observer_that_stops_earlier_changes_nothing() -> None:
    class Often(Observer):
        def until(self, traces: int) -> int:
            return 7

        def ahead(self, learner: StreamLearner, batch: TraceBatch) -> int:
            return min(5, len(batch))

    alone, beside = quiet("restart"), quiet("restart")
    watched(CHANGING, alone)
    learner = StreamLearner()
    learner.observe(beside)
    learner.observe(Often())
    learner.learn_many(CHANGING)
    assert beside.changes == alone.changes


def test_memory_holds_what_is_kept() -> None:
    learner = watched(LOTS, quiet("restart"), memory="256KiB")
    use = learner.budget.usage()["drift"]
    assert 0 < use.used <= use.share == (1 << 18) // 128


def test_what_is_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="report, restart, decay"):
        Drift("panic")
    with pytest.raises(WrongTypeError):
        Drift(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="between 0 and 1"):
        Drift(delta=1.0)


def test_a_plan_counts_on_a_source_that_stays() -> None:
    made = Plan.make(Demand(states=2, symbols=6, mu=0.5, length=3, eps=0.5, delta=0.1))
    for follow in ("restart", "decay"):
        learner = PlannedLearner(made)
        learner.observe(quiet(follow))
        with pytest.raises(UsageError, match="a source that does not change"):
            learner.learn_many([["a"]])
    learner = PlannedLearner(made)
    learner.observe(quiet())
    learner.learn_many([["a"]])


def test_no_change_is_dated_as_one_that_was_told() -> None:
    """Where one source turns slowly into another the newest change is after the last one, not that once more."""
    recipe, random = Recipe(states=3, symbols=3), np.random.default_rng(40)
    one, other = (drawn(Problem.random("pdfa", recipe, seed).target, 6000) for seed in (19, 20))
    later = random.random(6000) < np.arange(6000) / 6000
    drift = quiet()
    watched([new if late else old for late, new, old in zip(later, other, one, strict=True)], drift)
    places = [change.since for change in drift.changes]
    assert len(places) > 1 and places == sorted(set(places))


def test_what_changed_is_told_of_a_change_that_another_follows_soon() -> None:
    told: list[str] = []
    drift = Drift(tell=told.append)
    learner = watched([*LOTS[:2500], *WORDS[:400], *LOTS[2500:]], drift)
    drift.settle(learner)
    assert [round(change.since, -2) for change in drift.changes] == [2500, 2900]
    assert [line.partition(" ")[0] for line in told] == ["the", "what", "the", "what"]
    assert all(change.details for change in drift.changes)
