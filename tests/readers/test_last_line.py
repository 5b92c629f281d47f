"""A last line that is not whole yet: what is gone on with is that before it, whatever the format."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest

from flexstream.errors import DataError
from flexstream.readers import Reading, ReadOptions
from flexstream.stream.alphabet import Alphabet

ROWS = [(f"c{number % 7 + number // 70 * 7}", "xyz"[number * number % 5 % 3] + "load") for number in range(280)]
TIMES = [f"2026-01-01 00:{number // 60:02d}:{number % 60:02d}" for number in range(280)]
STAMPED = list(zip(TIMES, ROWS, strict=True))
TRACES = [[event for _, event in ROWS[number : number + number % 4 + 1]] for number in range(0, 280, 3)]
NUMBERS = {"xload": "0", "yload": "1", "zload": "2"}
PATTERN = r"(?P<time>\S+ \S+) INFO \[(?P<case>\w+)\] (?P<message>.*)"
SOURCES: dict[str, tuple[str, ReadOptions]] = {
    "lines.txt": ("".join(" ".join(trace) + "\n" for trace in TRACES), ReadOptions()),
    "rows.csv": ("case,event\n" + "".join(f"{case},{event}\n" for case, event in ROWS), ReadOptions()),
    "quoted.csv": ("case;event\n" + "".join(f'{case};"{event}"\n' for case, event in ROWS), ReadOptions()),
    "rows.jsonl": ("".join(json.dumps({"case": case, "event": event}) + "\n" for case, event in ROWS), ReadOptions()),
    "app.log": ("".join(f"{at} INFO [{case}] {event} done\n" for at, (case, event) in STAMPED), ReadOptions()),
    "pattern.log": (
        "".join(f"{at} INFO [{case}] {event} is done\n" for at, (case, event) in STAMPED),
        ReadOptions(pattern=PATTERN),
    ),
    "stacks.log": (
        "".join(f"{at} INFO [{case}] {event} failed\n  at some.place(x)\n" for at, (case, event) in STAMPED),
        ReadOptions(pattern=PATTERN),
    ),
    "app.logfmt": (
        "".join(f"time={at.replace(' ', 'T')} case={case} msg={event}\n" for at, (case, event) in STAMPED),
        ReadOptions(),
    ),
    "access.log": (
        "".join(
            f'10.0.0.{number % 5} - - [01/Jan/2026:00:00:{number % 60:02d} +0000] "GET /{event} HTTP/1.1" 200 12\n'
            for number, (_, event) in enumerate(ROWS)
        ),
        ReadOptions(),
    ),
    "cef.log": (
        "".join(f"CEF:0|vendor|product|1|{event}|{event} done|5|suser={case}\n" for case, event in ROWS),
        ReadOptions(),
    ),
    "strings.abbadingo": (
        f"{len(TRACES)} 3\n"
        + "".join(f"1 {len(trace)} {' '.join(str('xyz'.index(event[0])) for event in trace)}\n" for trace in TRACES),
        ReadOptions(),
    ),
}


def traces_of(reading: Reading) -> list[list[str]]:
    return [[reading.alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]


def until_the_last_rest(reading: Reading) -> tuple[list[list[str]], dict]:
    """Read all, and return the traces that came before the last rest, with the state there."""
    found: list[list[str]] = []
    kept: list[tuple[int, dict]] = []
    reading.at_rest = lambda: kept.append((len(found), reading.state()))
    with suppress(DataError):  # half a line can be a bad one; what was kept before it holds
        for batch in reading:
            found += [[reading.alphabet.text(symbol) for symbol in trace] for trace in batch]
    assert len(kept) == 1
    return found[: kept[0][0]], kept[0][1]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", list(SOURCES))
def test_a_line_that_grows_is_one_event(name: str, packed: bool, tmp_path: Path) -> None:
    text, options = SOURCES[name]
    data, pack = text.encode(), gzip.compress if packed else bytes
    path: Path = tmp_path / (name + ".gz" if packed else name)
    path.write_bytes(pack(data))
    expected = traces_of(Reading(path, Alphabet(), options))
    begin = data.index(b"\n", 2 * len(data) // 3) + 1
    for cut in (begin + 1, (begin + data.index(b"\n", begin)) // 2, data.index(b"\n", begin)):
        path.write_bytes(pack(data[:cut]))
        found, state = until_the_last_rest(Reading(path, Alphabet(), options, resumable=True))
        path.write_bytes(pack(data))
        second = Reading(path, Alphabet(), options, resumable=True)
        second.restore(state)
        assert found + traces_of(second) == expected


XES = "".join(
    "<trace>"
    + "".join(f'<event><string key="concept:name" value="{event}"/></event>' for event in trace)
    + "</trace>\n"
    for trace in TRACES
)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_log_that_grows_is_gone_on_with_behind_its_last_whole_trace(packed: bool, tmp_path: Path) -> None:
    data, pack = f"<log>\n{XES}</log>\n".encode(), gzip.compress if packed else bytes
    path, options = tmp_path / "a.xes", ReadOptions(on_error="skip")
    path.write_bytes(pack(data))
    expected = traces_of(Reading(path, Alphabet(), options))
    assert expected == TRACES
    begin = data.index(b"<trace>", len(data) // 2)
    for cut in (begin, begin + 40, data.index(b"</trace>", begin) + 4, data.index(b"</trace>", begin) + 8):
        path.write_bytes(pack(data[:cut]))
        found, state = until_the_last_rest(Reading(path, Alphabet(), options, resumable=True))
        path.write_bytes(pack(data))
        second = Reading(path, Alphabet(), options, resumable=True)
        second.restore(state)
        assert found + traces_of(second) == expected


def test_events_without_a_time_can_be_gone_on_with(tmp_path: Path) -> None:
    """In a format that may have times they wait to be put in order, though they have none."""
    text, options = SOURCES["cef.log"]
    path = tmp_path / "cef.log"
    path.write_text(text)
    found, state = until_the_last_rest(Reading(path, Alphabet(), options, resumable=True))
    second = Reading(path, Alphabet(), options, resumable=True)
    second.restore(state)
    assert found + traces_of(second) == traces_of(Reading(path, Alphabet(), options))
