"""Text whose lines end in carriage returns alone, as old Macs and some instruments write it."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import DataError

RETURN, FEED = b"\r", b"\n"
_ENOUGH = 1 << 16


class LineEnds(Iterator[bytes]):
    """Chunks of text in which lines end in line feeds.

    Where there is no line feed in the first 64 KiB, or in all there is, but carriage returns are, these end the lines.
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

    Examples
    --------
    >>> chunks = LineEnds(iter([b"load run\\r", b"unload\\r"]))
    >>> b"".join(chunks), chunks.changed
    (b'load run\\nunload\\n', True)
    >>> b"".join(LineEnds(iter([b"load run\\r", b"\\nunload\\r\\n"])))
    b'load run\\r\\nunload\\r\\n'
    """

    def __init__(self, chunks: Iterator[bytes], live: bool = False) -> None:
        self.changed = False
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
        self.changed = FEED not in whole and RETURN in (whole[:-1] if size >= _ENOUGH else whole)
        if whole:
            yield self._with_feeds(whole)
        if failure is not None:
            raise failure
        for chunk in self._chunks:
            yield self._with_feeds(chunk)

    def _with_feeds(self, chunk: bytes) -> bytes:
        return chunk.replace(RETURN, FEED) if self.changed else chunk
