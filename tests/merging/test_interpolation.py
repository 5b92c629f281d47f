"""An n-gram has a share where it foretells what the automaton does not, and none where states say it all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream._kernels.ngrams import ForetoldRows, likeliest_shares
from flexstream.merging.interpolation import Foretold, Tables, saved, shares
from flexstream.targets import Recipe, random_hmm, random_pdfa, reber

from .. import naive
from ..strategies import Traces, traces

chances = st.floats(0.01, 0.99)
HIDDEN = random_hmm(Recipe(states=20, symbols=6, mean_length=9, transition_sparsity=0.2), 1)


outcomes = st.tuples(st.integers(1, 500), chances, chances)


def foretold(rows: list[list[tuple[int, float, float]]]) -> tuple[Foretold, np.ndarray]:
    """Return outcomes by state, and what the n-gram says of them."""
    flat = [row for state in rows for row in state]
    counts, alone, ngram = np.array(flat, np.float64).reshape(-1, 3).T.copy()
    starts = np.cumsum([0, *map(len, rows)])
    return Foretold(starts, np.arange(len(flat)), counts, alone), ngram


@pytest.mark.twin("ngrams.likeliest_shares")
@given(st.lists(st.lists(outcomes, max_size=9), min_size=1, max_size=4), chances, st.floats(0.1, 9))
def test_shares_are_those_of_their_twin(rows: list[list[tuple[int, float, float]]], all_: float, prior: float) -> None:
    found, ngram = foretold(rows)
    best = np.empty(len(rows))
    likeliest_shares(ForetoldRows(found.starts, found.counts, found.alone, ngram), all_, prior, 14, best)
    assert best == pytest.approx(np.array([naive.likeliest_share(row, all_, prior, 14) for row in rows]), abs=2e-4)


@given(st.lists(outcomes, min_size=1, max_size=20))
def test_no_other_share_is_much_likelier(rows: list[tuple[int, float, float]]) -> None:
    """Where one state is all there is, the best share of a grid is found, up to what the prior is worth."""
    found, ngram = foretold([rows])
    best = shares(found, ngram)
    assert best.shape == (1,)
    assert 0 <= best[0] <= 1
    others = [saved(found, ngram, np.array([share])) for share in np.linspace(0, 1, 21)]
    assert saved(found, ngram, best) >= max(others) - 0.002 * found.counts.sum() - 25


def test_states_with_few_outcomes_have_the_share_of_all() -> None:
    best = shares(*foretold([[(10_000, 0.2, 0.8), (30_000, 0.8, 0.2)], [(1, 0.5, 0.5)]]))
    assert best[1] == pytest.approx(best[0], abs=0.01)
    assert math.isclose((1 - best[0]) * 0.2 + best[0] * 0.8, 0.25, abs_tol=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_of_what_is_deterministic_the_automaton_says_it_all(seed: int) -> None:
    learner = StreamLearner()
    learner.learn_many(random_pdfa(Recipe(states=8, symbols=4, mean_length=8), seed).sample(4000, 1))
    assert learner.automaton.ngram is None
    grammar = StreamLearner()
    grammar.learn_many(reber().sample(500, seed))
    assert grammar.automaton.ngram is None


@pytest.mark.parametrize("number", [200, 1000])
def test_fresh_traces_of_a_hidden_source_are_foretold_better(number: int) -> None:
    learner = StreamLearner()
    learner.learn_many(HIDDEN.sample(number, 1))
    model = learner.automaton
    fresh = TraceBatch.from_traces(HIDDEN.sample(2000, 2), Alphabet(model.symbols))
    assert model.ngram is not None
    assert 0.1 < model.ngram_share < 0.9
    assert model.score_batch(fresh)[0].mean() > model.alone.score_batch(fresh)[0].mean() + 0.1


@given(traces)
def test_the_structure_is_that_of_the_automaton_alone(given_traces: Traces) -> None:
    learner = StreamLearner()
    learner.learn_many(given_traces)
    found = learner.answer()
    alone = found.refinement.automaton(found.tree, learner.alphabet, learner.smoothing)
    model = learner.automaton
    for name in ("visits", "stops", "offsets", "edge_symbols", "targets", "weights", "guessed"):
        assert getattr(model, name).tolist() == getattr(alone, name).tolist()
    assert model.alone.log2_prob(["a"]) == alone.log2_prob(["a"])


def test_batches_do_not_matter() -> None:
    one, other = StreamLearner(), StreamLearner()
    sample = HIDDEN.sample(500, 3)
    one.learn_many(sample)
    for trace in sample:
        other.learn_one(trace)
    assert one.automaton.ngram is not None
    assert one.automaton.to_json() == other.automaton.to_json()


def test_members_of_an_ensemble_share_their_n_grams() -> None:
    learner = StreamLearner(ensemble=4)
    learner.learn_many(HIDDEN.sample(500, 1))
    ngrams = {id(member.ngram) for member in learner.automata()}
    assert len(ngrams) <= 2
    assert learner.model.alone is not learner.model


def test_a_tree_of_nothing_has_no_n_gram() -> None:
    learner = StreamLearner()
    found = learner.answer()
    model = learner.automaton
    assert Tables(found.tree, 0).mixed(model, model, np.zeros(1, np.int32)) is model
    learner.learn_many([[], []])
    assert learner.automaton.ngram is None
