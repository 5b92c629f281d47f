"""Requests in logs that are of no common form: of load balancers, proxies and application servers."""

from __future__ import annotations

import io
from typing import Any

import pytest

from flexstream.readers.parsing.requests import request_fields

FORMS = {
    "balancer": 'h2 2026-01-31T10:00:0{0}.186641Z app/lb 192.0.2.{1}:4711 10.0.0.6:80 0.1 200 200 0 57 "{2}" "x" "-"',
    "proxy": 'Jan 31 10:00:0{0} lb p[1]: 192.0.2.{1}:4711 [31/Jan/2026:10:00:0{0}.000] fe be/s1 0/1 200 12 - "{2}"',
    "server": '192.0.2.{1}:4711 - "{2}" 200 OK',
    "behind": '2026-01-31 10:00:0{0} +0100 web1 "{2}" 200 0.004 client=192.0.2.{1}',
}
PATHS = ["/cart", "/cart/{}", "/pay"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_clients_and_what_they_asked_for(read: Any, form: str) -> None:
    lines = [
        form.format(number, client, f"GET {path.format(7 * number)} HTTP/1.1")
        for number, path in enumerate(PATHS)
        for client in (7, 8)
    ]
    found = read(io.BytesIO("\n".join(lines).encode()))
    assert found.told.format == "access"
    assert found.traces == [["GET /cart 2xx", "GET /cart/<*> 2xx", "GET /pay 2xx"]] * 2


def test_times_are_found() -> None:
    line = FORMS["behind"].format(5, 7, "POST /pay HTTP/1.1")
    assert request_fields(line)["time"] == "2026-01-31 10:00:05 +0100"
    assert "time" not in request_fields(FORMS["server"].format(5, 7, "POST /pay HTTP/1.1"))


@pytest.mark.parametrize(
    "line",
    [
        'user 7 sent "GET /x HTTP/1.1"',
        '2026-01-31 10:00:00 version 1.2.3.4 says "hello"',
        "192.0.2.7 GET /x HTTP/1.1",
        '2026-01-31 10:00:00 INFO web 192.0.2.7 "GET /x HTTP/1.1" status: 200',
    ],
)
def test_what_is_no_request_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no request"):
        request_fields(line)


def test_a_long_line_takes_no_longer() -> None:
    with pytest.raises(ValueError, match="no request"):
        request_fields("1.1.1.1 " + '"GET ' * 100_000)


ERROR = (
    '2026/01/31 10:00:0{0} [error] 12#0: *{0} open() "/srv/{0}" failed, client: 192.0.2.7, request: "GET /{0} HTTP/1.1"'
)
ASKED = '2026-01-31 10:00:0{0} web1 "GET /{0} HTTP/1.1" 200 0.004 client=192.0.2.7'


@pytest.mark.parametrize(
    "lines",
    [
        [ERROR.format(n) for n in range(9)],
        [ASKED.format(n) if n % 3 else f"2026-01-31 10:00:0{n} web1 lot {n} loaded" for n in range(1, 9)],
        [ASKED.format(n).replace(" 200 ", " refused ") for n in range(9)],
    ],
    ids=["errors", "among others", "without a status"],
)
def test_requests_among_other_events_are_of_a_log(read: Any, lines: list[str]) -> None:
    found = read(io.BytesIO("\n".join(lines).encode()))
    assert found.told.format == "log" and found.error is None


def test_a_line_without_a_request_is_passed_over(read: Any) -> None:
    lines = [*(ASKED.format(n % 10) for n in range(25)), "2026-01-31 10:00:30 web1 stopping"]
    found = read(io.BytesIO("\n".join(lines).encode()))
    assert found.error is None and sum(map(len, found.traces)) == 25
    assert any("without a request are passed over" in note for note in found.told.notes)
    odd = read(io.BytesIO("\n".join([*lines, ASKED.format(1).replace("192.0.2.7", "nobody")]).encode()))
    assert "no request" in str(odd.error)
