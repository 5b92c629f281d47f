"""Format ``access``: logs of web servers in the common or the combined form, as Apache and nginx write, and others.

Those of load balancers and application servers are read as well: a line has a client's address and a request in quotes.

An event is what was asked for and how it went, ``GET /lots/<*> 2xx``; a case is a client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...errors import parameter
from ..format import Format
from ..items import Item
from ..options import EVENTS, FIELDS
from ..parsing.context import ReadContext
from ..parsing.field_lines import most_are, objects_in_lines, read_fields
from ..parsing.fields import Layout
from ..source.text import Head, Source

SILENCE = 1800.0
"""Seconds after which a client begins a new trace: half an hour, as web analytics count visits."""
_USUAL = Layout("client", ("event",), "time")


def matches(head: Head) -> bool:
    """Whether most of the first lines have a client and a request in quotes."""
    if not head.filled or '"' not in head.filled[0] or "/" not in head.filled[0]:
        return False
    from ..parsing.requests import request_fields  # whose patterns are compiled then

    return most_are(head, request_fields, bool)


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
    from ..parsing.requests import request_fields

    options = context.options
    if options.case is None and options.event is None and not options.cuts and options.idle is None:
        context.usual_gap = SILENCE
        context.resolve(gap=SILENCE)
        minutes = f"{SILENCE / 60:.0f} minutes"
        context.note(f"{source.name}: a client that was silent for {minutes} begins a new trace ({parameter('gap')})")
    return read_fields(source, context, "access", request_fields, _USUAL)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields of the lines that can be taken apart."""
    from ..parsing.requests import request_fields

    return objects_in_lines(lines, request_fields)


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"mask"}, opens=matches, objects=objects)
