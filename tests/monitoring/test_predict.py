"""Forecasts: what is put together, given again from the same state, refused, and told."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner, TraceBatch, UsageError
from flexstream.automata import passage
from flexstream.errors import WrongTypeError
from flexstream.monitoring import predict
from flexstream.monitoring.chances import chances
from flexstream.monitoring.forecast_text import document, text
from flexstream.monitoring.predict import Forecaster
from flexstream.stream.durations import bins_of
from flexstream.targets import Recipe, from_rows, random_hmm

LEAK = from_rows({0: {"a": (50, 0), "b": (10, 1), None: (40, 0)}, 1: {"c": (1, 1)}})
USUAL = [["load", "run"], ["load", "fix", "run"], ["load", "run", "scrap"]] * 40


def timed(ensemble: int = 1) -> StreamLearner:
    learner = StreamLearner(ensemble=ensemble)
    traces = TraceBatch.from_traces(USUAL, learner.alphabet)
    spans = np.tile([np.nan, 60, np.nan, 5, 600, np.nan, 60, 10], 40)
    learner.learn_many(TraceBatch(traces.symbols, traces.offsets, durations=bins_of(spans)))
    return learner


def test_a_forecast_is_what_the_model_says() -> None:
    model = timed().model
    found = Forecaster(model, ["scrap", "fix"], 0.9, [0.5, 0.99], 3).after(["load"])
    coming = model.remaining(["load"])
    assert found.outcomes == chances(model, ["load"], 0.9)[:3]
    assert found.events.mean == coming.mean
    assert found.events.quantiles == {0.5: coming.quantile(0.5), 0.99: coming.quantile(0.99)}
    assert coming.time is not None and found.seconds is not None
    assert found.seconds.quantiles == {share: coming.time.quantile(share) for share in (0.5, 0.99)}
    assert found.last == dict(list(coming.ends_with().items())[:3])
    assert found.reaches == {symbol: coming.reaches(symbol) for symbol in ("scrap", "fix")}
    assert (found.ends, found.unseen, found.state) == (1.0, 0, model.state_after(["load"]))  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["plain", "mixed", "ensemble"])
def test_traces_in_any_order_are_foretold_as_each_by_itself(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "HELD", 3)
    source = random_hmm(Recipe(states=20, symbols=5, mean_length=9, transition_sparsity=0.2), 0)
    learner = timed(3) if kind == "ensemble" else timed()
    if kind == "mixed":
        learner = StreamLearner().fit(source.sample(400, 1))
        assert learner.automaton.ngram is not None
    prefixes = (
        [[], *source.sample(15, 3)] if kind == "mixed" else [[], ["load"], ["load", "run"], ["run"], ["?", "load"]]
    )
    one = Forecaster(learner.model)
    for prefix in [*prefixes, *reversed(prefixes)]:
        assert one.after(prefix) == Forecaster(learner.model).after(prefix)


def test_times_of_large_automata_have_a_mean_and_no_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    model = timed().model
    seconds = Forecaster(model).after(["load"]).seconds
    monkeypatch.setattr(passage, "SOLVED", 0)
    summed_up = Forecaster(type(model).from_json(model.to_json())).after(["load"]).seconds  # type: ignore[union-attr]
    assert seconds is not None and summed_up is not None
    assert summed_up.quantiles == pytest.approx(seconds.quantiles, rel=1e-4)
    monkeypatch.setattr(passage, "QUICK", 10)
    assert Forecaster(model).after(["load"]).seconds == (seconds.mean, {})


def test_unknown_and_unseen_events_are_counted() -> None:
    forecaster = Forecaster(timed().model)
    assert [forecaster.after(prefix).unseen for prefix in ([], ["?"], ["run", "?"], ["load"])] == [0, 1, 2, 0]
    lines = text(forecaster, ["run", "?"], forecaster.after(["run", "?"])).splitlines()
    assert lines[1] == "  for 2 events of them the model has no transition: where they lead is a guess"


def test_what_need_not_end_is_told() -> None:
    forecaster = Forecaster(LEAK, quantiles=[0.5, 0.9])
    found = forecaster.after(["a"])
    assert (found.events.mean, found.events.quantiles[0.9], found.ends) == (math.inf, math.inf, pytest.approx(0.8))
    told = text(forecaster, ["a"], found)
    assert "events to come:  no mean, some traces never end, 50 % at most 1, 90 % at most no end in sight" in told
    assert "with 20 % it never ends" in told
    written = document(found)
    assert written["events"] == {"mean": None, "quantiles": {"0.5": 1, "0.9": None}}
    assert "seconds" not in written and "reach" not in written
    exact = Forecaster(from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}}))
    assert "low" not in document(exact.after([]))["next"][0]
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert "last event:      none" in text(forecaster, ["b"], forecaster.after(["b"]))


def test_words_of_a_timed_model() -> None:
    forecaster = Forecaster(timed().model, reach=["scrap"], quantiles=[])
    told = text(forecaster, ["load", "run"], forecaster.after(["load", "run"]))
    assert told.splitlines()[0].startswith("after 2 events: state q")
    assert "what comes next (95 % interval of each):" in told and "the end" in told
    assert "since the last event" in told and "scrap comes with probability 0.50" in told
    assert "by the states alone" not in told
    many = Forecaster(timed(3).model)
    assert "of the best of 3 automata, which are mixed" in text(many, [], many.after([]))


def test_what_the_states_say_alone_beside_a_mixed_event_is_told_in_its_line() -> None:
    learner = StreamLearner()
    learner.learn_many(random_hmm(Recipe(states=12, symbols=5, mean_length=8), seed=3).sample(800, seed=1))
    first = learner.automaton.symbols[0]
    forecaster = Forecaster(learner.automaton, reach=[first])
    assert learner.automaton.ngram is not None
    told = text(forecaster, [first], forecaster.after([first])).splitlines()[-1]
    assert told.startswith(f"  {first} comes with probability ") and "(by the states alone, without the n-gram)" in told


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"confidence": 0.0}, r"`confidence` is 0.0 \(expected: above 0 and below 1\)"),
        ({"confidence": 1.0}, r"`confidence` is 1.0"),
        ({"quantiles": [0.5, 1.2]}, r"a quantile of 1.2 \(expected: from 0 to 1\)"),
        ({"reach": ["rum"]}, r"no event 'rum' \(expected: one that it was learned from, such as 'run'\)"),
        ({"reach": "run"}, "a trace is a sequence of symbols"),
    ],
)
def test_wrong_questions_are_refused_before_anything_is_worked_out(wrong: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Forecaster(timed().model, **wrong)


def test_impossible_beginnings_and_what_is_no_model_are_refused() -> None:
    with pytest.raises(UsageError, match="the model calls 'c' at position 0 impossible"):
        Forecaster(LEAK).after(["c"])
    with pytest.raises(WrongTypeError):
        Forecaster("model.json")  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError):
        Forecaster(LEAK).after("a")
