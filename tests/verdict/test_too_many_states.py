"""States that the traces do not speak for are told, where others that were not learned show it."""

from __future__ import annotations

import random

import pytest

from flexstream import StreamLearner, TraceBatch
from flexstream.automata.sampling import texts
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.outdone import outdone
from flexstream.targets import Problem, Recipe, reber
from flexstream.verdict import judge


def memoryless(traces: int, symbols: int, seed: int) -> list[list[str]]:
    """Return traces in which nothing hangs on what came before, and that end anywhere."""
    luck = random.Random(seed)
    lengths = [1 + min(60, int(luck.expovariate(1 / 6))) for _ in range(traces)]
    return [[f"s{luck.randrange(symbols)}" for _ in range(length)] for length in lengths]


def learned(traces: list[list[str]], **options: object) -> StreamLearner:
    learner = StreamLearner(**options)  # type: ignore[arg-type]
    learner.learn_many(traces)
    return learner


def bits(learner: StreamLearner, traces: list[list[str]]) -> float:
    return -float(learner.automaton.score_batch(TraceBatch.from_traces(traces, learner.alphabet))[0].mean())


@pytest.mark.parametrize("seed", [1, 2])
def test_fewer_states_that_foretell_better_are_told(seed: int) -> None:
    learner = learned(memoryless(800, 30, seed))
    model = with_evidence(learner)
    found = outdone(model)
    assert len(model) > 10 and found is not None
    assert found.by is not None and 0 < found.least < found.bits
    last = judge(learner, judged=model)[-1]
    assert (last.code, last.options) == ("too_many_states", {"states": found.by})
    assert f"with at least {found.least:.2g} bits more each than {found.by}" in str(last.text)
    fewer, fresh = learned(memoryless(800, 30, seed), states=found.by), memoryless(400, 30, seed + 100)
    assert bits(fewer, fresh) < bits(learner, fresh) - 1
    assert "too_many_states" not in {verdict.code for verdict in judge(fewer, judged=with_evidence(fewer))}


def test_that_counting_pairs_foretells_better_is_told() -> None:
    source = Problem.random("hmm", Recipe(states=40, symbols=12), 3)
    learner = learned(list(texts(source.traces().batch(400), source.target.symbols)))
    model = with_evidence(learner)
    found = outdone(model)
    assert found is not None and found.by is None
    last = judge(learner, judged=model)[-1]
    assert (last.code, last.verb, dict(last.options)) == ("too_many_states", "inspect", {})
    assert "than counting pairs takes; about 2,000 traces may do" in str(last.text)


def test_nothing_is_told_of_states_that_are_needed_or_that_nobody_tried() -> None:
    for traces in (reber().sample(200, seed=1), reber().sample(3000, seed=2)):
        learner = learned(traces)
        assert judge(learner, judged=with_evidence(learner)) == []
    assert "too_many_states" not in {verdict.code for verdict in judge(learned(memoryless(800, 30, 1)))}
