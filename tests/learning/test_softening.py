"""Softened members of ensembles: what they are made from, what they are worth, and their file."""

from __future__ import annotations

import itertools
import json
import math
import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import END, Alphabet, Ensemble, ModelError, StreamLearner, TraceBatch, UsageError, load_model
from flexstream.automata.softened import Softened
from flexstream.learning.softened_members import FEWEST, MOST_ROUNDS, ROUNDS, Reservoir, maximise, parts_of
from flexstream.learning.softening import Softening
from flexstream.summary.held_traces import HeldTraces, held_traces
from flexstream.summary.repeated import Repeated
from flexstream.summary.tree import PrefixTree
from flexstream.targets import Recipe, random_pfa, reber

from ..strategies import Traces, count, traces

SOURCE = random_pfa(Recipe(states=8, symbols=4, mean_length=7), seed=3)
LEARNER = StreamLearner(ensemble=4)
LEARNER.learn_many(SOURCE.sample(3000, seed=1))
MODEL = LEARNER.model
assert isinstance(MODEL, Ensemble)
walks = st.lists(st.integers(0, 4), max_size=8)


def bits(model: Ensemble, seed: int = 2) -> float:
    """Return the bits of a fresh trace."""
    return -float(np.mean([model.log2_prob(trace) for trace in SOURCE.sample(1500, seed)]))


def unsoftened(model: Ensemble) -> Ensemble:
    return replace(model, softened=(), shares=())


def named(held: HeldTraces) -> dict[tuple[int, ...], int]:
    """Return how often each trace came."""
    found = {}
    for row, times in enumerate(held.times.tolist()):
        found[tuple(held.symbols[held.offsets[row] : held.offsets[row + 1]].tolist())] = times
    return found


# --- the traces that a tree holds ------------------------------------------------------------------------------


@given(traces, st.integers(1, 8))
def test_a_tree_holds_all_its_traces(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    held, whole = held_traces(tree, 1 << 20)
    wanted = Counter(tuple(alphabet.find(trace).tolist()) for trace in given_traces)
    assert named(held) == wanted
    assert whole == held.traces == len(given_traces)
    assert list(named(held)) == sorted(wanted)


def test_what_was_repeated_is_held_as_well() -> None:
    tree = PrefixTree()
    tree.count(TraceBatch.from_traces([["a", "b"], ["b"]], Alphabet(["a", "b"])))
    tree.repeated = Repeated(np.array([1, 0], np.int32), np.array([0, 1, 2]), np.array([7, 2]), 9, 9, 0)
    held, whole = held_traces(tree, 100)
    assert named(held) == {(0,): 2, (0, 1): 1, (1,): 8}
    assert whole == 11


def test_of_many_traces_some_are_drawn() -> None:
    drawn = SOURCE.sample(2000, seed=5)
    tree = PrefixTree()
    tree.count(TraceBatch.from_traces(drawn, Alphabet()))
    held, whole = held_traces(tree, 2000)
    assert whole == 2000
    assert 1000 < held.events < 4000
    often = HeldTraces(np.array([0, 1], np.int32), np.array([0, 1, 2]), np.array([9000, 1]))
    assert 4000 < held.thinned(1e9).traces + often.thinned(1).traces - held.traces < 5000


def test_traces_are_set_aside_one_by_one() -> None:
    held = HeldTraces(np.array([0, 1], np.int32), np.array([0, 1, 2]), np.array([5000, 5000]))
    parts = Reservoir.of(held)
    both = Counter(named(parts.learned)) + Counter(named(parts.set_aside))
    assert both == {(0,): 5000, (1,): 5000}
    assert 800 < parts.set_aside.traces < 1200


# --- softening -------------------------------------------------------------------------------------------------


def test_maximising_makes_traces_likelier() -> None:
    held, _ = held_traces(LEARNER.answer().tree, 1 << 20)
    softening = Softening(MODEL.best, share=0.5, seed=1)
    found = [softening.run(held, 1) for _ in range(8)]
    assert all(later < earlier for earlier, later in itertools.pairwise(found))


def test_a_start_without_spread_is_the_automaton() -> None:
    found, batch = Softening(MODEL.best, share=0.0, seed=1).softened(), TraceBatch.from_traces([], MODEL.alphabet())
    batch = TraceBatch.from_traces(SOURCE.sample(50, seed=9), MODEL.alphabet())
    np.testing.assert_allclose(found.log2_probs(batch), MODEL.best.alone.score_batch(batch)[0], rtol=0.05, atol=0.5)


def test_softened_members_foretell_a_source_that_is_not_deterministic() -> None:
    assert len(MODEL.softened) >= 1
    assert 0.2 < MODEL.shares.sum() < 1
    assert bits(MODEL) < bits(unsoftened(MODEL)) - 0.01


def test_a_deterministic_source_loses_nothing() -> None:
    learner = StreamLearner(ensemble=4)
    learner.learn_many(reber().sample(4000, 1))
    fresh = reber().sample(1000, 2)
    model = learner.model
    assert isinstance(model, Ensemble)
    with_them, without = (np.mean([one.log2_prob(trace) for trace in fresh]) for one in (model, unsoftened(model)))
    assert with_them > without - 0.01 * abs(without)


def test_few_traces_are_not_softened() -> None:
    learner = StreamLearner(ensemble=4)
    learner.learn_many(SOURCE.sample(FEWEST - 1, seed=1))
    assert not learner.model.softened


def test_states_are_limited_for_softened_members_too() -> None:
    learner = StreamLearner(ensemble=8, states=3)
    learner.learn_many(SOURCE.sample(1500, seed=1))
    assert all(len(one) <= 3 for one in (*learner.model.members, *learner.model.softened))


def test_little_memory_is_kept_to() -> None:
    learner = StreamLearner(ensemble=4, memory="128KiB")
    learner.learn_many(np.random.default_rng(1).integers(0, 9, (3000, 8)).tolist())
    assert all(16 * 9 * len(one) ** 2 <= (1 << 17) / 6 for one in learner.model.softened)


def test_batches_make_no_difference() -> None:
    pieces, drawn = StreamLearner(ensemble=4), SOURCE.sample(3000, seed=1)
    for start in range(0, len(drawn), 411):
        pieces.learn_many(drawn[start : start + 411])
    assert pieces.model.to_json() == MODEL.to_json()


# --- the mixture -----------------------------------------------------------------------------------------------


@given(walks)
def test_next_symbols_multiply_to_the_probability_of_the_trace(walk: list[int]) -> None:
    trace, surprise = [[*MODEL.symbols, "?"][number] for number in walk], 0.0
    for position, symbol in enumerate(trace):
        chances = MODEL.predict_proba_one(trace[:position])
        assert sum(chances.values()) == pytest.approx(1)
        surprise -= math.log2(list(chances.values())[walk[position] + (walk[position] == 4)])
        assert symbol in chances or walk[position] == 4
    surprise -= math.log2(MODEL.predict_proba_one(trace)[END])
    assert MODEL.log2_prob(trace) == pytest.approx(-surprise)


def test_the_file_holds_them(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    MODEL.save(path)
    again = load_model(path)
    assert isinstance(again, Ensemble)
    assert json.loads(path.read_text())["version"] == 4
    assert again.to_json() == MODEL.to_json()
    assert again.log2_prob(["0", "1"]) == MODEL.log2_prob(["0", "1"])
    assert pickle.loads(pickle.dumps(MODEL)).to_json() == MODEL.to_json()
    assert json.loads(unsoftened(MODEL).to_json())["version"] < 4


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda one: one["shares"].append(0.1), "a share for each"),
        (lambda one: one.update(shares=[1.0] * len(one["shares"])), "sum to less than 1"),
        (lambda one: one["softened"][0]["states"]["stops"].append(0.5), "several numbers"),
        (lambda one: one["softened"][0]["states"]["initial"].__setitem__(0, 7.0), "do not sum to 1"),
        (lambda one: one["softened"][0]["states"]["landing"].__setitem__(0, -1.0), "negative"),
        (lambda one: one["softened"][0]["transitions"]["target"].__setitem__(0, 99_999), "out of range"),
        (lambda one: one["softened"][0]["transitions"]["source"].reverse(), "not ordered"),
        (lambda one: one["softened"][0].pop("base"), "'base' is missing"),
        (lambda one: one["softened"][0].update(base=[1.0]), "base of a softened"),
        (lambda one: one.update(softened=[3]), "not an object"),
        (lambda one: one["softened"][0].update(states=[]), "damaged"),
    ],
)
def test_a_damaged_file_is_one_clear_line(edit: object, message: str) -> None:
    values = json.loads(MODEL.to_json())
    edit(values)  # type: ignore[operator]
    path = json.dumps(values)
    with pytest.raises(ModelError, match=message) as error:
        from flexstream.automata.model_file import loads

        loads(path)
    assert "\n" not in str(error.value)


