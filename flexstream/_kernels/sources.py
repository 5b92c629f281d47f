"""Which sources the compiled kernels come from; also run by the build, so it needs nothing that is installed."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "c"


def library_path(kind: str = "") -> Path:
    """Return where the compiled kernels lie: the library of every day, or that of a kind, as ``checked``."""
    return FOLDER.parent / ("_flexstream" + ("-" + kind if kind else "") + ".so")


def sources_digest() -> str | None:
    """Return a digest of all sources; None where there are none, as in an installed wheel."""
    paths = sorted(FOLDER.glob("*.[ch]"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest() if paths else None
