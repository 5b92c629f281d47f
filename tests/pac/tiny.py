"""Comparing what is next to nothing: pytest takes all that is below 1e-12 for equal."""

from __future__ import annotations

from typing import Any

import pytest


def tiny(value: float) -> Any:
    """Return what equals a number up to a billionth of it, however small that is."""
    return pytest.approx(value, rel=1e-9, abs=0)