def test_softened_automata_must_fit() -> None:
    one = MODEL.softened[0]
    other = replace(one, symbols=["w", "x", "y", "z"])
    with pytest.raises(ModelError, match="other symbols"):
        replace(MODEL, softened=[other], shares=[0.1])
    with pytest.raises(UsageError, match="from 1 to 4"):
        MODEL.heaviest(5)
    assert MODEL.heaviest(4) is MODEL
    assert not MODEL.heaviest(2).softened


def test_samples_come_from_softened_members_too() -> None:
    assert isinstance(MODEL.softened[0], Softened)
    only = replace(MODEL, softened=MODEL.softened[:1], shares=[0.999])
    lengths = [len(trace) for trace in only.sample(2000, seed=4)]
    assert abs(np.mean(lengths) - SOURCE.mean_length()) < 1
    assert MODEL.sample(5, seed=4) == MODEL.sample(5, seed=4)


@pytest.mark.parametrize(
    ("told", "rounds"),
    [
        ([100.0, 99.99, 50.0], 2 * ROUNDS),
        ([100.0, 90.0, 89.99, 50.0], 3 * ROUNDS),
        ([*range(100, 40, -10)], MOST_ROUNDS),
    ],
)
def test_maximises_as_long_as_that_saves_bits(monkeypatch: pytest.MonkeyPatch, told: list[float], rounds: int) -> None:
    ran: list[int] = []
    answers = iter(told)
    monkeypatch.setattr(Softening, "run", lambda self, held, rounds, halt: ran.append(rounds) or next(answers))
    tree, _ = count(SOURCE.sample(300, seed=1))
    maximise(Softening(MODEL.best, 0.5, 1), held_traces(tree, 1 << 20)[0])
    assert sum(ran) == rounds


@pytest.mark.parametrize("number", [1, 3, 6, 8])
def test_members_keep_some_of_the_whole(number: int) -> None:
    """Where the traces set aside speak for the softened automata alone, their shares were refused."""
    for share in (0.5, 0.999999, 1.0):
        shares = parts_of(np.full(number, 1 / number), share)
        assert shares.sum() < 1
        assert replace(MODEL, softened=MODEL.softened[:1] * number, shares=shares).shares.sum() == pytest.approx(
            share, abs=2e-5
        )
