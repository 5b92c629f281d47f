"""Runs that are killed and go on are compared with one that was not; another model would be found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import kill

    return kill


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
@pytest.mark.parametrize("name", ["gzip", "followed and rotated"])
def test_killed_runs_end_in_the_model_of_one_that_was_not(kill: Any, name: str) -> None:
    found = kill.measure(kills=2, seed=3, traces=4000, only=[name])
    assert found["total"] == {"runs": 2, "kills": 2, "equal": 2}


def test_another_model_is_found(kill: Any, tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_text("one")

    def trial(most: int, number: int) -> int:
        (tmp_path / "again.json").write_text("one" if number else "another")
        return most

    assert kill.counted(tmp_path, 3, trial) == {"runs": 2, "kills": 3, "equal": 1}


def test_a_run_that_ends_by_itself_was_not_killed(kill: Any, tmp_path: Path) -> None:
    import random

    assert not kill.killed([sys.executable, "-c", ""], tmp_path, 60.0, random.Random(1))
