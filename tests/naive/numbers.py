"""Slow twins of whole numbers as text, and of bytes counted."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .registry import twin


@twin("numbers.listed")
def listed(numbers: Sequence[int]) -> str:
    """Return whole numbers as JSON."""
    return json.dumps(list(numbers))


@twin("numbers.count_byte")
def count_byte(data: bytes, sought: int) -> int:
    """Return how often a byte comes."""
    return sum(byte == sought for byte in data)
