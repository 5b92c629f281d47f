"""Words of symbols that are new each time, such as ids of letters alone, which no mask can tell from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_ALIKE = 0.9
"""Share of the symbols that have as many words."""
_NEW = 0.5
"""Different words in one place, for each of these."""
_FEW = 0.1
"""Share of the symbols that are left without these words, at most."""


def new_words(symbols: Sequence[str]) -> tuple[list[int], int] | None:
    """Return in which places, from 1, words are new in most symbols, and how many forms are left without these.

    Examples
    --------
    >>> new_words([f"{verb} document {name}" for verb in ("open", "close") for name in "abcdefghijklmnop"])
    ([3], 2)
    >>> new_words([f"{name} is {name}" for name in "abcdefgh"]), new_words(["a b", "c"]), new_words(list("abc"))
    (([1, 3], 1), None, None)
    """
    words = [symbol.split() for symbol in symbols]
    width, count = Counter(map(len, words)).most_common(1)[0] if words else (0, 0)
    if width < 2 or count < _ALIKE * len(words):
        return None
    rows = [row for row in words if len(row) == width]
    places = [place for place in range(width) if len({row[place] for row in rows}) >= _NEW * len(rows)]
    left = {tuple(word for place, word in enumerate(row) if place not in places) for row in rows}
    if not places or len(places) == width or len(left) > max(1, _FEW * len(rows)):
        return None
    return [place + 1 for place in places], len(left)
