"""The examples run, and the data sets are what their script makes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("learn_and_look", "found the grammar: True"),
        ("find_strange_lots", "skipped a step: event 4 (diffuse)"),
        ("two_plants", "the line itself: True"),
    ],
)
def test_example_runs(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    assert says in capsys.readouterr().out


def test_no_example_is_forgotten() -> None:
    assert sorted(path.stem for path in (ROOT / "examples").glob("*.py")) == [
        "find_strange_lots",
        "learn_and_look",
        "two_plants",
    ]


def test_data_sets_are_what_their_script_makes(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "datasets" / "make.py"))["main"](tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (ROOT / "datasets" / name).read_bytes() for name in made}
    assert len(made) == 4
