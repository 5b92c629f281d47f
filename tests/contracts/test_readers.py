"""What every input format must do.  A new format needs one entry in `WRITTEN`."""

from __future__ import annotations

import dataclasses
import gzip
import importlib
import io
import json
import os
import pkgutil
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexstream import readers
from flexstream.budget import Budget
from flexstream.errors import DataError, FlexStreamError, UsageError
from flexstream.readers import FORMATS, Head, Reading, ReadOptions, guess, read_batches
from flexstream.stream.alphabet import Alphabet

Traces = list[list[str]]
SYMBOLS = ("0", "1", "2", "3")


@dataclass(frozen=True)
class Written:
    """How traces are written in a format, so that what is read can be compared.

    Attributes
    ----------
    write : callable
        From traces to the bytes of a file.
    bad : bytes
        A line, or what stands for one, that cannot be read; it is put behind the traces.
    options : dict
        What the user says besides the format.
    empty : bool
        Whether there can be a trace without events.
    named : bool
        Whether traces have names.
    """

    write: Callable[[Traces], bytes]
    bad: bytes
    options: dict[str, Any] = field(default_factory=dict)
    empty: bool = True
    named: bool = False

    def traces(self) -> st.SearchStrategy[Traces]:
        """Draw traces that the format can hold."""
        trace = st.lists(st.sampled_from(SYMBOLS), min_size=0 if self.empty else 1, max_size=6)
        return st.lists(trace, min_size=1, max_size=12)


def in_lines(lines: Iterable[str]) -> bytes:
    """Return lines as bytes."""
    return "".join(line + "\n" for line in lines).encode()


def numbers(traces: Traces, label: str = "") -> bytes:
    """Write a header, then length and symbols."""
    header = f"{len(traces)} {len(SYMBOLS)}"
    return in_lines([header, *(" ".join([f"{label}{len(trace)}", *trace]) for trace in traces)])


def events(traces: Traces, row: str, header: str = "") -> bytes:
    """Write an event a line."""
    rows = [row.format(case=f"c{number}", event=event) for number, trace in enumerate(traces) for event in trace]
    return in_lines([header, *rows] if header else rows)


def xes(traces: Traces) -> bytes:
    """Write an event log in XML."""
    text = '<string key="concept:name" value="{}"/>'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<log>"]
    for number, trace in enumerate(traces):
        inner = "".join(f"<event>{text.format(event)}</event>" for event in trace)
        lines.append(f"<trace>{text.format(f'c{number}')}{inner}</trace>")
    return in_lines([*lines, "</log>"])


def one_a_line(row: str, bad: bytes, **options: str) -> Written:
    """Return how events are written one a line, with their cases."""
    return Written(lambda traces: events(traces, row), bad, options, False, True)


WRITTEN = {
    "lines": Written(lambda traces: in_lines(map(" ".join, traces)), b"1 \xff\n"),
    "pautomac": Written(numbers, b"7 0\n"),
    "abbadingo": Written(lambda traces: numbers(traces, "1 "), b"1 7 0\n"),
    "jsonl": Written(lambda traces: in_lines(map(json.dumps, traces)), b"[1\n"),
    "logfmt": one_a_line("case={case} event={event}", b"nothing of this kind\n"),
    "logjson": one_a_line(
        '2026-01-31 10:00:00 INFO {{"case": "{case}", "event": "{event}"}}', b'2026-01-31 10:00:00 INFO {"case":\n'
    ),
    "access": one_a_line(
        '{case} - - [31/Jan/2026:10:00:00 +0000] "{event}" 200 612', b"10.0.0.1 - - nothing\n", event="request"
    ),
    "cef": one_a_line("CEF:0|V|Wall|1.0|100|{event}|5|case={case} act=x", b"CEF:0|V|\n"),
    "csv": Written(lambda traces: events(traces, "{case},{event}", "case,event"), b"c,1,2\n", {}, False, True),
    "log": Written(
        lambda traces: events(traces, "2026-01-31 10:00:00 {case} {event}"),
        b"2026-01-31 10:00:00 nothing\n",
        {"pattern": r"^\S+ \S+ (?P<case>c\d+) (?P<event>\d)$"},
        False,
        True,
    ),
    "xes": Written(xes, b"<more>\n", {}, True, True),
}
SAMPLE = [["0", "1"], ["2"], ["1", "1", "3"], ["0"]]
PROMISE_AN_END = {"pautomac", "abbadingo", "xes"}
"""A header says how many strings there are, a tag how the file ends: a stop before that may be told as an error."""
ONE_BY_ONE = {"access", "cef", "logfmt", "logjson"}
"""Formats that take each line apart by itself."""
each_format = pytest.mark.parametrize("name", FORMATS)


