"""Batches tell where each event stood, whatever the format, the order and the way it is read."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import numpy as np
import pytest

from flexstream import Alphabet
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.prior import Prior
from flexstream.stream.origins import origin_of

Rows = list[tuple[int, str, float]]
"""Line, symbol and time of events."""


def read(text: str, options: dict[str, Any], parts: int | None = None) -> tuple[Rows, list[list[str]]]:
    """Return line, symbol and time of all events as their origins tell them, and the traces."""
    alphabet, found, traces = Alphabet(), Rows(), []
    reading = Reading([io.BytesIO(text.encode())], alphabet, ReadOptions(**options), origins=True)
    for batch in reading:
        assert batch.origins is not None
        assert batch.origins.shape == (batch.events + len(batch), 2)
        row = 0
        for trace in batch:
            traces.append([alphabet.text(symbol) for symbol in trace])
            for symbol in traces[-1]:
                origin = origin_of(batch.origins[row])
                assert origin.source == 0
                found.append((origin.line or 0, symbol, origin.time or 0.0))
                row += 1
            row += 1  # the end
    return found, traces


def number(line: int) -> str:
    """Return a symbol that says on which line it stands, and is not masked."""
    return "e" + "".join(chr(ord("a") + int(digit)) for digit in str(line))


def events(count: int, seed: int) -> list[tuple[int, str, int]]:
    """Return line, case and minute of events that are interleaved and not quite in order."""
    chance = random.Random(seed)
    return [(line, f"c{chance.randrange(7)}", line + chance.choice([0, 0, 0, -9])) for line in range(2, count + 2)]


def stamp(minute: int) -> str:
    return f"2026-01-31 {(minute // 60) % 24:02}:{minute % 60:02}:00"


def as_csv(rows: list[tuple[int, str, int]], quoted: bool = False) -> str:
    mark = '"' if quoted else ""
    return "case,event,time\n" + "".join(f"{c},{mark}{number(n)}{mark},{stamp(m + 60)}\n" for n, c, m in rows)


def as_json(rows: list[tuple[int, str, int]], time: bool = True) -> str:
    lines = [{"case": c, "event": number(n), **({"time": stamp(m + 60)} if time else {})} for n, c, m in rows]
    return json.dumps({"case": "c0", "event": number(1)}) + "\n" + "".join(json.dumps(line) + "\n" for line in lines)


def as_log(rows: list[tuple[int, str, int]]) -> str:
    return f"{stamp(50)} [c0] {number(1)}\n" + "".join(f"{stamp(m + 60)} [{c}] {number(n)}\n" for n, c, m in rows)


PATTERN = r"^(?P<time>\S+ \S+) \[(?P<case>\w+)\] (?P<event>\w+)"
INPUTS = {
    "csv": (as_csv, {}),
    "csv, some quoted": (lambda rows: as_csv(rows, True), {}),
    "csv, windows": (as_csv, {"window": 3}),
    "csv, overlapping windows": (as_csv, {"window": 3, "stride": 2}),
    "csv, idle": (as_csv, {"idle": 300.0}),
    "csv, gap": (as_csv, {"gap": 240.0}),
    "csv, few open": (as_csv, {"max_open_cases": 3}),
    "csv, no case": (as_csv, {"case": "", "window": 5}),
    "csv, no case, gap": (as_csv, {"case": "", "gap": 60.0}),
    "csv, no durations": (as_csv, {"durations": False}),
    "csv, redacted": (as_csv, {"redact": True}),
    "json": (as_json, {}),
    "json, untimed": (lambda rows: as_json(rows, False), {}),
    "log by a pattern": (as_log, {"pattern": PATTERN}),
    "log by a pattern of messages": (as_log, {"pattern": PATTERN.replace("event", "message"), "mask": False}),
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("count", [1, 40, 3000])
def test_every_event_is_on_the_line_that_its_symbol_names(name: str, count: int) -> None:
    write, options = INPUTS[name]
    found, traces = read(write(events(count, 7)), options)
    assert len(found) >= count
    assert [symbol for _, symbol, _ in found] == [symbol for trace in traces for symbol in trace]
    assert {number(line) for line, _, _ in found} >= {number(line) for line in range(2, count + 2)}
    assert all(number(line) == symbol for line, symbol, _ in found)


@pytest.mark.parametrize("name", ["csv", "json", "log by a pattern"])
def test_every_event_has_its_own_time(name: str) -> None:
    write, options = INPUTS[name]
    rows = events(200, 3)
    minutes = {number(line): minute + 60 for line, _, minute in rows}
    found, _ = read(write(rows), options)
    first = {round(time / 60) % 1440 - minutes[symbol] for _, symbol, time in found if symbol in minutes}
    assert first == {0}


def test_blank_lines_and_cells_with_line_feeds_count() -> None:
    text = 'case,event\na,eb\n\nb,ed\n"a","e\nf"\nb,eg\n'
    found, _ = read(text, {})
    assert sorted(found) == [(2, "eb", 0.0), (4, "ed", 0.0), (6, "e\nf", 0.0), (7, "eg", 0.0)]


def test_records_of_one_document_are_on_the_lines_on_which_they_begin() -> None:
    records = [json.dumps({"case": "a", "event": number(line)}) for line in range(2, 400)]
    found, _ = read("[\n" + ",\n".join(records) + "\n]\n", {})
    assert len(found) == 398
    assert all(number(line) == symbol for line, symbol, _ in found)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_raw_lines_without_a_pattern(end: str) -> None:
    words = [f"{stamp(line)} INFO {number(line)} came" for line in range(1, 300)]
    words[20] = "  at a stack trace"
    found, _ = read(end.join(words) + end, {"format": "log", "window": 10})
    assert len(found) == 298
    assert all(symbol == f"{number(line)} came" for line, symbol, _ in found)


@pytest.mark.parametrize("text", ["a b\n\nc\n", "a b\n\nc\nd\xa0\xe9\n", "a b\n\nc"])
def test_whole_traces_are_on_their_lines_and_so_are_empty_ones(text: str) -> None:
    reading = Reading(io.BytesIO(text.encode("utf-8")), Alphabet(), ReadOptions(format="lines"), origins=True)
    lines = [row[0] & 0xFFFF for batch in reading for row in np.asarray(batch.origins).tolist()]
    assert lines[:6] == [1, 1, 1, 2, 3, 3]


def test_traces_of_the_competitions_are_on_their_lines() -> None:
    text = "4 2\n\n2 0 1\n1 1\n\n0\n2 1 1\n"
    reading = Reading(io.BytesIO(text.encode()), Alphabet(), ReadOptions(format="pautomac"), origins=True)
    ends = [row[0] & 0xFFFF for batch in reading for row in np.asarray(batch.origins).tolist()]
    assert ends == [3, 3, 3, 4, 4, 6, 7, 7, 7]


def test_sources_are_told_apart(tmp_path: Any) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("case,event\na,x\nb,y\n")
    reading = Reading([str(tmp_path / "one.csv"), str(tmp_path / "two.csv")], Alphabet(), origins=True)
    (batch,) = list(reading)
    assert batch.origins is not None
    found = [origin_of(row)[:2] for row in batch.origins]
    assert found == [(0, 2), (1, 2), (1, 2), (0, 3), (1, 3), (1, 3)]
    assert reading.source_name(1) == str(tmp_path / "two.csv")


def test_nobody_pays_who_does_not_ask() -> None:
    (batch,) = list(Reading(io.BytesIO(b"case,event\na,x\n"), Alphabet()))
    assert batch.origins is None


def test_parts_of_a_batch_have_their_share() -> None:
    (batch,) = list(Reading(io.BytesIO(b"a b\n\nc d e\n"), Alphabet(), ReadOptions(format="lines"), origins=True))
    parts = [batch.part(0, 1), batch.part(1, 2), batch.part(2, 3), batch.part(0, 3), batch.part(1, 3).part(1, 2)]
    lines = [[row[0] for row in np.asarray(part.origins).tolist()] for part in parts]
    assert lines == [[1, 1, 1], [2], [3, 3, 3, 3], [1, 1, 1, 2, 3, 3, 3, 3], [3, 3, 3, 3]]


def test_what_is_read_is_the_same_with_origins_and_without() -> None:
    text = as_csv(events(2000, 5))
    for options in ({}, {"window": 4, "stride": 3}, {"idle": 500.0}):
        plain, traced = ([], [])
        for found, asked in ((plain, False), (traced, True)):
            alphabet = Alphabet()
            prior = Prior({"format": "csv", "guessed": []}, options)
            for batch in Reading(io.BytesIO(text.encode()), alphabet, prior=prior, origins=asked):
                spans = None if batch.durations is None else batch.durations.tolist()
                found.append((batch.symbols.tolist(), batch.offsets.tolist(), batch.names, spans))
        assert plain == traced
