"""Options that have no effect are refused; `mask` has one wherever events have texts."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest

from flexstream.errors import UsageError
from flexstream.readers import FORMATS, ReadOptions
from flexstream.readers.options import ALWAYS

from .conftest import Dripping

CONTENTS = {
    "xes": b'<log><trace><event><string key="concept:name" value="a"/></event></trace></log>',
    "jsonl": b'{"case": 1, "event": "a"}\n',
    "pautomac": b"1 2\n2 0 1\n",
    "abbadingo": b"1 2\n1 2 0 1\n",
    "access": b'10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n',
    "cef": b"CEF:0|Acme|Wall|1.0|100|a|5|src=10.0.0.1\n",
    "logfmt": b"level=info event=a\n",
    "logjson": b'2026-01-31 10:00:00 INFO {"event": "a"}\n',
    "csv": b"case,event\n1,a\n",
    "log": b"2026-01-31 10:00:00 ok\n",
    "lines": b"load run\n",
}
GIVEN: dict[str, Any] = {
    "case": "case",
    "event": "event",
    "time": "time",
    "sequence": "event",
    "time_format": "%s",
    "pattern": "(?P<event>ok)",
    "delimiter": ",",
    "mask": True,
    "redact": True,
    "lifecycle": "join",
    "per": "case",
    "encoding": "utf-8",
    "idle": 5.0,
    "gap": 5.0,
    "start": "a",
    "longest_line": "1MiB",
    "max_open_cases": 7,
    "max_open_events": 7,
    "window": 2,
    "cut": False,
    "durations": False,
    "on_error": "skip",
}


def test_each_option_is_used_by_some_format_or_by_all() -> None:
    options = {field.name for field in dataclasses.fields(ReadOptions)} - {"stride", "format", "follow", "preset"}
    assert set(GIVEN) == options
    used = set().union(*(format.uses for format in FORMATS.values()))
    assert used | ALWAYS == options | {"stride", "format", "follow", "preset"}
    assert not used & ALWAYS


@pytest.mark.parametrize("option", GIVEN)
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("guessed", [True, False])
def test_an_option_without_effect_on_a_format_is_refused(read: Any, name: str, option: str, guessed: bool) -> None:
    if option in FORMATS[name].uses | ALWAYS or (option == "pattern" and (guessed or name != "log")):
        return
    given = {option: GIVEN[option]} | ({} if guessed else {"format": name})
    error = read(io.BytesIO(CONTENTS[name]), **given).error
    assert isinstance(error, UsageError)
    text = str(error)
    assert f"<input> is read as {name}, " in text
    if option not in {"case", "event", "time", "sequence"}:
        assert f"on which `{option}` has no effect" in text
        assert all(other in text for other, format in FORMATS.items() if option in format.uses)


def test_what_is_not_given_is_no_matter(read: Any) -> None:
    for name, content in CONTENTS.items():
        assert read(io.BytesIO(content), format=name, max_open_cases=7, window=2, mask=None).error is None


TRACES = {"jsonl": b'{"trace": ["a", "b"], "id": "7"}\n', "csv": b"case,sequence\n7,a b\n", "list": b'["a", "b"]\n'}


@pytest.mark.parametrize("content", TRACES.values(), ids=TRACES)
@pytest.mark.parametrize("option", ["idle", "gap", "time_format"])
def test_options_for_events_are_refused_where_traces_are_whole(read: Any, content: bytes, option: str) -> None:
    error = read(io.BytesIO(content), **{option: GIVEN[option]}).error
    assert isinstance(error, UsageError)
    assert f"holds whole traces, on which `{option}` has no effect" in str(error)


TEXTS = [f"lot {number} loaded" if number % 3 else "idle" for number in range(300)]
MASKED = [["lot <*> loaded" if number % 3 else "idle" for number in range(300)]]
NAMED = '<string key="concept:name" value="{}"/>'
WRITTEN = {
    "csv": ("case,event\n" + "".join(f"1,{text}\n" for text in TEXTS), {}),
    "csv, joined": ("case,event,x\n" + "".join(f"1,{text},\n" for text in TEXTS), {"event": "event+x"}),
    "csv, traces": ("sequence,x\n" + " ".join(text.replace(" ", "_") for text in TEXTS) + ",1\n", {}),
    "jsonl": ("".join(f'{{"case": 1, "event": "{text}"}}\n' for text in TEXTS), {}),
    "jsonl, traces": ("[" + ", ".join(f'"{text}"' for text in TEXTS) + "]\n", {}),
    "log": (
        "".join(f"2026-01-31 10:00:00 [c1] {text}\n" for text in TEXTS),
        {"pattern": r"\[(?P<case>\w+)\] (?P<event>.*)"},
    ),
    "messages": (
        "".join(f"2026-01-31 10:00:00 [c1] {text}\n" for text in TEXTS),
        {"pattern": r"\[(?P<case>\w+)\] (?P<message>.*)"},
    ),
    "xes": (
        "<log><trace>" + "".join(f"<event>{NAMED.format(text)}</event>" for text in TEXTS) + "</trace></log>",
        {},
    ),
    "xes, joined": (
        "<log><trace>"
        + "".join(f'<event>{NAMED.format(text)}<string key="x" value="x 7"/></event>' for text in TEXTS)
        + "</trace></log>",
        {"event": "concept:name+x"},
    ),
    "raw log": ("".join(f"2026-01-31 10:00:00 {text}\n" for text in TEXTS), {"window": 300}),
}


@pytest.mark.parametrize("mask", [True, False, None])
@pytest.mark.parametrize("written", WRITTEN, ids=WRITTEN)
def test_masking_is_there_for_all_texts(read: Any, both: Any, written: str, mask: bool | None) -> None:
    text, options = WRITTEN[written]
    masks = written in {"messages", "raw log"} if mask is None else mask
    wanted = MASKED if masks else [TEXTS]
    if written == "csv, joined":
        wanted = [[symbol + "+" for symbol in wanted[0]]]
    if written == "xes, joined":
        wanted = [[f"{symbol}+{'x <*>' if masks else 'x 7'}" for symbol in wanted[0]]]
    if written == "csv, traces":
        words = [text.replace(" ", "_") for text in TEXTS]
        wanted = [["<*>" if masks and word != "idle" else word for word in words]]
    for file in (io.BytesIO(text.encode()), Dripping(text.encode(), 100)):
        found = read(file, mask=mask, cut=False, **options)
        assert (found.error, found.traces) == (None, wanted)
    both(text.encode(), (1 << 18, None, None), mask=mask, cut=False, **options)


def test_texts_beyond_what_is_remembered_are_masked_alike(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from flexstream.readers.parsing import masking

    monkeypatch.setattr(masking, "_MOST", 5_000)
    text = "case,event\n" + "".join(f"{number % 9},lot {number} loaded\n" for number in range(3_000))
    found = read(Dripping(text.encode(), 3_000), mask=True)
    assert found.error is None
    assert {symbol for trace in found.traces for symbol in trace} == {"lot <*> loaded"}
    assert len(found.told.alphabet) == 1


def test_what_a_model_was_read_with_is_left_out_where_it_has_no_effect() -> None:
    from flexstream.readers import read_batches
    from flexstream.stream.alphabet import Alphabet

    manner = {"format": "csv", "mask": True, "cut": False, "lifecycle": "join", "guessed": ["format"]}
    alphabet = Alphabet()
    reading = read_batches(io.BytesIO(b"load run\n"), alphabet, ReadOptions(), like=manner)
    assert [len(trace) for batch in reading for trace in batch] == [2]
    assert "<input>: format lines (guessed)" in reading.notes
    assert not any("mask" in note or "lifecycle" in note for note in reading.notes)
    again = read_batches(
        io.BytesIO(b"2026-01-31 10:00:00 lot 7\n"), Alphabet(), ReadOptions(), like={**manner, "mask": False}
    )
    assert [len(trace) for batch in again for trace in batch] == [1]
    assert any("`cut=False`" in note for note in again.notes)


EVENT = b'<event><string key="concept:name" value="a"/><date key="at" value="2026-01-31T10:00:00Z"/></event>'
LOG = b'<log>\n<trace><string key="id" value="7"/>' + EVENT + b"</trace>\n<trace>" + EVENT + b"</trace></log>"


@pytest.mark.parametrize("piece", [1, 1 << 18])
def test_attributes_that_a_log_has_not_are_told(read: Any, both: Any, piece: int) -> None:
    for option, name, line in (("case", "nope", 2), ("case", "id", 3), ("time", "nope", 2)):
        error = read(Dripping(LOG, piece), **{option: name}).error
        assert str(error).startswith(f"<input>:{line}: trace without '{name}' (expected: this attribute; name another")
        both(LOG, (piece, None, None), on_error="skip", **{option: name})
    assert read(Dripping(LOG, piece), case="id", on_error="skip").named == [("7", ["a"])]
    assert read(Dripping(LOG, piece), time="at").error is None


def test_fields_that_a_trace_has_not_are_told(read: Any) -> None:
    error = read(io.BytesIO(TRACES["jsonl"]), case="nope").error
    assert str(error).startswith("<input>:1: no field 'nope' (expected: one of trace, id; name it with `case`")