class Dripping(io.BytesIO):
    """Hands out a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most so many bytes."""
        return super().read(self._size)


@dataclass
class Found:
    """What came out: traces, names, the error at the end, and what the reader counted."""

    traces: Traces
    names: list[str]
    error: FlexStreamError | None
    skipped: int
    counted: tuple[int, int]


def read(source: Any, name: str | None, stop_after: int | None = None, **options: Any) -> Found:
    """Read to the end, to the first error, or until so many batches have come."""
    given_options = dict(WRITTEN[name].options if name else {}, **options)
    alphabet = Alphabet()
    found = Found([], [], None, 0, (0, 0))
    reading = Reading(source, alphabet, ReadOptions(format=name, **given_options))
    try:
        for number, batch in enumerate(reading, 1):
            found.traces += [[alphabet.text(symbol) for symbol in trace] for trace in batch]
            found.names += batch.names or []
            if number == stop_after:
                reading.stop()
    except FlexStreamError as error:
        found.error = error
    found.skipped, found.counted = reading.stats.skipped, (reading.stats.traces, reading.stats.events)
    return found


def test_every_format_is_written_here() -> None:
    assert set(WRITTEN) == set(FORMATS)


@each_format
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_what_was_written_is_read_wherever_it_is_cut(name: str, draw: st.DataObject) -> None:
    traces = draw.draw(WRITTEN[name].traces())
    text = WRITTEN[name].write(traces)
    whole = read(io.BytesIO(text), name)
    assert (sorted(whole.traces), whole.error, whole.skipped) == (sorted(traces), None, 0)
    assert whole.counted == (len(traces), sum(map(len, traces)))
    piece = draw.draw(st.sampled_from([1, 2, 3, 7, 64]))
    assert read(Dripping(text, piece), name) == whole
    assert read(io.BytesIO(gzip.compress(text)), name) == whole
    assert read(Dripping(gzip.compress(text), piece), name) == whole


@each_format
def test_traces_come_in_order_with_their_names(name: str) -> None:
    found = read(io.BytesIO(WRITTEN[name].write(SAMPLE)), name)
    assert found.traces == SAMPLE
    assert found.names == ([f"c{number}" for number in range(len(SAMPLE))] if WRITTEN[name].named else [])


@each_format
def test_files_and_pipes_give_the_same(name: str, tmp_path: Path) -> None:
    text = WRITTEN[name].write(SAMPLE * 50)
    wanted = read(io.BytesIO(text), name)
    (tmp_path / "file").write_bytes(text)
    (tmp_path / "file.gz").write_bytes(gzip.compress(text))
    assert read(tmp_path / "file", name) == wanted
    assert read(str(tmp_path / "file.gz"), name) == wanted
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[text])
    writer.start()
    assert read(tmp_path / "pipe", name) == wanted
    writer.join()


@each_format
def test_the_content_says_what_it_is(name: str) -> None:
    text = WRITTEN[name].write(SAMPLE)
    assert guess(Head(text)) == name
    if not WRITTEN[name].options:
        assert read(io.BytesIO(text), None).traces == SAMPLE


@each_format
def test_line_ends_of_either_kind(name: str) -> None:
    text = WRITTEN[name].write(SAMPLE)
    assert read(io.BytesIO(text.replace(b"\n", b"\r\n")), name).traces == SAMPLE
    assert read(io.BytesIO(text.removesuffix(b"\n")), name).traces == SAMPLE


@each_format
def test_a_bad_line_is_named_and_nothing_before_it_is_lost(name: str) -> None:
    form, text = WRITTEN[name], WRITTEN[name].write(SAMPLE)
    for piece in (1, 1 << 18):
        found = read(Dripping(text + form.bad, piece), name)
        assert isinstance(found.error, DataError)
        assert found.error.line == text.count(b"\n") + 1
        assert found.error.problem and found.error.expected
        assert "\n" not in str(found.error)
        assert found.traces == SAMPLE


@each_format
def test_bad_lines_are_counted_where_they_are_skipped(name: str) -> None:
    form = WRITTEN[name]
    found = read(io.BytesIO(form.write(SAMPLE) + form.bad), name, on_error="skip")
    assert (found.traces, found.error) == (SAMPLE, None)
    # A string too many is told with the header as well.
    assert found.skipped == (2 if name in {"pautomac", "abbadingo"} else 1)


