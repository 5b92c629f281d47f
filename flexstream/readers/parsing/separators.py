"""Separators: what stands between the symbols of traces that are written on one line, where it is no blank."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...patterns import late

ARROWS = ("-->", "==>", "->", "=>", "→", "⇒", ">")
SIGNS = (",", ";", "|")
_WORDS = 3  # in a symbol; what has more is a text
_ENOUGH = 5  # traces by which symbols of several words are told from a text
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ('"', '"'), ("'", "'"))
_ENCLOSED = late(r"\([^()]*+\)|\[[^\[\]]*+\]|\{[^{}]*+\}|<[^<>]*+>|\"[^\"]*+\"|'[^']*+'")


def separator_of(traces: Iterable[str]) -> str | None:
    """Return what stands between the symbols of some traces, None where it is blanks or nobody can tell.

    A sign does where symbols between it come again, no other blanks are than those beside it, no bracket or quote is
    taken apart, and no other sign is in them.  Symbols of several words have to come again often, as those of a text do
    not.

    Parameters
    ----------
    traces : iterable of str
        Some of the first; those of one symbol and empty ones say nothing.

    Examples
    --------
    >>> separator_of(["load,run", "load,move"]), separator_of(["run -> run", "load"]), separator_of(["load run"])
    (',', '->', None)
    >>> separator_of(["f(a,b)", "g(c,d)"]), separator_of(["lot 7, tool 3 failed", "lot 8, at last"])
    (None, None)
    >>> separator_of(["<a> <b> <a>"]), separator_of(["a->b,b->c,a->b"]), separator_of(["0,5;1,5;0,5"])
    (None, None, None)
    """
    texts = [text.strip() for text in traces if text.strip()]
    return next((sign for sign in (*ARROWS, *SIGNS) if _stands_between(sign, texts)), None)


def _stands_between(sign: str, texts: list[str]) -> bool:
    """Tell whether most of the traces that may have several symbols have this sign between them."""
    having = [text for text in texts if sign in text]
    without = [text for text in texts if sign not in text]
    if not having or any(" " in text or "\t" in text for text in without):
        return False
    pieces = [piece.strip() for text in dict.fromkeys(having) for piece in text.removesuffix(sign).split(sign)]
    if len(set(pieces)) == len(pieces) or not all(map(_is_symbol, pieces)):
        return False
    worded = any(len(piece.split()) > 1 for piece in pieces)
    others = [other for other in (*ARROWS, *SIGNS) if other not in sign and sign not in other]
    mixed = any(other in _ENCLOSED.sub("", piece) for piece in set(pieces) for other in others)
    if not (worded or mixed):
        return True
    spaced = re.compile(rf"{'' if sign in SIGNS else ' '}{re.escape(sign)} ")
    regular = all(len(spaced.findall(text)) == text.removesuffix(sign).count(sign) for text in having)
    every = sum(text.count(sign) + 1 for text in having)
    return regular and len(having) >= _ENOUGH and 2 * len(set(pieces)) <= every


def _is_symbol(piece: str) -> bool:
    """Whether a piece may be a symbol: it is filled, of few words, and no bracket or quote is left open."""
    whole = all(piece.count(a) == piece.count(b) and (a != b or piece.count(a) % 2 == 0) for a, b in _PAIRS)
    return bool(piece) and len(piece.split()) <= _WORDS and whole
