"""Alarms of a fleet: the rate holds for each member, by itself where it has enough traces, else by the pool."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream import FleetLearner, ModelError, TraceBatch
from flexstream.monitoring.alarm import Judge
from flexstream.monitoring.fleet_alarm import FleetJudge
from flexstream.targets import Recipe
from flexstream.targets.generate import random_pdfa

Traces = list[list[str]]
LAWS = {
    name: random_pdfa(Recipe(states=6, symbols=6, mean_length=8), seed).to_pdfa() for name, seed in (("a", 1), ("b", 2))
}


def encoded(judge: FleetJudge, member: str, traces: Traces) -> TraceBatch:
    batch = TraceBatch.from_traces(traces, judge.fleet.alphabet())
    return TraceBatch(batch.symbols, batch.offsets, members=[member] * len(traces))


@pytest.fixture(scope="module")
def judge() -> FleetJudge:
    learner = FleetLearner()
    for member, law, count, seed in (
        ("one", "a", 1500, 1),
        ("two", "a", 1500, 2),
        ("odd", "b", 1500, 3),
        ("few", "b", 30, 4),
    ):
        learner.learn_many(LAWS[law].sample(count, seed), [member] * count)
    return FleetJudge(learner.fleet(), 0.05)


@pytest.mark.parametrize(("member", "law"), [("one", "a"), ("two", "a"), ("odd", "b")])
def test_of_usual_traces_of_each_member_a_share_of_the_rate_alarms(judge: FleetJudge, member: str, law: str) -> None:
    assert judge.by_itself(member)
    fresh = encoded(judge, member, LAWS[law].sample(2000, seed=77))
    assert (judge.p_values(fresh) <= judge.rate).mean() < 0.05 + 3 * np.sqrt(0.05 / 1500 + 0.05 / 2000)


def test_traces_of_another_member_alarm(judge: FleetJudge) -> None:
    foreign = encoded(judge, "odd", LAWS["a"].sample(500, seed=78))
    own = encoded(judge, "one", LAWS["a"].sample(500, seed=78))
    assert (judge.p_values(foreign) <= 0.05).mean() > 0.5 > (judge.p_values(own) <= 0.05).mean() + 0.3


def test_members_with_few_traces_and_those_that_are_not_there_are_judged_by_the_pool(judge: FleetJudge) -> None:
    assert not judge.by_itself("few") and judge.of("few") is judge.pool is judge.of("nobody") is judge.of(None)
    traces = LAWS["b"].sample(50, seed=9)
    expected = Judge(judge.fleet.pool, 0.05).p_values(TraceBatch.from_traces(traces, judge.fleet.alphabet()))
    for member in ("few", "nobody"):
        assert judge.p_values(encoded(judge, member, traces)).tolist() == expected.tolist()


def test_a_rate_that_takes_more_traces_of_a_member_is_the_pools(judge: FleetJudge) -> None:
    rare = FleetJudge(judge.fleet, 0.001)
    assert not rare.by_itself("one")
    with pytest.raises(ModelError, match=r"takes .* traces"):
        FleetJudge(judge.fleet, 0.0001)
