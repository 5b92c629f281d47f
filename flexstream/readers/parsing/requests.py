"""Requests in the logs of web servers: the fields of a line, and the route that a path stands for."""

from __future__ import annotations

import re
from typing import Any

from ..diagnostics import shown


def _text(name: str) -> str:
    return rf'"(?P<{name}>(?:[^"\\]|\\.)*+)"'


# Possessive, so that no line takes more than linear time.  A virtual host and its port may come first.
_LINE = re.compile(
    rf'(?:(?P<host>[^\s\["]++) )?(?P<client>[^\s\["]++) (?P<ident>[^\s\["]++) (?P<user>[^\["]*?) '
    rf'\[(?P<time>[^\]"]++)\] {_text("request")} (?P<status>\d{{3}}|-)(?: (?P<size>\d+|-))?'
    rf"(?: {_text('referrer')}(?: {_text('agent')})?)?(?=\s|\Z)"
)
# Other forms, as load balancers and application servers write them: a request in quotes, after or before its status,
# an address, and a time if there is one.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND")
_ASKED = re.compile(
    rf'"(?P<request>(?:{"|".join(METHODS)}) [^\s"]++(?: HTTP/[\d.]+)?)"'
    r"(?: (?P<status>[1-5]\d\d)\b)?"
)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:]{3,39}\]|(?:[\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4})(?![\w.])"
)
# Who writes levels writes other messages as well, and their log is one.
_LEVEL = re.compile(r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b")
_STATUS = re.compile(r"(?<=\s)[1-5]\d\d(?=\s)")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*+(?:Z| ?[+-]\d\d:?\d\d)?"
    r"|\d\d?/\w{3}/\d{4}[: ][\d:.]++(?: [+-]\d{4})?"
)
# The native form of Squid: a time, how long it took, who asked, and the request behind its size.
_NATIVE = re.compile(
    r'\s*+(?P<time>1\d{9}\.\d{3}) ++\d++ (?P<client>[^\s\["]++) [A-Z_]++/(?P<status>\d{3}) \d++ '
    rf"(?P<request>(?:{'|'.join(METHODS)}) \S++) "
)
_LONGEST_LINE = 16384
_REQUEST = re.compile(r"(?P<method>[A-Z][A-Z_-]{1,31}) (?P<target>\S++)(?: HTTP/[\d.]+)?\Z")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,15}://[^/?#]*")
_QUERY = re.compile(r"[?#;].*", re.DOTALL)
# Parts of a path that vary: numbers, hexadecimal ids, UUIDs, long words with digits; not the digits of words, as in v2.
_VARYING = re.compile(
    r"(?<![^/._~+,=@-])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\d++|(?=[a-fA-F]*+\d)[0-9a-fA-F]{6,}+|(?=[A-Za-z]*+\d)[0-9A-Za-z]{16,}+)(?![^/._~+,=@-])"
)
_RUN = re.compile(r"<\*>(?:[._~+,=@-]<\*>)+")
_LONGEST_SEGMENT = 64
SILENCE = 1800.0
"""Seconds after which a client begins a new trace: half an hour, as web analytics count visits."""
_EXPECTED = 'such as 10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612'
_MASK = "<*>"


def request_fields(line: str) -> dict[str, Any]:
    """Return the fields of a line of an access log.

    Raises
    ------
    ValueError
        Of two texts, if it is none.

    Examples
    --------
    >>> line = '10.0.0.1 - ada [31/Jan/2026:10:00:00 +0000] "GET /lots/7?v=1 HTTP/1.1" 404 5 "-" "curl/8"'
    >>> found = request_fields(line)
    >>> found["client"], found["user"], found["path"], found["route"], found["agent"], found["event"]
    ('10.0.0.1', 'ada', '/lots/7', '/lots/<*>', 'curl/8', 'GET <*> 4xx')
    """
    found = _LINE.match(line.strip())
    told = _elsewhere(line) if found is None else found.groupdict()
    if told is None:
        raise ValueError(f"no request in {shown(line.strip())}", _EXPECTED)
    fields: dict[str, Any] = {name: text for name, text in told.items() if text not in {None, "-"} and name != "ident"}
    asked, kind = _REQUEST.match(told["request"] or ""), _class(told["status"] or "-")
    method, path = (asked["method"], _path(asked["target"])) if asked else ("-", _MASK)
    fields |= {"method": method, "path": path, "route": route(path), "class": kind}
    # What is not there is no route: those who try doors at random would make a symbol of each.
    asked_for = _MASK if told["status"] == "404" else fields["route"]
    return {**fields, "event": f"{method} {asked_for} {kind}"}


