"""That a stream repeats itself is told: by the verdict, by the report, and on the command line."""

from __future__ import annotations

import random
from typing import Any

import pytest

from flexstream import StreamLearner
from flexstream.monitoring.drift import Drift
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.page import html, text
from flexstream.pac.report.report import make_report
from flexstream.targets import Recipe, random_pdfa
from flexstream.verdict import judge

ONCE = random_pdfa(Recipe(states=9, symbols=7, mean_length=10), 3).sample(1500, 5)
LOOP = ONCE * 7
SHUFFLED = random.Random(3).sample(ONCE + ONCE[:150] * 40, 7500)


def learned(traces: list[list[str]]) -> StreamLearner:
    learner = StreamLearner()
    learner.learn_many(traces)
    return learner


@pytest.mark.parametrize(("stream", "least"), [(LOOP, 6.5), ([t for t in ONCE for _ in range(5)], 4.5)])
def test_a_verdict_tells_how_often_and_an_example(stream: list[list[str]], least: float) -> None:
    learner = learned(stream)
    first = judge(learner)[0]
    assert first.code == "repeats"
    assert f"{learner.repeats.traces:,} of {len(stream):,} traces say again what came before" in str(first.text)
    found = learner.repeats.multiplicity(learner.automaton)
    assert found is not None and found > least
    assert f"comes {found:.3g} times" in str(first.text)
    shown = str(first.text).split("'")[1]
    assert shown.split("…")[0] in {" ".join(trace)[: len(shown.split("…")[0])] for trace in stream}


@pytest.mark.parametrize("copies", [2, 3, 5, 8])
def test_copies_of_each_trace_are_told_in_any_order(copies: int) -> None:
    stream = random.Random(copies).sample(ONCE * copies, copies * len(ONCE))
    learner = learned(stream)
    first = judge(learner)[0]
    assert first.code == "repeats"
    again = (copies - 1) * len(ONCE)
    assert f"{again:,} of {len(stream):,} traces say again what came before" in str(first.text)
    report = make_report(with_evidence(learner))
    assert report["seen"]["repeats"]["traces"] == again
    assert report["seen"]["repeats"]["multiplicity"] == pytest.approx(copies, rel=0.1)


def test_copies_are_told_where_they_count_as_the_traces_are_not_held_whole() -> None:
    learner = StreamLearner(nodes=100)
    learner.learn_many(random.Random(2).sample(ONCE * 2, 2 * len(ONCE)))
    first = judge(learner)[0]
    assert (first.code, first.verb) == ("repeats", "inspect")
    assert "about 2 copies of each trace come, in any order" in str(first.text)
    assert "each copy counts as evidence of states; learn one of each, or let all be held, `memory`" in str(first.text)
    learner.tree.thinned_nodes = learner.tree.evicted_nodes  # as of a long stream
    assert judge(learner)[0].options == {"thin": False}
    once = StreamLearner(nodes=100)
    once.learn_many(ONCE)
    assert "repeats" not in {verdict.code for verdict in judge(once)}


def in_turn(finished: int, seed: int) -> list[list[str]]:
    """Cases of one process in the order in which they began, the last of them still open, five in each stage."""
    luck = random.Random(seed)
    route = [f"step {number}" for number in range(14)]

    def case() -> list[str]:
        return [part for step in route for part in [step] * (1 + (luck.random() < 0.04))]

    return [case() for _ in range(finished)] + [route[:stage] for stage in range(13, 0, -1) for _ in range(5)]


@pytest.mark.parametrize(("finished", "seed"), [(300, 1), (1000, 2), (4000, 3)])
def test_what_the_end_of_the_stream_cuts_is_no_repeat(finished: int, seed: int) -> None:
    learner = learned(in_turn(finished, seed))
    assert learner.repeats.traces > 20  # the rule cannot know how they would have gone on
    assert [verdict.code for verdict in judge(learner)] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_repeats_are_told_of_a_stream_whose_end_is_cut_as_well(seed: int) -> None:
    once = in_turn(300, seed)
    for stream in (once * 3, [trace for trace in once for _ in range(3)], once + once[:60] * 20):
        assert judge(learned(stream))[0].code == "repeats"


def test_nothing_is_told_where_nothing_repeats() -> None:
    assert [verdict.code for verdict in judge(learned(ONCE))] == []


def test_a_report_promises_nothing_of_repeats() -> None:
    report = make_report(with_evidence(learned(LOOP)))
    assert report["headline"].startswith("The stream repeats itself (")
    assert "neither intervals nor bounds are proven" in report["headline"]
    assert report["seen"]["repeats"]["multiplicity"] > 6.5
    assert not any(row["met"] for row in report["theorems"])
    for page in (text(report), html(report)):
        assert "The stream repeats itself: " in page and "came again" in page
    plain = make_report(with_evidence(learned(ONCE)))
    assert plain["seen"]["repeats"] is None
    assert "repeats itself" not in text(plain)


def test_a_report_of_a_model_file_says_the_same() -> None:
    from flexstream import PDFA

    model = with_evidence(learned(LOOP))
    assert make_report(PDFA.from_json(model.to_json())) == make_report(model)


@pytest.mark.parametrize("wrong", [3, {}, {"traces": 1, "events": 1, "given_up": 0, "times": 1, "example": [2]}])
def test_damaged_provenance_is_refused(wrong: Any) -> None:
    from dataclasses import replace

    from flexstream.errors import ModelError

    model = with_evidence(learned(LOOP))
    with pytest.raises(ModelError, match="provenance of the model is damaged"):
        make_report(replace(model, provenance={**model.provenance, "repeats": wrong}))


def with_a_new_step(seed: int) -> list[list[str]]:
    """Return traces of a process in which a step gets another name halfway."""
    luck = random.Random(seed)
    works = [["edit"] * min(5, int(luck.expovariate(0.6))) for _ in range(4000)]
    return [["open", *work, "review" if row < 2000 else "vote", "close"] for row, work in enumerate(works)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_change_of_the_source_is_no_repetition(seed: int) -> None:
    learner = learned(with_a_new_step(seed))
    assert learner.repeats.traces > 40
    first, *others = judge(learner)
    assert (first.code, first.options) == ("source_changed", {"on_drift": "restart"})
    assert "repeats" not in {verdict.code for verdict in others}
    assert make_report(with_evidence(learner))["seen"]["repeats"] is None
    watched = StreamLearner()
    watched.observe(Drift("restart"))
    watched.learn_many(with_a_new_step(seed))
    assert watched.forgotten == pytest.approx(2000, abs=50)
