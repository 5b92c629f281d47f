"""Reading on from a state gives exactly the rest, wherever it was cut."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError, FlexStreamError, UsageError
from flexstream.readers import Assembler, Event, Reading, ReadOptions, Trace
from flexstream.readers.items import Events, Item
from flexstream.readers.sessions import packing, reorder
from flexstream.stream.alphabet import SYMBOL_BYTES, Alphabet
from flexstream.stream.batch import TraceBatch

Dripping = Callable[[bytes, int], io.BytesIO]

symbols = st.sampled_from(["a", "b", "c", "a longer symbol", "ä"])
cases = st.sampled_from(["lot 7", "lot 8", "", "ä", "w"])


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be many batches, and few events wait to be put in order."""
    monkeypatch.setattr(packing, "BATCH_TRACES", 2)
    monkeypatch.setattr(reorder, "LEAST", 1)
    monkeypatch.setattr(reorder, "BYTES", 5 * reorder.EVENT_BYTES)


def as_json(value: Any) -> Any:
    """Return a document as it comes back from a file: arrays as lists."""
    return json.loads(json.dumps(value, default=lambda array: array.tolist()))


def rows(batch: TraceBatch) -> tuple[list[list[int]], list[str] | None, int]:
    return [trace.tolist() for trace in batch], batch.names, batch.closed_early


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Events one by one and many at once, whole traces and batches, all in one stream."""
    table: list[str] = []

    def many(pairs: list[tuple[str, int]]) -> Events:
        table.extend(name for name in dict.fromkeys(name for name, _ in pairs) if name not in table)
        numbers = np.array([table.index(name) for name, _ in pairs], np.int32)
        return Events(table, numbers, np.array([symbol for _, symbol in pairs], np.int32), None)

    one = st.one_of(
        st.builds(Event, cases | st.none(), symbols, st.none()),
        st.lists(st.tuples(cases, st.integers(0, 2)), min_size=1, max_size=5).map(many),
        st.builds(Trace, cases | st.none(), st.lists(symbols, max_size=3), st.none()),
        st.lists(st.integers(0, 2), max_size=4).map(
            lambda ids: TraceBatch(np.array(ids, np.int32), np.array([0, len(ids)], np.int64))
        ),
    )
    return draw(st.lists(one, max_size=25))


limits = st.fixed_dictionaries(
    {"max_open_cases": st.sampled_from([1, 2, 100]), "max_open_events": st.sampled_from([3, 1000])}
)


@given(items(), limits, st.data())
def test_an_assembler_goes_on_where_another_was(items: list[Item], limits: dict[str, Any], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(items)))
    options = ReadOptions(**limits)
    whole, first, second = (Assembler(Alphabet("xyz"), options) for _ in range(3))
    expected = [rows(batch) for item in items for batch in whole.feed(item)]
    expected += [rows(batch) for batch in whole.close()]
    found = [rows(batch) for item in items[:cut] for batch in first.feed(item)]
    second.restore(as_json(first.state()))
    found += [rows(batch) for item in items[cut:] for batch in second.feed(item)]
    found += [rows(batch) for batch in second.close()]
    assert found == expected
    ends = [as_json(assembler.state()) for assembler in (whole, second)]
    assert ends[0] == ends[1]


timed = st.lists(st.builds(Event, cases, symbols, st.integers(0, 60).map(float)), max_size=30)


@given(timed, st.integers(1, 20), st.data())
def test_silence_goes_on_too(events: list[Event], idle: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    options = ReadOptions(idle=float(idle))
    whole, first, second = (Assembler(Alphabet(), options) for _ in range(3))
    expected = [rows(batch) for event in events for batch in whole.feed(event)] + list(map(rows, whole.close()))
    found = [rows(batch) for event in events[:cut] for batch in first.feed(event)]
    second.restore(first.state())
    found += [rows(batch) for event in events[cut:] for batch in second.feed(event)] + list(map(rows, second.close()))
    assert found == expected


@given(st.lists(symbols, max_size=30), st.integers(1, 6), st.integers(1, 8), st.data())
def test_windows_go_on_too(texts: list[str], window: int, stride: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(texts)))
    options = ReadOptions(window=window, stride=stride)
    whole, first, second = (Assembler(Alphabet(), options) for _ in range(3))
    events = [Event(None, text, None) for text in texts]
    expected = [rows(batch) for event in events for batch in whole.feed(event)] + list(map(rows, whole.close()))
    found = [rows(batch) for event in events[:cut] for batch in first.feed(event)]
    second.restore(as_json(first.state()))
    found += [rows(batch) for event in events[cut:] for batch in second.feed(event)] + list(map(rows, second.close()))
    assert found == expected


def test_a_state_wants_an_alphabet_that_fits() -> None:
    assembler = Assembler(Alphabet())
    assembler.feed(Event("lot 7", "load", None))
    state = assembler.state()
    for alphabet in (Alphabet(["run"]), Alphabet(["load", "run"]), Alphabet((), SYMBOL_BYTES)):
        with pytest.raises(UsageError, match="the alphabet"):
            Assembler(alphabet).restore(state)


lines = st.lists(st.lists(symbols.filter(lambda text: " " not in text), max_size=4).map(" ".join), max_size=14)
line_ends = st.sampled_from(["\n", "\r\n", "\n\n"])
moments = st.sampled_from(["2026-01-31T23:59:00", "Jan  1 00:00:00", "Dec 31 23:59:59", "1769903940", "never"])
odd = st.sampled_from(['"q"', '"x,y"', '"x""y"', '"x\ny"', 'e"f', "x,y", '"open'])
cells = st.tuples(cases, symbols | odd, moments)


def text_lines(rows: list[str], end: str) -> str:
    return "".join(row + end for row in rows)


def csv_text(rows: list[tuple[str, str, str]], end: str) -> str:
    return text_lines(["case,event,time", *(",".join(row) for row in rows)], end)


def unnamed_text(rows: list[tuple[str, str, str]], above: str, end: str) -> str:
    """Rows without a header, below comments or at the top."""
    return text_lines([*above.split(), *(",".join(row) for row in rows)], end)


def json_text(rows: list[tuple[str, str, str]], end: str) -> str:
    keys = ("case", "event", "time")
    return text_lines([json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in rows], end)


def json_traces(rows: list[tuple[str, str, str]], end: str) -> str:
    values = [{"id": one, "trace": [two, three]} if two < "b" else [one, two] for one, two, three in rows]
    return text_lines([json.dumps(value) for value in values], end)


def log_text(rows: list[tuple[str, str, str]], end: str) -> str:
    return text_lines([f"{moment} [{case}] {event}".replace("\n", " ") for case, event, moment in rows], end)


counted = st.lists(
    st.tuples(st.sampled_from(["1", "0", "-1"]), st.lists(st.sampled_from("0129"), max_size=4)), max_size=9
)


def numbered_text(rows: list[tuple[str, list[str]]], labelled: bool, off: int, end: str) -> str:
    body = [" ".join([*[label] * labelled, str(len(trace)), *trace]) for label, trace in rows]
    return text_lines([f"{max(0, len(rows) + off)} 3", *body], end)


PATTERN = r"(?P<time>.*) \[(?P<case>.*)\] (?P<event>.*)"
kept = st.sampled_from([{}, {"idle": 60.0}])
NUMBERED = {"format": "csv", "case": "column 1", "event": "column 2"}
contents = st.one_of(
    st.tuples(
        st.builds(
            unnamed_text, st.lists(cells, min_size=1, max_size=14), st.sampled_from(["", "#x", "#x #y"]), line_ends
        ),
        st.just(NUMBERED),
    ),
    st.tuples(
        st.builds(text_lines, st.lists(st.lists(st.sampled_from("abc")).map("->".join), max_size=14), line_ends),
        st.just({}),
    ),
    st.tuples(st.builds(text_lines, lines, line_ends), st.just({"format": "lines"})),
    st.tuples(st.builds(csv_text, st.lists(cells, max_size=14), line_ends), kept.map(lambda o: {"format": "csv", **o})),
    st.tuples(
        st.builds(json_text, st.lists(cells, max_size=14), line_ends), kept.map(lambda o: {"format": "jsonl", **o})
    ),
    st.tuples(st.builds(json_traces, st.lists(cells, max_size=14), line_ends), st.just({})),
    st.tuples(
        st.builds(log_text, st.lists(cells, max_size=14), line_ends), kept.map(lambda o: {"pattern": PATTERN, **o})
    ),
    st.tuples(st.builds(log_text, st.lists(cells, max_size=14), line_ends), st.just({"format": "log", "window": 2})),
    st.tuples(
        st.builds(numbered_text, counted, st.just(False), st.integers(-1, 1), line_ends),
        st.just({"format": "pautomac"}),
    ),
    st.tuples(
        st.builds(numbered_text, counted, st.just(True), st.integers(-1, 1), line_ends),
        st.just({"format": "abbadingo"}),
    ),
)


def outcome(reading: Reading, found: list[TraceBatch]) -> dict[str, Any]:
    """Return all that came out, however it was cut into batches."""
    names = itertools.chain.from_iterable(batch.names or [None] * len(batch) for batch in found)
    return {
        "traces": [trace.tolist() for batch in found for trace in batch],
        "names": [name or str(number) for number, name in enumerate(names, 1)],
        "early": sum(batch.closed_early for batch in found),
        "stats": reading.stats,
        "notes": reading.notes,
        "symbols": list(reading.alphabet),
    }


def run(reading: Reading, found: list[TraceBatch], most: int | None = None) -> str:
    """Take batches, at most so many; return how it ended."""
    try:
        found += itertools.islice(reading, most)
    except FlexStreamError as error:
        return str(error)
    return ""


@given(
    contents,
    st.sampled_from([7, 40, 1 << 18]),
    st.sampled_from([None, SYMBOL_BYTES + 1, 2 * SYMBOL_BYTES + 20]),
    st.sampled_from(["stop", "skip"]),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_a_reading_goes_on_where_another_was(
    dripping: Dripping,
    content: tuple[str, dict[str, Any]],
    piece: int,
    capacity: int | None,
    on_error: str,
    marked: bool,
    ended: bool,
    data: st.DataObject,
) -> None:
    text, given_options = content
    whole_text = b"\xef\xbb\xbf" * marked + (text if ended else text.rstrip("\n")).encode()
    options = ReadOptions(**given_options, on_error=on_error, max_open_cases=data.draw(st.sampled_from([1, 3, 100])))

    def reading(symbols: int | None = capacity) -> Reading:
        sources = [dripping(whole_text, piece), dripping(whole_text, 11)]
        return Reading(sources, Alphabet((), symbols), options)

    expected: list[TraceBatch] = []
    whole = reading()
    end = run(whole, expected)
    cut = data.draw(st.integers(0, len(expected)))
    found: list[TraceBatch] = []
    first, second = reading(), reading()
    run(first, found, cut)
    try:
        state = as_json(first.state())
    except UsageError:
        assert end  # the batches behind an error are its last words
        return
    second.restore(state)
    assert run(second, found) == end
    assert outcome(second, found) == outcome(whole, expected)


@given(contents, st.sampled_from([9, 1 << 18]))
def test_a_position_is_behind_what_was_read(
    dripping: Dripping, content: tuple[str, dict[str, Any]], piece: int
) -> None:
    text, options = content
    data = text.encode()
    last = (0, 0, 0)
    for batch in Reading(dripping(data, piece), Alphabet(), ReadOptions(**options, on_error="skip")):
        assert batch.position is not None
        place = (batch.position.source, batch.position.offset, batch.position.line)
        assert place >= last
        before = data[: place[1]]
        assert before.count(b"\n") + (not before.endswith(b"\n")) == place[2]
        last = place


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["csv", "lines"])
def test_a_file_is_read_on_from_its_middle(tmp_path: Any, name: str, packed: bool) -> None:
    rows = [f"case {number // 3 % 500},task_{number % 7}" for number in range(120_000 if name == "lines" else 60_000)]
    text = text_lines(["case,event", *rows], "\n").encode()
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(text) if packed else text)

    def reading() -> Reading:
        return Reading(path, Alphabet(), ReadOptions(format=name, max_open_cases=400))

    expected: list[TraceBatch] = []
    run(reading(), expected)
    first, second = reading(), reading()
    found = [next(first) for _ in range(3)]
    assert found[-1].position is not None
    assert 0 < found[-1].position.offset < len(text)
    second.restore(first.state())
    run(second, found)
    assert outcome(second, found)["traces"] == [trace.tolist() for batch in expected for trace in batch]
    path.write_bytes(b"case,event\n")
    third = reading()
    third.restore(first.state())
    with pytest.raises(DataError, match=r"ends before byte \d+ \(line \d+\), up to which it was read"):
        list(third)


def test_after_a_stop_the_rest_is_still_there(dripping: Dripping) -> None:
    text = "".join(f"load t{number} unload\n" for number in range(40)).encode()

    def reading() -> Reading:
        return Reading([dripping(text, 50), dripping(text, 50)], Alphabet(), ReadOptions(format="lines"))

    expected: list[TraceBatch] = []
    run(reading(), expected)
    first, second = reading(), reading()
    found = [next(first), next(first)]
    first.stop()
    run(first, found)
    assert sum(map(len, found)) < 40
    second.restore(as_json(first.state()))
    assert run(second, found) == ""
    assert outcome(second, found)["traces"] == [trace.tolist() for batch in expected for trace in batch]


def test_xes_cannot_be_read_on() -> None:
    event = b'<event><string key="concept:name" value="load"/></event>'
    reading = Reading(io.BytesIO(b"<log>" + b"<trace>" + event + b"</trace></log>"), Alphabet())
    assert next(reading).position is None
    with pytest.raises(UsageError, match="read as a whole"):
        reading.state()


def test_a_state_is_one_of_a_reading() -> None:
    with pytest.raises(UsageError, match="not the state of a reading"):
        Reading(io.BytesIO(b"a\n"), Alphabet()).restore({"format": "flexstream-pdfa"})


def test_cases_cut_short_are_in_their_batch() -> None:
    text = b"case,event\n" + b"".join(b"%d,load\n" % number for number in range(9))
    batches = list(Reading(io.BytesIO(text), Alphabet(), ReadOptions(max_open_cases=4)))
    assert [(len(batch), batch.closed_early) for batch in batches] == [(2, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    whole = TraceBatch(np.zeros(3, np.int32), np.arange(4), None, 2, batches[0].position)
    assert [whole.part(0, 1).closed_early, whole.part(1, 3).closed_early] == [0, 2]
    assert (whole.part(0, 1).position, whole.part(1, 3).position) == (None, batches[0].position)


def test_the_line_of_an_error_is_the_file_s_behind_a_place_too(dripping: Dripping, monkeypatch: Any) -> None:
    """One line is left behind the place, so that no fast path has seen a line since the header."""
    monkeypatch.setattr(packing, "LONGEST_SECONDS", -1.0)
    monkeypatch.setattr(reorder, "BYTES", reorder.EVENT_BYTES)
    text = "case,event,time\n" + "lot 7,a,2026-01-31T23:59:00\nlot 8,a,2026-01-31T23:59:00\n" * 2 + "lot 7,a,never"
    options = ReadOptions(idle=60.0, max_open_cases=1, cut=False)
    first = Reading(dripping(text.encode(), 7), Alphabet(), options)
    states = []
    with pytest.raises(DataError, match=":6: 'never'"):
        for batch in first:
            if batch.position is not None:  # else it is of the last words before the error
                states.append(as_json(first.state()))
    assert len(states) > 1
    for state in states:
        second = Reading(dripping(text.encode(), 1 << 18), Alphabet(), options)
        second.restore(state)
        with pytest.raises(DataError, match=":6: 'never'"):
            list(second)
