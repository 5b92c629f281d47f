"""Pairs of keys and values, as logfmt and the extensions of CEF have them."""

from __future__ import annotations

import re
from typing import Any

from ..diagnostics import shown
from .log_lines import taken_apart

# A key with its value, or a word that is none; the possessive runs keep it linear.
_PAIR = re.compile(
    r'\s*(?:(?P<key>[^\s="]++)=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"(?=\s|\Z)|(?P<bare>\S*+))|(?P<word>\S++))'
)
_PROGRAM = re.compile(r"[\w./()\[\]-]{1,64}:\s")
_ESCAPE = re.compile(r"\\(.)")
_SIGNS = {"n": "\n", "t": "\t", "r": "\r"}
_EXPECTED = 'pairs, such as level=info msg="lot 7 loaded"'
_FEWEST = 2


def pairs(line: str) -> dict[str, Any]:
    """Return the pairs of a line by key; words without a key belong to the value before them.

    What stands before the pairs as in any log, the time and the level, has keys as well, unless the pairs have these.

    Raises
    ------
    ValueError
        Of two texts, if there are not two pairs, or the line does not begin with one.

    Examples
    --------
    >>> pairs('level=info msg="lot \\\\"7\\\\" loaded" took=3ms')
    {'level': 'info', 'msg': 'lot "7" loaded', 'took': '3ms'}
    >>> pairs("2026-01-31T10:00:00Z at=info code=H12")
    {'time': '2026-01-31T10:00:00Z', 'at': 'info', 'code': 'H12'}
    """
    found = _pairs(line)
    if found is None:
        before, rest = taken_apart(line)
        program = _PROGRAM.match(rest)  # as routers of platforms have it, without a level
        inner = _pairs(rest[program.end() :] if program else rest) if rest != line else None
        if inner is None:
            raise ValueError(f"no pairs of keys and values in {shown(line.strip())}", _EXPECTED)
        found = {**before, **inner}
    return found


def _pairs(text: str) -> dict[str, str] | None:
    """Return the pairs of a text, None if it does not begin with one, there are too few, or more words than pairs."""
    found: dict[str, str] = {}
    position, words, last = 0, 0, ""
    while (part := _PAIR.match(text, position)) is not None:
        position = part.end()
        key, word = part["key"], part["word"]
        if key is not None:
            last = key
            quoted = part["quoted"]
            found.setdefault(key, part["bare"] if quoted is None else unescaped(quoted))
        elif not last:
            return None
        else:
            words += 1
            found[last] = f"{found[last]} {word}".lstrip()
    return found if len(found) >= _FEWEST and words <= 2 * len(found) else None


def unescaped(text: str) -> str:
    """Return a text without its backslashes.

    >>> unescaped('a \\\\"b\\\\"')
    'a "b"'
    """
    return _ESCAPE.sub(lambda found: _SIGNS.get(found[1], found[1]), text) if "\\" in text else text
