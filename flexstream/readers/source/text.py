"""A source of text: decompressed, looked at before it is read, and cut into numbered lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType

from ...errors import ChangedSourceError, DataError
from ...files import is_topic
from ..diagnostics import Diagnostics
from ..tables.tabular import Table
from .blocks import LONGEST_LINE, LeftOut, Placed, cut, placed, read_on, too_long
from .cleaning import blanked, cleaned, left_out, words_apart
from .cursor import Cursor, Place
from .encodings import MARK, UTF8, AsUtf8, undecodable
from .head import HEAD, LINES, Head, end_of, filled
from .inflate import decompressed
from .known import Known
from .line_ends import RETURN, LineEnds
from .opening import AsText
from .raw import CHUNK, RawSource, Where
from .stopping import StopSwitch
from .trail import Print, Trail

__all__ = ["LINES", "Head", "Source", "is_utf8"]

SAMPLE = 1 << 19
"""Bytes of a source that are kept, from which what could be read otherwise is found out."""
PAUSE = 1.0
"""Seconds for which nothing comes, after which what waits for its order is handed on."""
_LOOK = 0.05
MOST_ROWS = 1000
"""Rows that are looked at where the meaning of columns or times has to be found out."""
LOOKED_AT = 200
"""Rows by which it is told whether a column is free text."""


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
    where : path, ``"-"`` for stdin, binary file object, or Table
        What to read; gzip, Parquet and Arrow are recognised by their first bytes.
    follow : bool
        Wait for more at the end.
    switch : StopSwitch, optional
        Ends the source early; a line it cuts off is left out.
    line_bytes : int
        Bytes that the longest line may take; those of a chunk it always may.
    start : Place, optional
        Where to read on: blocks and lines are those of the header and those behind this place.
    encoding : str, optional
        Of the text, as Python names it; recognised by default.  A mark at the beginning overrules it.
    doubted : bool
        Whether the encoding is that of other sources, so that this one may be in UTF-8 all the same.

    Attributes
    ----------
    name, file
        For messages, ``<stdin>`` for ``-``; device and inode of a regular file that was opened by its path, else None.
    cursor, trail
        Know up to where blocks and lines were taken, and by what these are known again: of a source without a middle to
        read on from all bytes, if ``count_all``.
    sample : bytearray
        The first of what was read, as text in UTF-8.
    comments : int
        Lines at the top that are to be read as if they were blank.
    left : int or None
        Bytes behind the last line taken of a file that was closed after a stop; None where nobody can tell.
    last_line : callable, optional
        Called before a last line that lacks its line feed is handed out.

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
        where: Where | Table,
        follow: bool = False,
        switch: StopSwitch | None = None,
        line_bytes: int = LONGEST_LINE,
        start: Place | None = None,
        encoding: str | None = None,
        doubted: bool = False,
    ) -> None:
        self._given = where if isinstance(where, Table) else None
        known = None if start is None else start.known
        self._raw = _opened(where, follow, switch, known, encoding)
        self.name, self.file, self.rotation = self._raw.name, self._raw.file, self._raw.rotation
        self.count_all, self.commit, self.printed = False, self._raw.commit, self._raw.printed
        self.cursor, self.trail = Cursor(start), Trail(known if isinstance(known, Print) else None)
        self._raw.place, self._raw.first = self.cursor.place, 0 if start is None else start.line
        # As much as a chunk is held in any case.
        self._start, self._longest = start, max(CHUNK, line_bytes)
        self._text = AsText(decompressed(self._raw.chunks(), self.name), self.name, self._raw.regular_file)
        self._utf8 = AsUtf8(self._text, encoding, self._text.is_table, doubted)  # not of this, which would hold itself
        lines = self._given is not None or is_topic(where)
        if lines:  # which look like no archive, whatever columns and messages begin with
            self._utf8 = AsUtf8(self._raw.chunks(), UTF8)
        self._chunks = LineEnds(self._utf8, follow or lines)
        self.sample, self.comments = bytearray(), 0
        self.left: int | None = None
        self.last_line: Callable[[], None] | None = None
        self._ahead: list[bytes] = []
        self._ended = False
        self._failure: DataError | None = None

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self.count_all:  # what keeps no state has nothing but the group
            self.commit()
        self.close()

    def close(self) -> None:
        """Close what was opened here."""
        place = self.cursor.place() if self.stopped else None
        if place is not None and not self._ahead and self.encoding == UTF8 and not self._chunks.changed:
            self.left = self._raw.left_behind(place.offset)
        self._raw.close()

    def known_at(self, offset: int) -> Known | None:
        """Return by what the text up to a place in the block that came last is known again; None of one before it."""
        return self._raw.known_at(offset) or self.trail.at(offset)

    @property
    def rotated(self) -> bool:
        """Whether a followed file ended because another has taken its place."""
        return self._raw.rotated

    @property
    def changed(self) -> int | None:
        """When a file that is followed had been written to as it was read last, in nanoseconds; None of another."""
        return self._raw.changed

    @property
    def live(self) -> bool:
        """Whether it may be watched while it is written: it is followed, or no file and no bytes in memory."""
        return self._raw.live

    def is_idle(self, seconds: float = 0.0) -> bool:
        """Whether all that is there for now was taken, and more may come, but does not for so many seconds."""
        until = time.monotonic() + seconds
        while not self._ahead and self.cursor.block_is_done and self._raw.is_idle():
            if time.monotonic() >= until:
                return True
            self._raw.switch.waiting(lambda: time.sleep(_LOOK))
            if self._raw.switch.requested:
                break
        return False

    @property
    def table(self) -> Table | None:
        """The table whose rows are read; None for text.  Known once something was read."""
        return self._given or self._text.table

    @property
    def longest(self) -> int:
        """Bytes of the longest line."""
        return self._longest

    @property
    def switch(self) -> StopSwitch:
        """Ends it early."""
        return self._raw.switch

    @property
    def stopped(self) -> bool:
        """Whether it was asked to end early."""
        return self._raw.switch.requested

    @property
    def encoding(self) -> str:
        """The encoding of the text; known once something was read."""
        return self._utf8.encoding

    @property
    def failure(self) -> DataError | None:
        """Why no more can be read behind what was looked at; None where more may come, or it ended as it should."""
        return self._failure

    def tell_encoding(self, diagnostics: Diagnostics) -> None:
        """Say that the text is in another encoding than was said, once that is known."""
        if self._utf8.said is not None:
            diagnostics.note(f"{self.name}: is {self.encoding}, and read so, not as {self._utf8.said}")

    def head(self, lines: int = 1, fields: tuple[str, ...] = (), wait: bool = True) -> Head:
        """Return the first bytes without consuming them, up to the end of so many lines that are not blank.

        How the bytes arrive makes no difference: more are waited for until there are so many lines, or 64 KiB, or no
        more come.  Of a file that is followed, what it holds at first counts; of what may be watched, with ``wait``
        false, what is there.
        """
        lines += self.comments
        data = bytearray().join(self._ahead)[:HEAD]
        at, new = 0, bytes(data)
        left = lines
        while True:
            if b"\n" in new:
                stop = data.rfind(b"\n") + 1
                left -= filled(cleaned(bytes(data[at:stop])), left)
                at = stop
            if left <= 0 or len(data) == HEAD or not (wait or not self.live or not self._ahead) or not self._more():
                break
            new = self._ahead[-1][: HEAD - len(data)]
            data += new
        clean = cleaned(bytes(data))
        stop = end_of(clean, lines)
        ended = self._ended and self._failure is None and len(data) < HEAD and stop == len(clean)
        return Head(blanked(clean[:stop], self.comments), ended, self.name, fields)

    def _more(self) -> bool:
        """Read a chunk ahead; return whether there was one."""
        if self._ended or (self._ahead and self._raw.at_end_for_now()):
            return False
        try:
            chunk = next(self._chunks, None)
        except DataError as error:
            chunk, self._failure = None, error
        if chunk is None:
            self._ended = True
            return False
        self._ahead.append(chunk)
        return True

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
        number, passing = 1 if start is None or start.header else start.line + 1, False
        try:
            for end, raw in self._blocks():
                if isinstance(raw, LeftOut):
                    if not passing:
                        diagnostics.bad(self.name, number, *too_long(self._longest))
                    passing = not raw.endswith(b"\n")
                    number = number if passing else self.cursor.block(end, number, raw) + 1
                    continue
                block = self._cleaned(raw, diagnostics)
                if number <= self.comments and start is None:
                    block = blanked(block, self.comments + 1 - number)
                if not block:
                    continue
                last = self.cursor.block(end, number, block, None if block is raw else raw)
                first, number = number, last + 1
                if len(self.sample) < SAMPLE and (start is None or end > start.header):
                    self.sample += block[: SAMPLE - len(self.sample)]
                yield first, block
                if start is not None and end == start.header:
                    number = start.line + 1
                    self.cursor.jump(start)
        except ChangedSourceError:
            raise
        except DataError as error:
            where = number if error.line is None else error.line
            diagnostics.bad(error.source, where, error.problem, error.expected)

    def _as_it_is(self) -> bool:
        """Tell whether the text is handed out as it stands in the source, which is known from its beginning."""
        self.head()
        return self.encoding == UTF8 and not self._chunks.changed

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield (offset behind it, bytes) of blocks of whole lines; the last may lack its line feed."""
        chunks = self.chunks()
        if self._start is None:
            pieces = placed(chunks)
            self.trail.rolling = self.count_all and not (self._as_it_is() and self._raw.can_skip_to(0))
        else:
            pieces = read_on(chunks, self._raw, self._start, self._as_it_is(), self._ahead)
        for end, block in self.trail.followed(self._announced(cut(pieces, self._longest))):
            if (self._raw.switch.requested or self._raw.truncated) and not block.endswith(b"\n"):
                return
            if block := block.removeprefix(MARK) if end == len(block) and block.startswith(MARK) else block:
                yield end, block

    def _announced(self, blocks: Placed) -> Placed:
        """Yield blocks; before a line that may not be whole yet, let those know who want to."""
        for end, block in blocks:
            if self.last_line is not None and not block.endswith(b"\n") and not isinstance(block, LeftOut):
                self.last_line()
            yield end, block

    def _cleaned(self, block: bytes, diagnostics: Diagnostics) -> bytes:
        """Return what is text in a block, the very same bytes if all is; say what was left out."""
        self.tell_encoding(diagnostics)
        if self._chunks.changed:
            ends = "carriage returns" if self._chunks.ends == RETURN else "NULs"
            diagnostics.note(f"{self.name}: lines end in {ends} alone")
        parted = words_apart(block)
        if parted != block:
            diagnostics.note(f"{self.name}: NULs between words part them, as blanks do")
        found = left_out(parted)
        for what in found:
            diagnostics.note(f"{self.name}: {what} are left out")
        return cleaned(parted) if found else parted

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

    def number(self, line: int) -> int:
        """Return the number that a line has for the user: its own."""
        return line

    def _line_by_line(
        self, block: bytes, number: int, diagnostics: Diagnostics, keep_returns: bool
    ) -> Iterator[tuple[int, str]]:
        """Yield the good lines of a block that holds a bad one, in their order."""
        for line, content in self.cursor.lines(block, block.removesuffix(b"\n").split(b"\n"), number):
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError as error:
                diagnostics.bad(self.name, line, *undecodable(content, error.start, self.encoding, block))
                continue
            yield line, text if keep_returns else text.removesuffix("\r")


def _opened(
    where: Where | Table, follow: bool, switch: StopSwitch | None, known: Known | None, encoding: str | None
) -> RawSource:
    """Open a source by what kind it is."""
    if is_topic(where):
        switch = StopSwitch() if switch is None else switch
        if switch.member is not None:
            from .kafka_group import GroupSource

            return GroupSource(str(where), switch, known, encoding)
        from .kafka import KafkaSource  # which takes an extra

        return KafkaSource(str(where), follow, switch, known, encoding)
    return RawSource(where.opened() if isinstance(where, Table) else where, follow, switch)
