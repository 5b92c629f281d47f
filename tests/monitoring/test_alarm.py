"""Alarms: p-values keep their promise, alarms say what is strange, and models without calibration are refused."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, Ensemble, Judge, ModelError, StreamLearner, TraceBatch, UsageError, load_model
from flexstream.automata import ranked
from flexstream.automata.calibration import Calibration, Ranked
from flexstream.automata.tallies import Tallies
from flexstream.monitoring.evaluation import area, figures
from flexstream.stream.durations import bins_of
from flexstream.targets import Recipe, random_pdfa, reber

USUAL = [["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 400


def none_tallied(traces: int) -> Tallies:
    return Tallies([], [], [], traces, 0)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def learner() -> StreamLearner:
    learner = StreamLearner()
    learner.learn_many(USUAL)
    return learner


def batch_of(judge: Judge, traces: list[list[str]]) -> TraceBatch:
    return TraceBatch.from_traces(traces, judge.model.alphabet())


# --- p-values keep their promise


def test_ranks_that_are_looked_up_are_those_that_are_searched() -> None:
    rng = np.random.default_rng(5)
    usual, given_rows = rng.integers(-1, 40, (60, 2)), rng.integers(-1, 90, (400, 2))
    judged = []
    for most in (ranked.TABLE, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ranked, "TABLE", most)
            one = Calibration.of(usual, ("worst", "bits"), none_tallied(60))
            judged.append([column.tolist() for column in (*one.judged(given_rows), one.surprises(given_rows + 1))])
    assert judged[0] == judged[1]


def test_alarms_of_a_batch_are_those_of_its_traces(learner: StreamLearner) -> None:
    judge = Judge(learner.model, rate=0.02)
    traces = [["load", "unload"], *USUAL[:3], ["run", "load", "odd"], ["load", *["run"] * 9, "unload"], []]
    batch = batch_of(judge, traces)
    found = judge.alarms(batch)
    alone = [judge.alarms(batch.part(row, row + 1), numbers=[row])[0] for row in range(len(traces))]
    assert found == [None if alarm is None else replace(alarm, row=row) for row, alarm in enumerate(alone)]
    assert sum(alarm is not None for alarm in found) >= 3


def slow_p_value(usual: np.ndarray, one: np.ndarray) -> float:
    """Rank the smallest ranks of all n + 1, as the definition says."""
    both = np.vstack([usual, one])
    ranks = (both[None, :, :] >= both[:, None, :]).sum(axis=1).min(axis=1)
    return float(np.mean(ranks <= ranks[-1]))


@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 10_000), st.integers(1, 40))
def test_p_values_are_those_of_the_definition_and_never_below(
    statistics: int, traces: int, seed: int, most: int
) -> None:
    random = np.random.default_rng(seed)
    usual, one = random.integers(0, most, (traces, statistics)), random.integers(0, most, (1, statistics))
    names = ("worst", "bits", "counts", "late")[:statistics]
    found = Calibration.of(usual, names, none_tallied(traces)).judged(one).p_values[0]
    assert found >= slow_p_value(usual, one) - 1e-12
    if len(np.unique(np.vstack([usual, one]))) == (traces + 1) * statistics:  # without ties it is the same
        assert found == pytest.approx(slow_p_value(usual, one))


@pytest.mark.parametrize("most", [4, 1 << 20])
def test_of_traces_like_those_known_a_share_p_has_p_or_less(most: int) -> None:
    """Any n + 1 rows in every order: each of them is judged once by all others."""
    rows = np.random.default_rng(3).integers(0, most, (200, 3))
    found = []
    for row in range(200):
        usual = Calibration.of(np.delete(rows, row, axis=0), ("worst", "bits", "counts"), none_tallied(199))
        found.append(float(usual.judged(rows[row : row + 1]).p_values[0]))
    for rate in (0.02, 0.05, 0.1, 0.3, 0.7):
        assert np.mean(np.array(found) <= rate) <= rate + 1e-9
    if most > 1000:
        assert np.mean(np.array(found) <= 0.3) > 0.25


def test_the_rate_is_kept_on_traces_that_were_not_learned() -> None:
    alarms = []
    for seed in range(6):
        traces = random_pdfa(Recipe(states=10, symbols=6, mean_length=8), seed).sample(4000, seed)
        learner = StreamLearner()
        learner.learn_many(traces[:2000])
        judge = Judge(learner.model, 0.05)
        alarms.append(float((judge.p_values(batch_of(judge, traces[2000:])) <= 0.05).mean()))
    assert 0.04 < np.mean(alarms) < 0.062
    assert max(alarms) < 0.075


# --- what alarms say


def test_an_alarm_says_where_and_what_was_expected(learner: StreamLearner) -> None:
    judge = Judge(learner.model)
    usual, odd = judge.alarms(
        batch_of(judge, [USUAL[0], ["load", "run", "jam", "unload"]]), ["load", "run", "unload", "setup", "jam"]
    )
    assert usual is None
    assert odd is not None
    assert (odd.row, odd.statistic, odd.position, odd.symbol) == (1, "worst", 2, "jam")
    assert odd.state == learner.automaton.state_after(["load", "run"])
    assert odd.expected[0].symbol == "unload"
    assert odd.expected[0].probability > 0.99
    assert odd.bits == pytest.approx(learner.automaton.alone.surprises(["load", "run", "jam"])[0][2])
    assert odd.p_value <= judge.rate


def test_counts_speak_of_the_symbol_that_comes_too_often() -> None:
    loop = StreamLearner()
    loop.learn_many([["a", "b"] * times for times in (4, 5, 6)] * 300)
    judge = Judge(loop.model)
    (alarm,) = judge.alarms(batch_of(judge, [["a", "b"] * 5 + ["b"] * 9]))
    assert alarm is not None
    (few,) = Judge(loop.model).calibration.tallies.rarest(batch_of(judge, [["a", "b"] * 5 + ["b"] * 9]))
    assert (few.symbol, few.times, few.usual) == (1, 14, 0.0)


def test_a_slow_step_alarms_where_times_are_known() -> None:
    learner, random = StreamLearner(), np.random.default_rng(5)
    traces = TraceBatch.from_traces([["load", "run", "unload"]] * 1000, learner.alphabet)
    took = np.column_stack([np.full(1000, np.nan), random.normal(60, 3, 1000), random.normal(30, 2, 1000)])
    learner.learn_many(replace(traces, durations=bins_of(took.ravel())))
    judge = Judge(learner.model)
    assert judge.calibration.statistics == ("worst", "bits", "counts", "late")
    late = TraceBatch(np.array([0, 1, 2]), np.array([0, 3]), durations=bins_of(np.array([np.nan, 600.0, 30.0])))
    (alarm,) = judge.alarms(late)
    assert alarm is not None
    assert (alarm.statistic, alarm.position, alarm.symbol) == ("late", 1, "run")
    assert alarm.slow is not None
    assert alarm.slow.seconds == pytest.approx(600, rel=0.01)
    again = random.normal([60, 30], [3, 2], (1000, 2))
    others = np.column_stack([np.full(1000, np.nan), again])
    same = TraceBatch(np.tile([0, 1, 2], 1000), np.arange(0, 3001, 3), durations=bins_of(others.ravel()))
    assert (judge.p_values(same) <= 0.01).mean() < 0.02


def test_an_open_case_is_not_judged_as_if_it_had_ended(learner: StreamLearner) -> None:
    judge = Judge(learner.model)
    batch = batch_of(judge, [["load"], ["load"], [], ["load", "load"]])
    found = judge.p_values(batch, np.array([True, False, False, False]))
    assert found[0] <= judge.rate
    assert found[1] == found[2] == 1.0
    assert found[3] <= judge.rate
    assert [alarm is None for alarm in judge.alarms(batch, ended=np.array([True, False, False, False]))] == [
        False,
        True,
        True,
        False,
    ]


def test_a_batch_is_judged_as_its_traces_one_by_one(learner: StreamLearner) -> None:
    judge = Judge(learner.model)
    traces = [USUAL[0], [], ["run"], ["load", "unload"], USUAL[1]]
    whole = judge.p_values(batch_of(judge, traces)).tolist()
    assert whole == [float(judge.p_values(batch_of(judge, [trace]))[0]) for trace in traces]
    assert judge.p_values(batch_of(judge, traces).part(1, 4)).tolist() == whole[1:4]


# --- what is kept and refused


def test_a_model_file_keeps_the_calibration(learner: StreamLearner, tmp_path) -> None:
    for made in (learner.model, _ensemble()):
        made.save(tmp_path / "model.json")
        again = load_model(tmp_path / "model.json")
        one, other = Judge(made), Judge(again)
        batch = batch_of(one, [USUAL[0], ["load", "unload"], []])
        assert one.p_values(batch).tolist() == other.p_values(batch).tolist()
        assert again.to_json() == made.to_json()
        assert Judge(pickle.loads(pickle.dumps(made))).p_values(batch).tolist() == one.p_values(batch).tolist()
    assert Judge(PDFA.load(tmp_path / "model.json")).calibration.traces == 800


def _ensemble() -> Ensemble:
    learner = StreamLearner(ensemble=3)
    learner.learn_many(USUAL)
    assert isinstance(learner.model, Ensemble)
    assert learner.model.calibration is learner.model.best.calibration is not None
    return learner.model


def test_a_model_without_one_is_written_as_before() -> None:
    assert '"calibration"' not in reber().to_json()


@pytest.mark.parametrize(
    "damage",
    [
        lambda one: one | {"traces": 7},
        lambda one: one | {"scores": {"nonsense": one["scores"]["worst"]}},
        lambda one: one | {"smallest": []},
        lambda one: one | {"scores": one["scores"] | {"worst": {"values": [2, 1], "counts": [400, 400]}}},
        lambda one: one | {"tallies": {"symbols": [99], "bins": [1], "counts": [1]}},
        lambda one: one | {"tallies": []},
        lambda one: {},
        lambda one: 3,
    ],
)
def test_a_damaged_calibration_is_named(learner: StreamLearner, damage) -> None:
    import json

    document = json.loads(learner.automaton.to_json())
    document["calibration"] = damage(document["calibration"])
    with pytest.raises(ModelError):
        PDFA.from_json(json.dumps(document))


def test_what_cannot_be_promised_is_refused(learner: StreamLearner) -> None:
    with pytest.raises(ModelError, match=r"a rate of 0\.001 takes 2,999 traces, the model is calibrated by 800"):
        Judge(learner.model, 0.001)
    with pytest.raises(ModelError, match=r"a rate of 1e-16 takes more than 2,[0-9,]* traces"):
        Judge(learner.model, 1e-16)
    with pytest.raises(ModelError, match="takes more than"):
        Judge(learner.model, 1e-320)
    with pytest.raises(ModelError, match="not calibrated"):
        Judge(reber())
    for rate in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(UsageError):
            Judge(learner.model, rate)
    few = StreamLearner()
    few.learn_many(USUAL[:18])
    assert few.automaton.calibration is None
    with pytest.raises(ModelError, match="other alphabet"):
        replace(reber(), calibration=learner.automaton.calibration)


@pytest.mark.parametrize(("traces", "rate"), [(800, 0.01), (300, 0.01), (200, 0.015), (60, 0.0492), (28, None)])
def test_a_rate_that_nobody_chose_is_one_that_can_be_kept(traces: int, rate: float | None) -> None:
    few = StreamLearner()
    few.learn_many((USUAL * 2)[:traces])
    statistics = len(few.automaton.calibration.statistics)
    if rate is None:
        with pytest.raises(ModelError, match=r"a rate of 0\.01 takes .* traces"):
            Judge(few.model)
        return
    judge = Judge(few.model)
    assert judge.rate == rate
    assert judge.rate >= statistics / (traces + 1)
    assert judge.p_values(TraceBatch.from_traces([["stop"] * 9], judge.model.alphabet()))[0] <= rate


def test_learners_add_up_and_copies_go_on_alike(learner: StreamLearner) -> None:
    one, other = StreamLearner(), StreamLearner()
    one.learn_many(USUAL[:300])
    other.learn_many([["setup", "load"], *USUAL[300:]])
    one.merge(other)
    known = one.automaton.calibration
    assert known is not None
    assert known.traces == 801
    for again in (copy.copy(learner), pickle.loads(pickle.dumps(learner))):
        again.learn_many(USUAL[:10])
        assert again.automaton.calibration.traces == 810
    assert learner.automaton.calibration is not None
    assert learner.automaton.calibration.traces == 800


@pytest.mark.parametrize("size", [1, 7, 5000])
@pytest.mark.parametrize(("memory", "one_in"), [("512MiB", 2), ("32MiB", 4)])
def test_batches_change_nothing(size: int, memory: str, one_in: int) -> None:
    traces = random_pdfa(Recipe(states=5, symbols=4, mean_length=5), 1).sample(9000, 1)
    learner, whole = StreamLearner(memory=memory), StreamLearner(memory=memory)
    whole.learn_many(traces)
    for start in range(0, 9000, size):
        learner.learn_many(traces[start : start + size])
    assert learner.automaton.to_json() == whole.automaton.to_json()
    assert whole.automaton.calibration is not None
    assert whole.automaton.calibration.one_in == one_in
    assert whole.automaton.calibration.traces == pytest.approx(9000 / one_in, rel=0.1)


def test_figures_against_the_definition() -> None:
    random = np.random.default_rng(2)
    p_values, wrong = random.integers(0, 20, 300) / 20, random.random(300) < 0.3
    pairs = [(one < other) + 0.5 * (one == other) for one in p_values[wrong] for other in p_values[~wrong]]
    assert area(p_values, wrong) == pytest.approx(np.mean(pairs))
    none = figures(p_values, np.zeros(300, np.bool_), 0.1)
    assert np.isnan([none.recall, none.auc]).all()
    assert none.false_alarm_rate == pytest.approx((p_values <= 0.1).mean())
    with pytest.raises(UsageError):
        figures(p_values, wrong[:5], 0.1)


def test_ranked_numbers_are_counted() -> None:
    ranked = Ranked.of(np.array([4, 4, 9]))
    assert ranked.equal(np.array([4, 5, 9])).tolist() == [2, 0, 1]
    assert ranked.at_least(np.array([4, 5, 10])).tolist() == [3, 1, 0]
