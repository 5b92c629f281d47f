"""Chunks as they arrive to blocks of whole lines, each with its offset; and how a source is read on from its middle."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget import format_memory
from ...errors import ChangedSourceError, parameter
from .cursor import Place
from .raw import RawSource
from .trail import EXPECTED, Print, changed, checked

Placed = Iterator[tuple[int, bytes]]
"""Pairs of an offset and bytes."""
LONGEST_LINE = 1 << 28
"""Bytes beyond which a line is no line, unless less is allowed: something without line ends, that fills the memory."""


def placed(chunks: Iterator[bytes]) -> Placed:
    """Yield (offset, bytes) of chunks one behind the other."""
    offset = 0
    for chunk in chunks:
        yield offset, chunk
        offset += len(chunk)


class LeftOut(bytes):
    """A piece of a line that is too long, the last of which ends with a line feed."""


def cut(chunks: Placed, longest: int) -> Placed:
    """Yield (offset behind it, bytes) of blocks that end with a line feed; the last may lack it.

    A line that is too long comes in pieces, from where that is known on.

    Parameters
    ----------
    chunks : iterator
        Pairs of the offset of a chunk and its bytes.
    longest : int
        Bytes of the longest line.

    Examples
    --------
    >>> list(cut(placed(iter([b"load r", b"un\\nunl", b"oad"])), 100))
    [(9, b'load run\\n'), (15, b'unload')]
    >>> [type(block).__name__ for _, block in cut(placed(iter([b"load r", b"un\\nrun\\n"])), 7)]
    ['LeftOut', 'bytes']
    """
    pending: list[bytes] = []
    size = end = 0
    passing = False  # over the rest of a line that is too long
    for offset, chunk in chunks:
        first, start, end = chunk.find(b"\n") + 1, 0, offset + len(chunk)
        if passing or size + (first - 1 if first else len(chunk)) > longest:
            start = first or len(chunk)
            yield offset + start, LeftOut(b"".join((*pending, memoryview(chunk)[:start])))
            pending, size, passing = [], 0, not first
        stop = chunk.rfind(b"\n") + 1
        if stop > start:
            yield offset + stop, b"".join((*pending, memoryview(chunk)[start:stop]))
            pending, size = [], 0
        if rest := chunk[max(start, stop) :]:
            pending.append(rest)
            size += len(rest)
            if size > longest:  # a chunk by itself
                yield end, LeftOut(b"".join(pending))
                pending, size, passing = [], 0, True
    if pending:
        yield end, b"".join(pending)


def too_long(longest: int) -> tuple[str, str]:
    """Return what is wrong with a line that is too long, and what to do."""
    return f"line longer than {format_memory(longest)}", f"text in lines; {raised()}"


def raised() -> str:
    """Return how longer ones can be read."""
    return f"raise it with {parameter('longest_line')}"


def read_on(
    chunks: Iterator[bytes], raw: RawSource, start: Place, as_it_is: bool = True, ahead: list[bytes] | None = None
) -> Placed:
    """Yield the header of a source and what comes behind a place; a plain file is not read between them.

    Parameters
    ----------
    chunks : iterator of bytes
        The source from its start, decompressed and in UTF-8.
    raw : RawSource
        Where they come from.
    start : Place
        Where to read on.
    as_it_is : bool
        Whether it is in UTF-8 by itself.
    ahead : list of bytes, optional
        What of the chunks was looked at already; given up where what comes is read from its place on.

    Raises
    ------
    ChangedSourceError
        If the source ends before that place, or is another up to there.
    """
    known, as_it_is = start.known, as_it_is and raw.can_skip_to(start.offset)
    if as_it_is and isinstance(known, Print) and not known.fits(raw.part):
        raise changed(raw.name, known.offset)
    pieces, at = placed(chunks), 0
    if not as_it_is and isinstance(known, Print):
        pieces = checked(pieces, known, raw.name)
    while at < start.header:
        offset, chunk = _next(pieces, raw.name, start)
        at = offset + len(chunk)
        yield offset, chunk[: start.header - offset]
    if as_it_is:
        (ahead or []).clear()  # else the source would hold something more for ever, and never be idle
        raw.skip_to(start.offset)
        yield from ((start.offset + offset, chunk) for offset, chunk in placed(raw.chunks()))
        return
    if at > start.offset:
        yield start.offset, chunk[start.offset - offset :]
    while at < start.offset:
        offset, chunk = _next(pieces, raw.name, start)
        at = offset + len(chunk)
        if at > start.offset:
            yield start.offset, chunk[start.offset - offset :]
    yield from pieces


def _next(pieces: Placed, name: str, start: Place) -> tuple[int, bytes]:
    for piece in pieces:
        return piece
    problem = f"ends before byte {start.offset} (line {start.line}), up to which it was read"
    raise ChangedSourceError(name, None, problem, EXPECTED)
