"""Ensembles: mixtures of automata, how their members are weighed, and their model file."""

from __future__ import annotations

import dataclasses
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import END, PDFA, UNKNOWN, Ensemble, ModelError, StreamLearner, TraceBatch, UsageError, load_model
from flexstream.automata.footprint import bytes_of
from flexstream.learning.members import FADE, WATCHED, Credit
from flexstream.merging.heuristic import spread
from flexstream.targets import Recipe, random_pfa, reber

from .. import naive

TRACES = reber().sample(1500, 1)
LEARNER = StreamLearner(ensemble=5, every=500)
LEARNER.learn_many(TRACES)
MODEL = LEARNER.model
assert isinstance(MODEL, Ensemble)
walks = st.lists(st.sampled_from("TPSXVq"), max_size=10)


def coin(heads: float) -> PDFA:
    """Return a coin that is thrown until an end comes, with probability a quarter."""
    return PDFA(["h", "t"], [1.0], [0.25], [0, 2], [0, 1], [0, 0], [0.75 * heads, 0.75 * (1 - heads)])


@given(walks, st.lists(st.floats(0.1, 10), min_size=5, max_size=5))
def test_is_the_mixture_of_its_members(trace: list[str], weights: list[float]) -> None:
    ensemble = Ensemble(MODEL.members, weights)
    expected = sum(
        weight * 2.0 ** naive.log2_prob(member, trace)
        for weight, member in zip(ensemble.weights, ensemble.members, strict=True)
    )
    assert ensemble.log2_prob(trace) == pytest.approx(math.log2(expected))


@given(walks)
def test_next_symbols_multiply_to_the_probability_of_the_trace(trace: list[str]) -> None:
    surprise = 0.0
    for position, symbol in enumerate(trace):
        chances = MODEL.predict_proba_one(trace[:position])
        assert sum(chances.values()) == pytest.approx(1)
        surprise -= math.log2(chances.get(symbol, chances[UNKNOWN]))
    surprise -= math.log2(MODEL.predict_proba_one(trace)[END])
    assert MODEL.log2_prob(trace) == pytest.approx(-surprise)


def test_the_worst_event_is_the_least_expected_one() -> None:
    ensemble = Ensemble([coin(0.9), coin(0.5)], [1, 1])
    score = ensemble.score_one(["h", "h", "h", "t"])
    assert (score.worst.position, score.worst.symbol) == (3, "t")
    before = 2.0 ** (ensemble.log2_prob(["h", "h", "h"]))
    assert score.worst.bits == pytest.approx(-math.log2(2.0**score.log2_prob / before), abs=1e-9)


def test_an_event_is_unseen_if_no_member_knows_it() -> None:
    only_heads = PDFA(["h", "t"], [1.0], [0.5], [0, 1], [0], [0], [0.5])
    assert Ensemble([coin(0.5), only_heads], [1, 1]).score_one(["t", "x"]).unseen == 1
    assert Ensemble([only_heads], [1]).score_one(["t", "x"]).unseen == 2


def test_what_no_member_holds_possible_is_impossible() -> None:
    only_heads = PDFA(["h", "t"], [1.0], [0.5], [0, 1], [0], [0], [0.5])
    assert Ensemble([only_heads, only_heads], [1, 1]).log2_prob(["t"]) == -math.inf
    assert Ensemble([only_heads, coin(0.5)], [1, 1]).log2_prob(["h", "t"]) == pytest.approx(math.log2(0.375**2 / 8))


