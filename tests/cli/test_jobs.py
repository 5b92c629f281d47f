"""flexstream learn --jobs: the model of one process, and what does not go with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexstream.targets import reentrant_line

from .conftest import run_command


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    path = tmp_path / "lots.txt"
    path.write_text("".join(" ".join(lot) + "\n" for lot in reentrant_line().sample(1000, seed=2)))
    return path


def test_models_of_three_and_of_four_are_the_same(tmp_path: Path, lots: Path) -> None:
    models = []
    for jobs in (3, 4):
        path = tmp_path / f"{jobs}.json"
        done = run_command("learn", lots, "--jobs", jobs, "-o", path)
        assert done.code == 0, done.err
        assert "1,000 traces" in done.err and f"{jobs} jobs" in done.err and "format lines (guessed)" in done.err
        models.append(json.loads(path.read_text()))
    assert models[0] == models[1]


@pytest.mark.parametrize("ending", ["txt", "csv"])
def test_two_learn_what_one_does(tmp_path: Path, lots: Path, ending: str) -> None:
    if ending == "csv":
        cases = [line.split() for line in lots.read_text().splitlines()]
        events = [(place, number, step) for number, case in enumerate(cases) for place, step in enumerate(case)]
        lots = tmp_path / "lots.csv"
        lots.write_text("lot,step\n" + "".join(f"{number},{step}\n" for _, number, step in sorted(events)))
    found = []
    for jobs in (1, 2):
        done = run_command("learn", lots, "--jobs", jobs, "-o", tmp_path / "model.json")
        assert done.code == 0, done.err
        found.append(((tmp_path / "model.json").read_bytes(), done.err.split(" s; tree")[1]))
    assert found[0] == found[1]


@pytest.mark.parametrize("between", [",", " -> "])
def test_jobs_part_symbols_as_one_process_does(tmp_path: Path, lots: Path, between: str) -> None:
    apart = tmp_path / "apart.txt"
    apart.write_text(lots.read_text().replace(" ", between))
    models = []
    for path in (lots, apart):
        done = run_command("learn", path, "--jobs", 3, "-o", tmp_path / "model.json")
        assert done.code == 0, done.err
        model = json.loads((tmp_path / "model.json").read_text())
        models.append({name: model[name] for name in ("symbols", "states", "transitions")})
    assert models[0] == models[1]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--emit-every", "9", "-o", "-"], "--jobs does not go with --emit-every"),
        (["--checkpoint", "kept"], "--jobs does not go with --checkpoint"),
        (["--on-drift", "report"], "--jobs does not go with --on-drift"),
        (["--follow"], "--jobs does not go with --follow"),
    ],
)
def test_what_needs_all_in_one_place_is_refused(
    lots: Path, options: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lots.parent)
    done = run_command("learn", lots, "--jobs", 2, *options)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--engine", "spark", "--ensemble", "3"], "--engine does not go with --ensemble"),
        (["--engine", "spark", "--case", "lot"], "Spark needs --case and --event"),
        (["--master", "local[2]"], "--master needs --engine"),
        (["--engine", "abacus"], "'abacus' is not one of spark"),
    ],
)
def test_what_does_not_go_with_an_engine(lots: Path, options: list[str], told: str) -> None:
    done = run_command("learn", lots, *options)
    assert done.code == 2
    assert told in done.err


def test_stdin_is_refused() -> None:
    done = run_command("learn", "-", "--jobs", 2, input=b"load\n")
    assert done.code == 2
    assert "--jobs needs files" in done.err


def test_a_source_without_traces_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    path.write_text("")
    done = run_command("learn", path, "--jobs", 2)
    assert done.code == 1 and len(done.errors) == 1
