"""What every class of models must do, whatever it is made of."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import END, PDFA, UNKNOWN, Ensemble, Model, StreamLearner, TraceBatch, load_model
from flexstream.targets import Recipe, random_hmm, random_pfa, reber, reentrant_line


def learned(ensemble: int) -> Model:
    """Return a model of a source that is not deterministic, whose symbols are numbers."""
    learner = StreamLearner(ensemble=ensemble, every=500)
    learner.learn_many(random_pfa(Recipe(states=6, symbols=3, mean_length=6), seed=3).sample(1500, seed=1))
    return learner.model


def coins() -> Ensemble:
    """Return two coins that are known exactly."""
    stops, rows = [0.25], ([0, 2], [0, 1], [0, 0])
    return Ensemble([PDFA(["h", "t"], [1.0], stops, *rows, [p, 0.75 - p]) for p in (0.6, 0.0)], np.array([2, 1]))


def mixed(ensemble: int) -> Model:
    """Return a model of a hidden Markov source of which few traces came: it is mixed with an n-gram."""
    learner = StreamLearner(ensemble=ensemble)
    learner.learn_many(
        random_hmm(Recipe(states=20, symbols=5, mean_length=9, transition_sparsity=0.2), 0).sample(400, 1)
    )
    return learner.model


MAKERS: dict[str, Callable[[], Model]] = {
    "pdfa": lambda: learned(1),
    "pdfa, mixed": lambda: mixed(1),
    "pdfa, exact": reentrant_line,
    "pdfa, of nothing": lambda: StreamLearner().model,
    "ensemble": lambda: learned(4),
    "ensemble, mixed": lambda: mixed(3),
    "ensemble, exact": coins,
}
"""To add a class of models, add one that was learned and one that is known exactly."""

model_of = cache(lambda name: MAKERS[name]())
every_model = pytest.mark.parametrize("name", MAKERS)
walks = st.lists(st.integers(0, 7), max_size=8)


def trace_of(model: Model, walk: list[int]) -> list[str]:
    """Return a trace of the model's symbols, here and there one that it does not know."""
    texts = [*model.symbols[:7], "?"]
    return [texts[number % len(texts)] for number in walk]


def batch_of(model: Model, traces: list[list[str]]) -> TraceBatch:
    return TraceBatch.from_traces(traces, model.alphabet())


def test_every_class_is_here() -> None:
    assert {type(model_of(name)) for name in MAKERS} == set(get_args(Model))


def test_models_mixed_with_n_grams_are_here() -> None:
    for name in MAKERS:
        if "mixed" in name or "exact" in name:
            model = model_of(name)
            assert (model.alone is not model) == ("mixed" in name)


# --- scores --------------------------------------------------------------------------------------------------------


@every_model
@given(walk=walks)
def test_scoring_is_pure(name: str, walk: list[int]) -> None:
    model, fresh = model_of(name), MAKERS[name]() if "exact" in name else model_of(name)
    text, trace = model.to_json(), trace_of(model, walk)
    batch = batch_of(model, [trace])
    given_ids, given_offsets = batch.symbols.tolist(), batch.offsets.tolist()
    first = model.score_one(trace)
    model.score_batch(batch)
    model.predict_proba_one(trace)
    model.alphabet().encode(["one more"])
    assert model.score_one(trace) == first == fresh.score_one(trace)
    assert model.to_json() == text
    assert (batch.symbols.tolist(), batch.offsets.tolist()) == (given_ids, given_offsets)


@every_model
@given(given_walks=st.lists(walks, max_size=5), order=st.randoms())
def test_a_batch_scores_like_its_traces(name: str, given_walks: list[list[int]], order) -> None:  # type: ignore[no-untyped-def]
    model = model_of(name)
    traces = [trace_of(model, walk) for walk in [*given_walks, []]]
    order.shuffle(traces)
    scores = [model.score_one(trace) for trace in traces]
    rows = [(score.log2_prob, score.worst.position, score.worst.bits, score.unseen) for score in scores]
    batch = batch_of(model, traces)
    columns = model.score_batch(batch)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == rows
    some = model.score_batch(batch.part(1, len(batch)))
    assert list(zip(*(column.tolist() for column in some), strict=True)) == rows[1:]
    assert [len(column) for column in model.score_batch(batch.part(0, 0))] == [0] * 4


@every_model
@given(walk=walks)
def test_outcomes_sum_to_one_and_multiply_to_the_probability_of_the_trace(name: str, walk: list[int]) -> None:
    model = model_of(name)
    trace, bits = trace_of(model, walk), []
    for position, symbol in enumerate([*trace, END]):
        chances = model.predict_proba_one(trace[:position])
        assert list(chances) == [*model.symbols, END, UNKNOWN]
        assert min(chances.values()) >= 0
        assert sum(chances.values()) == pytest.approx(1)
        chance = chances.get(symbol, chances[UNKNOWN])
        bits.append(-math.log2(chance) if chance > 0 else math.inf)
        if math.isinf(bits[-1]):
            break  # what comes after the impossible has no probability
    score = model.score_one(trace)
    assert score.log2_prob == pytest.approx(-sum(bits))
    assert score.worst.bits == pytest.approx(max(bits))


