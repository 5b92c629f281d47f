"""The benchmark of forecasts that are corrected, on a small log that changes and few sources."""

from __future__ import annotations

import json
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "quality" / "corrected.py"


def test_corrected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    numbers = random.Random(7)
    rows = ["case,time,activity"]
    for case in range(400):
        last = "drop" if numbers.random() < (0.2 if case < 280 else 0.7) else "close"
        day = f"2026-{1 + case // 240:02}-{1 + case // 24 % 10:02}T{case % 24:02}"
        rows += [f"c{case},{day}:{at:02}:00Z,{step}" for at, step in enumerate(["open", "work", last])]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    given = tmp_path / "log.csv", "--sources", 2, "--traces", 100, "--json", tmp_path / "out.json"
    monkeypatch.setattr(sys, "argv", ["corrected", *map(str, given)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    facts: Any = json.loads((tmp_path / "out.json").read_text())["measured"]
    log = facts["`log.csv`"]
    assert log["corrected"]["inside"] > log["learned"]["inside"]
    assert log["corrected"]["bits"] < log["learned"]["bits"]
    assert all(one[kind]["inside"] > 0.5 for one in facts.values() for kind in ("learned", "corrected"))
