"""Server: answers browsers of this machine, those that know the token."""

from __future__ import annotations

import hmac
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .live_html import Page
from .pauses import Pauses

HOST = "127.0.0.1"
MOST, PATIENCE = 64, 30.0
"""Connections at a time, and seconds after which one that does not move is given up."""

News = Callable[[dict[str, int]], bytes]


class Server:
    """Serves a page, and what is new on it, below an address that holds a token.

    Parameters
    ----------
    page : Page
    news : callable
        Returns what is newer than what a browser has, as JSON.
    port : int
        0: any that is free.

    Attributes
    ----------
    pauses : Pauses
        How soon browsers may ask again.
    """

    def __init__(self, page: Page, news: News, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        self._http = _Http(page, news, self.token, port)
        self.pauses = self._http.pauses
        self._thread = threading.Thread(target=self._http.serve_forever, name="live server", daemon=True)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self._http.server_port}/{self.token}/"

    def start(self) -> None:
        """Answer from here on."""
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.cut()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    """A thread for each connection, as long as there are not too many."""

    daemon_threads, block_on_close, allow_reuse_address, request_queue_size = True, False, True, MOST

    def __init__(self, page: Page, news: News, token: str, port: int) -> None:
        self.page, self.news, self.token, self.pauses = page, news, token, Pauses()
        self._free = threading.BoundedSemaphore(MOST)
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            self._free.release()

    def cut(self) -> None:
        """Close the connections that browsers keep for what they ask next."""
        for request in tuple(self._open):
            with suppress(OSError):  # it has gone by itself
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers come and go: nobody is told of it."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version, server_version, sys_version, timeout = "HTTP/1.1", "flexstream", "", PATIENCE
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Measure what an answer takes of the processor."""
        started = time.thread_time()
        super().handle_one_request()
        self.server.pauses.took(time.thread_time() - started)

    def do_GET(self) -> None:
        """Answer with the page, or with what is new."""
        where = urlsplit(self.path)
        parts = where.path.split("/")
        token, rest = "".join(parts[1:2]), parts[2:]
        if not self._known(token):
            self._send(HTTPStatus.FORBIDDEN, b"the address lacks its token\n", "text/plain")
        elif rest == [""]:
            self._send(HTTPStatus.OK, self.server.page.html, "text/html; charset=utf-8")
        elif rest == ["news"]:
            self._send(HTTPStatus.OK, self.server.news(_numbers(where.query)), "application/json")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"there is nothing here\n", "text/plain")

    do_HEAD = do_GET  # noqa: N815

    def _known(self, token: str) -> bool:
        """Tell whether who asks has the token, and calls this server by its own name, not by one of a website."""
        host = self.headers.get("Host", "")
        hosts = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        return hmac.compare_digest(token.encode(), self.server.token.encode()) and host in hosts

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": self.server.page.policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: stderr is for what is learned."""


def _numbers(query: str) -> dict[str, int]:
    """Return what a browser has, as far as these are numbers."""
    found = parse_qsl(query[:200])
    return {name: int(value) for name, value in found if value.isascii() and value.isdigit() and len(value) < 15}
