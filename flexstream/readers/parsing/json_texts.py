"""Fields of JSON whose text is an object of JSON itself, as those of messages that were handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .fields import plain
from .guessing import MESSAGES
from .json_values import parsed


def texts_of_objects(first: Sequence[dict[str, Any]], known: bool) -> list[str]:
    """Return the fields that hold objects as texts in most of the first objects.

    Parameters
    ----------
    first : sequence of dict
        The first objects.
    known : bool
        Whether the event is known by its name: then only messages are looked at.

    Examples
    --------
    >>> first = [{"at": 5, "payload": '{"state": "up"}'}]
    >>> texts_of_objects(first, False), texts_of_objects(first, True)
    (['payload'], [])
    """
    names = {name for value in first for name in value if not known or plain(name) in MESSAGES}
    return sorted(name for name in names if 2 * sum(object_in(one.get(name)) is not None for one in first) > len(first))


def object_in(text: Any) -> dict[str, Any] | None:
    """Return the object that a text holds, None if it holds none.

    >>> object_in('{"state": "up"}'), object_in("up")
    ({'state': 'up'}, None)
    """
    if not isinstance(text, str) or not text.startswith("{"):
        return None
    try:
        value = parsed(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value else None
