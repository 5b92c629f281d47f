"""Traces cut by silence, at an event, in windows; and few long ones, so that they can be learned from."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.learning.learner import StreamLearner
from flexstream.readers import ReadOptions, read_batches
from flexstream.readers.diagnostics import Diagnostics
from flexstream.readers.sessions.cuts import Cutter, fitting_window, windows
from flexstream.readers.sessions.few import FEW, LONG
from flexstream.readers.sessions.windows import Windows
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping, read_all

PATTERN = r"^(?P<time>\S+) \[(?P<case>\w+)\] (?P<event>\w+)$"
WITHOUT_CASE = r"^(?P<time>\S+) (?P<event>\w+)$"
Row = tuple[str | None, str, int]


def clock(second: int) -> str:
    return f"2026-01-31T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def as_csv(rows: list[Row]) -> tuple[bytes, str | None]:
    cased = rows[0][0] is not None
    lines = [f"{clock(at)}," + (f"{case},{event}" if cased else event) for case, event, at in rows]
    return "\n".join(["time,case,event" if cased else "time,event", *lines]).encode(), None


def as_jsonl(rows: list[Row]) -> tuple[bytes, str | None]:
    objects = [{"time": clock(at), "case": case, "event": event} for case, event, at in rows]
    lines = [json.dumps({name: value for name, value in one.items() if value is not None}) for one in objects]
    return "\n".join(lines).encode(), None


def as_log(rows: list[Row]) -> tuple[bytes, str | None]:
    cased = rows[0][0] is not None
    lines = [f"{clock(at)} [{case}] {event}" if cased else f"{clock(at)} {event}" for case, event, at in rows]
    return "\n".join(lines).encode(), PATTERN if cased else WITHOUT_CASE


every = pytest.mark.parametrize("written", [as_csv, as_jsonl, as_log])
Written = Callable[[list[Row]], tuple[bytes, str | None]]


def traces_of(written: Written, rows: list[Row], size: int | None = None, **options: Any) -> list[tuple[str, str]]:
    """Return name and events, one behind the other, of each trace."""
    text, pattern = written(rows)
    source = io.BytesIO(text) if size is None else Dripping(text, size)
    found = read_all(source, pattern=pattern, **options)
    assert found.error is None
    names = found.names or [""] * len(found.traces)
    return [(name, "".join(trace)) for name, trace in zip(names, found.traces, strict=True)]


def cut_slowly(rows: list[Row], gap: float, start: str | None, window: int | None) -> list[tuple[str, str]]:
    """Return what `traces_of` should find, in some order."""
    found = []
    for case in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == case]
        parts = [mine[0][1]]
        for before, row in pairwise(mine):
            full = window is not None and len(parts[-1]) == window
            if row[2] - before[2] > gap or row[1] == start or full:
                parts.append("")
            parts[-1] += row[1]
        found += [(case or "", part) for part in parts]
    return sorted(found)


def in_time(steps: list[tuple[str | None, str, int]]) -> list[Row]:
    """Return rows with times that go up by steps."""
    at, rows = 0, []
    for case, event, step in steps:
        at += step
        rows.append((case, event, at))
    return rows


steps = st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.sampled_from([0, 1, 5, 30]))


@every
@given(
    st.lists(steps, min_size=1, max_size=30),
    st.sampled_from([4.0, 29.0, 1e9]),
    st.sampled_from([None, "x", "q"]),
    st.sampled_from([None, 1, 3]),
    st.booleans(),
    st.sampled_from([None, 17]),
)
def test_cuts_are_those_of_the_slow_twin(
    written: Written, given_steps: Any, gap: float, start: str | None, window: int | None, cased: bool, size: int | None
) -> None:
    rows = in_time([(case if cased else None, event, step) for case, event, step in given_steps])
    found = traces_of(written, rows, size, gap=gap, start=start, window=window)
    assert sorted(found) == cut_slowly(rows, gap, start, window)


@given(st.integers(0, 30), st.integers(1, 8), st.integers(1, 8))
def test_windows_cover_all_that_they_should(length: int, window: int, stride: int) -> None:
    found = windows(0, length, window, stride)
    assert [begin for begin, _ in found] == list(range(0, stride * len(found), stride))
    assert all(stop == min(begin + window, length) for begin, stop in found)
    seen = {place for part in found for place in range(*part)}
    assert seen == {place for place in range(length) if place % stride < window}
    # The last is there for an event that no other holds.
    others = {place for part in found[:-1] for place in range(*part)}
    assert length == 0 or seen - others


@given(st.integers(0, 300), st.sampled_from([(None, None), (7, None), (7, 3), (3, 7), (1, 1)]), st.integers(1, 50))
def test_windows_over_a_stream_are_those_over_a_trace(length: int, cut: Any, at_once: int) -> None:
    window, stride = cut
    held = Windows(Diagnostics(ReadOptions(window=window, stride=stride)))
    found = [part for at in range(0, length, at_once) for part in held.add_all(range(at, min(at + at_once, length)))]
    found += held.close()
    size = window or fitting_window(length)
    wanted = [list(range(*part)) for part in windows(0, length, size, stride or size)] if length else []
    assert [list(part) for part in found] == wanted


def test_parts_begin_at_a_start() -> None:
    cutter = Cutter(2, None, lambda: 7)
    assert cutter.parts(np.array([7, 7, 1, 2, 3, 7], np.int32)) == [(0, 1), (1, 3), (3, 5), (5, 6)]
    assert cutter.parts(np.empty(0, np.int32)) == [(0, 0)]
    assert Cutter(None, None, lambda: None).parts(np.array([1, 2], np.int32)) == [(0, 2)]


def test_whole_traces_are_cut_too() -> None:
    text = b"a b a b b\n\na\nc a\n"
    assert read_all(io.BytesIO(text), start="a").traces == [["a", "b"], ["a", "b", "b"], [], ["a"], ["c"], ["a"]]
    assert read_all(io.BytesIO(text), window=2).traces == [["a", "b"], ["a", "b"], ["b"], [], ["a"], ["c", "a"]]
    event = '<event><string key="concept:name" value="{}"/></event>'
    log = f'<log><trace><string key="concept:name" value="t"/>{"".join(map(event.format, "abab"))}</trace></log>'
    assert read_all(io.BytesIO(log.encode()), start="a").named == [("t", ["a", "b"]), ("t", ["a", "b"])]
    for content in (text, log.encode(), b'["a", "b"]\n'):
        error = read_all(io.BytesIO(content), gap=5.0).error
        assert isinstance(error, UsageError)
        assert "`gap`" in str(error)


def test_raw_lines_are_cut_by_their_stamps() -> None:
    lines = [
        f"{clock(hour * 3600 + n)} INFO {what}" for hour in range(9) for n, what in enumerate(["up", "run", "down"])
    ]
    found = read_all(io.BytesIO("\n".join(lines).encode()), gap=60.0)
    assert found.traces == [["up", "run", "down"]] * 9
    found = read_all(io.BytesIO("\n".join(lines).encode()), start="up")
    assert found.traces == [["up", "run", "down"]] * 9


def test_a_start_that_never_comes_is_told() -> None:
    text, _ = as_csv(in_time([("A", "x", 1), ("A", "y", 1)]))
    found = read_all(io.BytesIO(text), start="z")
    assert "no event is called 'z'" in found.told.notes[-1]
    assert found.traces == [["x", "y"]]


def cycle(cases: int, length: int, written: Written) -> tuple[bytes, str | None]:
    """Return a log of cases that go round a cycle of five events side by side."""
    events = [(f"M{case}", "abcde"[number % 5], 1) for number in range(length) for case in range(cases)]
    return written(in_time(events))


@every
@pytest.mark.parametrize(("cases", "length"), [(1, 200), (1, 1000), (2, 300), (3, 133), (3, 1000), (7, 60), (7, 900)])
def test_a_cycle_of_five_events_gives_five_states(written: Written, cases: int, length: int) -> None:
    text, pattern = cycle(cases, length, written)
    learner = StreamLearner()
    alphabet = Alphabet()
    reading = read_batches(io.BytesIO(text), alphabet, ReadOptions(pattern=pattern))
    for batch in reading:
        learner.learn_many(batch, alphabet)
    assert 5 <= len(learner.automaton) <= 6
    note = next(note for note in reading.notes if "too few to learn from" in note)
    assert note.startswith("one case" if cases == 1 else f"{cases} cases")


@every
def test_many_or_short_cases_stay_whole(written: Written) -> None:
    for cases, length in ((FEW, 200), (3, LONG - 1), (50, 60)):
        text, pattern = cycle(cases, length, written)
        found = read_all(io.BytesIO(text), pattern=pattern)
        assert [len(trace) for trace in found.traces] == [length] * cases
        assert not any("too few" in note for note in found.told.notes)


def test_events_that_are_no_cycle_are_cut_into_shorter_parts() -> None:
    """Of a cycle every event tells the next one; with some luck in it, that is not so."""
    luck = random.Random(3)
    steps = ["abcde"[number % 5] for number in range(2000)]
    mixed = [step if luck.random() < 0.7 else luck.choice("abcde") for step in steps]
    for events, size in ((steps, 100), (mixed, 31)):
        for header, cell in (("event", ""), ("case,event", "M,")):
            text = f"{header}\n" + "".join(f"{cell}{event}\n" for event in events)
            found = read_all(io.BytesIO(text.encode()), format="csv")
            assert {len(trace) for trace in found.traces[:-1]} == {size}


@pytest.mark.parametrize("options", [{"cut": False}, {"follow": True}, {"start": "q"}, {"gap": 1e9}])
def test_few_long_cases_stay_whole_where_that_is_wanted(options: Any) -> None:
    text, _ = cycle(3, 100, as_csv)
    assert [len(trace) for trace in read_all(io.BytesIO(text), **options).traces] == [100] * 3


def test_few_endless_cases_do_not_wait_for_ever() -> None:
    """What is held back is bounded; from there on all is cut alike."""
    rows = [(f"M{number % 2}", "abcde"[number // 2 % 5], 1) for number in range(90_000)]
    text = "case,event\n" + "".join(f"{case},{event}\n" for case, event, _ in rows)
    found = read_all(io.BytesIO(text.encode()), max_open_events=50_000)
    lengths = [len(trace) for trace in found.traces]
    assert sum(lengths) == 90_000
    assert max(lengths) == 100
    assert len(lengths) <= 903  # no more than one shorter for each case that ended
    assert found.told.stats.closed_early == 3


@pytest.mark.parametrize("options", [{}, {"window": 7}, {"start": "a"}, {"idle": 3.0}])
def test_a_reading_with_cuts_goes_on_where_another_was(options: Any) -> None:
    rows = [(f"M{number % 3}", "abcde"[number // 3 % 5], 2 if number % 50 else 9) for number in range(3000)]
    text, _ = as_csv(in_time(rows))

    def reading(alphabet: Alphabet) -> Any:
        return read_batches(io.BytesIO(text), alphabet, ReadOptions(max_open_events=400, **options))

    def texts(batches: Any) -> list[tuple[str, list[int]]]:
        found = []
        for batch in batches:
            found += [(name, trace.tolist()) for name, trace in zip(batch.names, batch, strict=True)]
        return found

    whole, state, first = texts(reading(Alphabet())), None, []
    part = reading(Alphabet())
    for batch in part:
        first += texts([batch])
        state = part.state()
        break
    rest = reading(Alphabet())
    rest.restore(state)
    assert first + texts(rest) == whole
