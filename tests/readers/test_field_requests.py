"""Requests to web servers in fields of their own, and messages of one form beside what happened."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

import flexstream

from .conftest import read_all

PATHS = ["/cart", "/pay/{0}?x=1", "/done", "/gone/{0}"]
WANTED = ["GET /cart 2xx", "GET /pay/<*> 2xx", "GET /done 2xx", "GET <*> 4xx"]
Asked = tuple[str, str, int, str]


def asked() -> list[Asked]:
    """Return clients, paths, statuses and times."""
    return [
        (f"10.0.0.{client}", path.format(client), 404 if n == 3 else 200, f"2026-03-01T10:{client:02}:0{n}Z")
        for client in range(40)
        for n, path in enumerate(PATHS[: 4 - client % 2])
    ]


def as_json(shape: Callable[[str, str, int, str], Any]) -> bytes:
    return "\n".join(json.dumps(shape(*one)) for one in asked()).encode()


def line(client: str, path: str, status: int, at: str) -> Any:
    return {"remote_addr": client, "request": f"GET {path} HTTP/1.1", "status": str(status), "time_local": at}


def nested(client: str, path: str, status: int, at: str) -> Any:
    return {
        "ts": at,
        "msg": "handled",
        "request": {"remote_ip": client, "method": "GET", "uri": path},
        "status": status,
    }


def camel(client: str, path: str, status: int, at: str) -> Any:
    return {"ClientHost": client, "DownstreamStatus": status, "RequestMethod": "GET", "RequestPath": path, "time": at}


def with_port(client: str, path: str, status: int, at: str) -> Any:
    address = f"{client}:{1024 + len(path) + int(at[18])}"
    asked = {"start_time": at, "method": "GET", "path": path, "response_code": status}
    return {**asked, "downstream_remote_address": address, "x_request_id": at + client}


def whole(client: str, path: str, status: int, at: str) -> Any:
    page = f"https://fab.example{path}"
    return {
        "httpRequest": {"requestMethod": "GET", "requestUrl": page, "status": status, "remoteIp": client},
        "time": at,
    }


def plain(client: str, path: str, status: int, at: str) -> Any:
    return {"client_ip": client, "method": "GET", "path": path, "status": status, "time": at}


PAIRS = "\n".join(
    f'time={at} level=info method=GET path="{path}" status={status} remote={client}'
    for client, path, status, at in asked()
)
SHAPES = {shape.__name__: as_json(shape) for shape in (line, nested, camel, with_port, whole, plain)}
SHAPES["pairs"] = PAIRS.encode()


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES)
def test_what_was_asked_for_and_how_it_went_is_the_event(content: bytes) -> None:
    found = read_all(io.BytesIO(content))
    assert found.error is None
    assert dict(found.named) == {f"10.0.0.{client}": WANTED[: 4 - client % 2] for client in range(40)}


def test_a_client_that_was_silent_for_long_begins_a_new_trace() -> None:
    rows = [plain("10.0.0.1", "/cart", 200, f"2026-03-01T{hour}:00:0{n}Z") for hour in (10, 11, 13) for n in (1, 2)]
    others = [plain(f"10.0.1.{n}", "/pay/7", 200, f"2026-03-01T12:00:{n:02}Z") for n in range(30)]
    traces = read_all(io.BytesIO("\n".join(map(json.dumps, rows + others)).encode())).traces
    assert traces.count(["GET /cart 2xx"] * 2) == 3


def test_a_model_reads_on_as_it_was_learned() -> None:
    content = SHAPES["nested"]
    learned = flexstream.learn(io.BytesIO(content))
    few = b"\n".join(content.splitlines()[:7])
    assert [len(trace) for trace in flexstream.read(io.BytesIO(few), like=learned)] == [4, 3]


@pytest.mark.parametrize("options", [{"event": "status"}, {"event": "path", "case": "client_ip"}])
def test_who_names_the_event_has_it(options: dict[str, Any]) -> None:
    symbols = {symbol for trace in read_all(io.BytesIO(SHAPES["plain"]), **options).traces for symbol in trace}
    assert "GET /cart 2xx" not in symbols
    assert symbols & {"200", "/cart"}


@pytest.mark.parametrize("name", ["action", "event"])
def test_an_event_by_its_name_comes_first(name: str) -> None:
    rows = [json.dumps({name: ("load", "run")[number % 2], **plain(*one)}) for number, one in enumerate(asked())]
    assert {symbol for trace in read_all(io.BytesIO("\n".join(rows).encode())).traces for symbol in trace} == {
        "load",
        "run",
    }


def test_what_is_no_request_stays_what_it_is() -> None:
    rows = [{"user": c, "method": "run", "path": "a/b", "status": ("up", "down")[s > 200]} for c, _, s, _ in asked()]
    found = read_all(io.BytesIO("\n".join(map(json.dumps, rows)).encode()))
    assert {symbol for trace in found.traces for symbol in trace} == {"up", "down"}


def test_messages_of_one_form_are_not_the_event_where_something_else_can_be() -> None:
    steps = ["cron", "login", "sudo"]
    lines = [
        f'type=SYSCALL msg=audit(17724384{n:02}.125:{900 + n}): pid={200 + n // 3} comm="{steps[n % 3]}" exit=0'
        for n in range(90)
    ]
    found = read_all(io.BytesIO("\n".join(lines).encode()))
    assert found.traces == [steps] * 30


def test_an_event_of_one_value_by_its_name_is_none() -> None:
    rows = [json.dumps({"action": "show", **plain(*one)}) for one in asked()]
    assert {symbol for trace in read_all(io.BytesIO("\n".join(rows).encode())).traces for symbol in trace} == {*WANTED}


def test_the_native_form_of_squid_is_read() -> None:
    rows = [
        f"17724384{number:02}.125     17 {client} TCP_MISS/{status} 612 GET http://fab.example{path} - HIER_DIRECT/- -"
        for number, (client, path, status, _) in enumerate(asked()[:90])
    ]
    found = read_all(io.BytesIO("\n".join(rows).encode()))
    assert found.told.format == "access"
    assert {symbol for trace in found.traces for symbol in trace} == {*WANTED}


def test_an_error_names_the_path_into_a_list_of_objects() -> None:
    rows = [json.dumps({"order": n, "history": [{"status": "new"}, {"status": "paid"}]}) for n in range(30)]
    error = read_all(io.BytesIO("\n".join(rows).encode())).error
    assert "`event` 'history[].status' takes an event of each object there" in str(error)
    assert len(read_all(io.BytesIO("\n".join(rows).encode()), event="history[].status").traces) == 30


def test_a_session_is_the_case_where_there_is_one() -> None:
    rows = [json.dumps({**plain(*one), "client_ip": "10.1.1.1", "session_id": one[0]}) for one in asked()]
    found = read_all(io.BytesIO("\n".join(rows).encode()))
    assert dict(found.named) == {f"10.0.0.{client}": WANTED[: 4 - client % 2] for client in range(40)}
