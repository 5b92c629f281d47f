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


def numbered(first: int, rows: int, name: str, left_out: int = 0) -> list[tuple[str, ...]]:
    """Return a table whose rows are numbered in turn, but for some numbers that are left out."""
    numbers = [first + number for number in range(2 * rows) if not left_out or number % left_out][:rows]
    cells = [(str(number), f"o{row // 6}", STEPS[row % 3]) for row, number in enumerate(numbers)]
    return [(name, "auftrag", "schritt"), *cells]


def as_rows(table: list[tuple[str, ...]], *times: str) -> bytes:
    """Return a table as CSV, with times beside."""
    rows = [(*row, time) for row, time in zip(table, times, strict=True)] if times else table
    return "".join(",".join(row) + "\n" for row in rows).encode()


@pytest.mark.parametrize("first", [1_764_000_000, 1_764_000_000_000])
@pytest.mark.parametrize("left_out", [0, 3])
def test_numbers_in_turn_are_no_times_and_that_is_told(read: Callable[..., Any], first: int, left_out: int) -> None:
    found = read(io.BytesIO(as_rows(numbered(first, 300, "nr", left_out))))
    assert found.told.columns == {"case": "auftrag", "event": "schritt"}
    assert any("column nr counts on from row to row, so it is taken for ids" in note for note in found.told.notes)
    named = read(io.BytesIO(as_rows(numbered(first, 300, "nr", left_out))), time="nr")
    assert named.told.columns["time"] == "nr"


@pytest.mark.parametrize("down", [False, True])
def test_times_are_taken_beside_numbers_in_turn(read: Callable[..., Any], down: bool) -> None:
    title, *rows = numbered(1_764_000_000, 300, "nr")
    times = [f"2026-01-31 {row // 60:02}:{row % 60:02}" for row in range(300)]
    found = read(
        io.BytesIO(as_rows([title, *(rows[::-1] if down else rows)], "wann", *(times[::-1] if down else times)))
    )
    assert found.told.columns["time"] == "wann"
    assert len(found.traces) == 50


@pytest.mark.parametrize("name", ["unix_time", "Zeit (s)", "epoch", "evt_ts"])
def test_numbers_in_turn_that_are_called_times_are_times(read: Callable[..., Any], name: str) -> None:
    found = read(io.BytesIO(as_rows(numbered(1_764_000_000, 300, name))))
    assert found.told.columns["time"] == name


def test_a_few_numbers_in_turn_may_be_times() -> None:
    for rows, kind in ((10, "time"), (40, "integer")):
        assert profile(["n"], ([str(1_764_000_000 + row)] for row in range(rows))).columns[0].kind == kind
