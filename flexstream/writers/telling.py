"""Names of long symbols that keep what tells them from others: the first words, and the last or the rarest ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from ..visible import visible
from .labels import common_prefix, short_labels

LONGEST = 30
"""How wide a name is at most, in letters; those of East Asia are two."""
_LOOKED_AT = 2000
"""Letters of a symbol that are looked at."""
_WORDS = re.compile(r"[^\s、。，；：・]+[\s、。，；：・]*")


def wide(text: str) -> int:
    """Return how wide a text is, in letters.

    >>> wide("run"), wide("注文")
    (3, 4)
    """
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def telling_labels(symbols: Iterable[str], longest: int = LONGEST) -> dict[str, str]:
    """Return a label for each symbol, different for different symbols; of long ones the words that tell most.

    These are the first word and the last ones, if no other symbol has the same; else the first and that which the
    fewest symbols have, or that alone.  Where words tell them apart no better they have the labels of `short_labels`.

    Examples
    --------
    >>> told = telling_labels(f"The order of the customer was {how} by the shop" for how in ("paid", "cancelled"))
    >>> list(told.values())
    ['The … of the customer was paid', 'The … customer was cancelled']
    """
    labels = short_labels(symbols)
    words = {symbol: _WORDS.findall(visible(symbol[:_LOOKED_AT])) for symbol in labels}
    known = Counter(word for row in words.values() for word in {word.strip() for word in row})
    long = [symbol for symbol, row in words.items() if row and wide(labels[symbol]) > longest]
    last = {symbol: len(words[symbol]) - 1 for symbol in long}
    rarest = {
        symbol: max(enumerate(words[symbol]), key=lambda pair: (-known[pair[1].strip()], pair[0]))[0] for symbol in long
    }
    found: dict[str, str] = {}
    used = {label for symbol, label in labels.items() if symbol not in last}
    for first, end in ((0, last), (0, rarest), (None, rarest)):
        named = {symbol: _label(words[symbol], first, end[symbol], longest) for symbol in long}
        ends = {symbol: ("" if first is None else words[symbol][0], words[symbol][end[symbol]]) for symbol in long}
        alike = Counter(ends.values())
        for symbol, label in named.items():
            if symbol not in found and label and alike[ends[symbol]] == 1 and label not in used:
                found[symbol] = label
                used.add(label)
    return labels | found


def names_of(symbols: Iterable[str], longest: int = LONGEST) -> dict[str, str]:
    """Return labels of symbols for names of states: as `telling_labels`, without words that all of them begin with.

    >>> list(names_of(f"Inspection of the delivered part, sample {at}" for at in range(3)).values())
    ['…0', '…1', '…2']
    """
    known = list(symbols)
    prefix = common_prefix(known)
    labels = telling_labels((symbol[len(prefix) :] for symbol in known), longest)
    return {symbol: ("…" if prefix else "") + labels[symbol[len(prefix) :]] for symbol in known}


def _label(words: Sequence[str], first: int | None, last: int, longest: int) -> str:
    """Return the first word, if one is given, and as many before another, with it, as there is room for."""
    found, begin = "", -1 if first is None else first
    for start in range(last, begin, -1):
        tail = "".join(words[start : last + 1]).strip()
        if first is None:
            label = ("… " if start else "") + tail
        else:
            label = words[first].strip() + (" " if start == first + 1 else " … ") + tail
        if wide(label) > longest:
            break
        found = label
    return found
