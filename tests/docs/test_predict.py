"""The page on forecasts shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .commands import said

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "predict.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_forecast_of_a_machine_of_the_fab_is_that_of_the_page(implant: str) -> None:
    assert said("predict", implant, "--after", "load-S2 process", "--reach", "break") in BLOCKS


def test_python_runs_and_says_what_stands_beside_it() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, object] = {}
    exec(code, found)
    coming, forecast = found["coming"], found["forecast"]
    assert coming.mean == pytest.approx(2.5, abs=0.05) and coming.quantile(0.9) == 3  # type: ignore[attr-defined]
    assert coming.time is None and forecast.outcomes[0].low is not None  # type: ignore[attr-defined]
