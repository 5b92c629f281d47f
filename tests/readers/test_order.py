"""Events come in the order of their times, in whatever order they stand in the source, and by every reader."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers import Assembler, Diagnostics, Event, Reading, ReadOptions
from flexstream.readers.items import Events
from flexstream.readers.sessions import reorder, trace_order
from flexstream.readers.sessions.held import Many
from flexstream.readers.sessions.reorder import Reorder
from flexstream.stream.alphabet import Alphabet

Read = Callable[..., Any]
START = 1_769_900_000
PATTERN = r"(?P<time>\S+ \S+) \[(?P<case>\w+)\] (?P<event>\w+)"
ISO = "%Y-%m-%dT%H:%M:%S.000+00:00"
CASELESS = r"(?P<time>\S+ \S+) \[\w+\] (?P<event>\w+)"


class Row(NamedTuple):
    """An event as it is written."""

    case: str
    event: str
    second: int


def when(row: Row, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(START + row.second, UTC).strftime(form)


def as_csv(rows: list[Row]) -> bytes:
    return ("case,event,time\n" + "".join(f"{row.case},{row.event},{when(row)}\n" for row in rows)).encode()


def as_jsonl(rows: list[Row]) -> bytes:
    objects = ({"case": row.case, "time": when(row, "%d.%m.%Y %H:%M:%S"), "event": row.event} for row in rows)
    return "".join(json.dumps(row) + "\n" for row in objects).encode()


def as_log(rows: list[Row]) -> bytes:
    return "".join(f"{when(row)} [{row.case}] {row.event}\n" for row in rows).encode()


def as_raw(rows: list[Row]) -> bytes:
    return "".join(f"{when(row)},125 INFO [main] app.Server: {row.event} in 3 s\n" for row in rows).encode()


def as_syslog(rows: list[Row]) -> bytes:
    return "".join(f"{when(row, '%b %d %H:%M:%S')} host app[17]: {row.event}\n" for row in rows).encode()


def as_access(rows: list[Row]) -> bytes:
    """Write the time behind some words, which no usual prefix has."""
    return "".join(f"a - b c [{when(row, '%d/%b/%Y:%H:%M:%S +0000')}] {row.event}\n" for row in rows).encode()


def as_xes(rows: list[Row]) -> bytes:
    """Write a trace for each case, in the order of their first rows."""
    cases = {case: [row for row in rows if row.case == case] for case in dict.fromkeys(row.case for row in rows)}
    traces = []
    for case, events in cases.items():
        parts = [
            f'<event><string key="concept:name" value={quoteattr(row.event)}/>'
            f'<date key="time:timestamp" value="{when(row, ISO)}"/></event>'
            for row in events
        ]
        traces.append(f'<trace><string key="concept:name" value="{case}"/>{"".join(parts)}</trace>')
    return f"<log>{''.join(traces)}</log>".encode()


WAYS: dict[str, tuple[Callable[[list[Row]], bytes], dict[str, Any]]] = {
    "csv": (as_csv, {"format": "csv"}),
    "csv, joined": (as_csv, {"format": "csv", "event": "event+case"}),
    "csv, no cases": (as_csv, {"format": "csv", "case": "", "window": 3}),
    "csv, idle": (as_csv, {"format": "csv", "idle": 7.0}),
    "jsonl": (as_jsonl, {"format": "jsonl"}),
    "jsonl, idle": (as_jsonl, {"format": "jsonl", "idle": 7.0, "max_open_cases": 2}),
    "log": (as_log, {"pattern": PATTERN}),
    "log, no cases": (as_log, {"pattern": CASELESS, "window": 4, "stride": 2}),
    "raw log": (as_raw, {"format": "log", "window": 3}),
    "syslog": (as_syslog, {"format": "log", "window": 5}),
    "access log": (as_access, {"format": "log", "window": 4, "stride": 2}),
    "xes": (as_xes, {"format": "xes"}),
}

shuffled = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["load", "run", "unload", "wait"])), min_size=1, max_size=40
).flatmap(lambda pairs: st.permutations([Row(*pair, 2 * number) for number, pair in enumerate(pairs)]))


def everything(source: Any, **options: Any) -> tuple[Any, ...]:
    """Return all that a model hangs on: symbols and traces as ids, in their order, with their names."""
    alphabet = Alphabet()
    reading = Reading(source, alphabet, ReadOptions(**options))
    found = [
        (trace.tolist(), name)
        for batch in reading
        for trace, name in zip(batch, batch.names or [None] * len(batch), strict=True)
    ]
    return found, list(alphabet), reading.stats


@pytest.mark.parametrize("way", WAYS)
@given(rows=shuffled)
def test_the_order_of_the_rows_changes_nothing(way: str, rows: list[Row]) -> None:
    write, options = WAYS[way]
    in_order = sorted(rows, key=lambda row: row.second)
    assert everything(io.BytesIO(write(rows)), **options) == everything(io.BytesIO(write(in_order)), **options)


@pytest.mark.parametrize("way", WAYS)
def test_a_source_that_runs_back_is_turned_round_and_told(read: Read, way: str) -> None:
    write, options = WAYS[way]
    rows = [Row("abcd"[number % 4], "abcdefg"[number % 7], number) for number in range(700)]
    assert (
        everything(io.BytesIO(write(rows[::-1])), **options)[:2] == everything(io.BytesIO(write(rows)), **options)[:2]
    )
    told = "the newest events stand first; they are put in the order of their times, those of one time the other way"
    told += " round"
    assert told in read(io.BytesIO(write(rows[::-1])), **options).told.notes
    assert told not in read(io.BytesIO(write(rows)), **options).told.notes


@pytest.mark.parametrize("way", WAYS)
def test_events_of_one_time_keep_the_order_of_the_source(way: str) -> None:
    write, options = WAYS[way]
    rows = [Row("ab"[number % 2], f"e{number % 5}", 0) for number in range(50)]
    apart = [row._replace(second=number) for number, row in enumerate(rows)]
    if "idle" not in way:
        assert everything(io.BytesIO(write(rows)), **options)[:2] == everything(io.BytesIO(write(apart)), **options)[:2]


@pytest.mark.parametrize("way", WAYS)
def test_what_stands_newest_first_has_events_of_one_time_turned_round_too(
    dripping: Any, tmp_path: Path, way: str
) -> None:
    write, options = WAYS[way]
    rows = [Row("abcd"[number // 7 % 4], "abcdefg"[number % 7], number // 3) for number in range(280)]
    turned = write(rows[::-1])
    path = tmp_path / "turned"
    path.write_bytes(turned)
    right = everything(io.BytesIO(write(rows)), **options)[:2]
    for source in (path, io.BytesIO(turned), dripping(turned, 40)):
        assert everything(source, **options)[:2] == right


def test_cases_one_behind_the_other_may_each_stand_newest_first() -> None:
    rows = [Row(f"c{number // 3:02}", "abc"[number % 3], number // 2) for number in range(90)]
    turned = sorted(rows, key=lambda row: (row.case, -row.second, -ord(row.event)))
    found = [everything(io.BytesIO(as_csv(some)))[0] for some in (rows, turned)]
    assert [{name: trace for trace, name in some} for some in found] == [
        {f"c{case:02}": [0, 1, 2] for case in range(30)}
    ] * 2


def test_a_few_events_that_come_late_turn_nothing_round() -> None:
    rows = [Row("a", "abcdefg"[number % 7], number // 3) for number in range(100)]
    late = rows[:51] + rows[54:81] + rows[51:54] + rows[81:]
    assert everything(io.BytesIO(as_csv(late)))[0] == everything(io.BytesIO(as_csv(rows)))[0]


@given(most=st.integers(30, 60), piece=st.integers(1, 30))
def test_what_was_put_in_order_before_is_turned_round_once(most: int, piece: int) -> None:
    """What stands further down of one time comes before all of it that stands above, whenever it was sorted."""
    times = [(200 - number) // 4 for number in range(200)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reorder, "LEAST", 1)
        patch.setattr(reorder, "BYTES", most * reorder.EVENT_BYTES)
        found, held = [], Reorder(Diagnostics())
        for start in range(0, 200, piece):
            stop = min(200, start + piece)
            ids = np.arange(start, stop, dtype=np.int32)
            zeros = np.zeros(stop - start, np.int32)
            found += list(held.add_all(Events(["a"], zeros, ids, np.array(times[start:stop], np.float64))))
            again = Reorder(Diagnostics())
            again.restore(held.state())
            held = again
        found += list(held.rest())
    assert sorted(symbol for part in found for symbol in part.symbols.tolist()) == list(range(200))
    last = found[-1].symbols.tolist()
    assert all(times[a] != times[b] or a > b for a, b in itertools.pairwise(last))


@pytest.mark.parametrize("way", WAYS)
def test_a_file_a_pipe_and_a_packed_file_give_the_same(dripping: Any, tmp_path: Path, way: str) -> None:
    write, options = WAYS[way]
    rows = [Row("abcd"[number % 4], "abcdefg"[number % 7], number) for number in range(300)]
    random.Random(1).shuffle(rows)
    content = write(rows)
    path, packed = tmp_path / "plain", tmp_path / "packed"
    path.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    whole = everything(io.BytesIO(content), **options)
    for source in (path, packed, dripping(content, 1), dripping(content, 100)):
        assert everything(source, **options) == whole


@pytest.mark.parametrize("way", [way for way in WAYS if way != "xes"])
@given(rows=shuffled, most=st.integers(1, 12), piece=st.sampled_from([1, 30, 1000]))
def test_when_not_all_fits_late_events_are_counted(
    dripping: Any, way: str, rows: list[Row], most: int, piece: int
) -> None:
    """The buffer lets its earlier half go as soon as it is full, wherever the bytes of the source are cut."""
    write, options = WAYS[way]
    held: list[int] = []
    released, late = -1, 0
    for row in rows:
        late += row.second < released
        held.append(row.second)
        if len(held) == most:
            held.sort()
            released = max(released, held[(most + 1) // 2 - 1])
            del held[: (most + 1) // 2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reorder, "LEAST", 1)
        patch.setattr(reorder, "BYTES", most * reorder.EVENT_BYTES)
        found = everything(dripping(write(rows), piece), **options)
        assert found == everything(io.BytesIO(write(rows)), **options)
    assert found[2].late == late


@given(
    times=st.lists(st.none() | st.integers(0, 30), max_size=30), most=st.integers(0, 12), piece=st.sampled_from([1, 99])
)
def test_whole_traces_come_in_the_order_of_their_first_times(
    dripping: Any, times: list[int | None], most: int, piece: int
) -> None:
    """When too many wait, the earlier half goes; one without a time stands behind the one before it."""
    expected, held, last, released, late = list[str](), list[tuple[int, str]](), -1, -1, 0
    for number, time in enumerate(times):
        last = last if time is None else time
        if last < 0:
            expected.append(f"t{number}")
            continue
        late += last < released
        held.append((last, f"t{number}"))
        if len(held) > most:
            held.sort(key=lambda one: one[0])
            out, held = held[: (len(held) + 1) // 2], held[(len(held) + 1) // 2 :]
            released = max(released, out[-1][0])
            expected += [name for _, name in out]
    expected += [name for _, name in sorted(held, key=lambda one: one[0])]
    content = "".join(
        f'<trace><string key="concept:name" value="t{number}"/><event><string key="concept:name" value="a"/>'
        + ("" if time is None else f'<date key="time:timestamp" value="{when(Row("", "", time), ISO)}"/>')
        + "</event></trace>\n"
        for number, time in enumerate(times)
    )
    alphabet, size = Alphabet(), most * (trace_order.TRACE_BYTES + trace_order.SYMBOL_BYTES)
    reading = Reading(dripping(f"<log>{content}</log>".encode(), piece), alphabet, ReadOptions(), case_bytes=size)
    assert [name for batch in reading for name in batch.names or []] == expected
    assert reading.stats.late == late


@pytest.mark.parametrize("piece", [7, 100, 1 << 18])
@pytest.mark.parametrize("way", ["csv", "csv, joined", "jsonl, idle", "log"])
def test_what_waits_leaves_room_for_open_cases(
    dripping: Any, monkeypatch: pytest.MonkeyPatch, way: str, piece: int
) -> None:
    """The more cases are open, the fewer events wait; where the bytes of the source are cut plays no part."""
    write, options = WAYS[way]
    monkeypatch.setattr(reorder, "LEAST", 4)
    rows = [Row(f"case{number % 90}", "abc"[number % 3], (7 * number) % 1009) for number in range(1000)]

    def found(source: Any) -> tuple[Any, ...]:
        alphabet = Alphabet()
        reading = Reading(source, alphabet, ReadOptions(**options), case_bytes=20_000)
        traces = [
            (trace.tolist(), name)
            for batch in reading
            for trace, name in zip(batch, batch.names or [None] * len(batch), strict=True)
        ]
        return traces, list(alphabet), reading.stats

    whole = found(io.BytesIO(write(rows)))
    assert found(dripping(write(rows), piece)) == whole
    assert whole[2].events == 1000
    assert whole[2].late > 0


DAY = 86_400


@pytest.mark.parametrize("way", ["csv, idle", "jsonl, idle", "log", "xes"])
@pytest.mark.parametrize("wrong", [3650 * DAY, -3650 * DAY])
def test_one_wrong_clock_does_not_stop_the_others(read: Read, way: str, wrong: int) -> None:
    write, options = WAYS[way]
    options = options | ({} if way == "xes" else {"idle": 60.0})
    rows = [Row(f"c{number // 4}", "abcd"[number % 4], 30 * number + 1000 * (number // 4)) for number in range(80)]
    right = read(io.BytesIO(write(rows)), **options)
    assert [trace for _, trace in sorted(right.named)] == [list("abcd")] * 20
    rows[41] = rows[41]._replace(second=rows[41].second + wrong)
    found = read(io.BytesIO(write(rows)), **options)
    assert found.error is None
    if way == "xes":  # whose times are compared within a trace: of four, one can be told
        assert found.traces == right.traces
    else:
        assert found.named == right.named
    assert found.told.stats.astray == 1


@pytest.mark.parametrize("way", ["csv", "jsonl"])
def test_events_whose_time_is_not_understood_keep_their_place(read: Read, way: str) -> None:
    write, options = WAYS[way]
    rows = [Row("a", "abcdefgh"[number], 10 * number) for number in (3, 0, 1, 2, 4, 5)]
    for blank in ("", "yesterday"):
        content = write(rows)
        for form in ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"):
            content = content.replace(when(rows[2], form).encode(), blank.encode())
        found = read(io.BytesIO(content), **options)
        assert (found.traces, found.told.stats.untimed) == ([list("abcdef")], 1)
        assert any("'yesterday' is no time" in note for note in found.told.notes) == (blank != "")
        named = read(io.BytesIO(content), **options, time="time")
        assert ("'' in column" if way == "csv" else "''") in str(named.error) or "yesterday" in str(named.error)


def test_where_no_time_is_understood_the_order_of_the_file_is_kept(read: Read) -> None:
    rows = "".join(f"c{number % 3},e{number % 7},at {(7 * number) % 100}\n" for number in range(3000))
    found = read(io.BytesIO(("case,event,time\n" + rows).encode()))
    plain = read(io.BytesIO(("case,event,other\n" + rows).encode()), case="case", event="event")
    assert (found.named, found.told.stats.untimed) == (plain.named, 3000)


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(reorder.time, "monotonic", lambda: self.now)


def test_a_source_watched_live_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(monkeypatch), Diagnostics(ReadOptions(follow=True))
    told.live = True
    held = Reorder(told)
    assert list(held.add("a", 0, 10.0)) == []
    clock.now = 2.0
    assert [part.times.tolist() for part in held.add("a", 1, 11.0)] == [[10.0, 11.0]]
    assert list(held.add("a", 2, 8.0)) == []  # late by 3 seconds: from now on, events wait twice as long
    clock.now = 4.0
    assert [part.times.tolist() for part in held.add("a", 3, 15.0)] == [[8.0]]  # 15 may wait for one of 9
    clock.now = 6.0
    assert [part.times.tolist() for part in held.add("a", 4, 22.0)] == [[15.0]]
    assert (told.stats.late, len(held)) == (1, 1)


def test_a_wrong_clock_does_not_stop_what_is_watched_live(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(monkeypatch), Diagnostics()
    told.live = True
    held, found = Reorder(told), list[float]()
    for number in range(40):
        moment = 1e9 if number == 20 else float(number)
        found += [time for part in held.add("a", number, moment) for time in part.times.tolist()]
        clock.now += 2.0
    found += [time for part in held.rest() for time in part.times.tolist()]
    assert found == [float(number) if number != 20 else 19.0 for number in range(40)]
    assert (told.stats.astray, told.stats.late) == (1, 0)


def test_a_source_that_sends_much_is_not_watched_live(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(monkeypatch), Diagnostics()
    told.live = True
    held = Reorder(told)
    for second in range(5):
        clock.now += 2.0
        times = np.arange(10_000.0) + 10_000 * second
        assert list(held.add_all(Events(["a"], np.zeros(10_000, np.int32), np.zeros(10_000, np.int32), times))) == []


def test_names_of_several_tables_are_joined() -> None:
    told = Diagnostics()
    held = Reorder(told)
    first = Events(["a", "b"], np.array([1, 0], np.int32), np.array([0, 1], np.int32), np.array([5.0, 3.0]))
    assert not [*held.add_all(first), *held.add("b", 2, 4.0), *held.add(None, 3, 1.0)]
    assert not list(held.add_all(Events([], None, np.array([4], np.int32), np.array([2.0]))))
    (part,) = held.rest()
    assert isinstance(part, Many)
    pieces = [
        (
            [
                None if events.cases is None else events.names[case]
                for case in (events.cases if events.cases is not None else events.symbols)
            ],
            events.symbols.tolist(),
        )
        for events in part.events()
    ]
    assert pieces == [([None, None], [3, 4]), (["a", "b", "b"], [1, 2, 0])]


def test_sources_with_times_and_without_follow_one_another() -> None:
    alphabet = Alphabet()
    assembler = Assembler(alphabet, ahead=alphabet.copy())
    found = [Event("a", "x", 2.0), Event("a", "y", 1.0), Event("a", "z", None), Event("a", "w", 0.0)]
    batches = [batch for event in found for batch in assembler.feed(event)] + list(assembler.close())
    assert [trace.tolist() for batch in batches for trace in batch] == [[0, 1, 2, 3]]
    assert list(alphabet) == ["y", "x", "z", "w"]


def test_times_of_day_keep_the_order_of_a_log(read: Read) -> None:
    """They do not tell which comes first; nothing is said, as nobody asked."""
    lines = [f"{hour:02}:00:00 INFO step{letter}\n" for hour, letter in zip((23, 1, 0), "abc", strict=True)]
    found = read(io.BytesIO("".join(lines).encode()), format="log", mask=False)
    assert found.traces == [["stepa", "stepb", "stepc"]]
    assert (found.told.stats.untimed, len(found.told.notes)) == (0, 1)


def test_a_time_in_a_message_is_none_of_the_line(read: Read) -> None:
    lines = ["2026-01-31 10:00:00 INFO a", "ERROR: it was due 2026-01-30 00:00:00", "2026-01-31 09:00:00 INFO b"]
    found = read(io.BytesIO("\n".join(lines).encode()), format="log", window=9)
    assert found.traces == [["b", "a", "it was due <*>"]]


def test_a_time_in_the_name_of_a_file_is_none_of_the_line(read: Read) -> None:
    lines = [f"app.log.2026-01-3{1 - day}_00:00:00 2026-02-01 00:00:0{day} INFO {'ab'[day]}" for day in range(2)]
    for options in ({}, {"gap": 100.0}):
        found = read(io.BytesIO("\n".join(lines).encode()), format="log", **options)
        assert found.traces == [["a", "b"]]
        assert not [note for note in found.told.notes if "order" in note]


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_xes])
def test_an_empty_name_of_the_time_keeps_events_in_their_places(
    read: Read, write: Callable[[list[Row]], bytes]
) -> None:
    rows = [Row(f"c{case}", step, 60 * case - place) for case in range(9) for place, step in enumerate("abcd")]
    content = write(rows)
    assert read(io.BytesIO(content)).traces == [[*"dcba"]] * 9
    found = read(io.BytesIO(content), time="")
    assert (found.error, found.traces) == (None, [[*"abcd"]] * 9)


def in_a_night(day: str, zone: str = "") -> bytes:
    """Return ten cases an hour from ten in the evening to six, by a clock that is set back at three."""
    start = datetime.fromisoformat(f"{day}T22:00:00+00:00").timestamp()
    lines = ["case,event,time\n"]
    for minute in range(0, 540, 6):
        back = 3600 if minute >= 300 else 0
        for event in "ab":
            moment = datetime.fromtimestamp(start + 60 * minute + 100 * (event == "b") - back, UTC)
            lines.append(f"c{minute},{event},{moment:%Y-%m-%d %H:%M:%S}{zone}\n")
    return "".join(lines).encode()


@pytest.mark.parametrize(("day", "told"), [("2026-10-24", True), ("2026-10-22", False), ("2026-07-25", False)])
def test_a_clock_that_was_set_back_is_told(read: Read, day: str, told: bool) -> None:
    notes = read(io.BytesIO(in_a_night(day))).told.notes
    found = [str(note) for note in notes if "summer time ends" in note]
    assert [note[:50] for note in found] == ["times go back on 2026-10-25 from 02:55 to 02:00, as"[:50]] * told
    assert not any("summer time" in note for note in read(io.BytesIO(in_a_night(day)), time="").told.notes)


def test_times_that_often_go_back_are_no_clock_that_was_set_back(read: Read) -> None:
    lines = in_a_night("2026-10-24").decode().splitlines(keepends=True)
    shuffled = lines[1:]
    random.Random(3).shuffle(shuffled)
    notes = read(io.BytesIO("".join([lines[0], *shuffled]).encode())).told.notes
    assert not any("summer time" in note for note in notes)
