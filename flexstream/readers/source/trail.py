"""Trail: by what a source is known again of which a part was read before."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ...errors import ChangedSourceError
from ...tuples import NamedTuple

PART = 1 << 12
"""Bytes at the beginning, and of those read last, by which a source is known again."""
Read: TypeAlias = Callable[[int, int], bytes]
"""Returns so many bytes of a file from an offset on: offset, size."""
EXPECTED = "the source as it was when it was read, or longer"


class Print(NamedTuple):
    """What is known of the text of a source up to a place.

    Attributes
    ----------
    offset : int
        Bytes up to the place.
    head, tail : tuple of int and str
        So many bytes, the first and the last before the place, and their hash.
    total : int or None
        CRC-32 of all bytes, where they pass through anyway.
    """

    offset: int
    head: tuple[int, str]
    tail: tuple[int, str]
    total: int | None = None

    def state(self) -> dict[str, Any]:
        """Return a document of numbers and texts."""
        return {"offset": self.offset, "head": list(self.head), "tail": list(self.tail), "total": self.total}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Print:
        """Return the print of a document."""
        head, tail = ((int(size), str(digest)) for size, digest in (state["head"], state["tail"]))
        total = state["total"]
        return cls(int(state["offset"]), head, tail, None if total is None else int(total))

    def fits(self, read: Read) -> bool:
        """Tell whether it is that of a file, of which ``read`` returns so many bytes from an offset on.

        >>> text = b"load run unload"
        >>> Print(8, part_of(text[:8]), part_of(text[4:8])).fits(lambda offset, size: text[offset:][:size])
        True
        """
        (first, head), (last, tail) = self.head, self.tail
        return digest_of(read(0, first)) == head and digest_of(read(self.offset - last, last)) == tail


def digest_of(data: bytes) -> str:
    """Return the hash of some bytes."""
    from hashlib import blake2b  # which hardly anybody needs

    return blake2b(data, digest_size=16).hexdigest()


def part_of(data: bytes) -> tuple[int, str]:
    """Return how many bytes there are, and their hash."""
    return len(data), digest_of(data)


def print_of(read: Read, size: int) -> Print:
    """Return what is known of a file up to an offset by its first bytes and those before it.

    >>> print_of(lambda offset, size: b"load run"[offset:][:size], 4) == Print(4, part_of(b"load"), part_of(b"load"))
    True
    """
    kept = min(size, PART)
    return Print(size, part_of(read(0, kept)), part_of(read(size - kept, kept)))


class Trail:
    """Follows the blocks that a source hands out.

    Parameters
    ----------
    known : Print, optional
        What is known of what was read before; what comes then is behind it, but for a header.

    Attributes
    ----------
    rolling : bool
        Whether all bytes count, not only the first and the last; set before the first block.

    Examples
    --------
    >>> trail = Trail()
    >>> list(trail.followed(iter([(9, b"load run\\n"), (16, b"unload\\n")])))
    [(9, b'load run\\n'), (16, b'unload\\n')]
    >>> trail.at(9) == Print(9, part_of(b"load run\\n"), part_of(b"load run\\n"))
    True
    """

    def __init__(self, known: Print | None = None) -> None:
        self._known, self.rolling = known, known is not None and known.total is not None
        self._head = b""
        self._total = 0 if known is None else known.total or 0
        self._end = self._begin = 0 if known is None else known.offset
        self._tail = self._block = b""

    def followed(self, blocks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Yield (offset behind it, bytes) of blocks as they come."""
        for end, block in blocks:
            if end - len(block) == self._end:  # no header that is read once more
                self._take(end, block)
            yield end, block

    def _take(self, end: int, block: bytes) -> None:
        self._tail = (self._tail + self._block[-PART:])[-PART:]
        if self.rolling:
            self._total = zlib.crc32(self._block, self._total)
        if self._known is None and len(self._head) < PART:
            self._head += block[: PART - len(self._head)]
        self._begin, self._end, self._block = self._end, end, block

    def at(self, offset: int) -> Print | None:
        """Return what is known of the text up to a place in the block that came last; None of one before it."""
        known = self._known
        if known is not None and offset == known.offset:
            return known
        if not self._begin <= offset <= self._end:
            return None
        before = self._block[: offset - self._begin]
        tail = (self._tail + before[-PART:])[-PART:]
        head = part_of(self._head[:offset]) if known is None else known.head
        return Print(offset, head, part_of(tail), zlib.crc32(before, self._total) if self.rolling else None)


def checked(pieces: Iterator[tuple[int, bytes]], known: Print, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of the text of a source, unless it is another up to the place that is known.

    Raises
    ------
    ChangedSourceError
        Before anything behind the place is handed on.

    Examples
    --------
    >>> known = Print(4, part_of(b"load"), part_of(b"ad"), zlib.crc32(b"load"))
    >>> list(checked(iter([(0, b"lo"), (2, b"ad run")]), known, "a.txt"))
    [(0, b'lo'), (2, b'ad run')]
    >>> list(checked(iter([(0, b"lo"), (2, b"se run")]), known, "a.txt"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    flexstream.errors.ChangedSourceError: a.txt: is not what was read before: its first 4 bytes are others ...
    """
    head = tail = b""
    total, done = 0, False
    for offset, piece in pieces:
        if not done:
            part = piece[: known.offset - offset]
            head = head if len(head) >= PART else (head + part)[:PART]
            tail = (tail + part[-PART:])[-PART:]
            total = 0 if known.total is None else zlib.crc32(part, total)
            done = offset + len(piece) >= known.offset
            if done and not _same(known, head, tail, total):
                raise changed(name, known.offset)
        yield offset, piece


def _same(known: Print, head: bytes, tail: bytes, total: int) -> bool:
    (first, one), (last, other) = known.head, known.tail
    same = digest_of(head[:first]) == one and digest_of(tail[len(tail) - last :]) == other
    return same and known.total in (None, total)


def changed(name: str, offset: int) -> ChangedSourceError:
    """Return the error of a source that is another than the one that was read up to an offset."""
    problem = f"is not what was read before: its first {offset:,} bytes are others"
    return ChangedSourceError(name, None, problem, EXPECTED)
