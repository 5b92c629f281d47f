"""Events without a case, and rows without an event: told, left out on demand, never a name of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from flexstream.errors import DataError
from flexstream.readers.parsing.blank import NO_CASE, is_no_case, is_no_event

from .conftest import read_all

PATTERN = r"^\[(?P<case>[^\]]*)\] (?P<event>.*?)$"
Rows = list[tuple[str, str]]


def as_csv(rows: Rows) -> bytes:
    return ("case,event\n" + "".join(f"{case},{event}\n" for case, event in rows)).encode()


def as_quoted(rows: Rows) -> bytes:
    return ('"case","event"\n' + "".join(f'"{case}","{event}"\n' for case, event in rows)).encode()


def as_wide(rows: Rows) -> bytes:
    """Rows that the general path reads: one cell in them has a line end."""
    return ("case,event,x\n" + "".join(f'{case},{event},"1\n2"\n' for case, event in rows)).encode()


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps({"case": case, "event": event}) + "\n" for case, event in rows).encode()


def as_log(rows: Rows) -> bytes:
    return "".join(f"[{case}] {event}\n" for case, event in rows).encode()


WRITTEN = {"csv": as_csv, "quoted": as_quoted, "wide": as_wide, "jsonl": as_jsonl, "log": as_log}
every = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
ROWS: Rows = [("A", "load"), ("B", "load"), ("A", "run"), ("B", "run")]


def read(written: Callable[[Rows], bytes], rows: Rows, on_error: str = "stop") -> object:
    pattern = PATTERN if written is as_log else None
    found = read_all(io.BytesIO(written(rows)), pattern=pattern, on_error=on_error)
    return found.error or (found.named, found.told.stats.skipped)


@every
@pytest.mark.parametrize("blank", ["", " ", "-", "NULL", "None", "NaN"])
@pytest.mark.parametrize("many", [0, 40])
def test_an_event_without_a_case_belongs_to_none(written: Callable[[Rows], bytes], blank: str, many: int) -> None:
    rows = [*ROWS[:2] * (1 + many), (blank, "tick"), *ROWS[2:], (blank, "tock")]
    error = read(written, rows)
    assert isinstance(error, DataError)
    assert "no case in" in error.problem
    assert "skip leaves out what has none" in error.expected
    before = 2 * (1 + many)
    first = {"csv": 2, "quoted": 2, "wide": 2, "jsonl": 1, "log": 1}
    name = next(name for name, other in WRITTEN.items() if other is written)
    assert error.line == first[name] + before * (2 if name == "wide" else 1)
    traces = [(case, ["load"] * (1 + many) + ["run"]) for case in "AB"]
    assert read(written, rows, "skip") == (traces, 2)


@every
@pytest.mark.parametrize("blank", ["", " "])
def test_a_row_without_an_event_is_none(written: Callable[[Rows], bytes], blank: str) -> None:
    rows = [*ROWS[:2], ("A", blank), *ROWS[2:]]
    error = read(written, rows)
    assert isinstance(error, DataError)
    assert "no event in" in error.problem
    assert read(written, rows, "skip") == ([("A", ["load", "run"]), ("B", ["load", "run"])], 1)


def test_null_in_json_is_no_case() -> None:
    text = b'{"case": "A", "event": "load"}\n{"case": null, "event": "tick"}\n'
    found = read_all(io.BytesIO(text), on_error="skip")
    assert (found.named, found.told.stats.skipped) == ([("A", ["load"])], 1)


def test_joined_events_are_blank_only_where_all_parts_are() -> None:
    text = b"case,one,two\nA,x,\nA,,y\nA,,\nA,x,y\n"
    found = read_all(io.BytesIO(text), event="one+two", on_error="skip")
    assert (found.named, found.told.stats.skipped) == ([("A", ["x+", "+y", "x+y"])], 1)


@pytest.mark.parametrize("name", ["", " "])
@pytest.mark.parametrize("odd", ["", "<!-- odd -->"])
def test_whole_traces_without_a_name_get_a_number(name: str, odd: str) -> None:
    trace = (
        '<trace><string key="concept:name" value="{}"/>{}<event><string key="concept:name" value="{}"/></event></trace>'
    )
    log = "<log>" + trace.format("A", odd, "load") + trace.format(name, odd, "run") + "</log>"
    assert read_all(io.BytesIO(log.encode())).named == [("A", ["load"]), ("2", ["run"])]
    text = f"case,trace\nA,load run\n{name},run\n"
    assert read_all(io.BytesIO(text.encode()), sequence="trace").named == [("A", ["load", "run"]), ("2", ["run"])]
    text = f'{{"case": "A", "events": ["load"]}}\n{{"case": "{name}", "events": ["run"]}}\n'
    assert read_all(io.BytesIO(text.encode())).named == [("A", ["load"]), ("2", ["run"])]


@pytest.mark.parametrize("odd", ["", "<!-- odd -->"])
def test_events_of_xes_without_a_value(odd: str) -> None:
    event = '<event><string key="concept:name" value="{}"/></event>'
    log = f"<log><trace>{odd}{event.format('load')}{event.format('')}{event.format(' ')}</trace></log>"
    error = read_all(io.BytesIO(log.encode())).error
    assert error is not None
    assert "event without 'concept:name'" in str(error)
    found = read_all(io.BytesIO(log.encode()), on_error="skip")
    assert (found.traces, found.told.stats.skipped) == ([["load"]], 2)


def test_a_list_with_a_blank_symbol() -> None:
    error = read_all(io.BytesIO(b'["load", " "]\n')).error
    assert error is not None
    assert "no event in symbol 2" in str(error)


def test_a_message_of_nothing_is_told_by_its_line() -> None:
    """Without a pattern nothing was promised about the message."""
    lines = "2026-01-31 23:59:00 INFO load\n2026-01-31 23:59:01 INFO \n"
    assert read_all(io.BytesIO(lines.encode())).traces == [["load", "<*> INFO"]]


def test_what_counts_as_none() -> None:
    assert all(map(is_no_case, ["", "\t", *NO_CASE]))
    assert not any(map(is_no_case, ["0", "nullable", "_", "--x", "none of these"]))
    assert is_no_event("\n")
    assert not is_no_event("None")
