"""Which sources the compiled kernels come from; also run by the build, so it needs nothing that is installed."""

from __future__ import annotations

import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "c"


def library_path(kind: str = "") -> Path:
    """Return where the compiled kernels lie: the library of every day, or that of a kind, as ``checked``."""
    return FOLDER.parent / ("_flexstream" + ("-" + kind if kind else "") + ".so")


def sources_digest() -> str | None:
    """Return a checksum of all sources; None where there are none, as in an installed wheel.

    It tells sources that have changed since; a cryptographic one would take longer to import than a small file to read.
    """
    paths = sorted(FOLDER.glob("*.[ch]"))
    found = 0
    for path in paths:
        found = zlib.crc32(path.name.encode() + b"\0" + path.read_bytes() + b"\0", found)
    return f"{found:08x}" if paths else None