def told_request(method: str, path: str, status: str) -> str:
    """Return what was asked for and how it went.

    >>> told_request("GET", "/lots/7", "200"), told_request("GET", "/lots/7", "404")
    ('GET /lots/<*> 2xx', 'GET <*> 4xx')
    """
    return f"{method or '-'} {_MASK if status == '404' else route(_path(path))} {_class(status or '-')}"


def is_request(method: str, path: str) -> bool:
    """Tell whether two texts are a method of HTTP and what was asked for.

    >>> is_request("GET", "/lots/7"), is_request("GET", "https://fab.example/"), is_request("load", "/lots/7")
    (True, True, False)
    """
    return method in METHODS and (path.startswith("/") or path == "*" or _ORIGIN.match(path) is not None)


def _elsewhere(line: str) -> dict[str, str | None] | None:
    """Return client, time, request and status of a line in another form, None if there is no request or no client.

    >>> _elsewhere("1772438446.125     17 10.0.0.9 TCP_MISS/200 612 GET http://fab.example/lots - DIRECT/- -")["client"]
    '10.0.0.9'
    >>> _elsewhere('10.0.0.1:5000 - "GET /lots HTTP/1.1" 200 OK')
    {'client': '10.0.0.1', 'time': None, 'request': 'GET /lots HTTP/1.1', 'status': '200'}
    """
    if (native := _NATIVE.match(line)) is not None:
        return native.groupdict()
    asked = _ASKED.search(line) if len(line) <= _LONGEST_LINE else None
    if asked is None or (client := _ADDRESS.search(line)) is None or _LEVEL.search(line, 0, asked.start()):
        return None
    before = () if asked["status"] else _STATUS.findall(line, 0, asked.start())
    moment = _MOMENT.search(line)
    return {
        "client": client[0].strip("[]"),
        "time": None if moment is None else moment[0],
        "request": asked["request"],
        "status": asked["status"] or (before[0] if before else None),
    }


def is_common(line: str) -> bool:
    """Tell whether a line has the common or the combined form.

    >>> is_common('10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612'), is_common("GET /")
    (True, False)
    """
    return _LINE.match(line.strip()) is not None


def asks(line: str) -> bool:
    """Tell whether a line has a request in quotes.

    >>> asks('INFO: 10.0.0.1:5000 - "GET /lots HTTP/1.1" 200 OK'), asks("INFO: shutting down")
    (True, False)
    """
    return _ASKED.search(line) is not None


def _class(status: str) -> str:
    """Return the class of a status; what the client has already counts as served.

    >>> _class("201"), _class("304"), _class("-")
    ('2xx', '2xx', '-')
    """
    return "2xx" if status == "304" else f"{status[0]}xx" if status[0].isdigit() else "-"


def _path(target: str) -> str:
    """Return the path of what was asked for, without its origin and its query."""
    return _QUERY.sub("", _ORIGIN.sub("", target)) or "/"


def route(path: str) -> str:
    """Return what a path stands for: what varies in it is masked.

    Examples
    --------
    >>> route("/api/v2/lots/4711/steps"), route("/static/app.3f2a91c.js"), route("/static/jquery-3.6.0.min.js")
    ('/api/v2/lots/<*>/steps', '/static/app.<*>.js', '/static/jquery-<*>.min.js')
    >>> route("/users/8b1c7f3e-9f0a-4c1d-8f1e-1a2b3c4d5e6f")
    '/users/<*>'
    """
    masked = _RUN.sub(_MASK, _VARYING.sub(_MASK, path))
    if len(masked) <= _LONGEST_SEGMENT:
        return masked
    return "/".join(part if len(part) <= _LONGEST_SEGMENT else _MASK for part in masked.split("/"))
