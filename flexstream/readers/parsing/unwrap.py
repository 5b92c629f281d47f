"""Records of JSON out of the lists, objects and lines that they are wrapped in, one a line, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..._kernels.nesting import (
    BROKEN,
    CLOSED,
    DEPTH,
    FIRST,
    FULL,
    INSIDE,
    LINES,
    POSITION,
    ROWS,
    START,
    STATUS,
    VALUE_COLUMNS,
    VALUE_STATE,
    split_values,
)
from ...budget import format_memory
from ..source.blocks import raised
from .fields import RECOGNISED, plain
from .json_paths import EACH
from .wrappers import EACH_CASE, EACH_KEY, Steps

_AT_ONCE, _MANY = 4096, 16  # values
_INHERITED = frozenset({*map(plain, RECOGNISED["case"]), "resource", "scope", "instrumentationscope"})
_KEYS = {EACH_CASE: b'"case": ', EACH_KEY: b'"key": '}
_MOST_INHERITED = 1 << 14
"""Bytes of what a record has from the objects around it."""


Value = tuple[bytes, int]
"""A value as it is written, on one line, and the number of the line on which it began."""


class Tape:
    """Takes values of JSON from chunks of bytes, one behind the other; brackets around them are met by the caller.

    Parameters
    ----------
    chunks : iterable of bytes
    longest : int
        Bytes of the longest value.

    Examples
    --------
    >>> tape = Tape([b'[{"a": 1}, {"a":', b' 2}]'], 100)
    >>> tape.peek(), tape.enter(), [text for text, _ in tape.values()], tape.peek()
    (b'[', None, [b'{"a": 1}'], b'{')
    """

    def __init__(self, chunks: Iterable[bytes], longest: int) -> None:
        self._chunks, self._longest = iter(chunks), longest
        self._data = bytearray()
        self._state = np.zeros(VALUE_STATE, np.int64)
        self._state[START] = -1
        self._spans = np.empty((_AT_ONCE, VALUE_COLUMNS), np.int64)
        self.lost = False  # whether it has gone on within something, so that its closing brackets come

    @property
    def line(self) -> int:
        """Number of the line on which the value begins that is open, or that is looked at."""
        return int(self._state[FIRST if self._state[START] >= 0 else LINES]) + 1

    def _more(self) -> bool:
        """Read on, keeping what is still needed; return whether there was more."""
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        start, position = int(self._state[START]), int(self._state[POSITION])
        kept = start if start >= 0 else position
        del self._data[:kept]
        self._data += chunk
        self._state[POSITION] = position - kept
        if start >= 0:
            self._state[START] = 0
            if len(self._data) - len(chunk) > self._longest:
                raise ValueError(
                    f"a value longer than {format_memory(self._longest)}", f"records that are smaller; {raised()}"
                )
        return True

    def peek(self) -> bytes:
        """Return the byte with which the next value begins, or which closes what holds them; none at the end."""
        while self._state[START] < 0:
            self._split(self._spans[:0])
            if self._state[STATUS] in (FULL, CLOSED):
                return self._byte(POSITION)
            if not self._more():
                return b""
        return self._byte(START)

    def _byte(self, place: int) -> bytes:
        position = int(self._state[place])
        return bytes(self._data[position : position + 1])

    def enter(self) -> None:
        """Pass over the bracket that opens what holds the next values."""
        self._state[POSITION] += 1

    leave = enter

    def values(self, most: int = _AT_ONCE) -> list[Value]:
        """Return the next values, at least one if there is one before the closing bracket or the end."""
        while True:
            found = self._split(self._spans[:most])
            if found or self._state[STATUS] == CLOSED:
                return found
            if not self._more():
                return self._last()

    def _split(self, spans: NDArray[np.int64]) -> list[Value]:
        split_values(np.frombuffer(self._data, np.uint8), spans, self._state)
        rows = spans[: int(self._state[ROWS])].tolist()
        # Many slices of bytes are faster than those of a bytearray by more than the copy takes.
        data = bytes(self._data) if len(rows) > _MANY else self._data
        found = [
            (bytes(data[start:stop]) if not feeds else _on_one_line(bytes(data[start:stop])), line + 1)
            for start, stop, line, feeds in rows
        ]
        if self._state[STATUS] == BROKEN and not found:
            raise ValueError("a line ends inside a text", "texts on one line, as JSON has them")
        return found

    def _last(self) -> list[Value]:
        """Return the value at the end of the bytes."""
        start = int(self._state[START])
        if start < 0:
            return []
        if self._state[DEPTH] or self._state[INSIDE]:
            raise ValueError("the source ends inside a value", "a document that is whole")
        self._state[START] = -1
        return [(bytes(self._data[start:]), self.line)]

    def recover(self) -> bool:
        """Go on at the next line that begins like a document; return whether there is one."""
        self._state[[START, DEPTH, INSIDE]] = -1, 0, 0
        self.lost = True
        while True:
            position = int(self._state[POSITION])
            places = [self._data.find(mark, position) for mark in (b"\n{", b"\n[")]
            place = min((place for place in places if place >= 0), default=-1)
            stop = place + 1 if place >= 0 else max(position, len(self._data) - 1)
            self._state[LINES] += self._data.count(b"\n", position, stop)
            self._state[POSITION] = stop
            if place >= 0:
                return True
            if not self._more():
                return False


def _on_one_line(text: bytes) -> bytes:
    return text.replace(b"\n", b" ").replace(b"\r", b" ")


class Unwrapped:
    """The records of a source, one a line.

    Parameters
    ----------
    chunks : iterable of bytes
    steps : tuple of str
        How they are wrapped, see `steps_of`.
    longest : int
        Bytes of the longest record.
    wanted : iterable of str
        Fields of what is around a record that it is to have as well, if they stand before it.  Those that are called
        like a case, and the ``resource`` and ``scope`` of OpenTelemetry, it has in any case.

    Examples
    --------
    >>> document = [b'{"session": "s1", "events": [', b'{"action": "a"},\\n{"action": "b"}]}']
    >>> [text for values in Unwrapped(document, ("events", "[]"), 100).values() for text, _ in values]
    [b'{"session": "s1", "action": "a"}', b'{"session": "s1", "action": "b"}']
    """

    def __init__(self, chunks: Iterable[bytes], steps: Steps, longest: int, wanted: Iterable[str] = ()) -> None:
        self.tape, self._steps = Tape(chunks, longest), steps
        self._inherited = _INHERITED | {plain(name.split(".")[0]) for name in wanted}

    def values(self) -> Iterator[list[Value]]:
        """Yield the records that are whole; a ValueError of two texts says what is wrong and what was expected."""
        while byte := self.tape.peek():
            if byte in b"}]" and self.tape.lost:  # of a list within which it was gone on
                self.tape.leave()
                continue
            if byte in b"}]":
                raise ValueError(f"a {byte.decode()} that closes nothing", "values of JSON")
            yield from self._descend(self._steps, b"")

    def _descend(self, steps: Steps, around: bytes) -> Iterator[list[Value]]:
        """Yield the records of the value that comes next."""
        byte = self.tape.peek()
        if not steps or byte != (b"[" if steps[0] == EACH else b"{"):
            values = self.tape.values(_AT_ONCE if not around and not steps else 1)
            yield [_with(value, around) for value in values] if around else values
        elif steps[0] == EACH:
            yield from self._elements(steps[1:], around)
        elif steps[0] in _KEYS:
            yield from self._cases(_KEYS[steps[0]], steps[1:], around)
        else:
            yield from self._members(steps, around)

    def _elements(self, steps: Steps, around: bytes) -> Iterator[list[Value]]:
        self.tape.enter()
        while byte := self.tape.peek():
            if byte == b"]":
                self.tape.leave()
                return
            if byte == b"}":
                raise ValueError("a } that closes nothing", "a list that is closed by ]")
            if steps:
                yield from self._descend(steps, around)
            else:
                values = self.tape.values()
                yield [_with(value, around) for value in values] if around else values
        raise ValueError("the source ends inside a list", "a document that is whole")

    def _cases(self, name: bytes, steps: Steps, around: bytes) -> Iterator[list[Value]]:
        """Yield the records of each member of an object, which have its key under a name; or each member as a trace."""
        self.tape.enter()
        while self.tape.peek() != b"}":
            key = self._key()
            case = _joined([around, name + key])
            if steps and self.tape.peek() == b"[":
                yield from self._descend(steps, case)
                continue
            for value, line in self._value():
                yield [(b"{" + case + b', "events": ' + value + b"}", line)]
        self.tape.leave()

    def _key(self) -> bytes:
        """Take the key of a member, as it is written."""
        byte = self.tape.peek()
        if byte != b'"':
            raise ValueError("no key in an object", "an object that is closed by }") if byte else _cut_off()
        return self.tape.values(1)[0][0]

    def _value(self) -> list[Value]:
        """Take the value of a member."""
        opening = self.tape.peek()
        if not (values := self.tape.values(1)):
            raise ValueError("a key without a value", "an object of keys and values") if opening else _cut_off()
        return values

    def _members(self, steps: Steps, around: bytes) -> Iterator[list[Value]]:
        """Yield the records that a member of an object leads to; the object, if it has none like that."""
        self.tape.enter()
        line, found, held = self.tape.line, False, list[bytes]()
        while self.tape.peek() != b"}":
            key = self._key()
            opening, begins = self.tape.peek(), b"[" if steps[1] == EACH else b"{"
            if key[1:-1].decode("utf-8", "replace") == steps[0] and opening == begins:
                found = True
                yield from self._descend(steps[1:], _joined([around, *filter(self._is_inherited, held)]))
                continue
            values = self._value()
            if not found:
                held.append(key + b": " + values[0][0])
        self.tape.leave()
        if not found:
            yield [_with((b"{" + b", ".join(held) + b"}", line), around)]

    def _is_inherited(self, member: bytes) -> bool:
        name = member[1 : member.index(b'"', 1)].decode("utf-8", "replace")
        return plain(name) in self._inherited


def _cut_off() -> ValueError:
    return ValueError("the source ends inside an object", "a document that is whole")


def _joined(members: list[bytes]) -> bytes:
    """Return members of objects, one behind the other, unless they are too many."""
    joined = b", ".join(filter(None, members))
    return joined if len(joined) <= _MOST_INHERITED else members[0]


def _with(value: Value, around: bytes) -> Value:
    """Return a record with members of what is around it; what it has itself counts."""
    text, line = value
    if not around or not text.startswith(b"{"):
        return value
    rest = text[1:].lstrip()
    comma = b"" if rest.startswith(b"}") else b", "
    return b"{" + around + comma + rest, line
