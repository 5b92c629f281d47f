"""Lifecycles of events: told, joined to their names, or all but one left out; in every reader of events."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from flexstream.errors import UsageError
from flexstream.readers import ReadOptions

from .conftest import Found, read_all

Rows = list[tuple[str, str, str]]
ROWS: Rows = [
    ("A", "load", "start"),
    ("B", "load", "START"),
    ("A", "load", "complete"),
    ("B", "load", "COMPLETE"),
    ("A", "run", "complete"),
    ("B", "run", ""),
]
PATTERN = r"(?P<case>\w+) (?P<event>\w+)(?P<lifecycle>(?: \w+)?)$"


def as_csv(rows: Rows) -> bytes:
    return ("case,concept:name,lifecycle:transition\n" + "".join(",".join(row) + "\n" for row in rows)).encode()


def as_jsonl(rows: Rows) -> bytes:
    names = ("case", "activity", "lifecycle:transition")
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def as_xes(rows: Rows) -> bytes:
    text, traces = '<string key="{}" value="{}"/>', ""
    for case in dict.fromkeys(case for case, _, _ in rows):
        events = [
            "<event>"
            + text.format("concept:name", name)
            + text.format("lifecycle:transition", life) * bool(life)
            + "</event>"
            for one, name, life in rows
            if one == case
        ]
        traces += "<trace>" + text.format("concept:name", case) + "".join(events) + "</trace>"
    return f"<log>{traces}</log>".encode()


def as_log(rows: Rows) -> bytes:
    return "".join(" ".join(row).rstrip() + "\n" for row in rows).encode()


every = pytest.mark.parametrize("written", [as_csv, as_jsonl, as_xes, as_log])
Written = Callable[[Rows], bytes]


def read(written: Written, lifecycle: str | None, rows: Rows = ROWS) -> Found:
    found = read_all(io.BytesIO(written(rows)), lifecycle=lifecycle, pattern=PATTERN if written is as_log else None)
    assert found.error is None
    return found


@every
def test_all_events_keep_their_names_by_default_which_is_told(written: Written) -> None:
    found = read(written, None)
    if written is as_log:  # where it is a group of the pattern, somebody wants it
        assert found.named == read(written, "join").named
        return
    assert found.named == [("A", ["load", "load", "run"]), ("B", ["load", "load", "run"])]
    assert "have a lifecycle (lifecycle:transition: complete, start)" in found.told.notes[-1]
    assert "`lifecycle` complete keeps these alone, join adds it" in found.told.notes[-1]


@every
def test_all_events_keep_their_names_in_silence(written: Written) -> None:
    found = read(written, "all")
    assert found.named == [("A", ["load", "load", "run"]), ("B", ["load", "load", "run"])]
    assert not any("lifecycle" in note for note in found.told.notes)


@every
def test_joined(written: Written) -> None:
    assert read(written, "join").named == [
        ("A", ["load+start", "load+complete", "run+complete"]),
        ("B", ["load+START", "load+COMPLETE", "run"]),
    ]


@every
def test_kept(written: Written) -> None:
    """An event that does not tell is complete."""
    assert read(written, "complete").named == [("A", ["load", "run"]), ("B", ["load", "run"])]
    assert read(written, "start").traces == [["load"], ["load"]]


@pytest.mark.parametrize("written", [as_csv, as_jsonl, as_xes])
def test_nothing_is_told_of_one_lifecycle(written: Written) -> None:
    rows = [(case, name, "complete") for case, name, _ in ROWS]
    assert not any("lifecycle" in note for note in read(written, None, rows).told.notes)


def test_joined_by_hand_is_not_told() -> None:
    found = read_all(io.BytesIO(as_csv(ROWS)), event="concept:name+lifecycle:transition")
    assert not any("have a lifecycle" in note for note in found.told.notes)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [(b"case,event\na,x\n", None), (b'{"case": 1, "event": "x"}\n', None), (b"a x\n", r"(?P<case>\w) (?P<event>\w)")],
)
def test_without_a_lifecycle_the_option_is_an_error(text: bytes, pattern: str | None) -> None:
    error = read_all(io.BytesIO(text), lifecycle="complete", pattern=pattern).error
    assert isinstance(error, UsageError)
    assert "`lifecycle` needs" in str(error)


@pytest.mark.parametrize("options", [{"lifecycle": " "}, {"lifecycle": "join", "sequence": "s"}])
def test_what_makes_no_sense(options: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="`lifecycle` is join, all, or"):
        ReadOptions(**options)  # type: ignore[arg-type]
