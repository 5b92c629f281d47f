"""Rotation: where the rest of a file is that was read under a name which another has by now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ...errors import FlexStreamError
from .blocks import placed
from .inflate import MAGIC, decompressed
from .trail import Print, checked

_CHUNK = 1 << 18
_NUMBER = r"[.\-_]?(?:\d[\d.\-_T:Z]*|old)"
"""What rotation puts into a name: a number, a date, or that it is old."""

File = tuple[int, int]
"""Device and inode of a file."""


def files_from(path: Path, known: Print | None, file: File | None) -> list[Path]:
    """Return where to read on: the file that was read, wherever it is now, and those that came after it, in order.

    Parameters
    ----------
    path : Path
        Under which it was read.
    known : Print or None
        What is known of its text; None where nothing was read of it.
    file : File or None
        Which it was.

    Returns
    -------
    list of Path
        ``path`` is the last of them; it is alone if it is that file, or if none is found.
    """
    fits = _fits(path, known, file)
    if fits and file in (None, identity(path)):
        return [path]
    others = sorted(rotated(path), key=_changed)
    found = [other for other in others if _fits(other, known, file)]
    was = next((other for other in found if identity(other) == file), None)
    if was is None and (fits or not found):
        return [path]
    return [*others[others.index(was or found[-1]) :], path]


def _changed(path: Path) -> tuple[int, str]:
    """Return when a file was written to last, and its name; of one that is gone by now any time."""
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:
        return 0, path.name


def files_since(path: Path, file: File | None) -> list[Path]:
    """Return a file, wherever it is now, and those that came after it; only ``path`` if it is nowhere else."""
    others = sorted(rotated(path), key=lambda other: (other.stat().st_mtime_ns, other.name))
    at = next((number for number, other in enumerate(others) if identity(other) == file), len(others))
    return [*others[at:], path]


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
            return _has(decompressed(iter(lambda: opened.read(_CHUNK), b""), path.name), known)
    except (OSError, FlexStreamError):
        return False


def _has(chunks: Iterator[bytes], known: Print) -> bool:
    """Tell whether a text is the known one; a ChangedSourceError says that it is another."""
    return any(offset + len(piece) >= known.offset for offset, piece in checked(placed(chunks), known, ""))
