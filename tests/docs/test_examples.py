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
        ("watch_an_agent", "loops: ALARM"),
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
        "watch_an_agent",
    ]


def test_data_sets_are_what_their_script_makes(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "datasets" / "make.py"))["main"](tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (ROOT / "datasets" / name).read_bytes() for name in made}
    assert len(made) == 4


def test_an_agent_that_leaves_its_habits_raises_an_alarm() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "watch_an_agent.py"))
    conversations, conversation = example["conversations"], example["conversation"]
    watch, rate = example["Watch"](conversations(500, seed=4), conversations(999, seed=5)), example["RATE"]
    usual = watch.tools(conversations(2000, seed=6))
    # Three standard deviations above the rate that is promised.
    assert sum(watch.p_value(called) <= rate for called in usual) <= 2000 * rate + 3 * (2000 * rate) ** 0.5
    wrong = [
        ["search", "read_file", *["edit_file", "run_tests"] * 9, "commit"],
        ["search", *["read_file"] * 15, "edit_file", "run_tests", "commit"],
        ["search", "read_file", "edit_file", "commit"],
        ["search", "edit_file", "run_tests", "commit"],
        ["search", "read_file", "edit_file", "run_tests"],
        ["search", "read_file", "commit", "edit_file", "run_tests", "commit"],
        ["list_files", "search", "read_file", "edit_file", "send_mail", "run_tests", "commit"],
        [],
    ]
    found = watch.tools([conversation(number, called) for number, called in enumerate(wrong)])
    assert found == wrong
    assert [watch.p_value(called) <= rate for called in found] == [True] * len(wrong)
    assert "call 4 is commit" in watch.why(wrong[2])
    assert "usual there: run_tests" in watch.why(wrong[2])
