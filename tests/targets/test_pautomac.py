"""The competition's files: written, read back, and read as the competition wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from flexstream.errors import DataError
from flexstream.readers import read_batches
from flexstream.stream.batch import TraceBatch
from flexstream.targets import PFA, Problem, Recipe, model_text, random_pdfa, read_model, write_problem
from flexstream.targets.pautomac import solution_text, strings_text

from ..strategies import automata

DETERMINISTIC = {6, 16, 18, 24, 26, 32, 40, 42, 48}


@given(automata())
def test_models_are_read_back(tmp_path_factory: pytest.TempPathFactory, automaton: PFA) -> None:
    path = tmp_path_factory.mktemp("model") / "m"
    path.write_text(model_text(automaton))
    back = read_model(path)
    assert back.initial == pytest.approx(automaton.initial)
    assert back.stops == pytest.approx(automaton.stops)
    assert back.targets.tolist() == automaton.targets.tolist()
    assert back.edge_symbols.tolist() == automaton.edge_symbols.tolist()
    assert back.probabilities == pytest.approx(automaton.probabilities, rel=1e-12)


def test_symbols_are_conditional_on_going_on(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text(
        "I: (state)\n\t(0) 1.0\nF: (state)\n\t(0) 0.75\nS: (state,symbol) \n\t(0,1) 1.0\nT: x\n\t(0,1,0) 1.0\n"
    )
    model = read_model(path)
    assert model.symbols == ("0", "1")
    assert model.log2_prob(["1"]) == pytest.approx(np.log2(0.25 * 0.75))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(0) 1.0\n", ":1: a probability before the first heading"),
        ("I: (state)\n\t(0) x\n", r":2: '\(0\) x' is no entry of I"),
        ("I: (state)\n\t(0,1) 1.0\n", ":2: .* is no entry of I"),
        ("I: (state)\n\t(0) 1.5\n", ":2: .* is no entry of I"),
        ("I: (state)\n\t(0) 0.5\nF: (state)\n\t(0) 1.0\n", "initial probabilities sum to 0.5"),
        ("I: x\n\t(0) 1.0\nS: x\n\t(0,0) 1.0\n", "no next state in T"),
        ("", "no state"),
        ("load run\n", ":1: a probability before the first heading"),
    ],
)
def test_what_is_no_model(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "m"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_model(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_model(tmp_path / "none")


def test_strings_are_read_back(tmp_path: Path) -> None:
    batch = TraceBatch(np.array([2, 0, 1, 1], np.int32), np.array([0, 2, 2, 4]))
    path = tmp_path / "x.train"
    path.write_text(strings_text(batch, 3))
    alphabet = PFA.from_edges(list("012"), [1.0], [1.0], [], [], [], []).alphabet()
    (back,) = read_batches(path, alphabet)
    assert [trace.tolist() for trace in back] == [[2, 0], [], [1, 1]]


def test_no_strings_and_impossible_ones() -> None:
    assert solution_text(np.empty(0)) == "0\n"
    assert solution_text(np.array([-2000.0, -2001.0, -np.inf])).split()[1:] == ["0.666666666667", "0.333333333333", "0"]


def test_problems_hold_together(tmp_path: Path) -> None:
    problem = Problem.random("hmm", Recipe(states=8, symbols=5, mean_length=6), seed=3)
    assert write_problem(problem, tmp_path / "3", traces=500) == 1000
    names = ["3.pautomac.test", "3.pautomac.train", "3.pautomac_model.txt", "3.pautomac_solution.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    model = read_model(tmp_path / "3.pautomac_model.txt")
    (tests,) = read_batches(tmp_path / "3.pautomac.test", problem.target.alphabet())
    assert len({trace.tobytes() for trace in tests}) == 1000
    shares = 2 ** model.log2_probs(tests)
    solution = [float(word) for word in (tmp_path / "3.pautomac_solution.txt").read_text().split()]
    assert solution[0] == 1000
    assert solution[1:] == pytest.approx(shares / shares.sum(), rel=1e-9)


def test_few_strings_are_all_there_are() -> None:
    target = PFA.from_edges(["a"], [1.0, 0.0], [0.5, 1.0], [0], [0], [1], [0.5])
    assert len(Problem.of(target, 0).tests()) == 2


def test_train_and_test_are_drawn_apart() -> None:
    problem = Problem.of(random_pdfa(Recipe(), 1), seed=1)
    assert problem.traces().batch(5).symbols.tolist() != problem.tests(5).symbols.tolist()


def test_the_competition_s_own_models(data: Path) -> None:
    models = sorted((data / "pautomac").glob("*_model.txt"))
    found = set()
    for path in models:
        number = int(path.name.split(".")[0])
        model = read_model(path)
        if model.deterministic:
            found.add(number)
        batches = read_batches(path.with_name(f"{number}.pautomac.test"), model.alphabet())
        shares = 2 ** np.concatenate([model.log2_probs(batch) for batch in batches])
        solution = path.with_name(f"{number}.pautomac_solution.txt").read_text().split()[1:]
        assert shares / shares.sum() == pytest.approx([float(word) for word in solution], rel=1e-9)
    assert found == DETERMINISTIC
