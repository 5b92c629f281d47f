"""Objects of JSON in texts of objects of JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

import flexstream

from .conftest import read_all

DONE = ["clamp", "weld", "check", "release"]


def messages(inner: Callable[[int], dict[str, Any]]) -> bytes:
    rows = [{"topic": f"st/SN-{n // 4}", "ts": 1772431203509 + n, "payload": json.dumps(inner(n))} for n in range(400)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_what_is_said_in_a_text_is_found() -> None:
    content = messages(lambda n: {"serial": f"SN-{n // 4}", "transition": DONE[n % 4]})
    learned = flexstream.learn(io.BytesIO(content))
    assert ({*learned.alphabet}, learned.traces) == ({*DONE}, 100)
    assert next(iter(flexstream.read(io.BytesIO(content), like=learned))) == DONE


def test_what_nobody_can_guess_is_listed() -> None:
    found = read_all(io.BytesIO(messages(lambda n: {"reading": n * 1.5, "unit": "bar"})))
    assert "one of topic, ts, payload.reading, payload.unit" in str(found.error)


@pytest.mark.parametrize("name", ["event", "action"])
def test_texts_stay_texts_where_the_event_is_known(name: str) -> None:
    rows = [{"case": n // 4, name: DONE[n % 4], "payload": json.dumps({"event": f"x{n}"})} for n in range(80)]
    found = read_all(io.BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode()))
    assert found.traces == [DONE] * 20
