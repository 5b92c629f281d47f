"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from .errors import DataError


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file under a temporary name in its folder and rename it.

    Raises
    ------
    DataError
        If the folder does not exist or cannot be written to.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise DataError(str(path), None, f"cannot be written: {error.strerror}", "a folder you may write to") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        if isinstance(error, OSError):
            raise DataError(str(path), None, f"cannot be written: {error.strerror}", "a file name") from None
        raise


def check_writable(path: str | Path) -> None:
    """Raise DataError now if a file could not be written there later."""
    path = Path(path)
    try:
        _check_writable(path)
    except OSError as error:
        raise DataError(str(path), None, f"cannot be written: {error.strerror}", "a file name") from None


def _check_writable(path: Path) -> None:
    if path.is_dir():
        raise DataError(str(path), None, "is a directory", "a file name")
    if not path.parent.is_dir():
        raise DataError(str(path), None, f"there is no folder {path.parent}", "a folder that exists")
    if not os.access(path.parent, os.W_OK):
        raise DataError(str(path), None, f"the folder {path.parent} is read-only", "a folder you may write to")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
