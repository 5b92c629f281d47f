"""Format ``logjson``: lines of a log that end in an object of JSON, whose fields are columns."""

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
    """Whether most of the first lines end in an object behind something else, and say what happened."""
    if not head.filled or not head.filled[0].rstrip().endswith("}"):
        return False
    from ..parsing.json_bodies import BODY, fields  # whose patterns take as long to compile as a small file to learn

    return most_are(head, fields, lambda found: BODY in found and names_event(found))


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the events of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b'10:00:00 INFO {"session": 7, "action": "login"}\\n')) as source:
    ...     list(read(source, ReadContext()))[0].symbol
    'login'
    """
    return read_fields(source, context, "logjson", _parse)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields of the lines that can be taken apart."""
    return objects_in_lines(lines, _parse)


def _parse(text: str) -> dict[str, Any]:
    from ..parsing.json_bodies import BODY, fields

    return {name: value for name, value in fields(text).items() if name != BODY}


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"mask"}, opens=matches, objects=objects)
