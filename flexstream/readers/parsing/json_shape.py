"""What a line of JSON looks like around its values, so that lines that look alike can be read without a parser."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_KEY = re.compile(r'\s*[{,]\s*"([^"\\]*)"\s*:\s*')
_VALUE = re.compile(r'"[^"\\]*"|[^\s",{}\[\]]+')
_CLOSING = re.compile(r"\s*\}\s*\Z")


class Pattern(NamedTuple):
    """The fields of an object by name, and what stands before, between and behind their values."""

    names: tuple[str, ...]
    literals: tuple[str, ...]

    def arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the bytes of the literals, one behind the other, and where each ends."""
        encoded = [literal.encode() for literal in self.literals]
        return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(literal) for literal in encoded])


def pattern(text: str) -> Pattern | None:
    """Return the pattern of a line that is a JSON object, or None if not all its values are plain.

    Plain are numbers, true, false, null and texts without a backslash.

    Examples
    --------
    >>> pattern('{"lot": 7, "task": "load"}')
    Pattern(names=('lot', 'task'), literals=('{"lot": ', ', "task": ', '}'))
    >>> pattern('{"lot": [7]}') is None
    True
    """
    names, literals, position = [], [], 0
    while found := _KEY.match(text, position):
        value = _VALUE.match(text, found.end())
        if value is None or found[1] in names:
            return None
        names.append(found[1])
        literals.append(text[position : found.end()])
        position = value.end()
    literals.append(text[position:])
    return Pattern(tuple(names), tuple(literals)) if names and _CLOSING.match(literals[-1]) else None
