"""The heuristic that docs/heuristics.md shows is a heuristic, entered by one file and one line."""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flexstream import StreamLearner
from flexstream.merging import heuristics
from flexstream.targets import reentrant_line

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "heuristics.md").read_text()
FILE, USE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the file as if it lay in flexstream/merging/heuristics, and enter the line."""
    (tmp_path / "aic.py").write_text(FILE)
    (line,) = re.findall(r"```text\n +(.*?),\n```", PAGE)
    monkeypatch.setattr(heuristics, "__path__", [*heuristics.__path__, str(tmp_path)])
    for name, place in json.loads(f"{{{line}}}").items():
        monkeypatch.setitem(heuristics.HEURISTICS.places, name, place)


@pytest.mark.usefixtures("entered")
def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(USE, {})
    assert capsys.readouterr().out == "PDFA(9 states, 13 transitions, 7 symbols)\nTrue\n"


@pytest.mark.usefixtures("entered")
def test_its_options_and_words_reach_the_user(tmp_path: Path) -> None:
    from flexstream_cli.main import main

    words = tmp_path / "words.txt"
    words.write_text("\n".join(" ".join(trace) for trace in reentrant_line().sample(500, seed=1)))
    main(["learn", str(words), "--heuristic", "aic", "--set", "price=2", "-o", str(tmp_path / "model.json")])
    learner = StreamLearner(heuristic="aic")
    learner.learn_many(reentrant_line().sample(500, seed=1))
    assert any("nats gained" in line for line in learner.explain())


@pytest.mark.usefixtures("entered")
def test_the_compiled_judge_decides_as_the_one_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        pytest.skip("needs a C compiler")
    (source,) = re.findall(r"```c\n(.*?)```", PAGE, re.DOTALL)
    folder = tmp_path / "compiled"  # beside the module of that name it would be imported in its place
    folder.mkdir()
    (folder / "aic.c").write_text(source)
    (command,) = re.findall(r"`cc (-O3 [^`]+aic.c)`", PAGE)
    subprocess.run([compiler, *command.split(), "-lm"], cwd=folder, check=True)
    (member,) = re.findall(r"judge: ClassVar\[Any\] = (ctypes.+)\n", PAGE)
    models = []
    for judge in (None, eval(member.replace("/path/to", str(folder)), {"ctypes": ctypes})):
        if judge is not None:
            monkeypatch.setattr(heuristics.HEURISTICS["aic"], "judge", judge)
        learner = StreamLearner(heuristic="aic")
        learner.learn_many(reentrant_line().sample(500, seed=1))
        models.append((learner.automaton.to_json(), [entry.into for entry in learner.journal]))
    assert models[0] == models[1]


def test_every_heuristic_and_option_is_described() -> None:
    import dataclasses

    for name in heuristics.HEURISTICS:
        assert f"`{name}`" in PAGE
        own = {field.name for field in dataclasses.fields(heuristics.HEURISTICS[name])}
        assert [option for option in own if f"`{option}`" not in PAGE] == []
