"""Chunks as they arrive to blocks of whole lines, each with its offset; and how a source is read on from its middle."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import ChangedSourceError, DataError
from .cursor import Place
from .raw import RawSource
from .trail import EXPECTED, changed, checked

Placed = Iterator[tuple[int, bytes]]
"""Pairs of an offset and bytes."""


def placed(chunks: Iterator[bytes]) -> Placed:
    """Yield (offset, bytes) of chunks one behind the other."""
    offset = 0
    for chunk in chunks:
        yield offset, chunk
        offset += len(chunk)


def cut(chunks: Placed, longest: int, name: str) -> Placed:
    """Yield (offset behind it, bytes) of blocks that end with a line feed; the last may lack it.

    Parameters
    ----------
    chunks : iterator
        Pairs of the offset of a chunk and its bytes.
    longest : int
        Bytes of the longest line.
    name : str
        The source's name, for errors.

    Examples
    --------
    >>> list(cut(placed(iter([b"load r", b"un\\nunl", b"oad"])), 100, "a.txt"))
    [(9, b'load run\\n'), (15, b'unload')]
    """
    pending: list[bytes] = []
    size = end = 0
    for offset, chunk in chunks:
        stop = chunk.rfind(b"\n") + 1
        if stop:
            if size + chunk.find(b"\n") > longest:
                raise _too_long(name, longest)
            yield offset + stop, b"".join((*pending, memoryview(chunk)[:stop]))
            pending, size = [], 0
        pending.append(chunk[stop:])
        size, end = size + len(chunk) - stop, offset + len(chunk)
        if size > longest:
            raise _too_long(name, longest)
    if rest := b"".join(pending):
        yield end, rest


def _too_long(name: str, longest: int) -> DataError:
    return DataError(name, None, f"line longer than {longest} bytes", "a text file")


def read_on(chunks: Iterator[bytes], raw: RawSource, start: Place, as_it_is: bool = True) -> Placed:
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

    Raises
    ------
    ChangedSourceError
        If the source ends before that place, or is another up to there.
    """
    known, as_it_is = start.known, as_it_is and raw.can_skip_to(start.offset)
    if as_it_is and known is not None and not known.fits(raw.part):
        raise changed(raw.name, known.offset)
    pieces, at = placed(chunks) if as_it_is or known is None else checked(placed(chunks), known, raw.name), 0
    while at < start.header:
        offset, chunk = _next(pieces, raw.name, start)
        at = offset + len(chunk)
        yield offset, chunk[: start.header - offset]
    if as_it_is:
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
