"""Pipes: bytes of any length, one piece after the other, between a process and those that it started."""

from __future__ import annotations

from typing import IO

_LENGTH = 8


def send(sink: IO[bytes], data: bytes) -> None:
    """Send some bytes as one piece.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, b"load")
    >>> _ = pipe.seek(0)
    >>> receive(pipe), receive(pipe)
    (b'load', None)
    """
    sink.write(len(data).to_bytes(_LENGTH, "little") + data)
    sink.flush()


def receive(source: IO[bytes]) -> bytes | None:
    """Return the next piece; None where the other side has ended, also within one."""
    length = int.from_bytes(head, "little") if len(head := source.read(_LENGTH)) == _LENGTH else -1
    data = source.read(length) if length >= 0 else b""
    return data if len(data) == length else None
