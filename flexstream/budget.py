"""Amounts of memory as people write them, how they are shared, and how memory is given back."""

from __future__ import annotations

import re
from contextlib import suppress

from .errors import UsageError

LEAST, MOST = 1 << 16, 1 << 50
TREE_SHARE = 3
"""The tree's columns get one third of the memory: a refinement works on a copy, which takes at most two."""
SYMBOL_SHARE = 4
"""Symbols get a quarter beside it: 300,000 words of ten letters with the 256 MiB of the default."""
CASE_SHARE = 2
"""Open cases of events get half beside it, so that the default holds as many as the readers' own limits allow."""
_M_MMAP_THRESHOLD = -3  # of mallopt(3)
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1000, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_UNITS |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tb": 10**12, "tib": 1 << 40}


def parse_memory(text: str | int) -> int:
    """Return the bytes of an amount such as ``64MiB``, ``2 GB`` or ``1000000``.

    Raises
    ------
    UsageError
        If it is not one.

    Examples
    --------
    >>> parse_memory("64MiB"), parse_memory("1.5 MB"), parse_memory(70000)
    (67108864, 1500000, 70000)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(text).lower())
    if match is None or match[2] not in _UNITS:
        raise UsageError(f"{text!r} is not an amount of memory (expected: a number and a unit, such as 64MiB or 2GB)")
    amount = float(match[1]) * _UNITS[match[2]]
    if not LEAST <= amount < MOST:
        raise UsageError(f"{text!r} is no useful amount of memory (expected: from 64KiB to less than 1024TiB)")
    return int(amount)


def format_memory(amount: float) -> str:
    """Return an amount of bytes as people read it.

    >>> format_memory(67108864), format_memory(900)
    ('64.0 MiB', '900 B')
    """
    unit = "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def give_back_large_arrays() -> None:
    """Let arrays of a MiB and more go back to the system as soon as they are freed; for programs, not for libraries.

    The GNU C library raises that size by itself, up to 32 MiB, as large arrays are freed, and what is smaller stays
    with the process, in pieces between what is still in use: a quarter more memory where a stream brings many symbols.

    >>> give_back_large_arrays()
    """
    import ctypes

    with suppress(AttributeError, OSError, TypeError):  # another C library, or none to be asked
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)