@each_format
def test_bytes_that_are_no_text_are_a_bad_line(name: str) -> None:
    lines = WRITTEN[name].write(SAMPLE).splitlines(keepends=True)
    at = len(lines) - 2
    lines[at] = lines[at].rstrip(b"\n") + b"\xff\n"
    found = read(io.BytesIO(b"".join(lines)), name)
    assert isinstance(found.error, DataError)
    assert found.error.line == at + 1
    skipping = read(io.BytesIO(b"".join(lines)), name, on_error="skip")
    assert skipping.error is None
    assert skipping.skipped >= 1


@each_format
@pytest.mark.parametrize("nothing", [b"", gzip.compress(b"", mtime=0)], ids=["plain", "gzip"])
def test_an_empty_source_is_told(name: str, nothing: bytes) -> None:
    found = read(io.BytesIO(nothing), name)
    assert isinstance(found.error, DataError)
    assert "is empty" in str(found.error)
    skipping = read(io.BytesIO(nothing), name, on_error="skip")
    assert (skipping.traces, skipping.error, skipping.skipped) == ([], None, 1)


@each_format
def test_a_broken_archive_is_told(name: str) -> None:
    packed = gzip.compress(WRITTEN[name].write(SAMPLE * 200))
    for damaged in (packed[:-9], packed[: len(packed) // 2], packed[:30] + b"\x00\x55\xaa" + packed[33:]):
        assert isinstance(read(io.BytesIO(damaged), name).error, DataError)


@each_format
def test_sources_are_read_one_after_the_other(name: str) -> None:
    form = WRITTEN[name]
    one, other = form.write(SAMPLE[:2]), form.write(SAMPLE[2:])
    found = read([io.BytesIO(one), Dripping(other, 5)], name)
    if form.named and name != "xes":  # cases go on from one source to the next
        assert sorted(found.traces) == sorted([SAMPLE[0] + SAMPLE[2], SAMPLE[1] + SAMPLE[3]])
    else:
        assert found.traces == SAMPLE


@each_format
def test_a_stop_ends_the_reading_as_if_the_source_ended(name: str) -> None:
    text = WRITTEN[name].write(SAMPLE * (3_000 if name in ONE_BY_ONE else 12_000))
    found = read(Dripping(text, 1 << 16), name, stop_after=1)
    whole = read(io.BytesIO(text), name)
    if name in PROMISE_AN_END:
        assert found.error is None or isinstance(found.error, DataError)
    else:
        assert found.error is None
    assert 0 < found.counted[1] <= whole.counted[1]
    if not WRITTEN[name].named:
        assert found.traces == whole.traces[: len(found.traces)]


@each_format
def test_columns_can_be_named_where_there_are_some(name: str) -> None:
    text = WRITTEN[name].write(SAMPLE)
    if FORMATS[name].has_fields:
        assert read(io.BytesIO(text), name, event="event" if name == "csv" else "concept:name").error is None or (
            FORMATS[name].objects is not None
        )
        return
    found = read(io.BytesIO(text), name, case="case")
    assert isinstance(found.error, UsageError)
    assert "no columns (case)" in str(found.error)


@each_format
def test_the_longest_line_is_bounded_and_the_option_raises_it(name: str) -> None:
    """What is too long is told with the option that raises the limit, by memory and by the option alike."""
    text = WRITTEN[name].write(SAMPLE)
    long = b"x" * 2_500_000
    text = text.replace(b"<log>", b'<log a="' + long + b'">') if name == "xes" else text + long + b"\n"

    def told(memory: str | None, **options: Any) -> str:
        given_options = ReadOptions(format=name, on_error="skip", **{**WRITTEN[name].options, **options})
        reading = read_batches(io.BytesIO(text), Alphabet(), given_options, memory and Budget(memory))  # type: ignore[arg-type]
        assert sum(map(len, reading)) >= (0 if name == "xes" else len(SAMPLE))
        return " ".join(map(str, reading.stats.messages))

    for said in (told("16MiB"), told("1GiB", longest_line="1MiB"), told(None, longest_line=1 << 20)):
        assert re.search(r"longer than (896.0 KiB|1.0 MiB) \(expected: .*; raise it with `longest_line`\)", said), said
    for said in (told("16MiB", longest_line="3MiB"), told(None, longest_line="3MiB"), told(None)):
        assert "longer than" not in said


def test_what_is_handed_out_does_not_change_but_for_counts() -> None:
    """Formats, options, layouts and whatever else is found out are shared by all that follows."""
    modules = [
        importlib.import_module(one.name) for one in pkgutil.walk_packages(readers.__path__, "flexstream.readers.")
    ]
    kinds = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    changing = [kind for kind in kinds if dataclasses.is_dataclass(kind) and not kind.__dataclass_params__.frozen]  # type: ignore[attr-defined]
    assert changing == [readers.ReadStats]
