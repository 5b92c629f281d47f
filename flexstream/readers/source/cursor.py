"""Where in a source the reading is: known at any moment, worked out only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from operator import length_hint
from typing import TypeVar

import numpy as np

from ..._kernels.numbers import count_byte
from ...tuples import NamedTuple
from .known import Known

T = TypeVar("T")
LINE_FEED = 10


def count_lines(block: bytes | memoryview) -> int:
    """Return how many lines end in a block, a good deal faster than ``bytes.count`` where they are short.

    >>> count_lines(b"load run\\nunload\\n")
    2
    """
    return count_byte(np.frombuffer(block, np.uint8), LINE_FEED)


def lines_in(block: bytes) -> int:
    """Return how many lines a block holds; the last may lack its line feed.

    >>> lines_in(b"load run\\nunload")
    2
    """
    return count_lines(block) + int(not block.endswith(b"\n"))


def lines_ended(data: bytes, start: int, stop: int) -> int:
    """Return how many lines end in a part of some bytes, as the parser counts: a return ends one, too."""
    ended = count_lines(memoryview(data)[start:stop])
    if data.find(b"\r", start, stop) < 0:  # far faster than to count what is not there
        return ended
    return ended + data.count(b"\r", start, stop) - data.count(b"\r\n", start, stop)


class Place(NamedTuple):
    """A place behind a line of a source, from which it can be read on.

    Attributes
    ----------
    offset, line : int
        Bytes, decompressed, and lines in front of it.
    header : int
        Bytes up to the end of the header that a format has to read first; 0 for one without.
    records : int
        What the format has counted up to here, where its header promises a number.
    known : Print, Offsets or None
        By what the text up to here is known again.
    """

    offset: int
    line: int
    header: int = 0
    records: int = 0
    known: Known | None = None


class Mark(NamedTuple):
    """What a place can be worked out from: the state of a cursor."""

    used: bool
    end: int
    offset: int
    line: int
    last: int
    piece: bytes
    raw: bytes | None
    left: int
    header: int
    records: int


class Cursor:
    """Follows what a source hands out: a block, a part of it, or its lines one by one.

    Attributes
    ----------
    header : int
        Bytes up to the end of the header.
    records : int
        For a format to count in.

    Examples
    --------
    >>> cursor = Cursor()
    >>> cursor.block(13, 1, b"load\\nrun\\nrun\\n")
    3
    >>> lines = cursor.lines(b"load\\nrun\\nrun\\n", ["load", "run", "run"], 1)
    >>> next(lines), cursor.place()
    ((1, 'load'), Place(offset=5, line=1, header=0, records=0, known=None))
    """

    def __init__(self, start: Place | None = None) -> None:
        self._start = start
        self.header, self.records = (0, 0) if start is None else (start.header, start.records)
        self._end = self._offset = self._line = self._last = 0
        self._piece: bytes = b""
        self._raw: bytes | None = None
        self._rest: Iterator[object] = iter(())
        self._used = False

    def block(self, end: int, number: int, block: bytes, raw: bytes | None = None) -> int:
        """Follow a block that ends at an offset and whose first line has a number; return that of its last line.

        Where bytes were left out of it, but no line, ``raw`` is the block with them.
        """
        last = self._last = number + lines_in(block) - 1
        if raw is not None and block.endswith(b"\n"):  # of a last line nothing may be left
            raw, end = raw[: raw.rfind(b"\n") + 1], end - len(raw) + raw.rfind(b"\n") + 1
        self._raw = raw
        self._used, self._end = True, end
        self.reach(0, last)
        return last

    def reach(self, left: int, line: int) -> None:
        """Follow a piece that ends so many bytes before the end of the block, with a line."""
        self._offset, self._line = self._end - left, line
        self._piece, self._rest = b"", iter(())

    def lines(self, piece: bytes, lines: list[T], number: int) -> Iterator[tuple[int, T]]:
        """Return the lines of the piece reached, numbered, and follow how many of them are taken."""
        rest = iter(lines)
        self._piece, self._rest = piece, rest
        return enumerate(rest, number)

    def give_back(self) -> None:
        """Take the last line for one that was not taken."""
        self._rest = iter([None, *self._rest])

    def jump(self, start: Place) -> None:
        """Go on behind a place."""
        self._end, self._raw = start.offset, None
        self.reach(0, start.line)

    @property
    def line(self) -> int:
        """Number of the last line of the piece that is followed."""
        return self._line

    @property
    def here(self) -> int:
        """Number of the last line taken, 0 where no lines are followed."""
        return self._line - length_hint(self._rest)

    @property
    def block_is_done(self) -> bool:
        """Whether all lines of the block were taken."""
        return self._used and self._offset == self._end and not length_hint(self._rest)

    def end_header(self) -> None:
        """Note that all up to here is the header."""
        self.header = 0 if (place := self.place()) is None else place.offset

    def mark(self) -> Mark:
        """Return where it is, for `place` to be worked out later."""
        facts = self._end, self._offset, self._line, self._last, self._piece, self._raw
        return Mark(self._used, *facts, length_hint(self._rest), self.header, self.records)

    def place(self, mark: Mark | None = None) -> Place | None:
        """Return the place behind the last line taken, now or at a mark; None before the source was handed out."""
        used, end, offset, last_line, last, piece, raw, left, header, records = self.mark() if mark is None else mark
        if not used:
            return self._start
        line = last_line - left
        behind = offset - bytes_of_last(left, piece) if raw is None else end - bytes_of_last(last - line, raw)
        return Place(behind, line, header, records)


def bytes_of_last(lines: int, block: bytes) -> int:
    """Return how many bytes the last lines of a block take.

    >>> bytes_of_last(1, b"load run\\nunload\\n")
    7
    """
    if not lines:
        return 0
    first = lines_in(block) - lines
    starts = np.append(0, np.flatnonzero(np.frombuffer(block, np.uint8) == LINE_FEED) + 1)
    return len(block) - int(starts[first])
