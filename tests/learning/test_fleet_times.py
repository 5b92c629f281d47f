"""Fleets whose members take differently long for what they all do: each has times of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flexstream import Fleet, FleetLearner, ModelError, TraceBatch, load_fleet
from flexstream.automata.fleet import PARTIAL
from flexstream.difference import diff
from flexstream.monitoring.fleet_alarm import FleetJudge
from flexstream.stream.durations import bins_of

SECONDS = {"quick": 60.0, "slow": 600.0, "few": 60.0}


def learned(fixes: dict[str, float], traces: int = 400, few: int = 30) -> Fleet:
    """Learn members that fix a share of what they load, and take as long as SECONDS says for a run."""
    learner = FleetLearner()
    for number, (name, seconds) in enumerate(SECONDS.items()):
        count, random = few if name == "few" else traces, np.random.default_rng(number)
        texts = [["load", *(["fix"] if random.random() < fixes[name] else []), "run", "ship"] for _ in range(count)]
        spans = [
            [np.nan, *([5.0] if len(text) == 4 else []), seconds * random.uniform(0.9, 1.1), 1.0] for text in texts
        ]
        alphabet = learner.pool.alphabet.copy()
        plain = TraceBatch.from_texts(texts, alphabet)
        bins = bins_of(np.concatenate(spans))
        timed = TraceBatch(plain.symbols, plain.offsets, durations=bins, members=[name] * count)
        learner.learn_many(timed, alphabet=alphabet)
    return learner.fleet()


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return learned({"quick": 0.1, "slow": 0.7, "few": 0.1})


def median_of_run(fleet: Fleet, name: str) -> float:
    model = fleet.model(name)
    assert model.durations is not None  # type: ignore[union-attr]
    edge = next(edge for edge, row in enumerate(fleet.base.transitions()) if row.symbol == "run")
    return float(model.durations.quantile(edge, 0.5))  # type: ignore[union-attr]


def test_members_with_probabilities_of_their_own_have_times_of_their_own(fleet: Fleet) -> None:
    assert [fleet[name].kind for name in ("quick", "slow")] == [PARTIAL, PARTIAL]
    assert (median_of_run(fleet, "quick"), median_of_run(fleet, "slow")) == pytest.approx((60, 600), rel=0.1)
    assert fleet["few"].durations is None


def test_what_is_usual_for_one_alarms_for_another(fleet: Fleet) -> None:
    judge = FleetJudge(fleet, 0.02)
    for name, alarms in (("quick", True), ("slow", False)):
        batch = TraceBatch.from_traces([["load", "run", "ship"]], fleet.alphabet())
        late = TraceBatch(batch.symbols, batch.offsets, durations=bins_of([np.nan, 600.0, 1.0]))
        (found,) = judge.of(name).alarms(late)
        assert (found is not None and found.statistic == "late") == alarms


def test_times_of_a_member_are_compared_with_its_own(fleet: Fleet) -> None:
    again = learned({"quick": 0.1, "slow": 0.7, "few": 0.1}, traces=300)
    assert diff(fleet.model("quick"), again.model("quick")).paces == ()  # type: ignore[arg-type]


def test_they_are_in_the_file(fleet: Fleet, tmp_path: Path) -> None:
    fleet.save(tmp_path / "fleet.json")
    again = load_fleet(tmp_path / "fleet.json")
    assert median_of_run(again, "slow") == median_of_run(fleet, "slow")
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "fleet.json").read_bytes()


def test_times_of_other_transitions_are_refused(fleet: Fleet) -> None:
    times = fleet["slow"].durations
    assert times is not None
    wrong = replace(times, dependence=np.ones(len(times.dependence) + 1))
    members = [replace(member, durations=wrong) if member.name == "slow" else member for member in fleet.members]
    with pytest.raises(ModelError, match="durations"):
        replace(fleet, members=members)
    with pytest.raises(ModelError, match="do not fit"):
        replace(fleet["few"], durations=times, kind="pooled")
