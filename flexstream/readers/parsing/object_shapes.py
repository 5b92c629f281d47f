"""What objects of JSON look like by their keys, so that lines with the same keys can be read without a parser."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.events import SPAN_COLUMNS
from ..._kernels.nesting import FIELD_STATE, FREE, LIMIT, SHAPE, split_fields
from .json_paths import keys_to

Wanted = tuple[str | None, str, str | None]
"""Names of the fields of case, event and time."""
_NOTHING = (np.empty(0, np.uint8), np.empty(0, np.int64), np.zeros(4, np.int64), np.empty(0, np.uint64))


class Keys(NamedTuple):
    """The keys that lead to case, event and time; none to what is not wanted."""

    case: tuple[str, ...]
    event: tuple[str, ...]
    time: tuple[str, ...]

    def arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Return the bytes of the keys, where each ends, and the first of each of the three, with the number of all."""
        encoded = [key.encode() for keys in self for key in keys]
        ends = np.cumsum([len(key) for key in encoded], dtype=np.int64)
        firsts = np.cumsum([0, *map(len, self)], dtype=np.int64)
        return np.frombuffer(b"".join(encoded), np.uint8), ends, firsts


def keys_of(value: dict[str, Any], wanted: Wanted) -> Keys | None:
    """Return the keys that lead to fields, None if a field is not there or no keys alone lead to it.

    >>> keys_of({"user": {"id": "7"}, "event": "login"}, ("user.id", "event", None))
    Keys(case=('user', 'id'), event=('event',), time=())
    """
    found = [() if name is None else keys_to(value, name) for name in wanted]
    return None if any(keys is None for keys in found) else Keys(*(keys or () for keys in found))


def shape_of(text: str) -> int | None:
    """Return the shape of an object on one line, None if it is not plain.

    >>> shape_of('{"a": {"b": 1}}') == shape_of('{"a": {"b": "x"}}'), shape_of('{"a": ') is None
    (True, True)
    """
    line = np.frombuffer(text.encode(), np.uint8).copy()
    state = np.zeros(FIELD_STATE, np.int64)
    state[FREE] = state[LIMIT] = len(line)
    split_fields(line, *_NOTHING, np.empty((1, SPAN_COLUMNS), np.int64), state)
    return int(state[SHAPE : SHAPE + 1].view(np.uint64)[0]) or None
