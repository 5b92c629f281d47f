"""Text whose lines end in carriage returns alone, as old Macs and some instruments write it, or in NULs."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import DataError

RETURN, FEED, NUL = b"\r", b"\n", b"\0"
_ENOUGH = 1 << 16
_FEWEST = 2
"""NULs below which they end no lines."""


class LineEnds(Iterator[bytes]):
    """Chunks of text in which lines end in line feeds.

    Where there is no line feed in the first 64 KiB, or in all there is, but carriage returns are, these end the lines;
    where there are none either, but some NULs, each by itself behind some text, as ``find -print0`` has them, they do.
    Bytes become bytes, one by one, so that places in the text stay where they are.

    Parameters
    ----------
    chunks : iterator of bytes
        In UTF-8, as they arrive.
    live : bool
        Whether they are followed: what is there at first is not waited beyond, and nothing is changed.

    Attributes
    ----------
    changed : bool
        Known from the first chunk on.
    ends : bytes
        What ends lines.

    Examples
    --------
    >>> chunks = LineEnds(iter([b"load run\\r", b"unload\\r"]))
    >>> b"".join(chunks), chunks.changed
    (b'load run\\nunload\\n', True)
    >>> b"".join(LineEnds(iter([b"load run\\r", b"\\nunload\\r\\n"])))
    b'load run\\r\\nunload\\r\\n'
    """

    def __init__(self, chunks: Iterator[bytes], live: bool = False) -> None:
        self.changed, self.ends = False, FEED
        self._chunks = chunks
        self._rest = chunks if live else self._looked_at()

    def __next__(self) -> bytes:
        return next(self._rest)

    def _looked_at(self) -> Iterator[bytes]:
        first: list[bytes] = []
        size, failure = 0, None
        try:
            while size < _ENOUGH and (chunk := next(self._chunks, None)) is not None:
                first.append(chunk)
                size += len(chunk)
                if FEED in chunk:
                    break
        except DataError as error:
            failure = error
        whole = b"".join(first) if len(first) > 1 else first[0] if first else b""
        # The last byte may belong to a line feed that comes with the next chunk.
        if FEED not in whole:
            self.ends = _ends(whole, whole[:-1] if size >= _ENOUGH else whole)
            self.changed = self.ends != FEED
        if whole:
            yield self._with_feeds(whole)
        if failure is not None:
            raise failure
        for chunk in self._chunks:
            yield self._with_feeds(chunk)

    def _with_feeds(self, chunk: bytes) -> bytes:
        return chunk.replace(self.ends, FEED) if self.changed else chunk


def _ends(whole: bytes, sure: bytes) -> bytes:
    """Return what ends the lines of a text without line feeds, the last byte of which may not be sure.

    >>> [_ends(text, text) for text in (b"a\\rb", b"load run\\0load\\0", b"load", bytes(9) + b"load", b"load\\0")]
    [b'\\r', b'\\x00', b'\\n', b'\\n', b'\\n']
    """
    if RETURN in sure:
        return RETURN
    alone = whole.count(NUL) >= _FEWEST and not whole.startswith((NUL, b"<")) and NUL + NUL not in whole
    return NUL if alone else FEED
