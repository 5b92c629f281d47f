"""Rotation: where the rest of a file is that was read under a name which another has by now."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...errors import FlexStreamError
from .blocks import placed
from .inflate import MAGIC, decompressed
from .trail import Print, checked

CHUNK = 1 << 18
_NUMBER = r"[.\-_]?(?:\d[\d.\-_T:Z]*|old)"
"""What rotation puts into a name: a number, a date, or that it is old."""

_LOOKS = 10
"""Looks at a folder in which files are renamed meanwhile."""

File = tuple[int, int]
"""Device and inode of a file."""


class Found(str):
    """The path under which a file was found, and which file that was: by the time it is opened it may be another."""

    __slots__ = ("file", "once")

    file: File | None
    once: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str], once: Path) -> Found:
        """Return where a file was found that once had a name."""
        found = cls(os.fspath(path))
        found.file, found.once = identity(Path(path)), once
        return found


def is_another(one: object, opened: File | None) -> bool:
    """Tell whether another file was opened than was found, since they were renamed meanwhile."""
    return isinstance(one, Found) and one.file is not None and opened not in (None, one.file)


def files_from(
    where: str | os.PathLike[str],
    known: Print | None,
    file: File | None,
    later: Callable[[], Sequence[Found]] | None = None,
) -> list[Found]:
    """Return where to read on: the file that was read, wherever it is now, and those that came after it, in order.

    Parameters
    ----------
    where : path
        Under which it was read.
    known : Print or None
        What is known of its text; None where nothing was read of it.
    file : File or None
        Which it was.
    later : callable, optional
        Returns those that came after it, where that is known better than by when files were written to.

    Returns
    -------
    list of Found
        ``where`` is the last of them; it is alone if it is that file, or if none is found.
    """
    fits = _fits(Path(where), known, file)
    *others, last = in_order(where)
    if fits and file in (None, last.file):
        return [last]
    found = [other for other in others if _fits(Path(other), known, file)]
    was = next((other for other in found if other.file == file), None)
    if was is None and (fits or not found):
        return [last]
    first = was or found[-1]
    if later is None:
        return [*others[others.index(first) :], last]
    return [first, *(one for one in later() if one.file != first.file), last]


def files_since(where: str | os.PathLike[str], file: File | None) -> list[Found]:
    """Return a file, wherever it is now, and those that came after it; only ``where`` if it is nowhere else."""
    *others, last = in_order(where)
    at = next((number for number, other in enumerate(others) if other.file == file), len(others))
    return [*others[at:], last]


def in_order(where: str | os.PathLike[str]) -> list[Found]:
    """Return the files that once had a name, and the one that has it now, in the order in which they were written.

    Files may be renamed while the folder is looked at, so that one is missed and another seen twice: it is looked at
    until it is twice the same.
    """
    before, path = list[Found](), Path(where)
    for _ in range(_LOOKS):
        *others, last = [Found.at(one, path) for one in (*sorted(rotated(path), key=_changed), where)]
        # One may be the very file: the log is a link to that which has the newest date.
        found = [*(one for one in others if one.file is None or one.file != last.file), last]
        if [(one, one.file) for one in found] == [(one, one.file) for one in before]:
            break
        before = found
    return found


def _changed(path: Path) -> tuple[int, int, str]:
    """Return when a file was written to last; of files of the same moment the one with the higher number is older."""
    number = re.search(r"\.(\d{1,4})(?:\.gz)?$", path.name)
    try:
        return _written(path), -int(number[1]) if number else 0, path.name
    except OSError:  # it is gone by now
        return 0, 0, path.name


def _written(path: Path) -> int:
    """Return when a file was written to last; where it was compressed later, when that was of which it was made."""
    changed = path.stat().st_mtime_ns
    if path.suffix != ".gz":
        return changed
    with path.open("rb", buffering=0) as opened:
        seconds = int.from_bytes(opened.read(8)[4:8], "little")  # RFC 1952, 2.3: 0 where it is not known
    made_of = seconds * 10**9
    return made_of if made_of > 0 and made_of + 10**9 <= changed else changed


def rotated(path: Path) -> list[Path]:
    """Return the files beside one whose names say that they once had its name.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("app.log", "app.log.1", "app.log-20260131.gz", "app-2.log", "app.log.swp", "apple.log"):
    ...     _ = (folder / name).write_bytes(b"")
    >>> sorted(other.name for other in rotated(folder / "app.log"))
    ['app-2.log', 'app.log-20260131.gz', 'app.log.1']
    """
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    name = re.compile(rf"{stem}(?:{suffix}{_NUMBER}|{_NUMBER}{suffix})(?:\.gz)?")
    try:
        return [other for other in path.parent.iterdir() if name.fullmatch(other.name) and other.is_file()]
    except OSError:
        return []


def identity(path: Path) -> File | None:
    """Return which file a path leads to."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _fits(path: Path, known: Print | None, file: File | None) -> bool:
    """Tell whether a file begins with the text that is known, as it is or compressed; else whether it is the file."""
    if known is None:
        return file in (None, identity(path))
    try:
        with path.open("rb", buffering=0) as opened:
            if os.pread(opened.fileno(), len(MAGIC), 0) != MAGIC:
                return known.fits(lambda offset, size: os.pread(opened.fileno(), size, offset))
            return has(decompressed(iter(lambda: opened.read(CHUNK), b""), path.name), known)
    except (OSError, FlexStreamError):
        return False


def has(chunks: Iterator[bytes], known: Print) -> bool:
    """Tell whether a text is the known one; a ChangedSourceError says that it is another."""
    return any(offset + len(piece) >= known.offset for offset, piece in checked(placed(chunks), known, ""))
