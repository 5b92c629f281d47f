"""The soak benchmark: a few seconds of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import soak

    return soak


@pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="looks into /proc")
def test_every_line_is_learned_once_whatever_happens(soak: Any) -> None:
    happens = iter([0.5, 0.9, 0.01, 0.9, 0.04, 0.0, 0.5, 0.9, 0.01, 0.9] + [0.5, 0.9] * 40)
    found = soak.soak(seconds=6.0, rate=20_000, memory="16MiB", seed=1, chance=lambda: next(happens, 0.5))
    assert found["lines"] == found["learned"] > 5000
    assert (found["rotations"], found["truncations"], found["outputs_away"]) == (2, 1, 1)
    assert found["warnings"] <= 2  # one for each output
    assert found["models_whole"] >= 1 and found["models_broken"] == found["temporaries_left"] == 0
    assert found["code"] == 143 and found["stop_seconds"] < 10
