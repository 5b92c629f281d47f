"""Files under temporary names: each belongs to a process that lives, or is cleaned up by the next that writes there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .patterns import late

try:
    import fcntl
except ImportError:  # pragma: no cover - not on Windows, where nothing is cleaned up
    fcntl = None  # type: ignore[assignment]

_BEGINNING = ".flexstream-"
_NAME = late(r"\.flexstream-[0-9a-f]{16}\.tmp")
_clean: set[str] = set()
"""Folders that this process has cleaned up."""


def create(folder: Path, mode: int) -> tuple[str, int]:
    """Make a temporary file; return its path and an open descriptor.

    As long as that or a copy of it is open the file is locked, by which others see that it has an owner.  What owners
    that are gone have left in the folder is removed, once a process.

    Raises
    ------
    OSError
        If there can be none.
    """
    clean_up(folder)
    while True:
        # Not made of the name it will have: with more than the name in it, the longest names would be too long.
        path = str(folder / f"{_BEGINNING}{os.urandom(8).hex()}.tmp")
        # What a process creates has the mode that its umask leaves, without asking for the umask.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        _lock(handle)
        if os.fstat(handle).st_nlink:  # not taken for one without an owner just before it was locked
            return path, handle
        os.close(handle)


def clean_up(folder: Path) -> None:
    """Remove the temporary files in a folder whose owners were killed; a folder is looked through once a process."""
    place = os.path.realpath(folder)
    if place in _clean:
        return
    _clean.add(place)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if (
                entry.name.startswith(_BEGINNING)
                and _NAME.fullmatch(entry.name)
                and entry.is_file(follow_symlinks=False)
            ):
                with suppress(OSError):
                    _remove_if_orphaned(entry.path)


def _remove_if_orphaned(path: str) -> None:
    """Remove a file that nobody has locked, if it is one of the user's own."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        if os.fstat(handle).st_uid == os.geteuid() and _lock(handle):
            Path(path).unlink()
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock a file as long as it is open; return whether that worked, which it does not on every file system."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
