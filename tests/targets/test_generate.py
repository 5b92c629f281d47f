"""Random targets: connected, ending, minimal, of the length asked for, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.chain import reachable
from flexstream.errors import UsageError
from flexstream.targets import PFA, Recipe, random_hmm, random_pdfa, random_pfa
from flexstream.targets.generate import GENERATORS
from flexstream.targets.minimal import state_classes

recipes = st.builds(
    Recipe,
    states=st.integers(1, 25),
    symbols=st.integers(1, 8),
    symbol_sparsity=st.floats(0.01, 1),
    transition_sparsity=st.floats(0.01, 1),
    final=st.floats(0.01, 1),
    initial=st.floats(0.01, 1),
    mean_length=st.floats(2, 50),
)


def classes(target: PFA) -> np.ndarray:
    return state_classes(target.stops, target.offsets, target.edge_symbols, target.targets, target.probabilities)


@settings(max_examples=40)
@given(st.sampled_from(sorted(GENERATORS)), recipes, st.integers(0, 2**32))
def test_what_every_target_holds_to(kind: str, recipe: Recipe, seed: int) -> None:
    target = GENERATORS[kind](recipe, seed)
    states, roots = recipe.states, np.flatnonzero(target.initial).tolist()
    assert len(target) == states
    assert len(reachable(states, target.sources, target.targets, roots)) == states
    ends = np.flatnonzero(target.stops).tolist()
    assert len(reachable(states, target.targets, target.sources, ends)) == states
    assert target.mean_length() == pytest.approx(recipe.mean_length, rel=1e-3)
    assert target.stops.max() < 1
    again = GENERATORS[kind](recipe, seed)
    assert again.probabilities.tolist() == target.probabilities.tolist()
    if kind == "pdfa":
        assert target.deterministic
        assert len(set(classes(target).tolist())) == states


def test_sparsities() -> None:
    recipe = Recipe(states=100, symbols=50, symbol_sparsity=0.2, transition_sparsity=0.05, final=0.4, initial=0.3)
    pdfa, pfa, hmm = (make(recipe, 1) for make in (random_pdfa, random_pfa, random_hmm))
    assert len(pdfa.targets) == pytest.approx(0.2 * 100 * 50, rel=0.01)
    assert 3500 < len(pfa.targets) <= 5 * 0.2 * 100 * 50 * 1.01
    assert len(hmm.targets) == pytest.approx(0.2 * 50 * 5 * 100, rel=0.1)
    for target in (pfa, hmm):
        assert np.count_nonzero(target.initial) == 30
        assert not target.deterministic
    assert 40 <= np.count_nonzero(pdfa.stops) <= 45
    after = [len(set(pdfa.targets[pdfa.offsets[q] : pdfa.offsets[q + 1]].tolist())) for q in range(100)]
    assert np.mean(after) <= 6


def test_symbols_of_a_hidden_markov_model_do_not_tell_the_next_state() -> None:
    hmm = random_hmm(Recipe(states=6, symbols=4, transition_sparsity=0.5), seed=3)
    for state in range(6):
        row = slice(hmm.offsets[state], hmm.offsets[state + 1])
        table = np.zeros((4, 6))
        table[hmm.edge_symbols[row], hmm.targets[row]] = hmm.probabilities[row]
        assert np.linalg.matrix_rank(table, tol=1e-9) == 1


def test_flat_dirichlet() -> None:
    """Of k outcomes each share has mean 1/k and variance (k - 1) / (k²(k + 1))."""
    target = random_pdfa(Recipe(states=2000, symbols=4, symbol_sparsity=1), seed=0)
    shares = target.probabilities.reshape(-1, 4) / (1 - target.stops[:, None])
    assert shares.mean(0) == pytest.approx(np.full(4, 0.25), abs=0.02)
    assert shares.var(0) == pytest.approx(np.full(4, 3 / 80), rel=0.15)


def test_large_targets() -> None:
    recipe = Recipe(states=1000, symbols=2000, symbol_sparsity=0.005, transition_sparsity=0.002, mean_length=30)
    for make in GENERATORS.values():
        target = make(recipe, 5)
        assert len(target) == 1000
        assert target.mean_length() == pytest.approx(30, rel=1e-3)
        assert target.sampler(0).batch(2000).events / 2000 == pytest.approx(30, rel=0.15)


def test_seeds_differ() -> None:
    assert random_pdfa(Recipe(), 1).stops.tolist() != random_pdfa(Recipe(), 2).stops.tolist()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (dict(states=0), "1 to 1,000,000"),
        (dict(symbols=-1), "1 to 1,000,000"),
        (dict(symbol_sparsity=0.0), "symbol sparsity 0.0"),
        (dict(final=1.5), "final 1.5"),
        (dict(mean_length=0.0), "mean length 0.0"),
        (dict(mean_length=float("nan")), "mean length nan"),
    ],
)
def test_recipes_that_make_no_sense(given: dict[str, float], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Recipe(**given)  # type: ignore[arg-type]


def test_too_much_is_refused_before_memory_goes() -> None:
    with pytest.raises(UsageError, match="too many"):
        random_pfa(Recipe(states=100_000, symbols=1000), 0)


def test_equivalent_states_are_one_class() -> None:
    """Two ways to the same behaviour, and one that differs three steps later."""
    rows = {0: [(0, 1), (1, 2), (2, 3)], 1: [(0, 4)], 2: [(0, 5)], 3: [(0, 6)], 4: [(0, 7)], 5: [(0, 7)], 6: [(0, 8)]}
    sources = [state for state, row in rows.items() for _ in row]
    symbols = np.array([symbol for row in rows.values() for symbol, _ in row], np.int32)
    targets = np.array([target for row in rows.values() for _, target in row], np.int32)
    shares = np.array([1 / 3] * 3 + [1.0] * 6)
    stops = np.array([0.0] * 7 + [1.0, 1.0])
    offsets = np.searchsorted(sources, np.arange(10))
    found = state_classes(stops, offsets, symbols, targets, shares)
    assert found[1] == found[2] == found[3]
    stops[8], shares = 0.5, np.append(shares, 0.5)
    symbols, targets, offsets = np.append(symbols, [0]).astype(np.int32), np.append(targets, [8]), offsets.copy()
    offsets[9] += 1
    found = state_classes(stops, offsets, symbols, targets.astype(np.int32), shares)
    assert found[1] == found[2] != found[3]
