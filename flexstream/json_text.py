"""JSON as every program reads it, and as every terminal bears it: what the library writes, and what it takes."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

from .visible import visible

DEEPEST = 64
"""Levels of lists and objects that a document may have; what the library writes has 8 at most."""


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent)


def json_text(value: Any, indent: int | None = None) -> str:
    r"""Return a value as JSON: characters that steer a terminal as escapes, numbers that are none as null.

    Examples
    --------
    >>> print(json_text({"größe": float("inf"), "\x1b[2J": ["\u202e", "\x7f", "\x9b"]}))
    {"größe": null, "\u001b[2J": ["\u202e", "\u007f", "\u009b"]}
    """
    try:
        text = _encoder(indent).encode(value)
    except ValueError:
        text = _encoder(indent).encode(_with_nulls(value))
    return as_shown(text)


def as_shown(text: str) -> str:
    """Return the text of some JSON with escapes for what `visible` writes out, which mean the same."""
    if (text if "\n" not in text else text.replace("\n", "")).isprintable():
        return text
    return "".join(part if part == "\n" or visible(part) == part else _escape(part) for part in text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_nulls(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_nulls(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(text: str) -> Any:
    """Read a document that is to be trusted only where it is whole.

    Raises
    ------
    ValueError
        If it is no JSON as all programs read it: NaN and infinities are none, a name that stands twice in an object
        means this to some and that to others, and what is nested without end is refused by most.

    Examples
    --------
    >>> read_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    >>> read_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: the name 'a' stands twice in an object
    """
    try:
        found = json.loads(text, parse_constant=_no_number, object_pairs_hook=_distinct)
    except RecursionError:
        raise ValueError(f"lists and objects are nested more than {DEEPEST} deep") from None
    _check_depth(found)
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:40]!r} stands twice in an object")
    return found


def _check_depth(value: Any) -> None:
    """Raise ValueError if lists and objects are nested too deeply: who walks down them must not fall."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for outer in level if isinstance(outer, dict | list) for part in _nested(outer)]
        if not level:
            return
    raise ValueError(f"lists and objects are nested more than {DEEPEST} deep")


def _nested(outer: dict[str, Any] | list[Any]) -> list[Any]:
    parts = outer.values() if isinstance(outer, dict) else outer
    # Columns of numbers are long: to look at their types at once takes a tenth of the time of looking at each.
    return [part for part in parts if isinstance(part, dict | list)] if {dict, list} & set(map(type, parts)) else []
