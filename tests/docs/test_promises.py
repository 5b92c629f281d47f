"""The table of promises: each has a proof that is there, and results that bear it out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<proof>[^|]+) \|(?P<found>[^|]*)\|$", re.MULTILINE)
ROWS = [row for row in ROW.finditer(PAGE.read_text()) if row["promise"] not in ("promise", "---")]


def result(name: str) -> dict[str, Any]:
    measured: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / name).read_text())["measured"]
    return measured


def test_there_are_promises() -> None:
    assert len(ROWS) > 12


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["promise"][:40])
def test_each_promise_has_a_proof_that_is_there(row: re.Match[str]) -> None:
    links = re.findall(r"\]\(\.\./([^)]+)\)", row["proof"])
    assert links
    for link in links:
        path = ROOT / link
        assert path.is_file(), link
        assert "def test_" in path.read_text() if link.startswith("tests/") else "Claim: " in path.read_text(), link


@pytest.mark.parametrize("name", ["quality/fuzz.json", "quality/fuzz_models.json"])
def test_no_fault_was_found(name: str) -> None:
    total = result(name)["total"]
    assert total["inputs"] > 5000
    assert total["faults"] == total["slow"] == total["crashed"] == 0


def test_model_files_take_what_is_promised() -> None:
    (promised,) = re.findall(r"at most (\d+) times its length in memory", PAGE.read_text())
    assert result("speed/model_memory.json")["largest"] < int(promised)
    assert f"at most {promised} times its length" in (ROOT / "SECURITY.md").read_text()
