"""Slow twins of the loops over JSON that may be nested: regular expressions and the standard library."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from .registry import twin
from .texts import LONGEST_CASE

_BETWEEN = re.compile(rb"[ \t\r\n,:]*")
_TEXT = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*"')
_WORD = re.compile(rb'[^ \t\r\n,:{}\[\]"]+(?=[ \t\r\n,:{}\[\]"])')
_INSIDE = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*"|[^"]', re.DOTALL)

Keys = tuple[str, ...]
Shape = tuple[Any, ...]


@twin("nesting.split_values")
def split_values(text: bytes) -> tuple[list[tuple[int, int, int, int]], int]:
    """Return where the values of a list start and stop, lines ending before and in each, and where the next may begin.

    The bytes end, or a bracket closes the list, or something is not whole.
    """
    found = []
    position = 0
    while True:
        between = _BETWEEN.match(text, position)
        assert between is not None
        start = between.end()
        stop = _end_of(text, start)
        if stop is None:
            return found, start
        found.append((start, stop, text.count(b"\n", 0, start), text.count(b"\n", start, stop)))
        position = stop


def _end_of(text: bytes, start: int) -> int | None:
    whole = _TEXT.match(text, start) or _WORD.match(text, start)
    if whole is not None:
        return whole.end()
    if text[start : start + 1] not in {b"{", b"["}:
        return None
    depth, position = 0, start
    while part := _INSIDE.match(text, position):
        depth += (part[0] in {b"{", b"["}) - (part[0] in {b"}", b"]"})
        position = part.end()
        if not depth:
            return position
    return None


@twin("nesting.split_fields")
def split_fields(
    lines: Sequence[str], paths: Sequence[Keys], shapes: Collection[Shape]
) -> list[tuple[str | None, str | None, str | None]]:
    """Return what stands at the paths of case, event and time in objects, up to the first that is odd."""
    rows = []
    for line in lines:
        value = plain_object(line)
        if value is None or shape(value) not in shapes:
            break
        found = [_at(value, keys) if keys else None for keys in paths]
        wanted = [text for text, keys in zip(found, paths, strict=True) if keys]
        if None in wanted or not all(
            text.strip(" \t\n\v\f\r") for text, keys in zip(found[:2], paths, strict=False) if keys
        ):
            break
        if found[0] is not None and len(found[0].encode()) > LONGEST_CASE:
            break
        rows.append((found[0], found[1] and found[1].rstrip("\r\n"), found[2]))
    return rows


def plain_object(line: str) -> list[tuple[str, Any]] | None:
    """Return the members of an object, objects in it likewise; None if a parser has to look at it."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=lambda text: _refuse()
    )
    try:
        value = decoder.decode(line.strip(" \t\r"))
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, _Members) and value and _keys_are_plain(value) else None


class _Members(list[tuple[str, Any]]):
    """An object."""


def _refuse() -> None:
    raise ValueError


def _keys_are_plain(value: Any) -> bool:
    if isinstance(value, _Members):
        return all(not re.search(r'[\x00-\x1f"\\]', key) and _keys_are_plain(part) for key, part in value)
    return all(map(_keys_are_plain, value)) if isinstance(value, list) else True


def shape(value: list[tuple[str, Any]]) -> Shape:
    """Return the keys of an object, and of those in it, and what is a list."""
    return tuple((key, _kind(part)) for key, part in value)


def _kind(part: Any) -> Any:
    if isinstance(part, _Members):
        return shape(part)
    return ("list", bool(part) and isinstance(part[0], list)) if isinstance(part, list) else "plain"


def _at(value: Any, keys: Keys) -> str | None:
    """Return the text that keys lead to, None if there is not just one."""
    for key in keys:
        parts = [part for name, part in value if name == key] if isinstance(value, _Members) else []
        if len(parts) != 1:
            return None
        value = parts[0]
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else None
