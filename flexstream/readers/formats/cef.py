"""Format ``cef``: events of security products in ArcSight's CEF or IBM's LEEF, with or without a prefix of syslog.

The event is the name that CEF gives it, or LEEF's id of the event.
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

_USUAL = Layout(event=("name",))


def matches(head: Head) -> bool:
    """Whether most of the first lines have a header of CEF or LEEF."""
    first = head.filled[0] if head.filled else ""
    if "CEF:" not in first and "LEEF:" not in first:
        return False
    from ..parsing.security_events import event_fields  # whose patterns are compiled then

    return most_are(head, event_fields, bool)


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the events of a source.

    Examples
    --------
    >>> import io
    >>> line = b"CEF:0|Vendor|Wall|1.0|100|Login failed|5|suser=ada rt=1769853600000 msg=wrong password\\n"
    >>> with Source(io.BytesIO(line)) as source:
    ...     list(read(source, ReadContext()))
    [Event(case=None, symbol='Login failed', time=1769853600.0)]
    """
    from ..parsing.security_events import event_fields

    return read_fields(source, context, "cef", event_fields, _USUAL)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields of the lines that can be taken apart."""
    from ..parsing.security_events import event_fields

    return objects_in_lines(lines, event_fields)


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"mask"}, opens=matches, objects=objects)
