"""The server tells nothing to who has no token, waits for nobody, and says what browsers may do."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from flexstream.live.live_html import live_html
from flexstream.live.server import MOST, Server


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(live_html("a <title>"), lambda known: json.dumps(known).encode() + b" " * 100_000)
    found.start()
    yield found
    found.close()


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """Return an answer, read to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address).port or 0, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_without_the_token_nothing_is_told(server: Server) -> None:
    for path in ("/", "/news", "/x/", "/x/news", f"/{server.token[:-1]}/", "/%00/", "/%ff/"):
        answer = ask(server, path)
        assert answer.status == 403 and b"title" not in answer.body  # type: ignore[attr-defined]
    assert ask(server, f"/{server.token}/").status == 200
    assert ask(server, f"/{server.token}/other").status == 404
    assert ask(server, f"/{server.token}/news/../x").status in (403, 404)


def test_tokens_are_long_and_each_run_has_its_own(server: Server) -> None:
    others = [Server(live_html("x"), lambda _: b"") for _ in range(3)]
    tokens = {server.token, *(other.token for other in others)}
    assert len(tokens) == 4 and min(map(len, tokens)) >= 32
    for other in others:
        other.close()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1:1", ""])
def test_another_name_of_this_server_is_refused(server: Server, host: str) -> None:
    assert ask(server, f"/{server.token}/", Host=host).status == 403


def test_it_listens_on_loopback_alone(server: Server) -> None:
    assert server._http.socket.getsockname()[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")


def test_headers_forbid_all_but_the_page_itself(server: Server) -> None:
    for path in (f"/{server.token}/", f"/{server.token}/news", "/"):
        headers = ask(server, path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in headers
        assert "Python" not in headers["Server"]


def test_questions_that_are_none_are_answered_all_the_same(server: Server) -> None:
    path = f"/{server.token}/news"
    for query in ("?version=x", "?version=-1", "?version=" + "9" * 4000, "?a=1&a=2;b", "?%ff=%00", "?version=1&line=٣"):
        answer = ask(server, path + query.encode("ascii", "xmlcharrefreplace").decode())
        assert answer.status == 200
    assert json.loads(ask(server, f"{path}?version=3&line=4").body) == {"version": 3, "line": 4}  # type: ignore[attr-defined]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent_to_it(server: Server, method: str) -> None:
    assert ask(server, f"/{server.token}/", method).status == 501


def test_head_has_no_body(server: Server) -> None:
    answer = ask(server, f"/{server.token}/", "HEAD")
    assert answer.status == 200 and int(answer.headers["Content-Length"]) > 1000
    assert answer.body == b""  # type: ignore[attr-defined]


def test_those_who_do_not_read_keep_nobody_waiting(server: Server) -> None:
    port = urlsplit(server.address).port or 0
    slow = []
    for _ in range(MOST // 2):
        one = socket.create_connection(("127.0.0.1", port))
        request = f"GET /{server.token}/news HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        one.sendall(request * 50)  # five megabytes that nobody reads
        slow.append(one)
    started = time.monotonic()
    assert ask(server, f"/{server.token}/").status == 200
    assert time.monotonic() - started < 5
    for one in slow:
        one.close()


def test_more_connections_than_there_may_be_are_cut_and_others_get_in_again(server: Server) -> None:
    port = urlsplit(server.address).port or 0
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(MOST)]
    time.sleep(0.3)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(server, f"/{server.token}/")
    for one in held:
        one.close()
    time.sleep(0.5)
    assert ask(server, f"/{server.token}/").status == 200


def test_nobody_is_answered_after_its_end() -> None:
    server = Server(live_html("x"), lambda _: b"{}")
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address).port or 0, timeout=5)
    connection.request("GET", f"/{server.token}/news")
    assert connection.getresponse().read() == b"{}"
    server.close()
    connection.auto_open = 0
    with pytest.raises((OSError, http.client.HTTPException)):
        connection.request("GET", f"/{server.token}/news")
        connection.getresponse()
    connection.close()
