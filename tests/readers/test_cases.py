"""Compiled loops put events into cases as their slow twin does, one by one and many at once."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers import ReadOptions
from flexstream.readers.items import Events
from flexstream.readers.parsing.word_table import WordTable, joined
from flexstream.readers.sessions import cases, open_cases
from flexstream.readers.sessions.cases import CASE_BYTES, EVENT_BYTES, Cases
from flexstream.readers.sessions.ended import Ended
from flexstream.stream.names import LateTexts
from flexstream.stream.origins import origin_of

from .. import naive

Given = tuple[str, int, float]
Piece = tuple[str, list[Given]]
Trace = tuple[str, list[int], bool]

names = st.sampled_from(["a", "b", "", "a longer name", "ä", "名"])
times = st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0, 7.5, 30.0])
# Names in a list of texts, or as compiled loops number them.
ANEW = ["many, numbered anew", "many, numbered anew by bytes", "many, numbered anew by bytes"]
pieces = st.lists(
    st.tuples(
        st.sampled_from(["single", "single", "single, no time", "many", "many", *ANEW, "resumed"]),
        st.lists(st.tuples(names, st.integers(0, 5), times), min_size=1, max_size=20),
    ),
    max_size=9,
)
limits = st.tuples(
    st.builds(
        ReadOptions,
        idle=st.sampled_from([None, 1.0, 3.0, 20.0]),
        gap=st.sampled_from([None, None, None, 2.0]),
        window=st.sampled_from([None, None, 1, 2, 5]),
        max_open_cases=st.sampled_from([1, 2, 4, 100]),
        max_open_events=st.sampled_from([1, 3, 8, 20, 1000]),
    ),
    st.none() | st.integers(0, 5).map(lambda count: count * (CASE_BYTES + 60 + 2 * EVENT_BYTES)),
    st.sampled_from([None, None, 0, 3]),
)


def traces(ended: Iterable[Ended]) -> list[Trace]:
    """Return all cases one by one."""
    return [trace for cases in ended for trace in cases.traces()]


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state without arrays, NaN as None."""
    found = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in state.items()}
    moments = [None if math.isnan(moment) else moment for moment in found.get("moments", [])]
    return found | ({"moments": moments} if "moments" in found else {})


class Both:
    """Cases and their twin, given the same events."""

    def __init__(self, options: ReadOptions, case_bytes: int | None, start: int | None) -> None:
        self.given, self.start = (options, case_bytes), start
        self.held = self.empty()
        most = options.max_open_cases, options.max_open_events, 1 << 60 if case_bytes is None else case_bytes
        silences = [seconds for seconds in (options.idle, options.gap) if seconds is not None]
        self.twin = naive.Sessions(min(silences, default=None), *most, options.window, start)
        self.table: list[str] | LateTexts = []

    def empty(self) -> Cases:
        held = Cases(*self.given)
        if self.start is not None:
            held.start_with(self.start)
        return held

    def put(self, way: str, events: list[Given]) -> None:
        """Put events in some way; they must end the same cases."""
        if way == "resumed":
            other = self.empty()
            other.restore(self.held.state())
            self.held, way = other, "single"
        if way.startswith("single"):
            for name, symbol, time in events:
                moment = None if way.endswith("no time") else time
                assert traces(self.held.add(name, symbol, moment)) == self.twin.add(name, symbol, moment)
            return
        if way != "many":
            self.table = LateTexts(WordTable()) if way.endswith("bytes") else []
        if isinstance(self.table, LateTexts):
            assert isinstance(self.table.words, WordTable)
            numbers = self.table.words.find(*joined([name for name, *_ in events]), 0)
        else:
            self.table += [name for name in sorted({name for name, *_ in events}) if name not in self.table]
            numbers = np.array([self.table.index(name) for name, *_ in events], np.int32)
        symbols = np.array([symbol for _, symbol, _ in events], np.int32)
        found = self.held.add_all(Events(self.table, numbers, symbols, [time for *_, time in events]))
        assert traces(found) == [trace for event in events for trace in self.twin.add(*event)]


