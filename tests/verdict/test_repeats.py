"""That a stream repeats itself is told: by the verdict, by the report, and on the command line."""

from __future__ import annotations

import random
from typing import Any

import pytest

from flexstream import StreamLearner
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


def test_nothing_is_told_where_nothing_repeats() -> None:
    assert [verdict.code for verdict in judge(learned(ONCE))] == []


def test_a_report_promises_nothing_of_repeats() -> None:
    report = make_report(with_evidence(learned(LOOP)))
    assert report["headline"].startswith("The stream repeats itself (")
    assert "nothing here is proven" in report["headline"]
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
