"""The page on fleets shows what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .commands import said

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "fleet.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_machines_of_the_fab_are_those_of_the_page(tmp_path: Path) -> None:
    log, fleet = tmp_path / "fab.jsonl", tmp_path / "tools.json"
    log.write_text(said("simulate", "minifab", "--weeks", "8", "--seed", "4", "--by", "machine"))
    said("learn", str(log), "--per", "entity", "-o", str(fleet))
    table, parts = said("show", str(fleet)), said("diff", str(fleet)).split("\n\n")
    assert any(table.startswith(block) for block in BLOCKS)
    assert any(part + "\n" in BLOCKS for part in parts)


def test_the_help_desk_is_that_of_the_page(data: Path, tmp_path: Path) -> None:
    fleet = tmp_path / "desk.json"
    said("learn", str(data / "logs" / "helpdesk.xes.gz"), "--per", "product", "-o", str(fleet))
    shown = "\n\n".join(said("diff", str(fleet)).split("\n\n")[:3]) + "\n"
    assert any(block.endswith(shown) for block in BLOCKS)
    assert "15 with the pool's model" in said("show", str(fleet))


def test_python_runs_and_says_what_stands_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, object] = {}
    exec(code, found)
    fleet, outliers = found["fleet"], found["outliers"]
    assert fleet.model("web-3").predict_proba_one(["load"])["fix"] == pytest.approx(0.44, abs=0.005)  # type: ignore[attr-defined]
    assert outliers(fleet)[0].name == "web-3"  # type: ignore[operator]
