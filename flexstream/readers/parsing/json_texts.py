"""Fields and cells whose text is an object itself, of JSON or as Python writes a dict, as of messages handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .fields import plain
from .guessing import MESSAGES
from .json_values import parsed

_LONGEST = 1 << 16  # characters of a dict: such texts are printed for people


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

    >>> object_in('{"state": "up"}'), object_in("up"), object_in("{'state': 'up', 'since': 1.5, 'by': None}")
    ({'state': 'up'}, None, {'state': 'up', 'since': '1.5', 'by': None})
    """
    if not isinstance(text, str) or not text.startswith("{"):
        return None
    value = value_in(text)
    return value if isinstance(value, dict) and value else None


def value_in(text: str) -> Any:
    """Return what a text of JSON or of Python stands for, None of any other.

    >>> value_in('["up", 1.50]'), value_in("['up', None]"), value_in("[up]")
    (['up', '1.50'], ['up', None], None)
    """
    try:
        return parsed(text)
    except ValueError:
        return _written_by_python(text)


def _written_by_python(text: str) -> Any:
    """Return the value of a text as Python writes a dict of plain values, lists and dicts; None of any other."""
    if not text.startswith(("{'", "['", "[None", '["')) or len(text) > _LONGEST:
        return None
    import ast  # which takes as long to load as a small file to read

    try:
        return _as_json(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _as_json(value: Any) -> Any:
    """Return a value of Python as `parsed` would: numbers are texts, whatever comes one by one is a list."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items() if isinstance(key, str)}
    if isinstance(value, list | tuple | set):
        return list(map(_as_json, value))
    return value if value is None or isinstance(value, bool | str) else str(value)
