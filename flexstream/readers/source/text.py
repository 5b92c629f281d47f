"""A source of text: decompressed, looked at before it is read, and cut into numbered lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

from ...errors import DataError
from ..diagnostics import Diagnostics
from .blocks import cut, placed, read_on
from .cursor import Cursor, Place
from .inflate import decompressed
from .raw import CHUNK, RawSource, Where
from .stopping import StopSwitch

HEAD = 1 << 16
LONGEST_LINE = 1 << 28
"""Bytes beyond which a line is no line, unless less is allowed: something without line ends, that fills the memory."""
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
    line_bytes : int
        Bytes that the longest line may take; those of a chunk it always may.
    start : Place, optional
        Where to read on: blocks and lines are those of the header and those behind this place.

    Attributes
    ----------
    name : str
        For messages; ``<stdin>`` for ``-``.
    cursor : Cursor
        Knows up to where blocks and lines were taken.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"load run\\nunload\\n")) as source:
    ...     head = source.head()
    ...     list(source.lines(Diagnostics()))
    [(1, 'load run'), (2, 'unload')]
    """

    def __init__(
        self,
        where: Where,
        follow: bool = False,
        switch: StopSwitch | None = None,
        line_bytes: int = LONGEST_LINE,
        start: Place | None = None,
    ) -> None:
        self._raw = RawSource(where, follow, switch)
        self.name = self._raw.name
        self.cursor = Cursor(start)
        # As much as a chunk is held in any case.
        self._start, self._longest = start, max(CHUNK, min(line_bytes, LONGEST_LINE))
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

    def lines(self, diagnostics: Diagnostics, keep_returns: bool = False) -> Iterator[tuple[int, str]]:
        """Yield (line number from 1, text without its line end); only a line feed ends a line.

        Parameters
        ----------
        diagnostics : Diagnostics
            Told about lines that are no UTF-8 and about a source that breaks off.
        keep_returns : bool
            Leave the carriage return before a line feed in the text.
        """
        for number, block in self.blocks(diagnostics):
            yield from self.decoded(block, number, diagnostics, keep_returns)

    def blocks(self, diagnostics: Diagnostics) -> Iterator[tuple[int, bytes]]:
        """Yield (number of its first line, bytes of whole lines); only the last block may lack its line feed.

        Parameters
        ----------
        diagnostics : Diagnostics
            Told about a source that breaks off.
        """
        start = self._start
        number = 1 if start is None or start.header else start.line + 1
        try:
            for end, block in self._blocks():
                first, number = number, self.cursor.block(end, number, block) + 1
                yield first, block
                if start is not None and end == start.header:
                    number = start.line + 1
                    self.cursor.jump(start)
        except DataError as error:
            where = number if error.line is None else error.line
            diagnostics.bad(error.source, where, error.problem, error.expected)

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield (offset behind it, bytes) of blocks of whole lines; the last may lack its line feed."""
        chunks = self.chunks()
        pieces = placed(chunks) if self._start is None else read_on(chunks, self._raw, self._start)
        for end, block in cut(pieces, self._longest, self.name):
            if self._raw.switch.requested and not block.endswith(b"\n"):
                return
            if block := block.removeprefix(_BOM) if end == len(block) else block:
                yield end, block

    def decoded(
        self, block: bytes, number: int, diagnostics: Diagnostics, keep_returns: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield (line number, text) of the lines of a block; what is no UTF-8 is told to the diagnostics."""
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            yield from self._line_by_line(block, number, diagnostics, keep_returns)
            return
        if "\r" in text and not keep_returns:
            text = text.replace("\r\n", "\n")
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        yield from self.cursor.lines(block, lines, number)

    def _line_by_line(
        self, block: bytes, number: int, diagnostics: Diagnostics, keep_returns: bool
    ) -> Iterator[tuple[int, str]]:
        """Yield the good lines of a block that holds a bad one, in their order."""
        for line, content in self.cursor.lines(block, block.removesuffix(b"\n").split(b"\n"), number):
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError as error:
                problem = f"invalid UTF-8 (byte 0x{content[error.start]:02x} at column {error.start + 1})"
                diagnostics.bad(self.name, line, problem, "text in UTF-8")
                continue
            yield line, text if keep_returns else text.removesuffix("\r")
