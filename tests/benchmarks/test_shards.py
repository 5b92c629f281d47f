"""What shards lose is told from what an order alone makes of a sample; what was measured is not measured again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import shards

    return shards


def rows_of(way: str, number: int, errors: list[float]) -> list[dict[str, Any]]:
    named = {"problem": "2", "way": way, "shards": number, "states": 3}
    return [{**named, "seed": seed, "error": error} for seed, error in enumerate(errors)]


@pytest.mark.parametrize(
    ("errors", "near", "beyond"),
    [([0.1, 0.102, 0.104], True, False), ([0.11, 0.09, 0.13], False, False), ([0.2, 0.2, 0.21], False, True)],
)
def test_what_is_above_by_chance_is_no_loss(shards: Any, errors: list[float], near: bool, beyond: bool) -> None:
    one = rows_of(shards.ONE, 1, [0.098, 0.1, 0.102, 0.1])
    (found,) = shards.compared(shards.gathered([*one, *rows_of("rounds", 8, errors)]))
    assert (found.near, found.beyond_chance) == (near, beyond)


def test_what_is_kept_is_not_measured_again(shards: Any, tmp_path: Path) -> None:
    named = {"problem": "2", "way": "added", "shards": 8, "seed": 0}
    shards.Kept(tmp_path / "kept").measure(named, lambda: {"error": 0.5})
    again = shards.Kept(tmp_path / "kept")
    again.measure(named, lambda: pytest.fail("measured again"))
    assert again.rows == [{**named, "error": 0.5}]
