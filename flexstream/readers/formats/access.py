"""Format ``access``: logs of web servers in the common or the combined form, as Apache and nginx write, and others.

Those of load balancers and application servers are read as well: a line has a client's address and a request in quotes.

An event is what was asked for and how it went, ``GET /lots/<*> 2xx``; a case is a client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..format import Format
from ..items import Item
from ..options import EVENTS, FIELDS
from ..parsing.context import ReadContext
from ..parsing.field_lines import most_are, objects_in_lines, read_fields
from ..parsing.fields import Layout
from ..source.text import Head, Source

_NEARLY = 0.9
"""Share of the first lines that have to be requests with a status, where these are of no common form."""
_USUAL = Layout("client", ("event",), "time")


def matches(head: Head) -> bool:
    """Whether most of the first lines are of the common form, or nearly all have a client, a request and a status."""
    if not head.filled or "/" not in head.filled[0] or not ('"' in head.filled[0] or "TCP_" in head.filled[0]):
        return False
    from ..parsing.requests import is_common, request_fields  # whose patterns are compiled then

    if is_common(head.filled[0]):
        return most_are(head, request_fields, bool)
    # Requests stand in the logs of applications as well, among other events, or with an error instead of a status.
    answered = sum("status" in found for found in objects(head.filled))
    return answered >= _NEARLY * len(head.filled) and most_are(head, request_fields, lambda found: "status" in found)


def opens(head: Head) -> bool:
    """Whether the first line is of the common form; other forms are told by more lines than one."""
    if not head.filled or '] "' not in head.filled[0]:
        return False
    from ..parsing.requests import is_common

    return is_common(head.filled[0]) and matches(head)


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the events of a source.

    Examples
    --------
    >>> import io
    >>> line = b'10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET /lots/7?v=1 HTTP/1.1" 200 5\\n'
    >>> with Source(io.BytesIO(line)) as source:
    ...     list(read(source, ReadContext()))
    [Event(case='10.0.0.1', symbol='GET /lots/<*> 2xx', time=1769853600.0)]
    """
    from ..parsing.requests import asks, is_common, request_fields
    from ..parsing.w3c_requests import told_visits

    told_visits(source.name, context)
    first = source.head().filled
    common = not first or is_common(first[0])
    return read_fields(source, context, "access", request_fields, _USUAL, None if common else asks)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields of the lines that can be taken apart."""
    from ..parsing.requests import request_fields

    return objects_in_lines(lines, request_fields)


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"mask"}, opens=opens, objects=objects)
