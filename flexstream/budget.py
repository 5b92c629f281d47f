"""The user's memory: read from what people write, shared out, and accounted for."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from .arguments import fitting
from .defaults import MEMORY
from .errors import UsageError
from .tuples import NamedTuple

LEAST, MOST = 1 << 17, 1 << 50

SHARES = {"tree": 1 / 6, "search": 1 / 3, "symbols": 1 / 8, "cases": 1 / 4, "members": 1 / 256, "line": 7 / 128}
SHARES |= {"repeats": 1 / 32, "durations": 3 / 128, "drift": 1 / 128, "calibration": 1 / 256}
"""Who may have which part.

``tree``: the columns of the prefix tree.  ``search``: what a refinement works on, and a copy of the tree where an
answer is asked for between two refinements; at most twice the tree.  ``symbols``: texts and tables of the alphabet.
``cases``: events that wait for their case to end, with the cases' names.  ``members``: what is kept of the
members of an ensemble between two answers; their automata are made within three quarters of ``search``.
``line``: the longest line or record that is held whole.  ``repeats``: what is known of the traces that came, to tell
which of them only repeat what was said before, and these.  ``durations``: traces with the times between their events.
``drift``: the newest traces, with which learning begins anew where the source has changed.
``calibration``: traces drawn at random, by which alarms are calibrated.
"""

_Owner = TypeVar("_Owner")
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD, _M_ARENA_MAX = -3, -1, -8  # of mallopt(3)
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1000, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_UNITS |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tb": 10**12, "tib": 1 << 40}


class Use(NamedTuple):
    """What one part of a budget has taken, and what it may take, in bytes."""

    used: int
    share: int


class Budget:
    """The bytes a user allows, divided once and for all; the shares sum to the whole.

    Parameters
    ----------
    total : str or int
        Such as ``"64MiB"``, or bytes.

    Attributes
    ----------
    total : int
        Bytes.

    Raises
    ------
    UsageError
        If the amount is none, or none of use.
    WrongTypeError
        If it is neither a text nor a whole number.

    Examples
    --------
    >>> budget = Budget("48MiB")
    >>> budget.share("tree"), budget.share("cases")
    (8388608, 12582912)
    >>> texts = {"run", "load"}
    >>> budget.watch("symbols", texts, len)
    >>> budget.usage()
    {'symbols': Use(used=2, share=6291456)}
    """

    def __init__(self, total: str | int = MEMORY) -> None:
        self.total = parse_memory(fitting("memory", total, str | int))
        self._measures: dict[str, Callable[[], int | None]] = {}

    def __repr__(self) -> str:
        return f"Budget({format_memory(self.total)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Budget) and self.total == other.total

    def __hash__(self) -> int:
        return hash(self.total)

    def __getstate__(self) -> dict[str, Any]:
        """Let copies and pickles be accounts of their own, of which nothing is watched yet."""
        return {"total": self.total, "_measures": {}}

    def share(self, part: str) -> int:
        """Return the bytes that one of `SHARES` may take; raises KeyError for a part that there is not."""
        return int(self.total * SHARES[part])

    def watch(self, part: str, owner: _Owner, measure: Callable[[_Owner], int]) -> None:
        """Let a part be accounted for: ``measure`` returns the bytes that it takes of its owner now.

        The owner is not held, as it mostly holds the budget: in a circle both would wait for Python to look for it.
        """
        _ = SHARES[part]
        held = weakref.ref(owner)
        self._measures[part] = lambda: None if (alive := held()) is None else measure(alive)

    def usage(self) -> dict[str, Use]:
        """Return what each part that is accounted for takes now, beside its share; none whose owner is gone."""
        taken = ((part, measure()) for part, measure in self._measures.items())
        return {part: Use(used, self.share(part)) for part, used in taken if used is not None}


def parse_memory(text: str | int) -> int:
    """Return the bytes of an amount such as ``64MiB``, ``2 GB`` or ``1000000``.

    Raises
    ------
    UsageError
        If it is not one.

    Examples
    --------
    >>> parse_memory("64MiB"), parse_memory("1.5 MB"), parse_memory(700000)
    (67108864, 1500000, 700000)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(text).lower())
    if match is None or match[2] not in _UNITS:
        raise UsageError(f"{text!r} is not an amount of memory (expected: a number and a unit, such as 64MiB or 2GB)")
    amount = float(match[1]) * _UNITS[match[2]]
    if not LEAST <= amount < MOST:
        raise UsageError(f"{text!r} is no useful amount of memory (expected: from 128KiB to less than 1024TiB)")
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


def give_back_large_arrays(total: int) -> None:
    """Let large arrays go back to the system as soon as they are freed; for programs, not for libraries.

    The GNU C library raises that size by itself, up to 32 MiB, as large arrays are freed, and what is smaller stays
    with the process, in pieces between what is still in use: a quarter more memory where a stream brings many symbols.
    But what is given back has to be asked for again, page by page.  So a 64th of the memory, from 1 to 4 MiB, is large,
    and twice as much may be free at the end of what the process holds.  And the library gives each thread memory of its
    own, where what one of them frees is of no use to another; who counts in a second thread has all in one.

    Parameters
    ----------
    total : int
        Bytes that the program may take.

    Examples
    --------
    >>> give_back_large_arrays(1 << 28)
    """
    import ctypes

    large = min(max(total // 64, 1 << 20), 1 << 22)
    with suppress(AttributeError, OSError, TypeError):  # another C library, or none to be asked
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, large)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * large)
        library.mallopt(_M_ARENA_MAX, 1)
