"""Requests in the fields of W3C's extended form."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

import flexstream

from .conftest import read_all

FIELDS = ["date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "c-ip", "agent", "sc-status", "n"]
VISIT = ["GET /login 200", "POST /login 302", "GET /item/{} 200", "GET /no{} 404", "GET /logout 304"]
SYMBOLS = ["GET /login 2xx", "POST /login 3xx", "GET /item/<*> 2xx", "GET <*> 4xx", "GET /logout 2xx"]
Rows = list[list[str]]


def requests(visits: int = 60) -> Rows:
    """Return rows of clients that come one after the other, three at once."""
    rows = []
    for number in range(visits):
        for step, what in enumerate(VISIT):
            method, path, status = what.format(number * 7919).split()
            second = number * 20 + step * 7
            time = f"{6 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            agent = ["Mozilla/5.0", status, str(number)]
            rows.append(["2026-01-31", time, "10.0.0.1", method, path, "-", f"10.2.0.{number}", *agent])
    return sorted(rows)


def as_w3c(rows: Rows, sign: str = " ") -> bytes:
    lines = ["#Software: Microsoft Internet Information Services 10.0", f"#Fields: {sign.join(FIELDS)}"]
    return "\n".join([*lines, *map(sign.join, rows), ""]).encode()


def as_csv(rows: Rows) -> bytes:
    return "\n".join([*map(",".join, [FIELDS, *rows]), ""]).encode()


@pytest.mark.parametrize("written", [as_w3c, lambda rows: as_w3c(rows, "\t"), as_csv])
def test_a_case_is_a_client_and_an_event_a_route(written: Callable[[Rows], bytes]) -> None:
    found = read_all(io.BytesIO(written(requests())))
    assert (found.error, found.traces) == (None, [SYMBOLS] * 60)
    assert (found.names or [""])[0] == "10.2.0.0"
    assert any("silent for 30 minutes" in note for note in found.told.notes)


def test_a_client_comes_again() -> None:
    later = [[row[0], f"1{row[1][1:]}", *row[2:]] for row in requests(2)]
    assert read_all(io.BytesIO(as_w3c(requests(2) + later))).traces == [SYMBOLS] * 4


def test_others_are_read_as_the_model_was() -> None:
    learned = flexstream.learn(io.BytesIO(as_w3c(requests())))
    assert [*flexstream.read(io.BytesIO(as_w3c(requests(3))), like=learned)] == [SYMBOLS] * 3


@pytest.mark.parametrize(
    ("options", "symbols", "traces"),
    [
        ({"mask": False, "cut": False}, {"GET+/login+200", "POST+/login+302", "GET+/logout+304"}, 3),
        ({"event": "cs-method", "case": "c-ip"}, {"GET", "POST"}, 3),
        ({"case": "", "cut": False}, {*SYMBOLS}, 1),
    ],
)
def test_what_the_user_says_holds(options: dict[str, str | bool], symbols: set[str], traces: int) -> None:
    found = read_all(io.BytesIO(as_w3c(requests(3))), **options)
    told = {symbol for trace in found.traces for symbol in trace}
    assert (symbols <= told, len(found.traces)) == (True, traces)


def test_fields_that_are_called_so_elsewhere_are_no_requests() -> None:
    rows = [{"c-ip": f"10.0.0.{n // 4}", "event": "abcd"[n % 4]} for n in range(80)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    assert {symbol for trace in read_all(io.BytesIO(content)).traces for symbol in trace} == {*"abcd"}
