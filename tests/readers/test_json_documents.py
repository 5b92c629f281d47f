"""Documents of JSON that hold cases by their names, rows as lists, or columns; and events that come in stages."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from .conftest import Dripping, read_all

STEPS = ["load", "run", "end"]
CASES = {f"L{lot:02}": STEPS[: 3 - lot % 2] for lot in range(30)}
ROWS = [
    [case, step, f"2026-03-01T10:{lot:02}:0{n}Z"]
    for lot, (case, steps) in enumerate(CASES.items())
    for n, step in enumerate(steps)
]
HEADER = ["lot", "step", "at"]


def named(document: Any, **options: Any) -> dict[str, list[str]]:
    """Read a document whole, and as it drips."""
    content = json.dumps(document).encode()
    found = [read_all(file, **options) for file in (io.BytesIO(content), Dripping(content, 300))]
    assert [one.error for one in found] == [None, None]
    assert found[0].named == found[1].named
    return dict(found[0].named)


@pytest.mark.parametrize("indent", [None, 1])
def test_each_key_may_be_a_case(indent: int | None) -> None:
    events = {case: [{"step": step, "n": 1} for step in steps] for case, steps in CASES.items()}
    assert named(events) == CASES
    assert named(CASES) == CASES
    found = read_all(io.BytesIO(json.dumps(events, indent=indent).encode()))
    assert dict(found.named) == CASES


def test_events_that_have_a_case_of_their_own_keep_it() -> None:
    days = {
        day: [{"lot": lot, "step": step} for lot, step, at in ROWS if int(at[14:16]) % 2 == day % 2] for day in (1, 2)
    }
    assert named(days) == CASES


def test_lists_of_other_things_are_no_cases() -> None:
    document = {"tools": [{"name": "T1"}], "events": [{"lot": lot, "step": step} for lot, step, _ in ROWS]}
    assert named(document) == CASES


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        [HEADER, *ROWS],
        {"values": [HEADER, *ROWS]},
        {"columns": HEADER, "index": [*range(len(ROWS))], "data": ROWS},
        {"meta": [{"name": name, "type": "String"} for name in HEADER], "data": ROWS, "rows": len(ROWS)},
    ],
)
def test_lists_may_be_rows(document: Any) -> None:
    assert named(document) == CASES


def test_lines_of_lists_may_be_rows_and_one_of_another_width_is_bad() -> None:
    lines = [json.dumps(row) for row in ROWS]
    assert dict(read_all(io.BytesIO("\n".join(lines).encode())).named) == CASES
    found = read_all(io.BytesIO("\n".join([*lines, '["L1", "load"]']).encode()))
    assert "a row of 2 cells, but the first has 3" in str(found.error)


def test_traces_stay_traces() -> None:
    found = read_all(io.BytesIO("\n".join(map(json.dumps, [*CASES.values()] * 2)).encode()))
    assert found.traces == [*CASES.values()] * 2


def test_a_table_column_by_column_is_told() -> None:
    columns = {name: {str(n): row[at] for n, row in enumerate(ROWS)} for at, name in enumerate(HEADER)}
    assert "to_json(FILE, orient='records')" in str(read_all(io.BytesIO(json.dumps(columns).encode())).error)


@pytest.mark.parametrize("wrapped", [True, False])
def test_of_what_begins_and_ends_the_beginning_counts(wrapped: bool) -> None:
    events = [{"name": "names", "ph": "M", "pid": 1, "tid": 1, "ts": 0}] + [
        {"name": step, "ph": ph, "pid": 1, "tid": int(lot[1:]), "ts": 1000 * n + 10 * (ph == "E")}
        for n, (lot, step, _) in enumerate(ROWS)
        for ph in "BE"
    ]
    document = {"traceEvents": events} if wrapped else events
    found = named(document, case="tid")
    assert found == {str(int(lot[1:])): steps for lot, steps in CASES.items()}
    assert len(named(document, case="tid", lifecycle="all")["1"]) == 2 * len(CASES["L01"]) + 1


def test_a_case_in_a_list_is_told_with_the_path_to_the_first() -> None:
    events = [{"type": step, "time": at, "objects": [{"id": lot}, {"id": "x"}]} for lot, step, at in ROWS]
    content = "\n".join(map(json.dumps, events)).encode()
    assert "such as 'objects.0.id'" in str(read_all(io.BytesIO(content), case="objects[].id").error)
    assert dict(read_all(io.BytesIO(content), case="objects.0.id").named) == CASES


def test_a_page_is_no_log() -> None:
    assert "is a page of HTML" in str(read_all(io.BytesIO(b"<html><body>load</body></html>")).error)
