"""Requests to web servers in fields of their own, as proxies and servers log them in JSON or as keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .fields import plain, recognise, recognise_inner
from .requests import is_request, told_request

EVENT, CLIENT = "event", "client"
"""What the fields are called that are made: what was asked for and how it went, and who asked."""
_METHODS = ("method", "requestmethod", "httpmethod", "clientrequestmethod", "reqmethod")
_PATHS = (
    *("path", "uri", "url", "requesturi", "requestpath", "requesturl", "clientrequesturi", "clientrequestpath"),
    *("urlpath", "uripath", "requri", "reqpath", "original", "target"),
)
_STATUS = (
    *("status", "statuscode", "responsecode", "responsestatus", "httpstatus", "httpstatuscode", "downstreamstatus"),
    *("edgeresponsestatus", "respstatus", "resstatuscode"),
)
_LINE = ("request", "requestline")
_CLIENTS = (
    *(
        "clientip",
        "remoteaddr",
        "remoteip",
        "clientaddr",
        "remoteaddress",
        "clientaddress",
        "clienthost",
        "fwd",
        "remote",
    ),
    *("downstreamremoteaddress", "downstreamremoteaddresswithoutport", "xforwardedfor", "remotehost"),
)
_FEW = 20  # objects; with fewer a name is believed whatever it holds
_SESSIONS = ("sessionid", "session", "visitid", "visit")
_MOST = 0.9  # share of the first objects that hold a request

Fields = dict[str, Any]


class Requests:
    """Makes what was asked for, and by whom, of the fields of an object.

    Parameters
    ----------
    method, path : str
        Names of fields; the same where one holds all of ``GET /lots HTTP/1.1``.
    status : str
        Name of a field.
    client : str, optional
        Name of the field that says who asked, perhaps with a port.

    Examples
    --------
    >>> made = Requests("method", "uri", "status", "remote_addr")
    >>> found = made({"method": "GET", "uri": "/lots/7?a=b", "status": "200", "remote_addr": "10.0.0.9:5000"})
    >>> found["event"], found["client"]
    ('GET /lots/<*> 2xx', '10.0.0.9')
    """

    def __init__(self, method: str, path: str, status: str, client: str | None = None) -> None:
        self.client = client
        self._method, self._path, self._status = method, path, status

    def __call__(self, fields: Fields) -> Fields:
        """Return the fields of an object with those that are made."""
        method, path = str(fields.get(self._method, "")), str(fields.get(self._path, ""))
        if self._method == self._path:
            method, _, path = method.partition(" ")
            path = path.partition(" ")[0]
        if not is_request(method, path):
            return fields
        found = {**fields, EVENT: told_request(method, path, str(fields.get(self._status, "-")))}
        client = None if self.client is None else fields.get(self.client)
        return found if not isinstance(client, str) else {**found, CLIENT: _without_port(client)}


def requests_in(objects: Sequence[Fields]) -> Requests | None:
    """Return what makes requests of fields where nearly all of some objects hold one, and no event by its name.

    >>> asked = {"request.method": "GET", "request.uri": "/lots/7", "status": "200", "level": "info"}
    >>> requests_in([asked] * 3)(asked)["event"], requests_in([{"method": "load", "path": "/a", "status": "1"}])
    ('GET /lots/<*> 2xx', None)
    """
    names = list(dict.fromkeys(name for fields in objects for name in fields))
    telling = [name for name in names if len({str(fields.get(name)) for fields in objects}) > 1 or len(objects) < _FEW]
    if not names or EVENT in names or CLIENT in names:
        return None
    if recognise("event", telling) or recognise_inner("event", telling):
        return None
    known = {plain(name.rpartition(".")[2]): name for name in reversed(names)}
    line, method, path, status, client, session = (
        next((known[name] for name in kinds if name in known), None)
        for kinds in (_LINE, _METHODS, _PATHS, _STATUS, _CLIENTS, _SESSIONS)
    )
    if method is None or path is None:
        method = path = line
    if method is None or path is None or status is None:
        return None
    made = Requests(method, path, status, client if session is None else None)
    return made if sum(EVENT in made(fields) for fields in objects) >= _MOST * len(objects) else None


def _without_port(address: str) -> str:
    """Return an address without its port.

    >>> _without_port("10.0.0.9:5000"), _without_port("[::1]:80"), _without_port("::1"), _without_port("a, b")
    ('10.0.0.9', '::1', '::1', 'a')
    """
    first = address.partition(",")[0].strip()
    if first.startswith("["):
        return first[1:].partition("]")[0]
    host, _, port = first.rpartition(":")
    return host if port.isdecimal() and host and ":" not in host else first
