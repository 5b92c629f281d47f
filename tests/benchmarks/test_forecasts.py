"""The benchmark of forecasts, on a small log and few sources."""

from __future__ import annotations

import json
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "quality" / "forecasts.py"


def run(monkeypatch: pytest.MonkeyPatch, *args: object) -> None:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    monkeypatch.setattr(sys, "argv", ["forecasts", *map(str, args)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def test_forecasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    numbers = random.Random(7)
    rows = ["case,time,activity"]
    for case in range(150):
        steps = ["open", *["work"] * numbers.randint(1, 3), numbers.choice(["close", "drop"])]
        rows += [
            f"c{case},2026-01-{1 + case // 24:02}T{case % 24:02}:{at:02}:00Z,{step}" for at, step in enumerate(steps)
        ]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    run(monkeypatch, tmp_path / "log.csv", "--sources", "2", "--traces", "200", "--json", tmp_path / "out.json")
    facts: Any = json.loads((tmp_path / "out.json").read_text())["measured"]
    log = facts["logs"]["log.csv"]
    assert log["traces"] == 150 and log["held"] > 0.8
    assert log["events"]["mean"] < log["events"]["past"] < 2 and log["events"]["within"] > 0.6
    assert 0 < log["seconds"]["median"] < 120
    assert {one["sources"] for one in facts["sources"].values()} == {1}
    assert all(0.5 < one["held"] <= 1 and 0 < one["width"] < 1 for one in facts["sources"].values())
