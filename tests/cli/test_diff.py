"""``flexstream diff``: two models, what has changed, as text, JSON and picture."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from flexstream import StreamLearner
from flexstream.targets import from_rows


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    """Two models: in the second one lot in four leaves out a step, and some are tested."""
    made = []
    for name, skipped in (("january", 0), ("february", 250)):
        learner = StreamLearner()
        learner.learn_many(
            [["load", 'run "a"', "unload"]] * (1000 - skipped) + [["load", "unload", "<test>"]] * skipped
        )
        made.append(tmp_path / f"{name}.json")
        learner.automaton.save(made[-1])
    return made[0], made[1]


def test_what_changed_is_said_in_words(run: Any, models: tuple[Path, Path]) -> None:
    done = run("diff", *models)
    assert done.code == 0
    assert "unload    0 % -> 25 %   new" in done.text
    assert 'run "a"   100 % -> 75 %' in done.text
    assert "tells them apart: load unload <test>" in done.text


def test_a_model_is_the_same_as_itself(run: Any, models: tuple[Path, Path]) -> None:
    done = run("diff", models[0], models[0], "--exit-code")
    assert done.code == 0 and "the same, as far as can be told" in done.text


def test_the_exit_code_can_tell(run: Any, models: tuple[Path, Path]) -> None:
    assert run("diff", *models, "--exit-code").code == 3


def test_json_holds_all_of_it(run: Any, models: tuple[Path, Path], tmp_path: Path) -> None:
    assert run("diff", *models, "--json", tmp_path / "changes.json").code == 0
    document = json.loads((tmp_path / "changes.json").read_text())
    assert not document["same"] and document["format"] == "flexstream-difference"
    appeared = [change for change in document["changes"] if change["kind"] == "appeared"]
    assert [(change["path"], change["symbol"], change["other"]["count"]) for change in appeared] == [
        (["load"], "unload", 250.0)
    ]


def test_the_picture_shows_what_is_new(run: Any, models: tuple[Path, Path], tmp_path: Path) -> None:
    assert run("diff", *models, "--dot", tmp_path / "changes.dot").code == 0
    text = (tmp_path / "changes.dot").read_text()
    assert "unload new 0.25" in text and "1 → 0.75" in text
    back = run("diff", *reversed(models), "--dot", "-")
    assert back.code == 0 and "unload gone, 0.25" in back.text and "old" in back.text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_the_picture_can_be_drawn(run: Any, models: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("changes.svg", "changes.png"):
        assert run("diff", *models, "--svg", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--error", "2"], "must lie between 0 and 1"),
        (["--json", "no/such/folder/x.json"], "no/such/folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    run: Any, models: tuple[Path, Path], arguments: list[str], message: str
) -> None:
    done = run("diff", *models, *arguments)
    assert done.code in (1, 2) and message in done.err and "Traceback" not in done.err


def test_a_result_does_not_overwrite_a_model(run: Any, models: tuple[Path, Path]) -> None:
    done = run("diff", *models, "--json", models[0])
    assert done.code == 2 and models[0].read_text().startswith("{")


def test_what_changed_is_said_where_no_picture_can_be_made(
    run: Any, models: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flexstream.difference import graphic
    from flexstream.errors import FlexStreamError
    from flexstream.writers import picture

    def fail(*_: object) -> bytes:
        raise FlexStreamError("Graphviz failed: no memory")

    monkeypatch.setattr(graphic, "render", fail)
    monkeypatch.setattr(picture, "require_dot", lambda: None)
    done = run("diff", *models, "--svg", tmp_path / "changes.svg")
    assert done.code == 1 and "Graphviz failed" in done.err
    assert "unload    0 % -> 25 %   new" in done.text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_a_picture_of_a_part_is_told(run: Any, tmp_path: Path) -> None:
    models = []
    for name, share in (("one", 0.1), ("other", 0.4)):
        rows: dict[int, Any] = {step: {"run": (9e3, step + 1), "skip": (1e3, 600)} for step in range(600)}
        rows[2] = {"run": (1e4 - 1e4 * share, 3), "skip": (1e4 * share, 600)}
        models.append(tmp_path / f"{name}.json")
        from_rows({**rows, 600: {None: (1e4, 0)}}).save(models[-1])
    done = run("diff", *models, "--svg", tmp_path / "changes.svg")
    drawn = "2 changes and the ways there, of 1,200 arrows in all"
    assert (done.code, f"changes.svg: too large to be drawn whole; drawn: {drawn}" in done.err) == (0, True)
    assert drawn in (tmp_path / "changes.svg").read_text()
