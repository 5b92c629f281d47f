"""Targets and their files once more, written out: every row of the grammars, every line of a file, every seed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from flexstream.automata.compare import Share, rows
from flexstream.automata.pdfa import PDFA
from flexstream.errors import DataError
from flexstream.targets import PFA, Problem, Recipe, from_rows, model_text, read_model, reber, reentrant_line
from flexstream.targets.generate import GENERATORS, _explore, _pairs
from flexstream.targets.lengths import LARGEST_FACTOR, PRECISION, UNLIKELY
from flexstream.targets.minimal import DIGITS
from flexstream.targets.pautomac import WIDTHS, solution_text, strings_text
from flexstream.targets.problem import ENDINGS, MAX_DRAWS, TESTS

# --- grammars ------------------------------------------------------------------------------------------------------

REBER = [
    {"T": (1, 0.5), "P": (2, 0.5)},
    {"S": (1, 0.5), "X": (3, 0.5)},
    {"T": (2, 0.5), "V": (4, 0.5)},
    {"X": (2, 0.5), "S": (5, 0.5)},
    {"P": (3, 0.5), "V": (5, 0.5)},
    {None: (-1, 1.0)},
]
LINE = [
    {"diffuse": (1, 1.0)},
    {"implant": (2, 0.95), "breakdown": (8, 0.05)},
    {"expose": (3, 1.0)},
    {"implant": (4, 0.85), "rework": (2, 0.15)},
    {"diffuse": (5, 0.93), "breakdown": (8, 0.07)},
    {"expose": (6, 1.0)},
    {"inspect": (7, 0.8), "rework": (5, 0.2)},
    {"ship": (8, 0.97), "rework": (5, 0.03)},
    {None: (-1, 1.0)},
]


@pytest.mark.parametrize(("automaton", "table"), [(reber(), REBER), (reentrant_line(), LINE)])
def test_grammars_row_by_row(automaton: PDFA, table: list[dict[str | None, tuple[int, float]]]) -> None:
    """Weights are probabilities: what is known exactly counts nothing."""
    wanted = [{symbol: Share(to, share, pytest.approx(share)) for symbol, (to, share) in row.items()} for row in table]
    assert rows(automaton) == wanted
    assert automaton.visits.tolist() == [1.0] * len(table)
    assert list(automaton.symbols) == sorted({symbol for row in table for symbol in row if symbol is not None})


def test_rows_in_any_order_make_one_automaton() -> None:
    made = from_rows({1: {None: (0.25, 7), "b": (0.75, 0)}, 0: {"c": (0.125, 1), "b": (0.875, 0)}})
    assert rows(made) == [
        {"b": Share(0, 0.875, 0.875), "c": Share(1, 0.125, 0.125)},
        {None: Share(-1, 0.25, 0.25), "b": Share(0, 0.75, 0.75)},
    ]


# --- random targets --------------------------------------------------------------------------------------------------

RECIPES = {
    "small": Recipe(states=5, symbols=3, mean_length=4.0),
    "sparse": Recipe(states=30, symbols=6, symbol_sparsity=0.05, transition_sparsity=0.03, final=0.02, initial=0.5),
    "dense": Recipe(states=12, symbols=4, symbol_sparsity=1.0, transition_sparsity=1.0, final=1.0, initial=1.0),
    "short": Recipe(states=40, symbols=5, final=0.03, mean_length=1.5),
}


def digest(target: PFA) -> str:
    """Return a digest of an automaton, its probabilities to nine digits: the last ones may differ between machines."""
    numbers = [target.initial, target.stops, target.probabilities]
    exact = [target.offsets.tolist(), target.edge_symbols.tolist(), target.targets.tolist()]
    text = json.dumps([list(target.symbols), *exact, *([f"{value:.9f}" for value in part] for part in numbers)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_a_seed_gives_the_same_target_in_every_version() -> None:
    """Figures made from random targets are kept; where a mend changes one, say so in the change log."""
    before = json.loads(Path(__file__).with_name("digests.json").read_text())
    found = {
        f"{kind} {name}": digest(make(recipe, 7))
        for kind, make in GENERATORS.items()
        for name, recipe in RECIPES.items()
    }
    assert found == before


def test_pairs_are_cells_of_a_table() -> None:
    """A row without a cell gets one; with a share of 1 all cells are there."""
    random = np.random.default_rng(1)
    assert _pairs(random, 3, 4, 1.0).tolist() == list(range(12))
    for sparsity, least in ((0.001, 5), (0.5, 10)):
        cells = _pairs(random, 5, 4, sparsity)
        assert sorted(set(cells.tolist())) == cells.tolist() and len(cells) >= least
        assert set((cells // 4).tolist()) == set(range(5)) and cells.max() < 20


def test_transitions_that_lead_nowhere_new_are_free() -> None:
    """State 0 leads to 1 twice and to itself, 1 to 0: three of the four are not needed."""
    targets, reached, free = np.array([1, 1, 0, 0]), {0}, list[int]()
    _explore([0], [slice(0, 3), slice(3, 4)], targets, reached, free)
    assert (sorted(free), reached) == ([1, 2, 3], {0, 1})


def test_constants_of_targets() -> None:
    assert (PRECISION, UNLIKELY, LARGEST_FACTOR, DIGITS) == (1e-6, 1e-9, 10.0, 12)
    assert (TESTS, MAX_DRAWS) == (1000, 1000)
    assert ENDINGS == (".pautomac.train", ".pautomac.test", ".pautomac_solution.txt", ".pautomac_model.txt")
    assert WIDTHS == {"I": 1, "F": 1, "S": 2, "T": 3}


# --- the competition's files -----------------------------------------------------------------------------------------

MODEL = """\
I: (state)
\t(0) 0.25
\t(1) 0.75
F: (state)
\t(0) 0.5
\t(1) 1.0
S: (state,symbol)
\t(0,0) 0.25
\t(0,2) 0.75
T: (state,symbol,state)
\t(0,0,1) 1.0
\t(0,2,0) 0.5
\t(0,2,1) 0.5
"""


def test_a_model_file_line_by_line(tmp_path: Path) -> None:
    """Of the half that goes on from state 0 a quarter is symbol 0 and three quarters symbol 2, to either state."""
    model = PFA.from_edges(
        ["0", "1", "2"], [0.25, 0.75], [0.5, 1.0], [0, 0, 0], [0, 2, 2], [1, 0, 1], [0.125, 0.1875, 0.1875]
    )
    assert model_text(model) == MODEL
    path = tmp_path / "m"
    path.write_text(MODEL)
    back = read_model(path)
    for name in ("initial", "stops", "offsets", "edge_symbols", "targets", "probabilities"):
        assert getattr(back, name).tolist() == getattr(model, name).tolist()
    assert back.symbols == model.symbols


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        *(("Ix (state)", False), ("x: (state)", False), ("(: 1", False), ("i: (state)", False), ("I:", True)),
        *(("I:anything", True), ("\t( 0 ) 1", True), ("(0)1", False), ("(0) 1 2", False), ("(-0) 1", False)),
        *(("(0) nan", False), ("(0) inf", False), ("(0) -0.1", False), ("(0) 0", True), ("(0) 1e-3", True)),
        *(("(1234567890) 0", False), ("(0,0) 0", False), ("() 0", False), ("   ", True)),
    ],
)
def test_lines_of_a_model_file(tmp_path: Path, line: str, entry: bool) -> None:
    path = tmp_path / "m"
    path.write_text(f"I: (state)\n(0) 1\nF: (state)\n(0) 1\nI: once more\n{line}\n(0) 1\n")
    if entry:
        assert len(read_model(path)) == 1
    else:
        with pytest.raises(DataError) as caught:
            read_model(path)
        told = f"{path}:6: {line.strip()!r} is no entry of I (expected: (state) probability)"
        assert str(caught.value) == told


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        *(("F", "(0,0) 1", "(state) probability"), ("S", "(0) 1", "(state, symbol) probability")),
        ("T", "(0,0) 1", "(state, symbol, state) probability"),
    ],
)
def test_what_an_entry_looks_like(tmp_path: Path, name: str, line: str, expected: str) -> None:
    path = tmp_path / "m"
    path.write_text(f"{name}: x\n{line}\n")
    with pytest.raises(DataError) as caught:
        read_model(path)
    assert str(caught.value) == f"{path}:2: '{line}' is no entry of {name} (expected: {expected})"


def test_states_and_symbols_that_a_file_only_mentions(tmp_path: Path) -> None:
    """State 2 stands in T alone, symbol 1 is the largest; states of which nothing is said end."""
    path = tmp_path / "m"
    path.write_text("I: x\n(0) 1\nF: x\n(0) 0.5\nS: x\n(0,1) 1\nT: x\n(0,1,2) 1\n")
    model = read_model(path)
    assert (model.symbols, model.stops.tolist()) == (("0", "1"), [0.5, 1.0, 1.0])
    path.write_text("I: x\n(0) 1\nS: x\n(0,0) 1\n")
    with pytest.raises(DataError, match=r"is no model: a symbol of S has no next state in T \(expected: probab"):
        read_model(path)
    path.write_text("")
    with pytest.raises(
        DataError, match=r"is no model: .*\(expected: probabilities I, F, S and T that belong together\)"
    ):
        read_model(path)


def test_strings_and_solutions_line_by_line() -> None:
    from flexstream import TraceBatch

    batch = TraceBatch(np.array([2, 0, 1, 1], np.int32), np.array([0, 2, 2, 4]))
    assert strings_text(batch, 7) == "3 7\n2 2 0\n0\n2 1 1\n"
    assert solution_text(np.array([-3.0, -np.inf, -2.0, -3.0])) == "4\n0.25\n0\n0.5\n0.25\n"
    assert solution_text(np.empty(0)) == "0\n"


def test_tests_are_drawn_until_enough_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target with two traces is asked a thousand times at most."""
    target = PFA.from_edges(["a"], [1.0, 0.0], [0.5, 1.0], [0], [0], [1], [0.5])
    asked: list[int] = []
    sampler = PFA.sampler

    def watched(self: PFA, *args: object) -> object:
        source = sampler(self, *args)  # type: ignore[arg-type]
        draw = source.batch
        source.batch = lambda n: asked.append(n) or draw(n)  # type: ignore[func-returns-value,method-assign]
        return source

    monkeypatch.setattr(PFA, "sampler", watched)
    assert {tuple(trace.tolist()) for trace in Problem.of(target, 0).tests(3)} == {(), (0,)}
    assert asked == [3] * 1000
    asked.clear()
    Problem.of(target, 0).tests(2)
    assert len(asked) < 100
