"""Truncation: whether a file that is followed still holds what was read of it."""

from __future__ import annotations

import os

KEPT = 1 << 10
"""Bytes read last by which it is known again. Where they come again at the same place nothing tells two files apart."""


class LastBytes:
    """The bytes of a file that were read last.

    A file that is copied and emptied, as logrotate's ``copytruncate`` does, may have grown beyond its old size by the
    time somebody looks again; then only what it holds shows it.

    Examples
    --------
    >>> import tempfile
    >>> file = tempfile.TemporaryFile(buffering=0)
    >>> last = LastBytes()
    >>> for part in (b"load run\\n", b"unload\\n"):
    ...     _, _ = file.write(part), last.add(part)
    >>> last.are_in(file.fileno(), 16)
    True
    >>> _, _ = os.ftruncate(file.fileno(), 0), os.pwrite(file.fileno(), b"ship ship ship ship", 0)
    >>> last.are_in(file.fileno(), 16)
    False
    >>> file.close()
    """

    def __init__(self, held: bytes = b"") -> None:
        self._held = held[-KEPT:]

    def add(self, chunk: bytes) -> None:
        """Take a chunk that was read."""
        self._held = chunk[-KEPT:] if len(chunk) >= KEPT else (self._held + chunk)[-KEPT:]

    @property
    def end_a_line(self) -> bool:
        """Whether a line ends with them, or nothing was read."""
        return not self._held or self._held.endswith(b"\n")

    def are_in(self, file: int, end: int) -> bool:
        """Tell whether an open file has them still, up to an offset."""
        return os.pread(file, len(self._held), end - len(self._held)) == self._held
