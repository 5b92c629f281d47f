"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .arguments import fitting_path
from .errors import DataError
from .patterns import late
from .temporaries import create

_ADDRESS = late(r"[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_LINKS = 40
"""Links that are followed, as many as Linux follows."""

_BUFFER = 1 << 16
"""Bytes that are held back until there are so many."""

_MODE = 0o666
"""Mode of a new file, but for what the umask of the process takes away."""

_ROOM = "a disc with free space, or another file"

_DESCRIPTORS = late(r"/dev/fd|/proc/(?P<process>\d+)/(?:task/\d+/)?fd")
"""Folders of open descriptors."""


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file whole or not at all; see ``AtomicFile``.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: str | Path, mode: int = _MODE) -> Iterator[AtomicFile]:
    """Open a file that appears when the block ends, and never does if the block raises.

    Raises
    ------
    DataError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lots.txt"
    >>> with atomic_file(path) as file:
    ...     file.write("load run unload\\n")
    ...     path.exists()
    False
    >>> path.read_text()
    'load run unload\\n'
    """
    file = AtomicFile(path, mode)
    try:
        yield file
    except BaseException:
        file.discard()
        raise
    file.commit()


def encoded(content: str | bytes) -> bytes:
    r"""Return a text as UTF-8, with what UTF-8 lacks as a backslash and its code; bytes as they are.

    >>> encoded("µ\ud800"), encoded(b"as it is")
    (b'\xc2\xb5\\ud800', b'as it is')
    """
    return content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content


