"""Slow twin of what came shortly before."""

from __future__ import annotations

from collections.abc import Sequence

from .registry import twin


@twin("before.count_lately")
def count_lately(classes: Sequence[int], places: Sequence[int], window: int) -> list[tuple[int, int]]:
    """Return how many things came at most so many places before each, and how many of its class."""
    found = []
    for number, (one, place) in enumerate(zip(classes, places, strict=True)):
        last = [other for other, where in zip(classes[:number], places, strict=False) if where >= place - window]
        found.append((len(last), last.count(one)))
    return found
