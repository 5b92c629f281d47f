"""What stands before the message of a line of log: its time and its level, as fields."""

from __future__ import annotations

import re

from .records import stamp
from .templates import LEVEL, message

_LEVEL = re.compile(rf"(?<![\w.]){LEVEL}(?![\w.])")
_MOST_BEFORE = 200  # characters


def taken_apart(line: str) -> tuple[dict[str, str], str]:
    """Return the time and the level before the message of a line, as far as they are there, and the message.

    Examples
    --------
    >>> taken_apart("2026-01-31 23:59:00 INFO lot 7 loaded")
    ({'time': '2026-01-31 23:59:00', 'level': 'INFO'}, 'lot 7 loaded')
    """
    said = message(line)
    if len(said) >= len(line):
        return {}, line
    found = {}
    if not line.endswith(said):  # of syslog, the program comes first
        found["program"], _, said = said.partition(": ")
    before = line[: len(line) - len(said)][:_MOST_BEFORE]
    time = stamp(line)
    if time is not None:
        found["time"] = time
    level = _LEVEL.search(before)
    if level is not None:
        found["level"] = level[0]
    return found, said
