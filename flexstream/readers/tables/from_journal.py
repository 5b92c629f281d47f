"""Journals of systemd as ``journalctl -o export`` writes them: entries apart by blank lines, a field a line.

A field whose value is no line of text stands on a line by its name alone, and its length in 64 bits, the least first,
and that many bytes follow (systemd, Journal Export Formats).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...errors import DataError
from .tabular import Table

MARK = b"__CURSOR="
"""The first field of each entry."""
LONGEST, MOST_FIELDS = 1 << 24, 1 << 10
"""Bytes of the longest field, or entry: a message has a few hundred; and fields of an entry, of which systemd's own
importer takes as many (``ENTRY_FIELD_COUNT_MAX``)."""
_LENGTH = 8


def of_journal(name: str, chunks: Iterator[bytes]) -> Table:
    """Return the entries of a journal as rows, each an object as ``journalctl -o json`` writes it.

    Parameters
    ----------
    name : str
        Of the source, for errors.
    chunks : iterator of bytes
        All of it, as they arrive.

    Examples
    --------
    >>> chunks = [b"__CURSOR=i=0\\nMESSAGE=load\\n\\n__CURSOR=i=1\\nMESSAGE\\n\\3\\0\\0", b"\\0\\0\\0\\0\\0a\\nb\\n\\n"]
    >>> list(of_journal("a", iter(chunks)).pieces())
    [b'{"__CURSOR": "i=0", "MESSAGE": "load"}\\n', b'{"__CURSOR": "i=1", "MESSAGE": "a\\\\nb"}\\n']
    """
    return Table(name, "journal export", "jsonl", lambda: _pieces(name, chunks), grows=True)


def _pieces(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the entries that end in each chunk, and the last one, which need not end."""
    entries = _Entries(name)
    for chunk in chunks:
        if found := entries.of(chunk):
            yield found
    if found := entries.rest():
        yield found


def entry_too_long(name: str, number: int) -> DataError:
    """Return the error about an entry that no journal has, which would be held until it ends."""
    expected = f"a journal, with {MOST_FIELDS:,} fields and {LONGEST:,} bytes of each at most"
    return DataError(name, None, f"entry {number} has more fields, or is longer, than any", expected)


class _Entries:
    """Takes entries apart as their bytes arrive."""

    def __init__(self, name: str) -> None:
        self._name, self._number = name, 1
        self._buffer = bytearray()
        self._fields: dict[str, str | list[str]] = {}
        self._count = self._bytes = 0

    def of(self, chunk: bytes) -> bytes:
        """Return the entries that end with a chunk, an object of JSON a line."""
        self._buffer += chunk
        found, start = [], 0
        while (stop := self._buffer.find(b"\n", start)) >= 0:
            line = bytes(self._buffer[start:stop])
            if not line:
                found.append(self._entry())
            elif b"=" in line:
                field, _, value = line.partition(b"=")
                self._add(field, value)
            else:
                end = self._end(stop + 1)
                if end > len(self._buffer):
                    break
                self._add(line, bytes(self._buffer[stop + 1 + _LENGTH : end - 1]))
                stop = end - 1
            start = stop + 1
        del self._buffer[:start]
        if len(self._buffer) > LONGEST + len(chunk):
            raise self._too_long(len(self._buffer))
        return b"".join(found)

    def rest(self) -> bytes:
        """Return the last entry, where no blank line is behind it."""
        if self._buffer:
            self.of(b"\n")
        if self._buffer:
            raise DataError(self._name, None, f"entry {self._number} breaks off", "the bytes that its last field has")
        return self._entry()

    def _end(self, start: int) -> int:
        """Return where a field ends whose length begins here, with its line feed."""
        held = bytes(self._buffer[start : start + _LENGTH])
        length = int.from_bytes(held, "little") if len(held) == _LENGTH else 0
        if length > LONGEST:
            raise self._too_long(length)
        return start + _LENGTH + length + 1

    def _too_long(self, length: int) -> DataError:
        problem = f"a field of entry {self._number} is {length:,} bytes long or longer"
        return DataError(
            self._name, None, problem, f"a journal as journalctl -o export writes it, with {LONGEST:,} at most"
        )

    def _add(self, name: bytes, value: bytes) -> None:
        """Take over a field; one that comes again is a list, as in JSON of journalctl."""
        self._count, self._bytes = self._count + 1, self._bytes + len(name) + len(value)
        if self._count > MOST_FIELDS or self._bytes > LONGEST:
            raise entry_too_long(self._name, self._number)
        field, text = name.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        known = self._fields.get(field)
        self._fields[field] = text if known is None else [*([known] if isinstance(known, str) else known), text]

    def _entry(self) -> bytes:
        if not self._fields:
            return b""
        text = json.dumps(self._fields, ensure_ascii=False)
        self._number += 1
        self._fields, self._count, self._bytes = {}, 0, 0
        return f"{text}\n".encode()
