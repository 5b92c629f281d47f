"""Logs for engines hold exactly the traces that one process is given; runs are killed as their seed says."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import spark

    return spark


def test_the_log_holds_the_traces_that_are_drawn(spark: Any, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    traces, total = spark.write_log(tmp_path, 4000, "jsonl")
    rows = [json.loads(line) for path in tmp_path.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(rows) == total and 4000 <= total < 4100
    lots = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["at"]):
        lots[row["lot"]].append(row["step"])
    names, found = spark.reentrant_line().symbols, list(spark.batches(4000))
    drawn = [[names[symbol] for symbol in trace] for batch in found for trace in batch]
    assert len(lots) == traces == len(drawn)
    assert sorted(lots.values()) == sorted(drawn)


def test_all_kinds_are_killed_and_the_same_ones_again(spark: Any) -> None:
    plans = [spark.drawn(7, run, 100.0) for run in range(9)]
    assert plans == [spark.drawn(7, run, 100.0) for run in range(9)]
    assert {victim for plan in plans[:3] for victim, _ in plan} == set(spark.VICTIMS)
    assert all(1 <= len(plan) <= spark.MOST_KILLS and all(after <= 60 for _, after in plan) for plan in plans)
