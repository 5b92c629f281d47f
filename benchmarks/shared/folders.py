"""The files below some folders, in the order in which people count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def natural(path: Path) -> list[object]:
    """Sort numbers by their value.

    >>> sorted([Path("a10"), Path("a9")], key=natural)
    [PosixPath('a9'), PosixPath('a10')]
    """
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(path))]


def files_below(folders: Iterable[Path]) -> list[Path]:
    """Return all that lies below some folders."""
    return sorted((path for folder in folders for path in folder.rglob("*")), key=natural)
