"""Which sources the compiled kernels come from; also run by the build, so it needs nothing that is installed."""

from __future__ import annotations

import os
import zlib
from io import FileIO
from pathlib import Path

FOLDER = Path(__file__).parent / "c"


def library_path(kind: str = "") -> Path:
    """Return where the compiled kernels lie: the library of every day, or that of a kind, as ``checked``."""
    return FOLDER.parent / ("_flexstream" + ("-" + kind if kind else "") + ".so")


def is_newest(library: Path) -> bool:
    """Tell whether nothing that kernels are declared in is newer than a library, as `make` would ask.

    So it is in an installed wheel, where there are no sources: there both halves are of one build.
    """
    if not FOLDER.is_dir():
        return True
    made = library.stat().st_mtime_ns
    for folder, endings in ((FOLDER, (".c", ".h")), (FOLDER.parent, (".py",))):
        with os.scandir(folder) as entries:
            if any(entry.stat().st_mtime_ns > made for entry in entries if entry.name.endswith(endings)):
                return False
    return True


def sources_digest() -> str | None:
    """Return a checksum of all sources; None where there are none, as in an installed wheel.

    It tells sources that have changed since; a cryptographic one would take longer to import than a small file to read.
    """
    if not FOLDER.is_dir():
        return None
    with os.scandir(FOLDER) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith((".c", ".h")))
    found = 0
    for name in names:
        with FileIO(f"{FOLDER}/{name}") as file:  # at every start: half the time of a path's own reading
            found = zlib.crc32(b"%b\0%b\0" % (name.encode(), file.readall()), found)
    return f"{found:08x}" if names else None
