"""Events one a line, read by compiled loops, come out as they do the general path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.readers import Event, ReadContext
from flexstream.readers.formats import jsonl
from flexstream.readers.items import Events
from flexstream.readers.parsing import case_names, objects
from flexstream.readers.parsing import fast_path as feed
from flexstream.readers.parsing.case_names import CaseNames
from flexstream.readers.parsing.json_shape import pattern
from flexstream.readers.sessions import cases
from flexstream.readers.sessions.cases import CASE_BYTES
from flexstream.stream.alphabet import SYMBOL_BYTES

Both = Callable[..., tuple[Any, ...]]


cells = st.sampled_from(
    [
        "a",
        "b",
        "c d",
        "long case name",
        "",
        " ",
        '"q"',
        '"x,y"',
        '"x""y"',
        '"x\ny"',
        '"\n',
        'e"f',
        "ä€",
        "\x00",
        "\x0c",
        "NULL",
        "-",
    ]
)
times = st.sampled_from(["2026-01-31T23:59:00", "2026-02-01 00:00:01.5Z", "1769903940", "Jan  1 00:00:00", "never", ""])
ends = st.sampled_from(["\n"] * 8 + ["\r\n", "\n\n", "\r", "\r\r\n", " \n", ",\n", "\n \n"])
plain_rows = st.tuples(
    st.sampled_from("abc"), st.sampled_from(["run", "load"]), st.just("2026-01-31T23:59:00"), st.just("\n")
)
csv_rows = st.lists(plain_rows | st.tuples(cells, cells, times, ends), max_size=14)
bad_bytes = st.sampled_from([b"", b"", b"\xff,b,c\n", b"a,\xc3", b"a,b\n", b"a,b,c,d\n"])
settings = st.fixed_dictionaries(
    {
        "on_error": st.sampled_from(["stop", "skip"]),
        "idle": st.sampled_from([None, 60.0]),
        "max_open_cases": st.sampled_from([2, 100]),
        "max_open_events": st.sampled_from([4, 1000]),
    }
)


bounds = st.tuples(
    st.sampled_from([9, 40, 1 << 18]),
    st.sampled_from([None, None, 0, SYMBOL_BYTES, 2 * SYMBOL_BYTES + 4, 3 * SYMBOL_BYTES + 9]),
    st.sampled_from([None, None, 0, CASE_BYTES + 70, 2 * CASE_BYTES + 130, 3 * CASE_BYTES + 200]),
)


usual: dict[str, Any] = {"on_error": "skip", "idle": None, "max_open_cases": 100, "max_open_events": 1000}
# Blanks are told of in the order of the rows: behind a time that is none, and not for rows behind one that ends it all.
no_time = ("a", "a", "never", "\n")
with_blank = ("a", "a", "2026-01-31T23:59:00", " \n")


@given(csv_rows, csv_rows, bad_bytes, settings, bounds, st.booleans())
@example([no_time, with_blank], [], b"", usual, (), False)
@example([no_time, with_blank], [], b"", usual | {"on_error": "stop", "idle": 60.0}, (), False)
@example([("a", "run", "2026-01-31T23:59:00", "\n")] * 40 + [no_time] * 2, [with_blank] * 40, b"", usual, (), False)
def test_csv(both: Both, rows: Any, more: Any, bad: bytes, options: dict[str, Any], bounds: Any, marked: bool) -> None:
    first, second = ("".join(",".join(row[:3]) + row[3] for row in part).encode() for part in (rows, more))
    content = b"\xef\xbb\xbf" * marked + b"case,event,time\n" + first + bad + second
    both(content, bounds, format="csv", **options)


@given(
    st.lists(st.tuples(cells, ends), max_size=9),
    bounds,
    st.sampled_from([None, 2]),
    st.sampled_from(["stop", "skip"]),
)
def test_csv_of_one_column(both: Both, rows: Any, bounds: Any, window: int | None, on_error: str) -> None:
    content = "event\n" + "".join(cell + end for cell, end in rows)
    both(content.encode(), bounds, format="csv", window=window, on_error=on_error)


values = st.sampled_from(
    [
        '"a"',
        '"b"',
        '"c d"',
        '""',
        "7",
        "-0.5",
        "1e3",
        "01",
        "-",
        "1.",
        "true",
        "false",
        "null",
        "NaN",
        '"\\u00e4"',
        '"ä"',
        '"\\ud800"',
        "[1]",
        "{}",
        '"\t"',
        '"x',
        '"NULL"',
        '" "',
    ]
)
json_lines = st.tuples(
    st.sampled_from(
        ['{"case": %s, "event": %s, "time": %s}'] * 4
        + ['{"case":%s,"event":%s,"ä":%s}', '{"case": %s, "event": %s, "case": %s}', "[%s, %s, %s]"]
    ),
    st.sampled_from(['"a"', '"b"']) | values,
    st.sampled_from(['"run"', "3"]) | values,
    st.sampled_from(['"2026-01-31T23:59:00"', "1769903940", "null"]) | values,
    st.sampled_from(["\n"] * 8 + ["\r\n", "\n\n", " \n", ""]),
)


plain_line = '{"case": %s, "event": %s, "time": %s}'
no_case_and_time = (plain_line, '"NULL"', '"run"', '"a"', "\n")


@given(st.lists(json_lines, min_size=1, max_size=14), settings, bounds)
@example([(plain_line, '"a"', '"run"', "1769903940", "\n"), no_case_and_time], usual, ())
@example(
    [(plain_line, '"a"', '"run"', "1769903940", "\n"), no_case_and_time], usual | {"on_error": "stop", "idle": 60.0}, ()
)
def test_jsonl(both: Both, lines: Any, options: dict[str, Any], bounds: Any) -> None:
    content = "".join(line % (case, event, time) + end for line, case, event, time, end in lines)
    both(content.encode(), bounds, format="jsonl", **options)


nested_lines = st.tuples(
    st.sampled_from(
        ['{"meta": {"case": %s, "tags": ["x", {"event": 1}]}, "event": %s, "at": {"time": %s}}'] * 6
        + [
            '{"event": %s, "meta": {"case": %s}, "more": {}, "at": {"time": %s}}',
            '{"meta": {"case": %s, "event": %s}, "at": {"time": %s}}',
            '{"meta": {"case": %s}, "event": %s, "meta": {"time": %s}}',
            '{"meta.case": %s, "meta": {"case": 7}, "event": %s, "time": %s}',
            '{"case": %s, "event": %s, "time": %s, "note": "\\n"}',
        ]
    ),
    st.sampled_from(['"a"', '"b"']) | values,
    st.sampled_from(['"run"', "3", '"run\\n"', '"\\"run\\""']) | values,
    st.sampled_from(['"2026-01-31T23:59:00"', "1769903940", "null"]) | values,
    st.sampled_from(["\n"] * 8 + ["\r\n", "\n\n", " \n", ""]),
)


@given(st.lists(nested_lines, min_size=1, max_size=14), settings, bounds, st.booleans())
def test_nested_jsonl(both: Both, lines: Any, options: dict[str, Any], bounds: Any, named: bool) -> None:
    content = "".join(line % (case, event, time) + end for line, case, event, time, end in lines)
    both(content.encode(), bounds, format="jsonl", **options, **({"case": "meta.case"} if named else {}))


def log(form: str, rows: int = 600) -> bytes:
    """Return an unremarkable log of 37 cases."""
    lines = [(f"case {7 * i % 37}", f"task_{i % 11}", f"2026-01-01T00:{i // 60:02}:{i % 60:02}") for i in range(rows)]
    if form == "csv":
        return "".join(",".join(line) + "\n" for line in [("case", "event", "time"), *lines]).encode()
    objects = [dict(zip(("case", "event", "time"), line, strict=True)) for line in lines]
    if form == "nested":
        objects = [
            {
                "meta": {"case": one["case"], "tags": [{"n": i}]},
                "event": one["event"] + "\n" * (i % 3),
                "time": one["time"],
            }
            for i, one in enumerate(objects)
        ]
    if form == "varied":  # every other line has one field more
        objects = [{**one, **({"more": '"x"'} if i % 2 else {})} for i, one in enumerate(objects)]
    return "".join(json.dumps(one) + "\n" for one in objects).encode()


@pytest.mark.parametrize("form", ["csv", "jsonl", "nested", "varied"])
@pytest.mark.parametrize("idle", [None, 20.0])
def test_a_plain_log_goes_the_quick_way(
    both: Both, form: str, idle: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def noted(*fields: Any) -> Events:
        taken.append(len(fields[2]))
        return Events(*fields)

    monkeypatch.setattr(feed, "Events", noted)
    both(log(form), (4000,), format="csv" if form == "csv" else "jsonl", idle=idle)
    assert sum(taken) >= (590 if form == "varied" else 599)  # a line of JSON shows what the others look like


@pytest.mark.parametrize("most", [1, 36, 37, 38])
@pytest.mark.parametrize("waiting", [1, 100, 1 << 20])
def test_so_many_events_wait(both: Both, most: int, waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "_MOST_WAITING", waiting)
    monkeypatch.setattr(case_names, "_MOST", 20 * case_names._EACH)
    found = both(log("csv"), (999,), format="csv", max_open_cases=most)
    assert (found[-1].closed_early > 0) == (most < 37)


@pytest.mark.parametrize("rows", [1, 7, 200, 600])
@pytest.mark.parametrize("form", ["csv", "jsonl", "nested", "varied"])
def test_so_many_rows_are_taken_at_once(both: Both, form: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def noted(*fields: Any) -> Events:
        taken.append(len(fields[2]))
        return Events(*fields)

    monkeypatch.setattr(feed, "Events", noted)
    monkeypatch.setattr(feed, "_MOST_ROWS", rows)
    both(log(form), (1 << 20,), format="csv" if form == "csv" else "jsonl", idle=1e6)
    assert max(taken) <= rows and (rows < feed._FEW_ROWS or sum(taken) >= 590)


@pytest.mark.parametrize("kinds", [10, 2000])
def test_names_of_cases_are_forgotten_where_there_are_too_many(
    both: Both, kinds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each table of them is full with 100 and those of one block more, and lasts as long as it is not."""
    tables, made = [], CaseNames._begin
    monkeypatch.setattr(CaseNames, "_begin", lambda self: tables.append(made(self) or self.names))
    monkeypatch.setattr(case_names, "_MOST", 100 * case_names._EACH)
    content = "case,event\n" + "".join(f"c{row % kinds},e{row % 3}\n" for row in range(2000))
    both(content.encode(), (500,), format="csv")
    assert max(len(names) - names.taken for names in tables) < 200
    assert (len(tables) == 2) == (kinds == 10)  # one a path


