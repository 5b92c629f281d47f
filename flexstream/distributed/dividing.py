"""Dividing: which part of a source one of several processes reads."""

from __future__ import annotations

import io
from pathlib import Path

BLOCK = 1 << 22
"""Bytes of a block of lines; a line belongs to the block in which it begins."""


class Blocks(io.RawIOBase):
    """Some blocks of a file of lines, one behind the other: every so many, from one on.

    Parameters
    ----------
    path : str or Path
    number, parts : int
        It has the blocks ``number``, ``number + parts``, ``number + 2 * parts`` …
    block : int
        Bytes.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lots.txt"
    >>> _ = path.write_bytes(b"load\\nrun\\nrun unload\\nload\\n")
    >>> [Blocks(path, number, 2, block=6).read() for number in range(2)]
    [b'load\\nrun\\n', b'run unload\\nload\\n']
    """

    def __init__(self, path: str | Path, number: int, parts: int, block: int = BLOCK) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115
        self._size = Path(path).stat().st_size
        self._parts, self._block, self._next = parts, block, number
        self._held = memoryview(b"")
        self.name = str(path)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with what comes next; return how many bytes those are."""
        self._fill()
        into = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        length = min(len(into), len(self._held))
        into[:length], self._held = self._held[:length], self._held[length:]
        return length

    def _fill(self) -> None:
        while not self._held and self._next * self._block < self._size:
            self._held = memoryview(self._lines(self._next * self._block))
            self._next += self._parts

    def is_empty(self) -> bool:
        """Tell whether no more comes."""
        self._fill()
        return not self._held

    def _lines(self, start: int) -> bytes:
        """Return the lines that begin in a block."""
        self._file.seek(max(0, start - 1))
        if start and self._file.read(1) != b"\n":
            self._file.readline()
        begin = self._file.tell()
        if begin >= start + self._block:
            return b""
        data = self._file.read(start + self._block - begin)
        return data if data.endswith(b"\n") else data + self._file.readline()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def block_of(size: int, parts: int) -> int:
    """Return the bytes of a block of a file that is divided: of a small one each part has one block.

    >>> block_of(1 << 30, 2), block_of(100, 3)
    (4194304, 34)
    """
    return max(1, min(BLOCK, -(-size // parts)))
