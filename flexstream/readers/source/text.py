"""A source of text: decompressed, looked at before it is read, and cut into numbered lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

import numpy as np

from ...errors import DataError
from ..context import ReadContext
from .inflate import decompressed
from .raw import RawSource, Where
from .stopping import StopSwitch

HEAD = 1 << 16
# A line beyond this is no line: something without line ends, which would fill the memory.
LONGEST_LINE = 1 << 28
_LINE_FEED = 10
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Head:
    """The first bytes of a source, for guessing its format.

    Attributes
    ----------
    data : bytes
        Decompressed; 64 KiB, or less where no more is there.
    ended : bool
        Whether this is all there is.
    name : str
        Name of the source; it may only break ties.
    fields : tuple of str
        Column and field names that the user gave.

    Examples
    --------
    >>> Head(b"load run\\nloa").lines
    ['load run']
    """

    data: bytes
    ended: bool = False
    name: str = ""
    fields: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The decoded head, without byte order mark; undecodable bytes replaced."""
        return self.data.removeprefix(_BOM).decode("utf-8", "replace").replace("\r\n", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are there as a whole."""
        lines = self.text.split("\n")
        if not self.ended or not lines[-1]:
            lines.pop()
        return lines

    @cached_property
    def filled(self) -> list[str]:
        """The first lines that are not blank, at most 50 of them."""
        return [line for line in self.lines if line.strip()][:50]


def is_utf8(block: bytes) -> bool:
    """Tell whether bytes are valid UTF-8."""
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def count_lines(block: bytes) -> int:
    """Return how many lines end in a block, a good deal faster than ``bytes.count`` where they are short.

    >>> count_lines(b"load run\\nunload\\n")
    2
    """
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == _LINE_FEED))


def lines_in(block: bytes) -> int:
    """Return how many lines a block holds; the last may lack its line feed.

    >>> lines_in(b"load run\\nunload")
    2
    """
    return count_lines(block) + int(not block.endswith(b"\n"))


class Source:
    """An open source; use it as a context manager.

    Parameters
    ----------
    where : path, ``"-"`` for stdin, or binary file object
        What to read; gzip is recognised by its first bytes.
    follow : bool
        Wait for more at the end.
    switch : StopSwitch, optional
        Ends the source early; a line it cuts off is left out.

    Attributes
    ----------
    name : str
        For messages; ``<stdin>`` for ``-``.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"load run\\nunload\\n")) as source:
    ...     head = source.head()
    ...     list(source.lines(ReadContext()))
    [(1, 'load run'), (2, 'unload')]
    """

    def __init__(self, where: Where, follow: bool = False, switch: StopSwitch | None = None) -> None:
        self._raw = RawSource(where, follow, switch)
        self.name = self._raw.name
        self._chunks = decompressed(self._raw.chunks(), self.name)
        self._ahead: list[bytes] = []
        self._ended = False
        self._failure: DataError | None = None

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened here."""
        self._raw.close()

    @property
    def rotated(self) -> bool:
        """Whether a followed file ended because another has taken its place."""
        return self._raw.rotated

    def head(self, lines: int = 1, fields: tuple[str, ...] = ()) -> Head:
        """Return the first bytes without consuming them; wait only until ``lines`` whole lines are there."""
        size = sum(map(len, self._ahead))
        count = sum(chunk.count(b"\n") for chunk in self._ahead)
        while not self._ended and size < HEAD and count < lines:
            try:
                chunk = next(self._chunks, None)
            except DataError as error:
                chunk, self._failure = None, error
            if chunk is None:
                self._ended = True
            else:
                self._ahead.append(chunk)
                size += len(chunk)
                count += chunk.count(b"\n")
        ended = self._ended and self._failure is None and size <= HEAD
        return Head(b"".join(self._ahead)[:HEAD], ended, self.name, fields)

    def chunks(self) -> Iterator[bytes]:
        """Yield the decompressed bytes from the start, as they arrive.

        Raises
        ------
        DataError
            If the source breaks off, after all that could be read.
        """
        while self._ahead:
            yield self._ahead.pop(0)
        if self._failure is not None:
            raise self._failure
        if not self._ended:
            yield from self._chunks

    def lines(self, context: ReadContext, keep_returns: bool = False) -> Iterator[tuple[int, str]]:
        """Yield (line number from 1, text without its line end); only a line feed ends a line.

        Parameters
        ----------
        context : ReadContext
            Told about lines that are no UTF-8 and about a source that breaks off.
        keep_returns : bool
            Leave the carriage return before a line feed in the text.
        """
        for number, block in self.blocks(context):
            yield from self.decoded(block, number, context, keep_returns)

    def blocks(self, context: ReadContext) -> Iterator[tuple[int, bytes]]:
        """Yield (number of its first line, bytes of whole lines); only the last block may lack its line feed.

        Parameters
        ----------
        context : ReadContext
            Told about a source that breaks off.
        """
        number = 1
        try:
            for block in self._blocks():
                yield number, block
                number += count_lines(block)
        except DataError as error:
            where = number if error.line is None else error.line
            context.bad(error.source, where, error.problem, error.expected)

    def _blocks(self) -> Iterator[bytes]:
        """Yield bytes cut behind a line feed; the last block may lack it."""
        pending: list[bytes] = []
        size, start = 0, True
        for chunk in self.chunks():
            cut = chunk.rfind(b"\n") + 1
            if cut:
                block = b"".join((*pending, chunk[:cut]))
                yield block.removeprefix(_BOM) if start else block
                pending, size, start = [], 0, False
            pending.append(chunk[cut:])
            size += len(chunk) - cut
            if size > LONGEST_LINE:
                raise DataError(self.name, None, f"line longer than {LONGEST_LINE} bytes", "a text file")
        rest = b"".join(pending)
        if start:
            rest = rest.removeprefix(_BOM)
        if rest and not self._raw.switch.requested:
            yield rest

    def decoded(
        self, block: bytes, number: int, context: ReadContext, keep_returns: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield (line number, text) of the lines of a block; what is no UTF-8 is told to the context."""
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            yield from self._line_by_line(block, number, context, keep_returns)
            return
        if "\r" in text and not keep_returns:
            text = text.replace("\r\n", "\n")
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        yield from enumerate(lines, number)

    def _line_by_line(
        self, block: bytes, number: int, context: ReadContext, keep_returns: bool
    ) -> Iterator[tuple[int, str]]:
        """Yield the good lines of a block that holds a bad one, in their order."""
        for offset, line in enumerate(block.removesuffix(b"\n").split(b"\n")):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                problem = f"invalid UTF-8 (byte 0x{line[error.start]:02x} at column {error.start + 1})"
                context.bad(self.name, number + offset, problem, "text in UTF-8")
                continue
            yield number + offset, text if keep_returns else text.removesuffix("\r")
