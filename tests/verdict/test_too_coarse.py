"""An option that keeps the model small is named as the cause, and no repeats are told of what it cannot expect."""

from __future__ import annotations

import random
from functools import cache

import pytest

from flexstream import StreamLearner
from flexstream.pac.report.evidence import with_evidence
from flexstream.verdict import judge


@cache
def independent() -> list[list[str]]:
    """Return an independent sample of few different traces."""
    luck, traces = random.Random(1), []
    for _ in range(3000):
        trace, chance = ["a"], luck.random()
        if chance < 0.7:
            trace += ["d", "e"] if chance < 0.35 else ["f", "g", "h", "e"]
        else:
            trace += ["b", "c"] * (1 + min(6, int(luck.expovariate(1.1))))
            trace += ["d", "e"] if luck.random() < 0.5 else ["f", "g", "h", "e"]
        traces.append(trace)
    return traces


def learned(traces: list[list[str]], **options: object) -> StreamLearner:
    learner = StreamLearner(**options)  # type: ignore[arg-type]
    learner.learn_many(traces)
    return learner


@pytest.mark.parametrize("given", [{"nodes": 3}, {"reach": 1}, {"states": 2}, {"states": 2, "ensemble": 3}])
def test_the_option_that_keeps_the_model_small_is_named(given: dict[str, int]) -> None:
    learner = learned(independent(), **given)
    found = judge(learner, judged=with_evidence(learner))
    name = next(iter(given))
    assert (found[0].code, dict(found[0].options)) == ("too_coarse", {name: None})
    assert f"as `{name}` allows no more; leave it out" in str(found[0].text)
    assert not {"repeats", "source_changed", "too_many_states"} & {verdict.code for verdict in found}
    assert (
        found[0]
        .line(["a.txt"], given | {"output": "m.json"})
        .endswith(" ".join(f"--{key} {value}" for key, value in (given | {"output": "m.json"}).items() if key != name))
    )


@pytest.mark.parametrize("given", [{}, {"nodes": 100_000}, {"states": 20}, {"reach": 9}])
def test_nothing_is_told_where_no_option_hinders(given: dict[str, int]) -> None:
    learner = learned(independent(), **given)
    assert judge(learner, judged=with_evidence(learner)) == []


@pytest.mark.parametrize("given", [{"nodes": 3}, {"reach": 1}, {"states": 2}])
def test_a_stream_that_repeats_itself_is_told_of_a_small_model_as_well(given: dict[str, int]) -> None:
    learner = learned(independent() * 3, **given)
    assert learner.answer().tree.repeated.traces > 5000
    assert "repeats" in {verdict.code for verdict in judge(learner)}


def test_members_of_an_ensemble_with_few_states_expect_what_the_evidence_speaks_for() -> None:
    small, free = (learned(independent(), ensemble=3, states=states) for states in (2, None))
    assert small.repeats.traces == free.repeats.traces == 0
