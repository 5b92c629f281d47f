"""Cells of tables that hold objects: of JSON, or as Python writes a dict."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

import flexstream
from flexstream.verdict.inspection import inspected

from .conftest import read_all

STEPS = ["load", "heat", "etch", "unload"]
Row = dict[str, Any]


def rows(lots: int = 20) -> list[Row]:
    return [
        {"lot_id": f"L{lot:03}", "event": step, "by": {"id": lot % 3, "name": "O'Hara"}, "wafers": 3.5, "ok": None}
        for lot in range(lots)
        for step in STEPS[: 4 - lot % 2]
    ]


def table(text: Callable[[Row], str], delimiter: str = ",") -> bytes:
    written = io.StringIO()
    lines = [
        [str(number), f"2026-03-01 10:{number // 60:02}:{number % 60:02}", text(row)]
        for number, row in enumerate(rows())
    ]
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows([["id", "at", "body"], *lines])
    return written.getvalue().encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("text", [json.dumps, repr, lambda row: json.dumps({"data": row, "kind": 1})])
def test_their_fields_are_columns(text: Callable[[Row], str], delimiter: str) -> None:
    found = read_all(io.BytesIO(table(text, delimiter)))
    assert found.error is None
    assert dict(found.named) == {f"L{lot:03}": STEPS[: 4 - lot % 2] for lot in range(20)}


def test_one_that_holds_the_event_is_opened_though_it_is_called_so() -> None:
    lines = [
        f'{row["lot_id"]};"{json.dumps({"name": row["event"], "n": n}).replace(chr(34), chr(34) * 2)}"'
        for n, row in enumerate(rows())
    ]
    found = read_all(io.BytesIO("\n".join(["lot;event", *lines]).encode()))
    assert set(found.traces[0]) <= set(STEPS)


@pytest.mark.parametrize("options", [{}, {"event": "body.event", "case": "body.by.id"}])
def test_paths_name_them(options: dict[str, Any]) -> None:
    found = read_all(io.BytesIO(table(json.dumps)), **options)
    assert found.error is None
    assert {symbol for trace in found.traces for symbol in trace} == set(STEPS)


def test_others_stay_text() -> None:
    text = "case,event,note\n" + 'a,load,"{""x"": 1}"\na,run,"{""x"": 2}"\na,{odd},"{""x"": 2}"\n'
    assert dict(read_all(io.BytesIO(text.encode())).named) == {"a": ["load", "run", "{odd}"]}


def test_one_that_is_cut_off_is_a_bad_line() -> None:
    head, _, last = table(json.dumps).rpartition(b"null}")
    content = head + last
    found = read_all(io.BytesIO(content), on_error="skip")
    assert len(found.traces) == 20
    assert "no whole object in column 'body'" in str(read_all(io.BytesIO(content)).error)


def test_inspect_lists_them_and_the_model_reads_on(tmp_path: Any) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(table(repr))
    assert {"body.event", "body.by.name"} <= {column.name for column in inspected(log).columns}
    learned = flexstream.learn(log)
    assert len([*flexstream.read(log, like=learned)]) == 20
