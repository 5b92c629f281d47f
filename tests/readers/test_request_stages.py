"""Audit logs of Kubernetes: a request is an event, however many of its stages are told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Found, read_all

DONE = ["get", "patch", "list", "update", "watch"]
Rows = list[dict[str, Any]]


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_list(rows: Rows) -> bytes:
    return json.dumps({"kind": "EventList", "items": rows}).encode()


def as_csv(rows: Rows) -> bytes:
    names = ["auditID", "stage", "user.username", "verb", "objectRef.resource", "requestReceivedTimestamp"]
    cells = [
        [r["auditID"], r["stage"], r["user"]["username"], r["verb"], "pods", r["requestReceivedTimestamp"]]
        for r in rows
    ]
    return "".join(",".join(row) + "\n" for row in [names, *cells]).encode()


def audit(stages: Callable[[int], list[str]]) -> Rows:
    return [
        {
            **{"auditID": f"a{number}", "stage": stage, "verb": DONE[number % 5], "objectRef": {"resource": "pods"}},
            **{
                "user": {"username": "ann"},
                "requestReceivedTimestamp": f"2026-01-31T{10 + number // 60}:{number % 60:02}:00Z",
            },
        }
        for number in range(200)
        for stage in stages(number)
    ]


def read(content: bytes, **options: Any) -> Found:
    return read_all(io.BytesIO(content), **options)


@pytest.mark.parametrize("written", [as_jsonl, as_list, as_csv])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "stages",
    [
        lambda n: ["RequestReceived", "ResponseComplete"],
        lambda n: ["RequestReceived", "Panic" if n % 9 == 3 else "ResponseComplete"],
        lambda n: ["RequestReceived", *["ResponseStarted"] * (n % 5 == 4), "ResponseComplete"],
        lambda n: ["ResponseComplete"],
        lambda n: ["RequestReceived"],
    ],
)
def test_a_request_is_one_event(written: Callable[[Rows], bytes], named: bool, stages: Any) -> None:
    options = {"case": "user.username", "event": "verb", "cut": False} if named else {"event": "verb", "case": ""}
    found = read(written(audit(stages)), **options)
    assert found.error is None
    assert [symbol for trace in found.traces for symbol in trace] == DONE * 40
    assert any("stages" in note for note in found.told.notes) == (len(stages(0)) > 1)


def test_the_preset_counts_requests() -> None:
    found = read(as_jsonl(audit(lambda n: ["RequestReceived", "ResponseComplete"])), preset="k8s-audit", gap=1e9)
    assert found.traces == [[f"{verb}+pods" for verb in DONE] * 40]


@pytest.mark.parametrize("written", [as_jsonl, as_csv])
@pytest.mark.parametrize(("lifecycle", "events"), [("all", 400), ("RequestReceived", 200), ("join", 400)])
def test_who_says_which_stages_gets_them(written: Callable[[Rows], bytes], lifecycle: str, events: int) -> None:
    rows = audit(lambda n: ["RequestReceived", "ResponseComplete"])
    assert read(written(rows), case="user.username", event="verb", lifecycle=lifecycle).told.stats.events == events
