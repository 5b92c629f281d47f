"""A resumable reading can be gone on with wherever it is, whatever its sources are."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from flexstream.container import decode, encode
from flexstream.errors import ChangedSourceError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.sessions import packing
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch

EVENT = '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="{}"/></event>'


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 3)


def traces(number: int = 40, seed: int = 1) -> list[list[str]]:
    draw = random.Random(seed)
    return [[draw.choice(["load", "run", "fix", "ä"]) for _ in range(draw.randrange(5))] for _ in range(number)]


def as_lines(rows: list[list[str]]) -> bytes:
    return "".join(" ".join(row) + "\n" for row in rows).encode()


def as_xes(rows: list[list[str]]) -> bytes:
    body = []
    for number, row in enumerate(rows):
        times = [f"2026-01-{1 + number % 7:02d}T00:{minute:02d}:00Z" for minute in range(len(row))]
        events = "".join(EVENT.format(*pair) for pair in zip(row, times, strict=True))
        body.append(f'<trace><string key="concept:name" value="lot {number}"/>{events}</trace>')
    return ("<log>" + "\n".join(body) + "</log>").encode()


def events_of(rows: list[list[str]]) -> list[dict[str, Any]]:
    """Return the events of cases that run side by side."""
    left = [(number, list(row)) for number, row in enumerate(rows) if row]
    draw, found = random.Random(5), []
    while left:
        number, row = draw.choice(left[:4])
        found.append({"case": f"lot {number}", "event": row.pop(0), "time": 1_700_000_000 + 60 * len(found)})
        left = [pair for pair in left if pair[1]]
    return found


def as_csv(rows: list[list[str]]) -> bytes:
    lines = [f"{one['case']},{one['event']},{one['time']}" for one in events_of(rows)]
    return "\n".join(["case,event,time", *lines, ""]).encode()


def as_jsonl(rows: list[list[str]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in events_of(rows)).encode()


def as_list(rows: list[list[str]]) -> bytes:
    return json.dumps([{"case": one["case"], "event": one["event"]} for one in events_of(rows)], indent=1).encode()


def as_log(rows: list[list[str]]) -> bytes:
    lines = (
        f"Jan  1 00:{number // 60 % 60:02d}:{number % 60:02d} [{one['case']}] {one['event']}\n"
        for number, one in enumerate(events_of(rows))
    )
    return "".join(lines).encode()


def as_object_cells(rows: list[list[str]]) -> bytes:
    lines = (f"{one['time']},{ {'case': one['case'], 'event': one['event']}!s}" for one in events_of(rows))
    return "\n".join(["time;data", *(line.replace(",", ";", 1) for line in lines), ""]).encode()


def as_drawn(rows: list[list[str]]) -> bytes:
    lines = [f" {one['case']} | {one['event']} | {one['time']}" for one in events_of(rows)]
    return "\n".join([" case | event | time ", "------+-------+------", *lines, f"({len(lines)} rows)", ""]).encode()


def as_entries(rows: list[list[str]]) -> bytes:
    """As journals are exported."""
    fields = (
        f"__CURSOR=i={number}\n__REALTIME_TIMESTAMP={17724384 * 10**8 + number * 10**6}\n"
        f"case={one['case']}\nevent={one['event']}\n\n"
        for number, one in enumerate(events_of(rows))
    )
    return "".join(fields).encode()


PATTERN = r"(?P<time>\w+ +\d+ \S+) \[(?P<case>.*)\] (?P<event>.*)"
SHAPES = {
    "lines": (as_lines, {}),
    "windows": (as_lines, {"window": 3, "stride": 2, "format": "lines"}),
    "csv": (as_csv, {}),
    "idle": (as_csv, {"idle": 600.0}),
    "few": (as_csv, {"max_open_cases": 2}),
    "gap": (as_csv, {"gap": 300.0}),
    "start": (as_csv, {"start": "load"}),
    "jsonl": (as_jsonl, {"idle": 600.0}),
    "list": (as_list, {"max_open_cases": 3, "cut": False}),
    "log": (as_log, {"pattern": PATTERN, "idle": 60.0}),
    "xes": (as_xes, {}),
    "redacted": (as_xes, {"redact": True}),
    "latin": (lambda rows: as_lines(rows).decode().encode("latin-1"), {"encoding": "latin-1"}),
    "packed": (lambda rows: gzip.compress(as_lines(rows)), {}),
    "object cells": (as_object_cells, {"idle": 600.0}),
    "drawn": (as_drawn, {"idle": 600.0}),
    "entries": (as_entries, {"case": "case", "event": "event"}),
    "packed xes": (lambda rows: gzip.compress(as_xes(rows)), {}),
}


def outcome(reading: Reading, found: list[TraceBatch]) -> dict[str, Any]:
    names = itertools.chain.from_iterable(batch.names or [None] * len(batch) for batch in found)
    spans = [None if batch.durations is None else batch.durations.tolist() for batch in found]
    return {
        "traces": [trace.tolist() for batch in found for trace in batch],
        "spans": list(itertools.chain.from_iterable(span for span in spans if span is not None)),
        "names": list(names),
        "stats": reading.stats,
        "notes": reading.notes,
        "symbols": list(reading.alphabet),
        "sample": reading.sample,
        "shape": (reading.format, reading.columns, reading.suggested, reading.manner),
    }


def sources_of(shape: str, folder: Path, kind: str) -> list[Any]:
    write, _ = SHAPES[shape]
    texts = [write(traces(40, 1)), write(traces(25, 2))]
    if kind == "pipe":
        return [io.BytesIO(text) for text in texts]
    paths = [folder / f"{shape} {number}" for number in range(2)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    return list(paths)


@pytest.mark.parametrize("origins", [False, True])
@pytest.mark.parametrize("kind", ["file", "pipe"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_resumable_reading_goes_on_behind_any_trace(shape: str, kind: str, origins: bool, tmp_path: Path) -> None:
    options = ReadOptions(**SHAPES[shape][1])

    def reading() -> Reading:
        return Reading(sources_of(shape, tmp_path, kind), Alphabet(), options, origins=origins, resumable=True)

    whole = reading()
    expected = list(whole)
    for cut in range(0, len(expected), 2):
        first, second = reading(), reading()
        found = [next(first) for _ in range(cut + 1)]
        kept = cut % (len(found[-1]) + 1)
        rest = found[-1].part(kept, len(found[-1]))
        state = first.state(rest if len(rest) else None)
        found[-1] = found[-1].part(0, kept)
        second.restore(decode(encode(state)))
        found += second
        assert outcome(second, found) == outcome(whole, expected)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_reading_of_a_reading_goes_on(shape: str, tmp_path: Path) -> None:
    """Again and again, from wherever the last one was."""
    options = ReadOptions(**SHAPES[shape][1])

    def reading() -> Reading:
        return Reading(sources_of(shape, tmp_path, "file"), Alphabet(), options, resumable=True)

    whole = reading()
    expected, found, last = list(whole), [], reading()
    while (batch := next(last, None)) is not None:
        found.append(batch)
        state, last = decode(encode(last.state())), reading()
        last.restore(state)
    assert outcome(last, found) == outcome(whole, expected)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape not in {"object cells", "drawn"}])  # row by row
def test_rests_are_where_everything_is_in_the_state(shape: str, tmp_path: Path) -> None:
    options = ReadOptions(**SHAPES[shape][1])

    def reading() -> Reading:
        return Reading(sources_of(shape, tmp_path, "file"), Alphabet(), options, resumable=True)

    states, found, first = [], [], reading()
    first.rest_at, first.at_rest = 0.0, lambda: states.append((len(found), first.state()))
    for batch in first:
        found.append(batch)
    assert len(states) > 2
    for done, state in [*random.Random(3).sample(states, 3), states[-1]]:
        second = reading()
        second.restore(decode(encode(state)))
        assert outcome(second, found[:done] + list(second)) == outcome(first, found)


@pytest.mark.parametrize("kind", ["file", "pipe"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_another_source_is_refused(shape: str, kind: str, tmp_path: Path) -> None:
    write, given = SHAPES[shape]
    options = ReadOptions(**given)

    def reading(text: bytes) -> Reading:
        path = tmp_path / "source"
        path.write_bytes(text)
        return Reading(io.BytesIO(text) if kind == "pipe" else path, Alphabet(), options, resumable=True)

    rows = traces(60)
    first = reading(write(rows))
    states: list[Any] = []
    first.at_rest = lambda: states.append(first.state())
    list(first)
    state = decode(encode(states[-1]))
    for other in (
        [["fix"], *rows[1:]],
        [["a new one" if name == "load" else name for name in row] for row in rows],
        rows[:2],
    ):
        second = reading(write(other))
        with pytest.raises(ChangedSourceError, match="before"):
            second.restore(state)
            list(second)


@pytest.mark.parametrize(
    "shape",
    [shape for shape in SHAPES if "xes" not in shape and shape not in {"redacted", "list", "packed", "entries"}],
)
def test_a_source_may_grow(shape: str, tmp_path: Path) -> None:
    """What was read to its end before is read on, and cases that were open then are still."""
    write, given = SHAPES[shape]
    text, path, options = write(traces(60)), tmp_path / "source", ReadOptions(**given)
    cut = text.index(b"\n", len(text) // 2) + 1
    path.write_bytes(text)
    whole = Reading(path, Alphabet(), options, resumable=True)
    expected = list(whole)
    path.write_bytes(text[:cut])
    first, states, found = Reading(path, Alphabet(), options, resumable=True), [], []
    first.at_rest = lambda: states.append((len(found), first.state()))
    for batch in first:
        found.append(batch)
    ((done, state),) = states
    path.write_bytes(text)
    second = Reading(path, Alphabet(), options, resumable=True)
    second.restore(decode(encode(state)))
    assert outcome(second, found[:done] + list(second)) == outcome(whole, expected)
