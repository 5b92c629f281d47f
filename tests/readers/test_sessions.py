"""Sessions: cases, time-outs, caps, windows, each beside a slow and obvious twin."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError
from flexstream.readers import Diagnostics, Event, ReadOptions, Trace, assemble
from flexstream.readers.sessions import reorder
from flexstream.readers.sessions.cases import CASE_BYTES
from flexstream.readers.sessions.ended import Ended
from flexstream.readers.sessions.open_cases import TIMED_BYTES
from flexstream.readers.sessions.packing import BATCH_EVENTS, BATCH_TRACES, FOLLOW_TRACES, Packer
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch

SYMBOLS = st.text(max_size=3)


def put_together(items, **options):
    """Return the traces with their names, and what was told."""
    alphabet, told = Alphabet(), Diagnostics(ReadOptions(**options))
    found = []
    for batch in assemble(items, alphabet, diagnostics=told):
        names = batch.names or [None] * len(batch)
        traces = [[alphabet.text(symbol) for symbol in trace] for trace in batch]
        found += list(zip(names, traces, strict=True))
    return found, told


@st.composite
def interleavings(draw):
    """Traces by case, and one of the orders in which their events may arrive."""
    traces = draw(st.dictionaries(st.text(max_size=3), st.lists(SYMBOLS, min_size=1, max_size=6), max_size=6))
    turns = draw(st.permutations([case for case, trace in traces.items() for _ in trace]))
    rest = {case: iter(trace) for case, trace in traces.items()}
    return traces, [Event(case, next(rest[case]), None) for case in turns]


@given(interleavings())
def test_any_interleaving_gives_the_same_traces(drawn):
    traces, events = drawn
    found, _ = put_together(events)
    assert dict(found) == traces
    assert [case for case, _ in found] == list(dict.fromkeys(event.case for event in events))


def in_order(events):
    """Return events in the order of their times, those of one time as they came; or where in their cases times fall
    five times, and four times as often as they rise, the other way round, as the newest stand first then."""
    falls, rises, last = 0, 0, {}
    for event in events:
        before = last.get(event.case, event.time)
        falls, rises, last[event.case] = falls + (event.time < before), rises + (event.time > before), event.time
    back = falls >= max(5, 4 * rises)
    return sorted(reversed(events) if back else events, key=lambda event: event.time)


def naive_idle(events, idle):
    """Close every case whose last touch is more than ``idle`` before the newest time, event by event."""
    cases, newest, closed = {}, float("-inf"), []
    for event in in_order(events):
        newest = max(newest, event.time)
        for case in [case for case, (_, last) in cases.items() if last < newest - idle]:
            closed.append((case, cases.pop(case)[0]))
        cases.setdefault(event.case, [[], 0.0])[0].append(event.symbol)
        cases[event.case][1] = newest
    return closed + [(case, trace) for case, (trace, _) in cases.items()]


TIMED = st.lists(st.builds(Event, st.sampled_from("abcd"), SYMBOLS, st.integers(0, 60).map(float)), max_size=30)


@given(TIMED, st.integers(1, 20))
def test_idle_cases_end(events, idle):
    found, _ = put_together(events, idle=float(idle))
    assert sorted(found) == sorted(naive_idle(events, idle))


@given(TIMED, st.integers(1, 4))
def test_cap_on_open_cases(events, cap):
    cases, expected, forced = {}, [], 0
    for event in in_order(events):
        cases[event.case] = [*cases.pop(event.case, []), event.symbol]
        if len(cases) > cap:
            first = next(iter(cases))
            expected.append((first, cases.pop(first)))
            forced += 1
    found, told = put_together(events, max_open_cases=cap)
    assert sorted(found) == sorted([*expected, *cases.items()])
    assert told.stats.closed_early == forced


@given(TIMED, st.integers(0, 4 * (CASE_BYTES + 60)))
def test_cap_on_the_memory_of_open_cases(events, limit):
    cases, expected, forced = {}, [], 0
    for event in in_order(events):
        cases[event.case] = [*cases.pop(event.case, []), event.symbol]
        while sum(CASE_BYTES + sys.getsizeof(case) + TIMED_BYTES * len(held) for case, held in cases.items()) > limit:
            first = next(iter(cases))
            expected.append((first, cases.pop(first)))
            forced += 1
    alphabet, told = Alphabet(), Diagnostics()
    found = []
    for batch in assemble(events, alphabet, diagnostics=told, case_bytes=limit):
        traces = [[alphabet.text(symbol) for symbol in trace] for trace in batch]
        found += list(zip(batch.names, traces, strict=True))
    assert sorted(found) == sorted([*expected, *cases.items()])
    assert told.stats.closed_early == forced


@given(TIMED, st.integers(1, 10))
def test_cap_on_events_held(events, cap):
    found, told = put_together(events, max_open_events=cap)
    assert sum(len(trace) for _, trace in found) == len(events)
    assert max((len(trace) for _, trace in found), default=0) <= cap + 1
    assert (told.stats.closed_early > 0) == (len(events) > cap)


def test_a_late_event_joins_its_case_and_reopens_nothing(monkeypatch):
    events = [Event("a", "1", 0.0), Event("b", "2", 100.0), Event("a", "3", 5.0), Event("b", "4", 101.0)]
    assert put_together(events, idle=50.0)[0] == [("a", ["1", "3"]), ("b", ["2", "4"])]
    monkeypatch.setattr(reorder, "LEAST", 1)
    monkeypatch.setattr(reorder, "BYTES", reorder.EVENT_BYTES)  # none waits
    found, told = put_together(events, idle=50.0)
    assert found == [("a", ["1"]), ("b", ["2", "4"]), ("a", ["3"])]
    assert told.stats.late == 1


def test_cases_end_in_the_order_of_their_first_events():
    found, _ = put_together([Event(case, "x", None) for case in "bacabc"])
    assert [case for case, _ in found] == ["b", "a", "c"]


def naive_windows(symbols, window, stride):
    """Slice: all full windows, and the rest if no window has seen its last event."""
    full = [symbols[i : i + window] for i in range(0, len(symbols) - window + 1, stride)]
    start = len(full) * stride
    seen = start - stride + window if full else 0
    return full + ([symbols[start:]] if max(seen, start) < len(symbols) else [])


@given(st.lists(SYMBOLS, max_size=40), st.integers(1, 8), st.none() | st.integers(1, 12))
def test_windows(symbols, window, stride):
    found, _ = put_together([Event(None, symbol, None) for symbol in symbols], window=window, stride=stride)
    assert found == [(None, trace) for trace in naive_windows(symbols, window, stride or window)]


def test_default_window_says_so():
    found, told = put_together([Event(None, "x", None)] * 10_050, idle=3.0)
    assert [len(trace) for _, trace in found] == [100] * 100 + [50]
    assert told.notes[0].startswith("events without cases: cut into traces of 100 events")
    assert "`window`" in told.notes[0]
    assert "`idle` has no effect" in told.notes[1]


def test_few_events_without_cases_make_short_windows():
    found, told = put_together([Event(None, "x", None)] * 250)
    assert [len(trace) for _, trace in found] == [12] * 20 + [10]
    assert "few events without cases: cut into traces of 12 events" in told.notes[0]
    for options in ({"cut": False}, {"follow": True}, {"window": 100}):
        found, _ = put_together([Event(None, "x", None)] * 250, **options)
        assert [len(trace) for _, trace in found] == [100, 100, 50]


def test_windows_within_cases_and_whole_traces():
    events = [Event(case, symbol, None) for symbol in "uvwxy" for case in "ab"]
    found, _ = put_together(events, window=2)
    assert found == [
        ("a", ["u", "v"]),
        ("b", ["u", "v"]),
        ("a", ["w", "x"]),
        ("b", ["w", "x"]),
        ("a", ["y"]),
        ("b", ["y"]),
    ]
    found, _ = put_together(events, window=3, stride=2)
    assert found == [(case, list(part)) for case in "ab" for part in ("uvw", "wxy")]
    found, _ = put_together(events, window=1, stride=3)
    assert sorted(found) == [(case, list(part)) for case in "ab" for part in "ux"]
    found, _ = put_together([Trace("t", list("uvwxy")), Trace(None, []), Trace(None, ["u"])], window=3)
    assert found == [("t", list("uvw")), ("t", ["x", "y"]), ("3", []), ("4", ["u"])]


@given(st.lists(st.lists(SYMBOLS, max_size=5), max_size=20))
def test_traces_pass_through(traces):
    found, told = put_together([Trace(None, trace) for trace in traces])
    assert found == [(None, trace) for trace in traces]
    assert told.stats.traces == len(traces)


def test_names_fill_up_with_running_numbers():
    found, _ = put_together([Trace(None, ["x"]), Trace("lot", ["x"]), Trace(None, [])])
    assert [name for name, _ in found] == ["1", "lot", "3"]


def test_symbol_ids_follow_the_order_of_first_sight():
    alphabet = Alphabet()
    list(assemble([Trace(None, ["c", "a"]), Trace(None, ["b", "a"])], alphabet))
    assert alphabet.texts == ["c", "a", "b"]


def test_ready_batches_keep_their_place():
    alphabet = Alphabet()
    ready = TraceBatch.from_traces([["b"]], alphabet)
    told = Diagnostics()
    batches = list(assemble([Trace(None, ["a"]), ready, Trace(None, ["c"])], alphabet, diagnostics=told))
    assert [alphabet.text(int(batch.symbols[0])) for batch in batches] == ["a", "b", "c"]
    assert (told.stats.traces, told.stats.events) == (3, 3)


def test_batches_are_bounded():
    def sizes(traces, **options):
        return [len(batch) for batch in assemble(traces, Alphabet(), ReadOptions(**options))]

    assert sizes([Trace(None, ["x"])] * 10_000) == [BATCH_TRACES, BATCH_TRACES, 10_000 - 2 * BATCH_TRACES]
    assert sizes([Trace(None, ["x"] * 100_000)] * 6) == [3, 3]
    assert sizes([Trace(None, ["x"])] * 100, follow=True) == [FOLLOW_TRACES, 100 - FOLLOW_TRACES]


@pytest.mark.parametrize(("number", "length"), [(7, 100_000), (3, 1 << 18), (10_000, 1), (6000, 50), (5, 1)])
def test_batches_of_cases_are_cut_as_those_of_traces(number, length):
    ended = Ended(
        list(map(str, range(number))),
        np.full(number, length, np.int64),
        np.zeros(number, np.int64),
        np.zeros(number * length, np.int32),
    )
    packer = Packer(Alphabet(["x"]), Diagnostics(ReadOptions()))
    batches = [*packer.add_ended(ended), packer.take()]
    assert [len(batch) for batch in batches if len(batch)] == [
        len(batch) for batch in assemble([Trace(None, ["x"] * length)] * number, Alphabet())
    ]
    assert [name for batch in batches for name in batch.names or []] == ended.names


@pytest.mark.parametrize(("follow", "most"), [(False, BATCH_TRACES), (True, FOLLOW_TRACES)])
def test_what_the_next_batch_takes(follow, most):
    packer = Packer(Alphabet(), Diagnostics(ReadOptions(follow=follow)))
    for traces in range(3):
        assert packer.room() == (most - traces, BATCH_EVENTS - 2 * traces)
        packer.add(None, ["a", "b"])
    assert len(packer.take()) == 3
    assert packer.room() == (most, BATCH_EVENTS)


def test_following_hands_on_within_a_second(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("flexstream.readers.sessions.packing.time.monotonic", lambda: now[0])

    def slow():
        for _ in range(4):
            now[0] += 0.6
            yield Trace(None, ["x"])

    assert [len(batch) for batch in assemble(slow(), Alphabet(), ReadOptions(follow=True))] == [2, 2]


def test_all_that_came_before_an_error_comes_out_first():
    def items():
        yield Trace(None, ["x"])
        yield Event("a", "y", None)
        yield Event(None, "z", None)
        raise DataError("a.csv", 4, "broken")

    batches = assemble(items(), Alphabet())
    assert len(next(batches)) == 3
    with pytest.raises(DataError, match=r"a\.csv:4: broken"):
        next(batches)


def test_an_interrupt_is_not_held_up():
    def items():
        yield Trace(None, ["x"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(assemble(items(), Alphabet()))
