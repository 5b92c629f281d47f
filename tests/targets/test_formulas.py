"""Constants and formulas of targets, pinned by values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from flexstream.errors import DataError, ModelError, UsageError
from flexstream.targets import PFA, Problem, Recipe, model_text, random_hmm, random_pdfa, random_pfa, read_model
from flexstream.targets.generate import _check_size
from flexstream.targets.grammars import reber, reentrant_line
from flexstream.targets.minimal import state_classes
from flexstream.targets.pautomac import solution_text
from flexstream.targets.problem import problem_files

# --- grammars ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trace", "length"),
    [
        ("T X S", 3),
        ("P V V", 3),
        ("T S X S", 4),
        ("P T V V", 4),
        ("P V P S", 4),
        ("T X X V V", 5),
        ("T S S X X T V V", 8),
    ],
)
def test_reber_halves_at_each_step(trace: str, length: int) -> None:
    assert reber().log2_prob(trace.split()) == -length


@pytest.mark.parametrize(
    ("trace", "probability"),
    [
        ("diffuse breakdown", 0.05),
        ("diffuse implant expose implant breakdown", 0.95 * 0.85 * 0.07),
        ("diffuse implant expose implant diffuse expose inspect ship", 0.95 * 0.85 * 0.93 * 0.8 * 0.97),
        (
            "diffuse implant expose implant diffuse expose rework expose inspect ship",
            0.95 * 0.85 * 0.93 * 0.2 * 0.8 * 0.97,
        ),
        (
            "diffuse implant expose rework expose implant diffuse expose inspect rework expose inspect ship",
            0.95 * 0.15 * 0.85 * 0.93 * 0.8 * 0.03 * 0.8 * 0.97,
        ),
    ],
)
def test_lots_go_through_the_line_as_often_as_written(trace: str, probability: float) -> None:
    assert 2 ** reentrant_line().log2_prob(trace.split()) == pytest.approx(probability)


# --- PFA -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "fits"), [(9e-7, True), (-9e-7, True), (1.1e-6, False), (-1.1e-6, False)])
@pytest.mark.parametrize("where", ["initial", "state 1"])
def test_how_far_probabilities_may_sum_from_one(off: float, fits: bool, where: str) -> None:
    initial, stops = np.array([0.5, 0.5]), np.array([1.0, 1.0])
    (initial if where == "initial" else stops)[1] += off

    def make() -> PFA:
        return PFA.from_edges(["a"], initial, stops, [], [], [], [])

    if fits:
        assert len(make()) == 2
    else:
        with pytest.raises(ModelError, match=f"{where} .*sum to {1 + off:.9g}"):
            make()


def test_the_first_choice_is_named() -> None:
    """State 0 has a and b, state 1 starts with b as well: no choice; that is b of state 1, before c of state 2."""
    rows = [(0, "a", 1), (0, "b", 2), (1, "b", 2), (1, "b", 3), (1, "c", 1), (2, "c", 0), (2, "c", 1), (3, "c", 1)]
    sources, symbols, targets = zip(
        *((source, "abc".index(symbol), target) for source, symbol, target in rows), strict=True
    )
    shares = [0.5, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1.0]
    automaton = PFA.from_edges(list("abc"), [1, 0, 0, 0], [0, 0, 0, 0], sources, symbols, targets, shares)
    with pytest.raises(ModelError, match="from state 1 symbol 'b' leads to state 2 or 3"):
        automaton.to_pdfa()
    assert not automaton.deterministic


def test_one_symbol_from_two_states_is_no_choice() -> None:
    assert PFA.from_edges(["a"], [1, 0], [0.5, 0.5], [0, 1], [0, 0], [1, 1], [0.5, 0.5]).deterministic
    assert PFA.from_edges(["a", "b"], [1], [0.5], [0, 0], [0, 1], [0, 0], [0.25, 0.25]).deterministic


def test_transitions_that_stand_twice_add_up_and_none_of_nothing_is_kept() -> None:
    automaton = PFA.from_edges(
        ["a", "b"], [1, 0], [0.25, 1], [0, 0, 0, 0], [1, 0, 1, 0], [1, 0, 1, 1], [0.25, 0.25, 0.25, 0.0]
    )
    rows = automaton.sources, automaton.edge_symbols, automaton.targets, automaton.probabilities
    assert [row.tolist() for row in rows] == [[0, 0], [0, 1], [0, 1], [0.25, 0.5]]
    assert automaton.mean_length() == pytest.approx(1.0)  # 4/3 visits of state 0, each going on with 3/4


def test_samples_are_cut_after_ten_thousand_events() -> None:
    endless = PFA.from_edges(["a"], [1], [0], [0], [0], [0], [1])
    assert [len(trace) for trace in endless.sample(2, seed=0)] == [10_000] * 2
    assert np.diff(endless.sampler(0).batch(2).offsets).tolist() == [10_000] * 2


# --- recipes -------------------------------------------------------------------------------------------------------


def test_the_recipe_of_the_competition() -> None:
    assert astuple(Recipe()) == (40, 12, 0.3, 0.1, 0.3, 0.1, 15.0)
    recipe = Recipe(states=40)
    assert [recipe.share(part) for part in (0.1, 0.3, 0.001, 1.0, 0.06)] == [4, 12, 1, 40, 2]
    assert recipe.share(0.5, 9) == 4


def test_the_largest_targets() -> None:
    for name in ("states", "symbols"):
        Recipe(**{name: 1_000_000})
        with pytest.raises(UsageError, match=r"1000001 .*1 to 1,000,000 of each"):
            Recipe(**{name: 1_000_001})
    _check_size(10_000_000)
    with pytest.raises(UsageError, match="10,000,001 transitions are too many"):
        _check_size(10_000_001)


@pytest.mark.parametrize("sparsity", [0.05, 0.3, 1.0])
def test_numbers_of_transitions(sparsity: float) -> None:
    """So many pairs of state and symbol as the sparsity says, and one for each state that would have none."""
    recipe = Recipe(states=20, symbols=10, symbol_sparsity=sparsity, transition_sparsity=0.2)
    pdfa, pfa = random_pdfa(recipe, 2), random_pfa(recipe, 2)
    pairs = {(source, symbol) for source, symbol in zip(pfa.sources.tolist(), pfa.edge_symbols.tolist(), strict=True)}
    for found in (len(pdfa.targets), len(pairs)):
        assert sparsity * 200 <= found <= sparsity * 200 + (0 if sparsity == 1 else 20)
        assert found == 200 or sparsity < 1
    assert 3 * len(pairs) < len(pfa.targets) <= 4 * len(pairs)  # 0.2 of 20 states, some drawn twice


def test_a_pfa_has_a_choice_however_sparse() -> None:
    recipe = Recipe(states=30, symbols=2, symbol_sparsity=1.0, transition_sparsity=0.001)
    found = random_pfa(recipe, 1)
    assert 60 < len(found.targets) <= 120  # two of each pair


def test_shares_of_final_and_initial_states() -> None:
    recipe = Recipe(states=50, symbols=20, symbol_sparsity=1.0, transition_sparsity=0.5, final=0.4, initial=0.2)
    for make in (random_pfa, random_hmm):
        found = make(recipe, 3)
        assert np.count_nonzero(found.stops) == 20
        assert np.count_nonzero(found.initial) == 10


def test_more_states_become_final_where_traces_could_not_be_short_enough() -> None:
    recipe = Recipe(states=50, symbols=4, final=0.02, mean_length=1.0)
    found = random_pdfa(recipe, 1)
    assert found.mean_length() == pytest.approx(1.0, rel=1e-3)
    assert np.count_nonzero(found.stops) > 1


# --- minimality ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "classes"), [(2e-13, 2), (4e-12, 3)])
@pytest.mark.parametrize("where", ["end", "transition"])
def test_probabilities_that_agree_to_twelve_digits_are_equal(off: float, classes: int, where: str) -> None:
    stops, shares = np.array([0.0, 0.5, 0.5]), np.array([0.5, 0.5, 0.5, 0.5])
    (stops if where == "end" else shares)[2 if where == "end" else 3] += off
    offsets, symbols, targets = (
        np.array([0, 2, 3, 4]),
        np.array([0, 1, 0, 0], np.int32),
        np.array([1, 2, 1, 2], np.int32),
    )
    assert len(set(state_classes(stops, offsets, symbols, targets, shares).tolist())) == classes


# --- the competition's files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "fine"), [("1.0000000009", True), ("1.0000000011", False), ("-1e-12", False)])
def test_how_far_an_entry_may_pass_one(tmp_path: Path, value: str, fine: bool) -> None:
    path = tmp_path / "m"
    path.write_text(f"I: (state)\n\t(0) {value}\nF: (state)\n\t(0) 1.0\n")
    if fine:
        assert len(read_model(path)) == 1
    else:
        with pytest.raises(DataError, match=r":2: .* is no entry of I"):
            read_model(path)


def test_a_model_file_by_hand(tmp_path: Path) -> None:
    """Of state 0: the end with 0.2; then a, one to three to the states 0 and 1, or b, in the odds three to one."""
    path = tmp_path / "m"
    path.write_text(
        "I: (state)\n(0) 1\nF: (state)\n(0) 0.2\nS: (state,symbol)\n(0,0) 0.75\n(0,1) 0.25\n"
        "T: (state,symbol,state)\n(0,0,0) 0.25\n(0,0,1) 0.75\n(0,1,1) 1\n"
    )
    model = read_model(path)
    assert model.probabilities == pytest.approx([0.8 * 0.75 * 0.25, 0.8 * 0.75 * 0.75, 0.8 * 0.25])
    assert model.stops.tolist() == [0.2, 1.0]  # the file says nothing of state 1
    assert 2 ** model.log2_prob(["0", "1"]) == pytest.approx(0.15 * 0.2)
    lines = [line.split() for line in model_text(model).splitlines()]
    assert {line[0]: float(line[1]) for line in lines if line[0].startswith("(0,")} == pytest.approx(
        {"(0,0)": 0.75, "(0,1)": 0.25, "(0,0,0)": 0.25, "(0,0,1)": 0.75, "(0,1,1)": 1.0}
    )


def test_solutions_have_twelve_digits() -> None:
    assert solution_text(np.log2([1.0, 2.0])) == "2\n0.333333333333\n0.666666666667\n"


def test_long_lines_are_shown_to_sixty_characters(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text("I: (state)\n" + "x" * 99 + "\n")
    with pytest.raises(DataError, match=f":2: '{'x' * 60}' is no entry"):
        read_model(path)


# --- problems ------------------------------------------------------------------------------------------------------


def test_seeds_of_a_problem() -> None:
    """Of the seed come three: of the target, of the traces, of the tests."""
    recipe = Recipe(states=5, symbols=3)
    structure, train, test = np.random.SeedSequence(9).spawn(3)
    problem = Problem.random("pdfa", recipe, 9)
    assert problem.target.probabilities.tolist() == random_pdfa(recipe, structure).probabilities.tolist()
    for made in (problem, Problem.of(problem.target, 9)):
        assert made.train_seed.spawn_key == train.spawn_key == (1,)
        assert made.test_seed.spawn_key == test.spawn_key == (2,)
    first = problem.target.sampler(np.random.SeedSequence(9).spawn(3)[1]).batch(5)
    assert problem.traces().batch(5).symbols.tolist() == first.symbols.tolist()


def test_tests_are_a_thousand_unless_there_are_fewer() -> None:
    coin = PFA.from_edges(["h", "t"], [1.0], [0.2], [0, 0], [0, 1], [0, 0], [0.4, 0.4])
    problem = Problem.of(coin, 1)
    assert len(problem.tests()) == 1000
    drawn = [tuple(trace.tolist()) for trace in problem.target.sampler(problem.test_seed).batch(1000)]
    assert [tuple(trace.tolist()) for trace in problem.tests(20)] == list(dict.fromkeys(drawn))[:20]


def test_names_of_a_problem_s_files() -> None:
    names = [path.as_posix() for path in problem_files("folder/7.a")]
    endings = (".pautomac.train", ".pautomac.test", ".pautomac_solution.txt", ".pautomac_model.txt")
    assert names == [f"folder/7.a{ending}" for ending in endings]


def test_bits_of_a_trace_by_hand() -> None:
    """Two ways: 0 to 0 and then 1, or at once; a quarter and a half of a half."""
    automaton = PFA.from_edges(["a"], [1, 0], [0.25, 0.5], [0, 0, 1], [0, 0, 0], [0, 1, 1], [0.25, 0.5, 0.5])
    one = 0.25 * 0.25 + 0.5 * 0.5
    two = 0.25 * 0.25 * 0.25 + 0.25 * 0.5 * 0.5 + 0.5 * 0.5 * 0.5
    assert automaton.log2_prob(["a"]) == pytest.approx(math.log2(one))
    assert automaton.log2_prob(["a", "a"]) == pytest.approx(math.log2(two))
