"""Objects of JSON at the end of a line of log."""

from __future__ import annotations

import re
from typing import Any

from ..diagnostics import shown
from .json_values import parsed
from .log_lines import taken_apart

BODY = ""
"""Key that says that there was an object."""
_OPENING = re.compile(r'\{\s*(?:"|\})')
_TRIES = 4


def fields(line: str) -> dict[str, Any]:
    """Return the fields of the object at the end of a line, and time, level and message from what is before it.

    Raises
    ------
    ValueError
        Of two texts, if the line has no time, no level and no object.

    Examples
    --------
    >>> fields('2026-01-31 10:00:00 INFO order placed {"order": 7}')
    {'time': '2026-01-31 10:00:00', 'level': 'INFO', 'message': 'order placed', 'order': '7', '': True}
    """
    body, start = _body(line)
    before, said = taken_apart(line)
    if body is None and not before:
        raise ValueError(f"no JSON at the end of {shown(line.strip())}", "a time, perhaps a message, and an object")
    if body is None:
        return {**before, "message": said}
    text = line[len(line) - len(said) : start].strip(" \t:-|")
    if text:
        before["message"] = text
    return {**before, **body, BODY: True}


def _body(line: str) -> tuple[dict[str, Any] | None, int]:
    """Return the object that a line ends with, and where it begins."""
    text = line.rstrip()
    if not text.endswith("}"):
        return None, len(line)
    for _, found in zip(range(_TRIES), _OPENING.finditer(text), strict=False):
        if not found.start():
            return None, len(line)
        try:
            value = parsed(text[found.start() :])
        except ValueError:
            continue
        return (value, found.start()) if isinstance(value, dict) else (None, len(line))
    return None, len(line)
