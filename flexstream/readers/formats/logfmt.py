"""Format ``logfmt``: pairs of keys and values on a line, ``level=info msg="lot 7 loaded"``, perhaps behind a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..format import Format
from ..items import Item
from ..options import EVENTS, FIELDS
from ..parsing.context import ReadContext
from ..parsing.field_lines import most_are, names_event, objects_in_lines, read_fields
from ..source.text import Head, Source


def matches(head: Head) -> bool:
    """Whether most of the first lines are pairs, and one of their keys may be that of an event."""
    if not head.filled or "=" not in head.filled[0]:
        return False
    from ..parsing.key_values import pairs  # whose patterns take as long to compile as a small file to learn

    return most_are(head, pairs, names_event)


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the events of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b'session=s1 msg="lot loaded"\\n')) as source:
    ...     list(read(source, ReadContext()))
    [Event(case='s1', symbol='lot loaded', time=None)]
    """
    from ..parsing.key_values import pairs

    return read_fields(source, context, "logfmt", pairs)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields of the lines that can be taken apart."""
    from ..parsing.key_values import pairs

    return objects_in_lines(lines, pairs)


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"mask"}, opens=matches, objects=objects)
