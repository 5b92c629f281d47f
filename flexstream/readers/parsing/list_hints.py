"""What an error says of fields that hold lists, where none is the event."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import starmap
from typing import Any

from ...errors import parameter
from ..diagnostics import shown
from . import wide
from .fields import plain, recognise
from .guessing import EVENTS
from .json_paths import EACH


def hint(fields: Mapping[str, Any]) -> str:
    """Return what takes columns that are numbered, or a field that holds lists, for events; see `wide.hint`.

    >>> from flexstream.errors import Message
    >>> print(Message(hint({"order": 7, "history": [{"status": "paid"}]})))
    ; `event` 'history[].status' takes an event of each object there
    """
    path = next(filter(None, starmap(_event_in, fields.items())), None)
    return wide.hint(fields) or (
        f"; {parameter('event')} {shown(path)} takes an event of each object there" if path else ""
    )


def first_of(path: str) -> str | None:
    """Return what to name instead of a path into a list where one thing is wanted; None of any other path.

    >>> first_of("objects[].id"), first_of("object.id")
    ("one for each event, such as 'objects.0.id', that of the first in the list", None)
    """
    return (
        f"one for each event, such as {shown(path.replace(EACH, '.0'))}, that of the first in the list"
        if EACH in path
        else None
    )


def _event_in(name: str, value: Any) -> str | None:
    """Return the path to what may be an event in a list of objects, or of objects with such a list; None in no list.

    >>> _event_in("history", [{"at": "10:00", "status": "paid"}])
    'history[].status'
    >>> _event_in("orders", [{"id": 7, "history": [{"status": "paid"}]}]), _event_in("notes", [{"at": "10:00"}])
    ('orders[].history[].status', None)
    """
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return None
    first = value[0]
    own = recognise("event", first) or next((key for key in first if plain(key) in EVENTS), None)
    found = own or next(filter(None, starmap(_event_in, first.items())), None)
    return None if found is None else f"{name}{EACH}.{found}"
