"""What SECURITY.md promises of the code itself: nothing that is read is run, and nothing leaves the machine unasked."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "flexstream").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
RUNNING = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "codeop"}
CONNECTING = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "requests",
    "httpx",
    "aiohttp",
    "webbrowser",
    "socketserver",
    "asyncio",
    "confluent_kafka",
}
TEXT = {"urllib.parse"}
"""What takes addresses apart, and connects to nothing."""
ALLOWED = {
    "cli/importing.py": {"marshal"},
    "flexstream/live/server.py": {"http", "http.server", "socket"},
    "flexstream/readers/source/kafka_client.py": {"confluent_kafka"},
}
"""Where there are connections, the page of ``watch`` on loopback and the brokers that the user names; and where byte
code is read, that which Python has written of the modules of this library."""
ANNOTATIONS = {"flexstream/arguments.py", "flexstream/_kernels/rows.py"}
"""Where annotations of the library itself are evaluated."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a module imports, those of its own library left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            inner = {f"{module}.{alias.name}" for alias in node.names}
            yield from inner if inner <= TEXT else {module}


def forbidden(tree: ast.AST) -> set[str]:
    """Return the modules that a module imports and that run what they read, or connect to others."""
    return {name for name in imported(tree) if name.partition(".")[0] in RUNNING | CONNECTING} - TEXT


def dangerous_calls(tree: ast.AST) -> Iterator[str]:
    """Yield the calls that run a text, or a command by a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            shell = any(word.arg == "shell" for word in node.keywords)
            if name in {"eval", "exec", "compile", "__import__", "os.system", "os.popen"} or shell:
                yield name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_is_read_is_run_or_sent(path: Path) -> None:
    tree, name = ast.parse(path.read_text()), str(path.relative_to(ROOT))
    assert forbidden(tree) == ALLOWED.get(name, set())
    assert list(dangerous_calls(tree)) == (["eval"] if name in ANNOTATIONS else [])


def test_what_is_looked_for_would_be_found() -> None:
    tree = ast.parse("import pickle.x\nfrom urllib.request import urlopen\neval(a)\nrun(a, shell=True)\nos.system(a)")
    assert forbidden(tree) == {"pickle.x", "urllib.request"}
    assert list(dangerous_calls(tree)) == ["eval", "run", "os.system"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from urllib.parse import urlsplit", set()),
        ("from urllib import parse", set()),
        ("import urllib.parse", set()),
        ("from urllib import request", {"urllib"}),
        ("from urllib import parse, request", {"urllib"}),
        ("import urllib", {"urllib"}),
        ("from http.client import HTTPConnection", {"http.client"}),
        ("def later():\n    import socket as s", {"socket"}),
        ("from .socket import socket", set()),
    ],
)
def test_parts_of_packages_are_told_apart(line: str, found: set[str]) -> None:
    assert forbidden(ast.parse(line)) == found


def test_the_server_of_the_page_calls_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It binds to loopback, answers, and neither connects to others nor asks for names of theirs."""
    from flexstream.live.live_html import live_html
    from flexstream.live.server import Server

    bound: list[object] = []
    bind = socket.socket.bind
    monkeypatch.setattr(socket.socket, "bind", lambda self, at: bound.append(at[0]) or bind(self, at))
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda *_: pytest.fail("it connects to others"))
    server = Server(live_html("x"), lambda _: b"{}")
    server.start()
    server.close()
    assert bound == ["127.0.0.1"]


def test_a_policy_leads_to_what_proves_it() -> None:
    assert "(docs/promises.md)" in (ROOT / "SECURITY.md").read_text()