def test_batches_and_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = TraceBatch.from_traces([*TRACES[:200], []], MODEL.alphabet())
    whole = MODEL.score_batch(batch)
    monkeypatch.setattr("flexstream.automata.mixture.CHUNK", 7)
    for one, other in zip(whole, MODEL.score_batch(batch), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [len(column) for column in MODEL.score_batch(batch.part(0, 0))] == [0, 0, 0, 0]


def test_the_file_holds_all_members(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    MODEL.save(path)
    again = load_model(path)
    assert isinstance(again, Ensemble)
    assert again.to_json() == MODEL.to_json()
    np.testing.assert_array_equal(again.weights, MODEL.weights)
    assert PDFA.load(path).equivalent(MODEL.best, tolerance=0)
    assert PDFA.from_json(MODEL.to_json()).to_json() == MODEL.best.to_json()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (('"weights": [', '"weights": [-'), "weights"),
        (('"weights": [', '"weights": [1, '), "a weight for each"),
        (('"members"', '"friends"'), "'members' is missing"),
        (('"version": ', '"version": 9'), "update FlexStream"),
        (('"smoothing": {', '"smooth": {'), "'smoothing' is missing"),
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, edit: tuple[str, str], message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(MODEL.to_json().replace(*edit, 1))
    with pytest.raises(ModelError, match=message) as error:
        load_model(path)
    assert "\n" not in str(error.value)


def test_members_must_fit_together() -> None:
    with pytest.raises(ModelError, match="different symbols"):
        Ensemble([coin(0.5), reber()], [1, 1])
    with pytest.raises(ModelError, match="needs members"):
        Ensemble([], [])
    for weights in ([0, 0], [1, -1], [1, float("nan")], [1, float("inf")], [1e308, 1e308]):
        with pytest.raises(ModelError, match="not all 0"):
            Ensemble([coin(0.5)] * 2, weights)


def test_the_heaviest_members_stay_in_their_order() -> None:
    three = Ensemble([coin(0.2), coin(0.5), coin(0.8)], [3, 1, 2])
    assert [member.predict_proba_one([])["h"] for member in three.heaviest(2)] == pytest.approx([0.15, 0.6])
    assert three.heaviest(2).weights == pytest.approx([0.6, 0.4])
    assert three.best.predict_proba_one([])["h"] == pytest.approx(0.15)
    for number in (0, 4):
        with pytest.raises(UsageError, match="from 1 to 3"):
            three.heaviest(number)


def test_samples_come_from_the_mixture() -> None:
    ensemble = Ensemble([coin(1.0), coin(0.0)], [3, 1])
    traces = [trace for trace in ensemble.sample(4000, seed=5) if trace]
    assert all(len(set(trace)) == 1 for trace in traces)
    share = np.mean([trace[0] == "h" for trace in traces])
    assert abs(share - 0.75) < 4 * math.sqrt(0.75 * 0.25 / len(traces))
    assert ensemble.sample(20, seed=5) == ensemble.sample(20, seed=5) != ensemble.sample(20, seed=6)


# --- learning one --------------------------------------------------------------------------------------------------


def test_one_member_is_the_plain_learner() -> None:
    plain = StreamLearner()
    plain.learn_many(TRACES)
    assert plain.model is plain.automaton
    assert LEARNER._members[0].heuristic == plain.heuristic


def test_batches_make_no_difference_to_the_learner() -> None:
    pieces = StreamLearner(ensemble=5, every=500)
    for start in range(0, len(TRACES), 137):
        pieces.learn_many(TRACES[start : start + 137])
    assert pieces.model.to_json() == MODEL.to_json()


def test_a_small_memory_keeps_all_members_working() -> None:
    learner = StreamLearner(ensemble=3, memory="128KiB", every=500)
    learner.learn_many(np.random.default_rng(1).integers(0, 9, (3000, 8)).tolist())
    assert learner.tree.evicted_nodes > 0
    assert len(learner.model) == 3


def test_mixing_helps_where_no_automaton_is_right() -> None:
    target = random_pfa(Recipe(states=12, symbols=6), seed=3)
    train, test = target.sample(3000, seed=1), target.sample(1000, seed=2)
    ensemble, single = StreamLearner(ensemble=8), StreamLearner()
    for learner in (ensemble, single):
        learner.learn_many(train)
    bits = [-np.mean([learner.model.log2_prob(trace) for trace in test]) for learner in (ensemble, single)]
    assert bits[0] < bits[1]


def test_credit_goes_to_those_who_foresaw_the_stream() -> None:
    credit = Credit(2)
    np.testing.assert_allclose(credit.weights, [0.5, 0.5])
    credit.watch([coin(0.9), coin(0.1)])
    batch = TraceBatch.from_traces([["h"]] * 9 + [["t"]], coin(0.5).alphabet())
    credit.see(batch)
    assert credit.credit == pytest.approx([9 * 0.9 + 0.1, 9 * 0.1 + 0.9])
    credit.watch([coin(0.5), coin(0.5)])
    assert credit.credit.sum() == pytest.approx(10 * FADE)


def test_credit_looks_at_so_many_traces_only() -> None:
    credit = Credit(2)
    credit.watch([coin(0.9), coin(0.1)])
    batch = TraceBatch.from_traces([["h"]] * (WATCHED - 1), coin(0.5).alphabet())
    for _ in range(3):
        credit.see(batch)
    assert credit.credit.sum() == pytest.approx(WATCHED)


@settings(max_examples=20)
@given(st.integers(1, 200))
def test_variants_are_spread_evenly(number: int) -> None:
    points = np.array([spread(i) for i in range(number)])
    assert ((points >= 0) & (points < 1)).all()
    for axis in points.T:  # no gap is much wider than it must be
        assert np.diff(np.sort(axis), prepend=0, append=1).max() < 8 / number


def test_heuristics_without_variants_say_so() -> None:
    with pytest.raises(UsageError, match="no variants"):
        StreamLearner(heuristic="css", ensemble=2)
    with pytest.raises(UsageError, match="at least one"):
        StreamLearner(ensemble=0)


def test_an_ensemble_is_written_member_by_member(tmp_path: Path) -> None:
    """What writing takes does not grow with the members, nor is what is written another."""
    symbols = [f"symbol{number}" for number in range(3000)]
    edges = np.arange(3000)
    one = PDFA(symbols, [3000.0], [0.0], [0, 3000], edges, np.zeros(3000, int), np.ones(3000))
    peaks = []
    for members in (2, 20):
        ensemble = Ensemble([one] * members, np.ones(members))
        tracemalloc.start()
        ensemble.save(tmp_path / "model.json")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (tmp_path / "model.json").read_text() == ensemble.to_json()
    assert peaks[1] < 1.5 * peaks[0]


def many_symbols(traces: int) -> list[list[str]]:
    """Return traces of a thousand symbols, each of forty in turn."""
    return [[f"s{symbol % 1000}" for symbol in range(7 * number, 7 * number + 40)] for number in range(traces)]


def test_members_that_find_no_room_are_left_out(tmp_path: Path) -> None:
    """All members together take a quarter of the memory; the best one is never left out."""
    learner = StreamLearner(memory="1MiB", ensemble=16, every=500)
    learner.learn_many(many_symbols(1000))
    model = learner.model
    assert isinstance(model, Ensemble) and 1 < len(model) < 16
    assert model.provenance["members_left_out"] == 16 - len(model)
    assert sum(bytes_of(member) for member in model) <= 1.25 * (1 << 18)
    assert model.weights.sum() == pytest.approx(1) and learner.automaton.symbols == model.best.symbols
    assert [len(member) for member in learner.automata()] == [len(member) for member in model]
    learner.save(tmp_path / "state")
    loaded = StreamLearner.load(tmp_path / "state")
    for one in (learner, loaded):
        one.learn_many(many_symbols(300))
    assert loaded.model.to_json() == learner.model.to_json()


def test_with_memory_enough_none_is_left_out() -> None:
    learner = StreamLearner(memory="64MiB", ensemble=16, every=500)
    learner.learn_many(many_symbols(1000))
    assert len(learner.automata()) == 16 and "members_left_out" not in learner.model.provenance


def test_members_without_an_automaton_get_no_credit() -> None:
    credit = Credit(3)
    credit.watch([coin(0.5), None, coin(0.9)])
    credit.see(TraceBatch(np.array([0, 0], np.int32), np.array([0, 1, 2])))
    assert credit.credit[1] == 0 and credit.credit[2] > credit.credit[0] > 0


def test_mixing_takes_no_second_copy_of_a_model() -> None:
    """Models that differ in what is beside their columns have these in common, so that sixteen are not thirty-two."""
    one, symbols = coin(0.5), ["h", "t"]
    other = dataclasses.replace(one, provenance={"traces": 1})
    assert other.weights is one.weights and other.symbols is one.symbols
    weights = np.array([0.5, 0.25])
    assert PDFA(symbols, [1.0], [0.25], [0, 2], [0, 1], [0, 0], weights).weights is not weights