@every_model
@given(walk=walks)
@settings(max_examples=15)
def test_what_is_likeliest_and_what_remains(name: str, walk: list[int]) -> None:
    """What remains is said by the automaton alone, whatever n-gram it is mixed with."""
    model = model_of(name)
    trace, text = trace_of(model, walk), model.to_json()
    chances = model.predict_proba_one(trace)
    assert chances[model.predict_one(trace)] == max(p for outcome, p in chances.items() if outcome is not UNKNOWN)
    if math.isinf(model.log2_prob(trace)) and ("exact" in name or not model.symbols):
        return  # the beginning is impossible, or only the end is: tests/automata/test_remaining.py
    coming = model.remaining(trace)
    assert coming.ends == pytest.approx(1)
    p = coming.distribution(60)
    assert p.sum() == pytest.approx(1 - coming.surviving(59))
    alone = model.alone.remaining(trace)
    assert (coming.mean, coming.ends_with()) == (alone.mean, alone.ends_with()) or isinstance(model, Ensemble)
    assert model.alone.predict_proba_one(trace)[END] == pytest.approx(alone.probability(0))
    assert sum(coming.ends_with().values()) <= 1 + 1e-9
    assert model.to_json() == text


@every_model
@given(walk=walks)
def test_what_a_score_says(name: str, walk: list[int]) -> None:
    model = model_of(name)
    trace = trace_of(model, walk)
    score = model.score_one(trace)
    assert score.log2_prob == model.log2_prob(trace) <= 0
    assert score.length == len(trace)
    assert score.worst.symbol == [*trace, None][score.worst.position]
    assert trace.count("?") <= score.unseen <= len(trace)


@every_model
def test_unknown_symbols_are_unknown_whatever_their_id(name: str) -> None:
    model = model_of(name)
    size = len(model.symbols)
    ids = np.array([-1, size, size + 9, 2**31 - 1], np.int32)
    columns = model.score_batch(TraceBatch(ids, np.arange(5)))
    assert all(len(set(column.tolist())) == 1 for column in columns)
    assert columns[3].tolist() == [1] * 4
    assert columns[0][0] == model.log2_prob(["?"]) == model.log2_prob([-5])


@every_model
def test_numbers_count_as_their_text(name: str) -> None:
    model = model_of(name)
    assert model.log2_prob([0, 1, 2]) == model.log2_prob(["0", "1", "2"])


@every_model
def test_symbols_are_those_of_the_alphabet(name: str) -> None:
    model = model_of(name)
    assert list(model.alphabet()) == list(model.symbols)
    assert model.alphabet() is not model.alphabet()
    assert f"{len(model.symbols)} symbols" in repr(model)


# --- files and copies ----------------------------------------------------------------------------------------------

SOME_TRACES = [[], ["?"], ["0", "1", "2", "1"], ["h", "t"], ["diffuse", "implant", "expose"]]


def assert_same(one: Model, other: Model) -> None:
    assert type(one) is type(other)
    assert one.to_json() == other.to_json()
    for trace in SOME_TRACES:
        assert one.score_one(trace) == other.score_one(trace)


@every_model
def test_the_file_holds_everything(name: str, tmp_path: Path) -> None:
    model, path = model_of(name), tmp_path / "model.json"
    model.save(path)
    assert path.read_text() == model.to_json()
    assert_same(load_model(path), model)
    best = model if isinstance(model, PDFA) else model.best
    assert_same(PDFA.load(path), best)
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]


@every_model
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_models_of_their_own(name: str, way: Callable[[Model], Model]) -> None:
    model = model_of(name)
    twin = way(model)
    assert_same(twin, model)
    assert_read_only(twin)


@every_model
def test_models_cannot_be_changed(name: str) -> None:
    model = model_of(name)
    assert_read_only(model)
    with pytest.raises(FrozenInstanceError):
        model.symbols = ()  # type: ignore[misc]


def assert_read_only(model: Model) -> None:
    """Look at the arrays of a model and of its parts."""
    automata = [model] if isinstance(model, PDFA) else list(model)
    parts = [model, *automata, *(automaton.smoothing for automaton in automata)]
    arrays = [getattr(part, field.name) for part in parts for field in fields(part)]
    flags = [array.flags.writeable for array in arrays if isinstance(array, np.ndarray)]
    assert len(flags) >= 9 and not any(flags)


# --- samples -------------------------------------------------------------------------------------------------------


@every_model
def test_seeds_are_all_that_samples_hang_on(name: str) -> None:
    model = model_of(name)
    traces = model.sample(200, seed=5)
    assert traces == model.sample(200, seed=5)
    assert traces[:20] == model.sample(20, seed=5)
    assert not model.symbols or traces != model.sample(200, seed=6)
    assert model.sample(0, seed=5) == []


@every_model
def test_samples_are_traces_that_can_be(name: str) -> None:
    model = model_of(name)
    traces = model.sample(200, seed=5)
    assert {symbol for trace in traces for symbol in trace} <= set(model.symbols)
    scores = model.score_batch(batch_of(model, traces))
    assert np.isfinite(scores[0]).all()
    assert not scores[3].any() or getattr(model, "softened", ())  # what is unseen, automata say
    assert max(len(trace) for trace in model.sample(200, seed=5, max_length=2)) == min(2, max(map(len, traces)))


@every_model
def test_samples_begin_as_often_as_they_should(name: str) -> None:
    """Smoothing, which samples leave out, is less than what chance allows."""
    model, n = model_of(name), 4000
    traces = model.sample(n, seed=8)
    chances = model.predict_proba_one([]) if model.symbols else {END: 1.0}
    for outcome in [*model.symbols, END]:
        share = sum((trace[0] if trace else END) == outcome for trace in traces) / n
        p = chances[outcome]
        assert abs(share - p) < 5 * math.sqrt(p * (1 - p) / n) + 0.005


def test_reber_is_scored_alike_alone_and_in_an_ensemble_of_one() -> None:
    grammar = reber()
    alone, mixed = grammar, Ensemble([grammar], np.ones(1))
    for trace in [*grammar.sample(50, seed=1), ["V"], ["T", "?"]]:
        assert mixed.log2_prob(trace) == pytest.approx(alone.log2_prob(trace))
