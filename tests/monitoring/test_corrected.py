"""Forecasts that are corrected as cases end: what has changed is told soon, what stays is told as before."""

from __future__ import annotations

import pytest

from flexstream import StreamLearner
from flexstream.monitoring import corrected as under_test
from flexstream.monitoring.corrected import Corrected
from flexstream.monitoring.predict import Forecaster

WAIT, DONE = ["take", "wait", "done"], ["take", "done"]


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    traces = ([WAIT] + [DONE] * 4) * 200  # a fifth waits
    return Forecaster(StreamLearner().fit(traces).automaton)


def told(corrected: Corrected) -> dict[str | None, tuple[float, float, float]]:
    found = corrected.after(["take"]).outcomes
    return {one.symbol: (one.probability, one.low or 0.0, one.high or 0.0) for one in found}


def test_without_ended_cases_nothing_is_corrected(forecaster: Forecaster) -> None:
    assert Corrected(forecaster).after(["take"]) == forecaster.after(["take"])
    assert len(Corrected(forecaster, 1).after(["take"]).outcomes) == 1
    assert len(Corrected(forecaster, 1).after(["take"]).last) == 1


def test_what_goes_on_as_before_is_told_as_before(forecaster: Forecaster) -> None:
    corrected = Corrected(forecaster)
    for trace in ([WAIT] + [DONE] * 4) * 30:
        corrected.ended(trace)
    assert corrected.after(["take"]) == forecaster.after(["take"])


def test_what_has_changed_is_told_and_held_soon(forecaster: Forecaster) -> None:
    corrected = Corrected(forecaster)
    for trace in [WAIT, DONE] * 40:
        corrected.ended(trace)
    before, after = {one.symbol: one for one in forecaster.after(["take"]).outcomes}, told(corrected)
    assert before["wait"].high is not None
    assert before["wait"].high < 0.3
    p, low, high = after["wait"]
    assert before["wait"].probability < p
    assert low <= p < 0.5 < high
    assert sum(one[0] for one in after.values()) == pytest.approx(1, abs=1e-6)
    assert corrected.after(["take"])._replace(outcomes=[]) == forecaster.after(["take"])._replace(outcomes=[])


def test_the_newest_have_most_of_the_say_in_bounded_memory(forecaster: Forecaster, monkeypatch) -> None:
    monkeypatch.setattr(under_test, "STATES", 3)
    corrected = Corrected(forecaster)
    for trace in [WAIT] * 600 + [DONE] * 400:
        corrected.ended(trace)
    assert len(corrected._came) <= 3
    assert all(sum(counts.values()) <= under_test.LATELY for counts in corrected._came.values())
    assert corrected.after(["take"]).outcomes[0].symbol == "done"


def test_an_ensemble_is_left_as_it_is() -> None:
    learner = StreamLearner(ensemble=2).fit(([WAIT] + [DONE] * 4) * 100)
    corrected = Corrected(Forecaster(learner.model))
    for _ in range(100):
        corrected.ended(WAIT)
    assert corrected.after(["take"]) == Forecaster(learner.model).after(["take"])
