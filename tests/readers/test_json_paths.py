"""Objects inside objects: dotted paths, lists on the way, and fields that are known by their names."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError, UsageError
from flexstream.readers import ReadContext, ReadOptions, read_items
from flexstream.readers.parsing.fields import recognise, recognise_inner
from flexstream.readers.parsing.json_paths import DEEPEST, Spread, at_path, flat
from flexstream.stream.durations import spans_of

from .conftest import read_all

ROUTE = ["load", "heat", "cool", "unload"]


def written(values: list[Any]) -> io.BytesIO:
    """Return values of JSON, one a line."""
    return io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())


keys = st.sampled_from(["a", "b", "a.b", "b.a", "c"])
objects = st.recursive(
    st.dictionaries(keys, st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2), max_size=4),
    lambda inner: st.dictionaries(keys, st.integers(0, 9) | inner, max_size=4),
    max_leaves=12,
)


@given(objects)
def test_every_field_has_a_name_and_the_path_leads_to_a_field_of_that_name(value: dict[str, Any]) -> None:
    fields = flat(value)
    for name, part in value.items():
        if not isinstance(part, dict):
            assert fields[name] == part  # whatever objects hold, the key itself counts
    for name in fields:
        assert at_path(value, name) is not None


def test_a_key_with_dots_comes_before_a_path() -> None:
    lines = [{"user": {"id": "inner"}, "user.id": f"o{i // 4}", "event": ROUTE[i % 4]} for i in range(40)]
    found = read_all(written(lines), case="user.id", event="event")
    assert (found.traces, found.named[3][0]) == ([ROUTE] * 10, "o3")


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda event: {"log": {"what": {"step": event}}}, "log.what.step"),
        (lambda event: {"log.what": {"step": event}}, "log.what.step"),
        (lambda event: {"attributes": [{"key": "app.step", "value": {"stringValue": event}}]}, "attributes.app.step"),
        (lambda event: {"Data": [{"Name": "step", "#text": event}]}, "Data.step"),
        (lambda event: {"log": json.dumps({"step": event}) + "\n"}, "log.step"),
        (lambda event: {"calls": [{"step": event}, {"step": "later"}]}, "calls.0.step"),
    ],
)
def test_where_a_path_leads(wrap: Any, path: str) -> None:
    lines = [{"order": {"no": f"o{i // 4}"}, **wrap(ROUTE[i % 4])} for i in range(40)]
    found = read_all(written(lines), case="order.no", event=path)
    assert found.error is None
    assert found.traces == [ROUTE] * 10


def test_paths_are_joined_and_hold_times() -> None:
    lines = [{"who": {"id": i % 2}, "do": {"verb": "get", "on": "pod"}, "at": {"s": 1.7e9 - i}} for i in range(6)]
    lines.append({"who": {"id": 0}, "do": {"verb": "put", "on": "pod"}, "at": {"s": 1.6e9}})
    found = read_all(written(lines), case="who.id", event="do.verb+do.on", time="at.s")
    assert sorted(found.traces) == [["get+pod"] * 3, ["put+pod", "get+pod", "get+pod", "get+pod"]]


def conversation(tools: list[str], anthropic: bool = False) -> list[dict[str, Any]]:
    """Return the messages of an agent that calls tools."""
    calls: list[dict[str, Any]] = []
    for tool in tools:
        if anthropic:
            content = [{"type": "text", "text": "Now"}, {"type": "tool_use", "name": tool, "input": {}}]
            calls.append({"role": "assistant", "content": content})
        else:
            calls.append({"role": "assistant", "content": None, "tool_calls": [{"function": {"name": tool}}]})
        calls.append({"role": "tool", "content": "done"})
    return [{"role": "user", "content": "please"}, *calls]


@pytest.mark.parametrize("anthropic", [False, True])
@pytest.mark.parametrize("options", [{}, {"named": True}])
def test_the_tools_that_an_agent_calls(anthropic: bool, options: dict[str, bool]) -> None:
    traces = [["grep", "read", "edit", "test"][: 2 + i % 3] for i in range(9)]
    lines = [{"id": f"c{i}", "messages": conversation(tools, anthropic)} for i, tools in enumerate(traces)]
    path = "messages[].content[].name" if anthropic else "messages[].tool_calls[].function.name"
    found = read_all(written(lines), **({"event": path} if options else {}))
    assert dict(found.named) == {f"c{i}": tools for i, tools in enumerate(traces)}
    by_case = read_all(written(lines), event=path, case="id")
    assert dict(by_case.named) == dict(found.named)
    whole = read_all(written([*lines, {"id": "c9", "messages": []}]), sequence=path)
    assert dict(whole.named) == {**dict(found.named), "c9": []}


def test_turns_of_a_conversation_in_several_lines_are_one_case() -> None:
    lines = [{"session": f"s{i % 3}", "messages": conversation([tool])} for tool in ROUTE for i in range(3)]
    assert read_all(written(lines)).traces == [ROUTE] * 3


def test_a_case_and_a_time_inside_the_list() -> None:
    rows = [{"lot": f"L{i % 2}", "step": step, "at": 1_700_000_000 - i} for i, step in enumerate(ROUTE * 2)]
    found = read_all(written([{"rows": rows}]), case="rows[].lot", event="rows[].step", time="rows[].at")
    assert dict(found.named) == {"L0": ["cool", "load", "cool", "load"], "L1": ["unload", "heat", "unload", "heat"]}


@pytest.mark.parametrize(
    ("value", "options", "said"),
    [
        ({"a": {"b": 1}}, {"event": "a.c"}, "no field 'a.c'"),
        ({"a": {"b": 1}}, {"event": "a"}, "no field 'a' (expected: one of a.b"),
        ({"a": {"b": [1]}}, {"event": "a.b"}, "event is a list"),
        ({"a": 1, "case": "7"}, {"event": "list[].name"}, "no field 'list' (expected: one of a, case"),
        ({"event": "run", "x": {"y": 1}}, {"case": "x.z"}, "no field 'x.z'"),
        ({"event": "run", "x": {"y": "never"}}, {"time": "x.y"}, "'never' is no time"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_bad_line(value: Any, options: dict[str, str], said: str) -> None:
    error = read_all(written([value]), format="jsonl", **options).error
    assert isinstance(error, DataError)
    assert str(error).startswith("<input>:1: ")
    assert said in str(error)


def test_gaps_are_for_events() -> None:
    lines = written([{"id": "c1", "messages": conversation(ROUTE)}])
    assert isinstance(read_all(lines, gap=60.0).error, UsageError)


@pytest.mark.parametrize(
    ("event", "time"),
    [
        ({"MESSAGE": "{}", "_PID": "7"}, {"__REALTIME_TIMESTAMP": "1700000000{:06}"}),
        ({"log": "{}\n", "stream": "stdout"}, {"time": "2026-01-31T10:00:00.{:06}Z"}),
        ({"eventVersion": "1", "eventName": "{}", "eventID": "e-1"}, {"eventTime": "2026-01-31T10:00:00.{:06}Z"}),
        ({"kind": "Event", "verb": "{}"}, {"requestReceivedTimestamp": "2026-01-31T10:00:00.{:06}Z"}),
        ({"name": "{}", "kind": 1}, {"startTimeUnixNano": "1700000000{:06}000"}),
        ({"log": {"record": {"template": "{}"}}, "body": "x"}, {"timeUnixNano": "1700000000{:06}000"}),
        ({"EventId": "E1", "EventTemplate": "{}"}, {"Timestamp": "2026-01-31 10:00:00.{:06}"}),
        ({"System": {"EventID": "{}"}}, {"TimeCreated": "2026-01-31T10:00:00.{:06}Z"}),
        ({"payload": {"action": "{}"}}, {"meta": {"timestamp": "2026-01-31T10:00:00.{:06}Z"}}),
        ({"level": "info", "msg": "{}"}, {"ts": "1700000000.{:06}"}),
        ({"@mt": "{}", "Level": "Debug"}, {"@t": "2026-01-31T10:00:00.{:06}Z"}),
    ],
)
def test_names_that_are_known(event: dict[str, Any], time: dict[str, Any]) -> None:
    """Times run backwards: that they were understood is seen by the order."""

    def line(number: int) -> str:
        text = json.dumps({**event, **time}).replace("{:06}", f"{100 - number:06}")
        return text.replace('"{}', f'"{ROUTE[number % 4]}')

    content = "".join(line(number) + "\n" for number in range(40)).encode()
    found = read_all(io.BytesIO(content), case="", window=4)
    assert found.error is None
    assert [[symbol.strip() for symbol in trace] for trace in found.traces] == [ROUTE[::-1]] * 10


def test_messages_that_hardly_come_twice_are_events_once_they_are_masked() -> None:
    lines = [{"level": "info", "case": i // 2, "message": f"request {i} {['begun', 'done'][i % 2]}"} for i in range(60)]
    found = read_all(written(lines), mask=True)
    assert found.traces == [["request <*> begun", "request <*> done"]] * 30


def test_messages_that_are_objects_themselves() -> None:
    bodies = [json.dumps({"session": f"s{i // 4}", "msg": ROUTE[i % 4], "n": i}) + "\n" for i in range(40)]
    found = read_all(written([{"log": body, "stream": "stdout"} for body in bodies]))
    assert dict(found.named) == {f"s{i}": ROUTE for i in range(10)}
    named = read_all(written([{"log": body, "stream": "stdout"} for body in bodies]), event="log", mask=False)
    assert named.error is None
    assert named.told.stats.events == 40


def test_names_further_out_come_first() -> None:
    assert recognise("event", ["payload.action", "eventName"]) == "eventName"
    assert recognise_inner("event", ["a.b.event", "a.action"]) == "a.action"
    lines = [{"user": {"created_at": 100 - i}, "event": ROUTE[i % 4], "case": i // 4} for i in range(40)]
    assert read_all(written(lines)).traces == [ROUTE] * 10  # a date of the user is no time of the event


def test_names_end_where_objects_are_nested_too_deeply() -> None:
    value: dict[str, Any] = {"event": "run"}
    for _ in range(DEEPEST + 3):
        value = {"in": value}
    assert flat(value) == {}
    path = "in." * (DEEPEST + 3) + "event"
    assert read_all(written([value]), event=path).traces == [["run"]]


def test_rows_of_a_spread_need_one_of_the_leading_paths() -> None:
    spread = Spread(["a[].b[].c", "a[].d"], ["a[].e"])
    value = {"a": [{"d": "1", "e": "x", "b": [{"c": "2"}, {}]}, {"e": "y", "b": [{}]}, 5]}
    assert list(spread.rows(value)) == [
        {"a[].b[].c": "2", "a[].d": "1", "a[].e": "x"},
        {"a[].d": "1", "a[].e": "x"},
    ]


def jobs(form: str = "2026-01-31T10:0{}:00Z") -> bytes:
    """Return ten jobs with steps a minute apart, of which the last has no time."""
    steps = [
        {"name": name, "conclusion": "success", "started_at": form.format(place) if name != "tidy" else None}
        for place, name in enumerate(["set up", "build", "test", "tidy"])
    ]
    return b"".join(json.dumps({"id": job, "run_id": 7, "steps": steps}).encode() + b"\n" for job in range(10))


def test_the_steps_of_a_whole_trace_have_times() -> None:
    expected = spans_of([0.0, 60.0, 120.0, math.nan]).tolist()
    given = {"event": "steps[].name", "time": "steps[].started_at"}
    for options in (ReadOptions(preset="github-actions"), ReadOptions(**given)):
        context = ReadContext(options)
        traces = list(read_items(io.BytesIO(jobs()), context))
        assert [None if trace.durations is None else trace.durations.tolist() for trace in traces] == [expected] * 10
        assert any("time=steps[].started_at" in note for note in context.notes)
    for content, options in ((jobs("-"), given), (jobs(), {**given, "durations": False})):
        traces = list(read_items(io.BytesIO(content), ReadContext(ReadOptions(**options))))
        assert [trace.durations for trace in traces] == [None] * 10


def test_a_time_beside_the_list_is_none_of_its_steps() -> None:
    with pytest.raises(UsageError, match="holds whole traces, on which `time` has no effect"):
        list(read_items(io.BytesIO(jobs()), ReadContext(ReadOptions(event="steps[].name", time="run_id"))))
