"""Patterns that are compiled when they are needed first: most commands never look at a log message, or at a link."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """Stands for a compiled pattern; once a method was asked for, it is that of the pattern itself."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # of an object of this class, not of a pattern
            raise AttributeError(name)
        found = getattr(re.compile(self._text, self._flags), name)  # which remembers what it has compiled
        self.__dict__[name] = found
        return found


def late(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as ``re.compile(text, flags)``, but is compiled at its first use.

    >>> digits = late(r"[0-9]+")
    >>> digits.sub("<*>", "lot 7, 12 wafers")
    'lot <*>, <*> wafers'
    """
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