@pytest.fixture(params=[(1, 1, 1), (2, 3, 7), (1 << 12, 1 << 16, 1 << 12)])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fewer or more cases and events be handed out, and events wait, at once."""
    for name, count in zip(("_CASES_AT_ONCE", "_EVENTS_AT_ONCE", "_MOST_WAITING"), request.param, strict=True):
        monkeypatch.setattr(cases, name, count)


@pytest.mark.usefixtures("at_once")
@pytest.mark.twin("sessions.put_events", "sessions.end_cases", "sessions.list_cases")
@given(pieces, limits)
def test_events_go_to_their_cases_as_one_by_one(given_pieces: list[Piece], limits: Any) -> None:
    both = Both(*limits)
    for way, events in given_pieces:
        both.put(way, events)
        assert plain(both.held.state()) == plain(both.twin.state())
    assert traces(both.held.close()) == naive.Sessions.close(both.twin)
    assert plain(both.held.state()) == plain(both.twin.state())


def test_single_events_wait_until_a_case_may_end() -> None:
    held = Cases(ReadOptions(max_open_cases=2))
    assert [held.add(name, 0, None) for name in "aabab"] == [[]] * 5
    assert traces(held.add("c", 1, None)) == [("a", [0, 0, 0], True)]


def test_a_case_longer_than_what_is_handed_out_at_once_ends_whole() -> None:
    held, length = Cases(ReadOptions()), cases._EVENTS_AT_ONCE + 5
    symbols = np.arange(length, dtype=np.int32)
    assert traces(held.add_all(Events(["a"], np.zeros(length, np.int32), symbols, None))) == []
    assert traces(held.close()) == [("a", symbols.tolist(), False)]


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("options", [{"idle": 5.0}, {"max_open_cases": 1}])
def test_a_long_case_ends_whole_by_itself(before: int, options: dict[str, Any]) -> None:
    """It is longer than what is handed out at once; the first slot is no other than the second."""
    held, length = Cases(ReadOptions(**options)), cases._EVENTS_AT_ONCE + 5
    symbols = np.arange(length, dtype=np.int32)
    for number in range(before):
        assert traces(held.add(f"before {number}", 0, 0.0)) == []
    found = traces(held.add_all(Events(["a"], np.zeros(length, np.int32), symbols, np.ones(length))))
    found += traces(held.add("b", 7, 99.0)) + traces(held.close())
    assert [name for name, _, _ in found] == [*(f"before {number}" for number in range(before)), "a", "b"]
    assert found[-2][1] == symbols.tolist()


def test_what_open_cases_take_is_told() -> None:
    """Each case its name and a share, each event its share; the reorder buffer gets what is left of the bytes."""
    held, given = Cases(ReadOptions()), dict[str, int]()
    for name in ["a", "b", "b", "ä long name", "a", "b", "b", "b"]:
        assert traces(held.add(name, 0, None)) == []
        given[name] = given.get(name, 0) + 1
        held.state()  # nothing waits
        assert held.bytes == sum(CASE_BYTES + sys.getsizeof(one) + EVENT_BYTES * many for one, many in given.items())
    assert len(traces(held.close())) == 3
    assert held.bytes == 0


def test_what_ended_cases_took_is_used_again() -> None:
    held = Cases(ReadOptions(max_open_cases=3))
    for name in map(str, range(2000)):
        held.add(name, 0, None)
    columns = held._open.columns
    assert len(columns.cases) < 200
    assert len(columns.blocks) < 200
    assert len(columns.others) < 200
    assert open_cases.EVENT_BYTES == EVENT_BYTES


@pytest.mark.usefixtures("at_once")
@given(pieces, limits)
def test_origins_stay_with_their_events(given_pieces: list[Piece], limits: Any) -> None:
    """Each event has a place that says its symbol, and a time that is its own."""
    held, seen, found = Cases(limits[0], limits[1]), 0, list[Ended]()
    for way, events in given_pieces:
        symbols = np.arange(seen, seen + len(events), dtype=np.int32)
        seen += len(events)
        if way.startswith("single"):
            for number, (name, _, time) in zip(symbols.tolist(), events, strict=True):
                found += held.add(name, number, time, number + 7)
            continue
        names = sorted({name for name, *_ in events})
        numbers = np.array([names.index(name) for name, *_ in events], np.int32)
        given_times = np.array([time for *_, time in events], np.float64)
        found += held.add_all(Events(names, numbers, symbols, given_times, symbols.astype(np.int64) + 7))
    found += held.close()
    moments = {number: time for number, (*_, time) in enumerate(event for _, piece in given_pieces for event in piece)}
    for ended in found:
        assert ended.origins is not None
        for symbol, row in zip(ended.symbols.tolist(), ended.origins, strict=True):
            assert origin_of(row) == (0, symbol + 7, moments[symbol])
