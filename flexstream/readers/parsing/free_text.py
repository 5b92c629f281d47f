"""Columns of free text: messages for people, in which something varies, as against a set of names of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...patterns import late
from ..source.text import LOOKED_AT
from .fields import inner, plain
from .guessing import MESSAGES

FEWEST = 20
"""Rows with fewer of which nothing is said."""
_NEW, _MANY_NEW = 0.1, 0.3
_WORDY = 0.2
_EACH_TIME = 0.5
# What is called so is the name of an event, as process logs have it.
_NAMES = frozenset({"concept:name", "activity", "activityname", "task", "operation", "step", "symbol", "eventid"})
_WORD = late(r"[^\W\d_]{2,}")


def may_be_text(name: str, first: str) -> bool:
    """Whether a column may hold free text, by its name and by its first cell: nothing else has to be waited for.

    Examples
    --------
    >>> may_be_text("message", "idle"), may_be_text("note", "lot 7 loaded"), may_be_text("status", "idle")
    (True, True, False)
    >>> may_be_text("Activity", "Check confirmation of receipt")
    False
    """
    if plain(name) in _NAMES:
        return False
    return plain(name) in MESSAGES or inner(name) in MESSAGES or len(first.split()) > 1


def is_text(cells: Iterable[str]) -> bool:
    """Tell whether the first cells of a column are free text.

    In a set of names new ones soon cease to come; in texts they go on coming, most of them only once, and yet they are
    few once what varies is masked.  Some words are left then, and more than one text: codes have none, or one.  Where
    there is one text, it is a message if each word that varies is new nearly each time; else that may be what happens.

    Examples
    --------
    >>> is_text(["started", "idle"] + [f"lot {number} loaded" for number in range(30)])
    True
    >>> is_text([f"alarm {number}" for number in range(30)]), is_text(["lot loaded", "lot lost"] * 30)
    (False, False)
    >>> is_text([f"valve opened at {number}" for number in range(30)])
    True
    >>> is_text([f"step {number % 3} done in {number} ms" for number in range(30)])
    False
    """
    filled = [cell for cell in cells if cell.strip()][:LOOKED_AT]
    counts, half = Counter(filled), len(filled) // 2
    known = set(filled[:half])
    new = sum(cell not in known for cell in filled[half:])
    once = sum(count == 1 for count in counts.values())
    rate = new / max(len(filled) - half, 1)
    many = rate >= _MANY_NEW and len(filled) >= LOOKED_AT // 2
    if len(filled) < FEWEST or not (many or (rate >= _NEW and 2 * once >= len(counts))):
        return False
    from .masking import masked  # whose patterns take as long to compile as a small file to read

    templates = list(map(masked, filled))
    wordy = sum(len(_WORD.findall(text)) > 1 for text in templates)
    kinds = len(set(templates))
    few = kinds <= len(counts) / 2 and (kinds > 1 or _new_each_time(filled))
    return few and wordy >= _WORDY * len(filled)


def _new_each_time(cells: list[str]) -> bool:
    """Tell whether each word that varies is another nearly each time, so that none of them says what happens."""
    rows = [cell.split() for cell in cells]
    if len({len(row) for row in rows}) > 1:
        return True
    values = (len(set(words)) for words in zip(*rows, strict=True))
    return all(number == 1 or number >= _EACH_TIME * len(rows) for number in values)
