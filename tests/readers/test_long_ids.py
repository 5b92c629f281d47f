"""Ids of many digits, which might be seconds since 1970, are told from times."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from flexstream.readers.parsing.profile import profile

STEPS = ["create", "release", "pay"]


def orders(first: int, step: int) -> list[tuple[str, str, str]]:
    """Return sixty orders side by side: their ids, what happened, and when."""
    found = [(start + order, what) for start in range(0, 60, 5) for what in range(3) for order in range(5)]
    times = [f"2026-01-{1 + place // 24:02} {place % 24:02}:00:00" for place in range(len(found))]
    return [(str(first + step * order), STEPS[what], at) for (order, what), at in zip(found, times, strict=True)]


def as_csv(rows: list[tuple[str, str, str]], name: str) -> bytes:
    return "".join(",".join(row) + "\n" for row in [(name, "status", "when"), *rows]).encode()


def as_jsonl(rows: list[tuple[str, str, str]], name: str) -> bytes:
    return "".join(json.dumps({name: int(row[0]), "status": row[1], "when": row[2]}) + "\n" for row in rows).encode()


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
@pytest.mark.parametrize("name", ["order", "belegnr"])
@pytest.mark.parametrize(
    ("first", "step"), [(4_500_012_345, 1), (100_234_567, 7), (1_764_000_000, 1), (7 << 45, 977), (3 << 56, 977)]
)
def test_ids_that_might_be_times_are_cases(
    read: Callable[..., Any], write: Callable[..., bytes], name: str, first: int, step: int
) -> None:
    found = read(io.BytesIO(write(orders(first, step), name)))
    assert (found.traces, found.told.columns["case"]) == ([STEPS] * 60, name)


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000])
def test_numbers_that_are_times_remain_times(scale: int) -> None:
    seconds = [1_769_903_998 + 3 * place for place in range(200)]
    often = [second for second in seconds for _ in range(4)]
    shuffled = random.Random(1).sample(seconds, len(seconds))
    for times in (seconds, seconds[::-1], often, shuffled):
        kind = profile(["n"], ([str(second * scale)] for second in times)).columns[0].kind
        assert kind == "time"
