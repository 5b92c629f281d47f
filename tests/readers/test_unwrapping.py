"""Records of JSON in lists, in objects, over several lines: they come out as they do one a line."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError
from flexstream.readers import Head, ReadOptions
from flexstream.readers.parsing.unwrap import Unwrapped
from flexstream.readers.parsing.wrappers import outline, steps_of

from .conftest import Dripping, read_all

ROUTE = ["load", "heat", "cool", "unload"]
RECORDS = [
    {"case": f"c{i // 4}", "event": ROUTE[i % 4], "data": {"n": i, "of": [i, {"event": "x"}]}} for i in range(40)
]
TRACES = [ROUTE] * 10

Write = Callable[[list[Any]], str]


def otlp(inner: str, outer: str, scopes: str) -> Write:
    """Return what writes records as OpenTelemetry does."""

    def write(records: list[Any]) -> str:
        halves = (records[: len(records) // 2], records[len(records) // 2 :])
        resources = [
            {"resource": {"attributes": []}, scopes: [{"scope": {"name": "s"}, inner: half}, {"scope": {}, inner: []}]}
            for half in halves
        ]
        return json.dumps({outer: resources})

    return write


WRAPPED: dict[str, Write] = {
    "a list on one line": json.dumps,
    "a list": lambda records: json.dumps(records, indent=2),
    "a list, a record a line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    "a list of lists": lambda records: json.dumps([records[:20], records[20:]]),
    "records on one line": lambda records: json.dumps({"Records": records}),
    "records": lambda records: json.dumps({"Records": records}, indent=1) + "\n",
    "records, with more around": lambda records: json.dumps({"kind": "List", "items": records, "metadata": {"n": [1]}}),
    "several lists": lambda records: "\n".join(json.dumps({"records": records[i : i + 4]}) for i in range(0, 40, 4)),
    "several lists, indented": lambda records: "\n".join(
        json.dumps({"logs": records[i : i + 8]}, indent=1) for i in range(0, 40, 8)
    ),
    "one behind the other": lambda records: "".join(map(json.dumps, records)),
    "indented": lambda records: "\n".join(json.dumps(record, indent=4) for record in records),
    "indented, with returns": lambda records: "\r\n".join(json.dumps(record, indent=4) for record in records),
    "hits": lambda records: json.dumps({"took": 5, "hits": {"total": 40, "hits": records}}),
    "spans": otlp("spans", "resourceSpans", "scopeSpans"),
    "log records": otlp("logRecords", "resourceLogs", "scopeLogs"),
    "older spans": otlp("spans", "resourceSpans", "instrumentationLibrarySpans"),
    "an unknown list in a document": lambda records: json.dumps({"when": 5, "history": records}, indent=1),
}


@pytest.mark.parametrize("write", WRAPPED.values(), ids=WRAPPED)
def test_records_come_out_however_they_are_wrapped(write: Write, tmp_path: Path) -> None:
    content = write(RECORDS).encode()
    path = tmp_path / "log.json"
    path.write_bytes(content)
    sources: list[Any] = [path, io.BytesIO(gzip.compress(content)), *(Dripping(content, size) for size in (1, 7, 1000))]
    for source in sources:
        found = read_all(source)
        assert found.error is None
        assert dict(found.named) == {f"c{i}": ROUTE for i in range(10)}
    assert "format jsonl (guessed; columns case=case, event=event" in found.told.notes[0]


@pytest.mark.parametrize("write", WRAPPED.values(), ids=WRAPPED)
def test_a_mark_and_other_encodings(write: Write) -> None:
    text = write([{**record, "data": "ä€"} for record in RECORDS]).replace("\\u00e4\\u20ac", "ä€")
    for encoding in ("utf-8-sig", "utf-16"):
        assert read_all(io.BytesIO(text.encode(encoding))).traces == TRACES


@pytest.mark.parametrize(
    ("text", "traces"),
    [
        ('[\n "load",\n "run"\n]\n', [["load", "run"]]),
        ('[["load", "run"], ["load"]]\n', [["load", "run"], ["load"]]),
        ('[\n ["load", "run"],\n ["load"]\n]', [["load", "run"], ["load"]]),
        ('{\n "id": "t1",\n "trace": ["load",\n "run"]\n}\n{\n "id": "t2",\n "trace": []\n}', [["load", "run"], []]),
        ('{"Records": []}\n{"Records": [{"event": "a"}]}\n{"digest": 1, "event": "b"}\n', [["a", "b"]]),
        ('{"events": [{"name": "a", "n": 1}, {"name": "b"}]}', [["a", "b"]]),
    ],
)
def test_traces_and_events(text: str, traces: list[list[str]]) -> None:
    found = read_all(io.BytesIO(text.encode()))
    assert (found.error, found.traces) == (None, traces)


@pytest.mark.parametrize(
    "line",
    [
        {"event": "order", "items": [{"sku": 1}, {"sku": 2}]},
        {"message": "two rows", "data": [{"a": 1}]},
        {"verb": "list", "items": [{"name": "a"}]},
        {"event": "x", "records": []},
    ],
)
def test_an_event_that_holds_a_list_is_no_document(line: dict[str, Any]) -> None:
    assert steps_of(Head(json.dumps(line).encode() + b"\n"), ReadOptions()) is None
    assert steps_of(Head(json.dumps(line, indent=1).encode() + b"\n", ended=True), ReadOptions()) == ()


def test_what_the_user_names_says_where_the_records_are() -> None:
    rows = [{"what": record["event"], "who": record["case"]} for record in RECORDS]
    for content in (json.dumps({"stuff": rows}), json.dumps({"stuff": rows}, indent=1)):
        for event, case in (("what", "who"), ("stuff[].what", "stuff[].who")):
            assert read_all(io.BytesIO(content.encode()), event=event, case=case).traces == TRACES
    wrapped = json.dumps({"Records": RECORDS}, indent=1).encode()
    found = read_all(io.BytesIO(wrapped), event="Records[].event", case="Records[].data.n")
    assert found.traces == [[event] for event in ROUTE * 10]
    said = str(read_all(io.BytesIO(json.dumps({"stuff": rows}).encode())).error)
    assert "stuff[].what" in said


def test_what_is_around_a_record_is_known_in_it() -> None:
    sessions = [{"session": f"s{i}", "at": 7, "events": [{"action": step} for step in ROUTE]} for i in range(3)]
    for content in (json.dumps(sessions[0]), "\n".join(map(json.dumps, sessions)), json.dumps({"data": sessions})):
        found = read_all(io.BytesIO(content.encode()))
        assert found.traces in ([ROUTE], [ROUTE] * 3) or content.startswith('{"data')
    resources = [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": f"shop{i}"}}]},
            "scopeSpans": [{"spans": [{"name": step, "traceId": "t"} for step in ROUTE]}],
        }
        for i in range(3)
    ]
    found = read_all(
        io.BytesIO(json.dumps({"resourceSpans": resources}).encode()), case="resource.attributes.service.name"
    )
    assert dict(found.named) == {f"shop{i}": ROUTE for i in range(3)}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"Records": [\n{"event": "a"},\n{"event": "b"},\n{"event": ', 4, "the source ends inside a value"),
        ('{"Records": [\n{"event": "a"},\n{"event": "b"}\n', 4, "the source ends inside a list"),
        ('{"Records": [\n{"event": "a"},\n{"event": "b"}]\n', 4, "the source ends inside an object"),
        ('[\n{"event": "a"},\n{"event": "b"},\n{"event": c}\n]', 4, "not JSON"),
        ('[\n{"event": "a"},\n{"event": "b"},\n{"event": "c\n"}\n]', 4, "a line ends inside a text"),
        ('[\n{"event": "a"},\n{"event": "b"},\n{"event": null}\n]', 4, "event is null"),
        ('[\n{"event": "a"},\n{"event": "b"},\n7\n]', 4, "'7' is no trace and no event"),
        ('[\n{"event": "a"},\n{"event": "b"}\n]\n}\n', 5, "a } that closes nothing"),
        ('{"Records": [\n{"event": "a"},\n{"event": "b"}],\n 7}', 4, "no key in an object"),
        ('[\n{"event": "a"},\n{"event": "b"}\n}\n', 4, "a } that closes nothing"),
    ],
)
def test_what_is_broken_is_told_with_its_line(text: str, line: int, said: str) -> None:
    for size in (1, 5, 1 << 20):
        found = read_all(Dripping(text.encode(), size))
        assert isinstance(found.error, DataError)
        assert str(found.error).startswith(f"<input>:{line}: {said}")
        assert [event for trace in found.traces for event in trace] == ["a", "b"]
    skipping = read_all(io.BytesIO(text.encode()), on_error="skip")
    assert (skipping.error, skipping.told.stats.skipped) == (None, 1)


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    text = b'[\n{"event": "a"},\n{"event": "\xff"},\n{"event": "c"}]'
    assert str(read_all(io.BytesIO(text)).error).startswith("<input>:3: invalid UTF-8")
    assert read_all(io.BytesIO(text), on_error="skip").traces == [["a", "c"]]


def test_the_reading_goes_on_at_the_next_document() -> None:
    text = '{"Records": [{"event": "a"}]}\n{"Records": [{"event": "b\n{"Records": [{"event": "c"}]}\n'
    found = read_all(io.BytesIO(text.encode()), on_error="skip")
    assert (found.traces, found.told.stats.skipped) == ([["a", "c"]], 1)


class Endless(io.RawIOBase):
    """A document of so many records that is never in memory as a whole."""

    def __init__(self, records: int, opening: bytes, closing: bytes) -> None:
        super().__init__()
        self._parts = self._all(records, opening, closing)

    @staticmethod
    def _all(records: int, opening: bytes, closing: bytes) -> Iterator[bytes]:
        yield opening
        part = ",\n".join(json.dumps({"event": step, "pad": "x" * 5000}) for step in ROUTE * 8).encode()
        for number in range(records // 32):
            yield (b",\n" if number else b"") + part
        yield closing

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


@pytest.mark.parametrize(("opening", "closing"), [(b'{"Records": [', b"]}"), (b"[", b"]")])
def test_a_document_is_never_in_memory_as_a_whole(opening: bytes, closing: bytes) -> None:
    def peak(records: int) -> int:
        tracemalloc.start()
        found = read_all(Endless(records, opening, closing), window=1000, on_error="skip")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.told.stats.events == records
        return most

    peak(32)
    assert peak(32 * 100) < peak(32 * 10) + (2 << 20)


values = st.recursive(
    st.sampled_from(["a", 'q"', "\\", "}{][,:", "ä\n", 7, -0.5, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b}", '"', "ä"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(values, max_size=6), st.sampled_from([None, 1]), st.integers(1, 30))
def test_any_values_come_out_as_they_went_in(written: list[Any], indent: int | None, size: int) -> None:
    text = json.dumps({"before": 1, "Records": written, "after": {"Records": [1]}}, indent=indent).encode()
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    found = [value for values in Unwrapped(chunks, ("Records", "[]"), 1 << 20).values() for value in values]
    assert [json.loads(text) for text, _ in found] == written
    assert all(b"\n" not in text for text, _ in found)
    assert [line for _, line in found] == sorted(line for _, line in found)


@given(values, st.integers(0, 200))
def test_an_outline_is_what_there_is_of_a_value(value: Any, length: int) -> None:
    text = json.dumps({"it": value}, indent=1)
    whole, stop = outline(text)
    assert stop == len(text)
    if length < len(text):
        assert outline(text[:length])[1] == -1
    if value in ("a", "}{][,:") or (isinstance(value, dict | list) and not value):
        assert whole == {"it": value}


def test_lists_by_any_name_are_records_where_there_is_one_object_alone() -> None:
    """Lines of them may be records that hold lists, of which nobody has said that one is meant."""
    line = json.dumps({"machine": "m1", "visits": [{"activity": "load"}, {"activity": "run"}]}).encode()
    steps = ("visits", "[]")
    assert steps_of(Head(line + b"\n", ended=True), ReadOptions()) == steps
    assert steps_of(Head(line + b"\n" + line + b"\n", ended=True), ReadOptions()) is None
    assert steps_of(Head(line + b"\n"), ReadOptions()) is None
    assert steps_of(Head(line[:-20]), ReadOptions()) == steps
    nothing = json.dumps({"machine": "m1", "visits": [{"at": 7}]}).encode()
    assert steps_of(Head(nothing + b"\n", ended=True), ReadOptions()) is None