@pytest.mark.parametrize("bad", [b"a,b\n", b"a,b,never\n", b'a,"b\n', b"\xff,b,c\n"])
def test_the_line_of_an_error(both: Both, bad: bytes) -> None:
    content = log("csv", 300) + bad + log("csv", 300)
    assert ":302: " in both(content, (2000,), format="csv", idle=1e6)[3]


def test_columns_that_the_user_names(both: Both) -> None:
    content = log("csv").replace(b"event", b"what").replace(b",", b";")
    both(content, (3000,), format="csv", event="what", delimiter=";")
    both(content, (3000,), format="csv", event="what", case="what")
    both(content, (3000,), format="csv", event="what+case")


@pytest.mark.parametrize(
    "text", ["{}", "[1]", '{"a": {}}', '{"a": 1, "a": 2}', '{"a\\n": 1}', '{"a": "\\n"}', '{"a": 1']
)
def test_no_pattern(text: str) -> None:
    assert pattern(text) is None


@pytest.mark.parametrize("key", ["k{}", "k{}" + "x" * 20_000])
def test_layouts_kept_do_not_grow_with_the_stream(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_LAYOUTS_KEPT", 5)
    reader = jsonl._Reader(ReadContext(), [], "<input>")
    for number in range(20):
        event = json.dumps({"case": 1, "event": "run", key.format(number): 0})
        assert reader.items(event) == [Event("1", "run", None)]
        assert len(reader.objects.layouts) <= 5
    assert all(sum(map(len, names)) < 20_000 for names in reader.objects.layouts)
