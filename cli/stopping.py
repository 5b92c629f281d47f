"""Signals end the stream, not the program: what came before them is still written."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flexstream.readers import Reading

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(reading: Reading) -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM end the stream; the list tells which came. A second one ends the program at once."""
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        for sign in SIGNALS:
            signal.signal(sign, signal.SIG_DFL)
        reading.stop()

    before = {sign: signal.signal(sign, stop) for sign in SIGNALS}
    try:
        yield came
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