class AtomicFile:
    """A file under a temporary name in its folder, which takes its own name when it is whole.

    File and folder are synchronised to the disc.  An existing file keeps its mode, a new one has that of the process.
    Links are followed: what they point to is replaced, not they.  Pipes, devices and open descriptors such as
    ``/dev/stdout`` are written to directly, for nothing can take their place.

    Parameters
    ----------
    path : str or Path
    mode : int, optional
        Of a new file, but for what the umask takes away.

    Raises
    ------
    DataError
        If it cannot be written; ``write`` and ``commit`` raise it as well.  BrokenPipeError, where the reader of a
        pipe has gone, is raised as it is.
    """

    def __init__(self, path: str | Path, mode: int = _MODE) -> None:
        fitting_path(path)
        self._path, self._new_mode = os.fspath(path), mode
        self._target = self._temporary = ""
        self._lock: int | None = None
        try:
            self._file = _open_special(self._path) if is_special(path) else self._open()
        except OSError as error:
            self._unlock()
            raise _cannot(path, error, "a file that you may write") from None

    def _open(self) -> BinaryIO:
        self._target = os.path.realpath(self._path)
        _check_place(self._path, self._target)
        before = _status(self._target)
        mode = self._new_mode if before is None else stat.S_IMODE(before.st_mode)
        self._temporary, handle = create(Path(self._target).parent, mode)
        if before is not None:
            _become(handle, before)
        self._lock = os.dup(handle)  # which keeps the file locked until it has its name
        return os.fdopen(handle, "wb", _BUFFER)

    def write(self, content: str | bytes | memoryview) -> None:
        """Write more of the content; see ``encoded``."""
        with self._reported():
            self._file.write(content if isinstance(content, memoryview) else encoded(content))

    def flush(self) -> None:
        """Hand over what is held back, which matters where somebody reads meanwhile: from a pipe."""
        with self._reported():
            self._file.flush()

    def commit(self) -> None:
        """Let the file appear under its name; where an error or ``discard`` has ended it, do nothing."""
        if self._file.closed:
            return
        with self._reported():
            try:
                self._close()
            except BaseException:  # interrupted while the disc is busy
                self.discard()
                raise

    def _close(self) -> None:
        self._file.flush()
        if self._temporary:
            os.fsync(self._file.fileno())
        self._file.close()
        if self._temporary:
            Path(self._temporary).replace(self._target)
            self._temporary = ""
            self._unlock()
            _sync(Path(self._target).parent)

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def discard(self) -> None:
        """Leave everything as it was; of pipes and devices what has been written stays."""
        with contextlib.suppress(OSError):  # closing tries to write the rest once more
            self._file.close()
        if self._temporary:
            with contextlib.suppress(OSError):
                Path(self._temporary).unlink()
            self._temporary = ""
        self._unlock()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn what the system says into one line that names the file, and leave nothing behind."""
        try:
            yield
        except BrokenPipeError:
            self.discard()
            raise
        except OSError as error:
            self.discard()
            raise _cannot(self._path, error, _ROOM) from None


def check_writable(path: str | Path) -> None:
    """Raise DataError now if a file could not be written there later."""
    try:
        if not is_special(path):
            _check_place(str(path), os.path.realpath(path))
        elif not _may_write(path):
            raise DataError(str(path), None, "cannot be written", "a pipe or device that you may write to")
    except OSError as error:
        raise _cannot(path, error, "a file name") from None


def _check_place(path: str, target: str) -> None:
    """Raise DataError or OSError if no file of that name can come to be, whatever is in it."""
    _status(target)  # raises where the name is too long, or its links lead in a circle
    _check_links(path)
    folder = Path(target).parent
    if Path(target).is_dir():
        raise DataError(path, None, "is a directory", "a file name")
    if not folder.is_dir():
        raise DataError(path, None, f"there is no folder {folder}", "a folder that exists")
    if not _may_write(folder):
        raise DataError(path, None, f"the folder {folder} is read-only", "a folder you may write to")


def leads_away(path: str | Path) -> str | None:
    """Return which file is replaced where a path is a link that leads out of its folder and the user's home.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "near").symlink_to("model.json")
    >>> (folder / "far").symlink_to("/srv/models/model.json")
    >>> leads_away(folder / "near"), leads_away(folder / "far")
    (None, '/srv/models/model.json')
    """
    place = Path(path)
    if not place.is_symlink() or is_special(path):
        return None
    target, home = Path(os.path.realpath(path)), os.environ.get("HOME", "/")
    own = [Path(os.path.realpath(folder)) for folder in (place.parent, home) if folder != "/"]
    return None if any(folder in target.parents for folder in own) else str(target)


def _check_links(path: str) -> None:
    """Raise DataError where somebody else has laid a link: what it leads to is theirs to choose, not to replace."""
    place = Path(path)
    for _ in range(_LINKS):
        if not place.is_symlink():
            return
        if place.lstat().st_uid not in (os.geteuid(), 0):
            raise DataError(path, None, f"{place} is a link of another user", "a link of your own, or a file")
        place = place.parent / place.readlink()


def _may_write(path: str | Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def is_special(path: str | Path) -> bool:
    """Tell whether a path is a pipe, a device or an open descriptor, which is written to and never replaced."""
    if _descriptor(path):
        return True
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _descriptor(path: str | Path) -> tuple[int | None, str] | None:
    """Return process and number of the open descriptor that a path leads to, as ``/dev/stdout`` does, if it does.

    Such a path looks like the regular file that stdout is redirected to, and must not be replaced: the shell's ``>>``
    would lose what was there, and what comes after would go to a file without a name.
    """
    place = Path(path).absolute()
    for _ in range(_LINKS):
        folder = os.path.realpath(place.parent)
        found = _DESCRIPTORS.fullmatch(folder) if folder.startswith(("/dev/", "/proc/")) else None
        if found:
            return (int(found["process"]) if found["process"] else None), place.name
        if not place.is_symlink():
            break
        place = Path(folder) / place.readlink()
    return None


def _open_special(path: str) -> BinaryIO:
    process, number = _descriptor(path) or (0, "")
    if number.isdecimal() and process in (None, os.getpid()):  # shares its position, as opening it again would not
        return os.fdopen(os.dup(int(number)), "wb", _BUFFER)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb", _BUFFER)


def _status(path: str) -> os.stat_result | None:
    """Return what the system knows of a file; None where there is none yet."""
    try:
        return Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _become(handle: int, other: os.stat_result) -> None:
    """Give an open file the owner, the group and the mode of another, as far as that is allowed."""
    own = os.fstat(handle)
    for old, user, group in ((own.st_gid, -1, other.st_gid), (own.st_uid, other.st_uid, -1)):
        if old not in (user, group):
            with contextlib.suppress(OSError):  # who is not root cannot give files away
                os.fchown(handle, user, group)
    with contextlib.suppress(OSError):  # some file systems have no modes
        os.fchmod(handle, stat.S_IMODE(other.st_mode))


def _sync(folder: Path) -> None:
    """Let the new name of a file survive a power cut, where the system can promise it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _cannot(path: str | Path, error: OSError, expected: str) -> DataError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        expected = _ROOM
    return DataError(str(path), None, f"cannot be written: {error.strerror}", expected)


TOPIC = "kafka://"
"""With what the address of a topic of Kafka begins."""


def not_there(name: str) -> tuple[str, str]:
    """Return what is wrong with a source that is no file, and what was expected.

    >>> not_there("lots.csv")
    ('no such file', 'the path of a file, or - for stdin')
    >>> not_there("https://host/lots.csv")[0]
    'is an address and no file'
    """
    if _ADDRESS.match(name):
        return "is an address and no file", "the path of a file, or - for stdin, as behind curl -s ADDRESS |"
    return "no such file", "the path of a file, or - for stdin"


def is_topic(where: object) -> bool:
    """Tell whether a source is a topic.

    >>> is_topic("kafka://broker/lots"), is_topic("lots.csv")
    (True, False)
    """
    return isinstance(where, str) and where.startswith(TOPIC)
