"""Where a stream's lines go: stdout or a file, at once or at the speed of a clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flexstream.errors import DataError
from flexstream.files import AtomicFile

from .console import put

if TYPE_CHECKING:
    from types import TracebackType

_AT_ONCE = 500
"""Lines that are written together when no clock is followed."""


class Sink:
    """Writes lines: many at once, or one by one when their time has come.

    A file appears at the end, whatever ends the stream: what came before is whole.  Only what could not be written, or
    what nobody reads any more, is left out.
    """

    def __init__(self, path: str, speed: float | None) -> None:
        self._speed = speed
        self._lines: list[str] = []
        self._began: float | None = None
        self._file = None if path == "-" else AtomicFile(path)
        self._failed = False

    def __enter__(self) -> Sink:
        return self

    def write(self, minute: float, line: str) -> None:
        """Write a line that belongs to a minute."""
        self._lines.append(line)
        if self._speed is not None:
            self._wait(minute * 60 / self._speed)
            self.flush()
        elif len(self._lines) >= _AT_ONCE:
            self.flush()

    def _wait(self, due: float) -> None:
        if self._began is None:
            self._began = time.monotonic()
        time.sleep(max(0.0, self._began + due - time.monotonic()))

    def flush(self) -> None:
        """Write what is held back."""
        text, self._lines = "".join(self._lines), []
        try:
            if self._file is None:
                put("-", text)
            else:
                self._file.write(text)
                self._file.flush()
        except (OSError, DataError):
            self._failed = True
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._failed:
            return
        self.flush()
        if self._file is not None:
            self._file.commit()
