"""Bytes as they arrive: from a path, from stdin or from an open file, waiting for more if asked to."""

from __future__ import annotations

import fcntl
import io
import os
import select
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from ...errors import DataError, UnopenedError, WrongTypeError
from ...files import not_there
from .cursor import Place
from .inflate import MAGIC
from .known import Known
from .opening import LONGEST, kind_of
from .stopping import StopSwitch
from .trail import Print, print_of
from .truncation import KEPT, LastBytes

CHUNK = 1 << 19
POLL_SECONDS = 0.2
TICK_MILLISECONDS = 1000
MUCH, SOON_SECONDS = 1 << 15, 0.001
"""Behind so many bytes at once there will be more; what has not come by then is not waited for."""
PIPE = 1 << 20
"""Bytes a pipe is asked to hold, the most that Linux grants everybody: fewer and larger reads."""
STDIN = "<stdin>"
EMPTIED = "was emptied while it was followed: it is read anew from its start, without a line that was not whole"


class Readable(Protocol):
    """Any binary file object."""

    def read(self, size: int = ..., /) -> Any:
        """Return up to ``size`` bytes."""


Where: TypeAlias = str | os.PathLike[str] | Readable


class RawSource:
    """The bytes of a source.

    Parameters
    ----------
    where : path, ``"-"`` for stdin, or binary file object
        A file object stays the caller's to close.
    follow : bool
        Wait at the end of a regular file for more; open a named pipe again when its writer has closed it.
    switch : StopSwitch, optional
        Ends the bytes early.

    Attributes
    ----------
    name : str
        For messages.
    place : callable
        Returns the place behind what was taken; set by whoever takes.
    first : int
        Lines before the place from which it is read on.
    changed : int or None
        When a file that is followed had been written to as its last bytes were read, in nanoseconds.
    rotated, truncated : bool
        The bytes ended because another file has taken the path, or the file does not hold any more what was read of it,
        so that it is to be opened anew; whether it is the latter.

    Raises
    ------
    DataError
        If the file cannot be opened.

    Examples
    --------
    >>> import io
    >>> raw = RawSource(io.BytesIO(b"load run"))
    >>> raw.name, list(raw.chunks())
    ('<input>', [b'load run'])
    """

    def __init__(self, where: Where, follow: bool = False, switch: StopSwitch | None = None) -> None:
        self.rotated = self.truncated = self._left = False
        self._last = LastBytes()
        self.changed: int | None = None
        self.switch = StopSwitch() if switch is None else switch
        self._follow = follow
        self._held: int | None = None  # bytes of a pipe that are to be read after a stop
        self._seen = self._latest = 0
        self._path: Path | None = None
        self.place: Callable[[], Place | None] = lambda: None
        self.first = 0
        self._file: Any
        if isinstance(where, str) and where == "-":
            self.name, self._file = STDIN, _stdin()
        elif isinstance(where, str | os.PathLike):
            self.name, self._path = os.fspath(where), Path(where)
            self._file = self._opened(self._path)
        else:
            given = getattr(where, "name", None)
            self.name, self._file = given if isinstance(given, str) else "<input>", where

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._path is not None:
            self._file.close()

    def rotation(self) -> str | None:
        """Say what is worth telling of how a file ended that was followed."""
        if self.truncated:
            return EMPTIED
        if self.rotated and not self._last.end_a_line and self.regular_file() is not None:
            return "ended without a line feed when another file took its place: its last line is taken as it is"
        return None

    @property
    def live(self) -> bool:
        """Whether it may be watched while it is written: it is followed, or no file and no bytes in memory."""
        status = self._status()
        return self._follow or (status is not None and not stat.S_ISREG(status.st_mode))

    def chunks(self) -> Iterator[bytes]:
        """Yield bytes as soon as some are there, never an empty chunk."""
        while True:
            chunk = self._read()
            if self._is_truncated(bool(chunk)):
                self.rotated = self.truncated = True
                return
            if chunk:
                self._last.add(chunk)
                self._seen += len(chunk)
                self._latest = len(chunk)
                yield chunk
            elif not self._follow or not self._wait(self._seen):
                return

    def can_skip_to(self, offset: int) -> bool:
        """Tell whether the next bytes can be those from an offset on, without reading all before them.

        That is not so for pipes, open files, what is compressed or no text, and a file that is shorter.
        """
        file = self._file
        if not isinstance(file, io.FileIO) or self._path is None:
            return False
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size < offset:
            return False
        first = os.pread(file.fileno(), LONGEST, 0)
        return not first.startswith(MAGIC) and kind_of(first) is None

    def left_behind(self, offset: int) -> int | None:
        """Return how many bytes a file holds behind an offset; None of what has no such places."""
        return os.fstat(self._file.fileno()).st_size - offset if self.can_skip_to(offset) else None

    def skip_to(self, offset: int) -> None:
        """Let the next bytes be those from an offset on, of a file that can."""
        self._seen = self._file.seek(offset)
        self._last = LastBytes(self.part(max(0, offset - KEPT), min(offset, KEPT)))

    def part(self, offset: int, size: int) -> bytes:
        """Return some bytes of a file that can be read from anywhere; what is read next stays the same."""
        return os.pread(self._file.fileno(), size, offset)

    def printed(self) -> Print | None:
        """Return what a file held up to where it was read, as it lies on the disc; None of anything else."""
        return None if self.file is None or self.truncated else print_of(self.part, self._seen)

    def known_at(self, offset: int) -> Known | None:
        """Return what is known by more than its text up to an offset; None of a file."""
        return None

    def commit(self, known: Known | None = None) -> None:
        """Tell the source that what is known, or else all, needs not be given again; a file has nobody to be told."""

    def regular_file(self) -> Path | None:
        """Return the path of a file that can be read from anywhere and is not compressed; None if it is none."""
        status = self._status()
        if self._path is None or status is None or not stat.S_ISREG(status.st_mode):
            return None
        return None if os.pread(self._file.fileno(), len(MAGIC), 0) == MAGIC else self._path

    @property
    def file(self) -> tuple[int, int] | None:
        """Device and inode of a regular file that was opened by its path; None of anything else."""
        status = self._status()
        if self._path is None or status is None or not stat.S_ISREG(status.st_mode):
            return None
        return status.st_dev, status.st_ino

    def at_end_for_now(self) -> bool:
        """Whether the next bytes of a file that is followed have not been written yet."""
        if not self._follow or self._path is None or (status := self._status()) is None:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size <= self._seen

    def _read(self) -> bytes:
        try:
            chunk = self._next()
            while chunk is None and not self.switch.requested:  # a pipe in non-blocking mode with nothing in it
                time.sleep(POLL_SECONDS / 10)
                chunk = self._next()
        except OSError as error:
            raise DataError(self.name, None, f"cannot be read: {error.strerror}", "a readable file") from None
        except ValueError as error:  # of a file that is closed already
            raise DataError(self.name, None, f"cannot be read: {error}", "an open file") from None
        if isinstance(chunk, str):
            raise WrongTypeError(f"{self.name} is open as text; open it in binary mode")
        return bytes(chunk or b"")

    def _next(self) -> Any:
        """Return what one read gives, empty at the end or after a stop request, None if it would have to wait."""
        if isinstance(self._file, io.FileIO):
            if not self._ready(self._file):
                return b""
            found = self._file.read(CHUNK if self._held is None else min(CHUNK, self._held))
            self._held = None if self._held is None else self._held - len(found or b"")
            return found
        # read1 returns what one system call gives, so that a slow pipe is never waited for.
        read = getattr(self._file, "read1", self._file.read)
        return self.switch.waiting(lambda: read(CHUNK))

    def _ready(self, file: io.FileIO) -> bool:
        """Wait until a read gives something; a stop breaks off the wait, never the read, whose bytes would be lost.

        What a pipe holds when the stop comes was sent before it and is read, and no more; a file's rest is not.
        """
        poll = select.poll()
        poll.register(file, select.POLLIN)
        if self._polled(poll):
            return True
        if self._held is None:
            self._held = _held(file)
        return self._held > 0 and bool(poll.poll(0))

    def _polled(self, poll: select.poll) -> bool:
        """Wait until a read gives something; return False once a stop was requested."""
        while self.switch.waited is not None:
            found = self.switch.waiting(lambda: poll.poll(TICK_MILLISECONDS))
            if found or found is None:
                return found is not None
            self.switch.waited()
        return self.switch.waiting(poll.poll) is not None

    def is_idle(self) -> bool:
        """Whether nothing more is there for now, of a source that may be watched while it is written."""
        if not self.live or not isinstance(self._file, io.FileIO):
            return False
        if self._follow and self._path is not None and stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            return self.at_end_for_now() and (status := self._status()) is not None and not self._replaced(status)
        try:
            soon = SOON_SECONDS if self._latest >= MUCH else 0.0
            return not select.select([self._file], [], [], soon)[0]
        except (OSError, ValueError):
            return False

    def _wait(self, seen: int) -> bool:
        """Wait a little at the end; return False when no more can come from this file."""
        status = self._status()
        if status is None or self.switch.requested:
            return False
        if stat.S_ISFIFO(status.st_mode) and self._path is not None:
            self._file.close()
            self._file = self._opened(self._path)
            return True
        if not stat.S_ISREG(status.st_mode):
            return False
        if self._replaced(status):
            if self._left:
                self.rotated = True
                return False
            self._left = True  # and read once more: its writer may have written to it until just now
        self.switch.waiting(lambda: time.sleep(POLL_SECONDS))
        if self.switch.waited is not None:
            self.switch.waited()
        return not self.switch.requested

    def _opened(self, path: Path) -> Any:
        """Open the path; a named pipe waits for its writer, which a stop request ends like an empty file."""
        file = self.switch.waiting(lambda: _open(path, self.name))
        return io.BytesIO() if file is None else file

    def _status(self) -> os.stat_result | None:
        try:
            return os.fstat(self._file.fileno())
        except (AttributeError, OSError, ValueError):
            return None

    def _is_truncated(self, read: bool) -> bool:
        """Whether a file that is followed does not hold any more what was read of it, before more was or was not."""
        status = self._status() if self._follow and self._path is not None else None
        if status is None or not stat.S_ISREG(status.st_mode):
            return False
        self.changed = status.st_mtime_ns if read or self.changed is None else self.changed
        return status.st_size < self._seen or not self._last.are_in(self._file.fileno(), self._seen)

    def _replaced(self, status: os.stat_result) -> bool:
        """Whether the path now leads to another file in which there is something.

        A path that leads nowhere may come back, and beside one that is empty the old one may still be written to.
        """
        if self._path is None:
            return False
        try:
            now = self._path.stat()
        except OSError:
            return False
        empty = stat.S_ISREG(now.st_mode) and not now.st_size
        return (now.st_dev, now.st_ino) != (status.st_dev, status.st_ino) and not empty


def _held(file: io.FileIO) -> int:
    """Return how many bytes a pipe holds; 0 of a regular file."""
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        return 0
    import termios  # late: of pipes only

    try:
        return int.from_bytes(fcntl.ioctl(file.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
    except OSError:  # a device that does not tell
        return CHUNK


def _stdin() -> Any:
    if sys.stdin is None:
        raise UnopenedError(STDIN, None, "is closed", "input on stdin, or the path of a file")
    # Unbuffered, as a path is opened: a read that waits can then be told from one that has got something.
    file = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
    with suppress(AttributeError, OSError, ValueError):  # not Linux, or not a pipe
        fcntl.fcntl(file.fileno(), fcntl.F_SETPIPE_SZ, PIPE)
    return file


def _open(path: Path, name: str) -> Any:
    """Open a file unbuffered: its chunks are large, and what is there must come at once."""
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        raise UnopenedError(name, None, *not_there(name)) from None
    except IsADirectoryError:
        raise UnopenedError(name, None, "is a directory", f"files, such as {name.rstrip('/')}/*") from None
    except PermissionError:
        raise UnopenedError(name, None, "permission denied", "a file you may read") from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise UnopenedError(name, None, f"cannot be opened: {problem}", "a readable file") from None
