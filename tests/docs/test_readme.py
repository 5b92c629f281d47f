"""What the README shows works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text().replace("\\\n", "")
COMMANDS = [line for line in README.splitlines() if re.match(r"(\$ )?flexstream (?!COMMAND)|.*\| flexstream ", line)]


def test_python_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    automaton = names["automaton"]
    assert automaton.log2_prob(["load", "run", "unload"]) == pytest.approx(-1, abs=0.05)  # type: ignore[attr-defined]
    assert automaton.predict_proba_one(["load"])["run"] == pytest.approx(0.5, abs=0.01)  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_in_the_readme_are_understood(line: str) -> None:
    from flexstream_cli.main import flexstream

    words = shlex.split(line.rsplit("| ", maxsplit=1)[-1].removeprefix("$ "), comments=True)
    command = flexstream.get_command(flexstream.make_context("flexstream", [], resilient_parsing=True), words[1])
    assert command is not None
    command.make_context(words[1], words[2:])  # raises where an option does not exist


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) >= 5


def test_its_first_command_finds_the_line(tmp_path: Path) -> None:
    from flexstream import PDFA
    from flexstream_cli.main import main

    main(["learn", str(ROOT / "datasets" / "events.csv"), "-o", str(tmp_path / "model.json")])
    truth = PDFA.load(ROOT / "datasets" / "line.json")
    assert PDFA.load(tmp_path / "model.json").equivalent(truth, tolerance=0.1)
