"""Text fit for the screen, for XML and for UTF-8."""

from __future__ import annotations

import re

from .patterns import late

# Of the format characters only those that change the direction of the text around them, or of no width at all
# where nobody expects it: joiners inside emoji and Indic scripts must stay.
_UNSEEN = {
    *"\u200b\u200e\u200f\u2060\ufeff",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
# Blanks in front are skipped by some spreadsheets; full-width signs mean the same in East Asian settings.
_FORMULA = late(r"\s*[=+\-@＝＋－＠]|\\[tr]")
_NUMBER = late(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    r"""Return a text with its control characters, lone surrogates and the like written out.

    Everything left can stand in XML and in UTF-8.

    Examples
    --------
    >>> print(visible("load\n\x00 → \ud800"))
    load\n\x00 → \ud800
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_visible_character, text))


def in_cell(text: str) -> str:
    """Return a text for a cell of a table, visible; what a spreadsheet would take for a formula has ``'`` in front.

    Numbers with a sign stay as they are.

    Examples
    --------
    >>> [in_cell(text) for text in ("load", "=cmd|' /c calc'!A1", "-1.5", "-1+cmd", "@sum", "|x")]
    ['load', "'=cmd|' /c calc'!A1", '-1.5', "'-1+cmd", "'@sum", '|x']
    """
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown) else shown


def _visible_character(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    import unicodedata  # late: most texts are ASCII

    category, code = unicodedata.category(character), ord(character)
    if (
        category in {"Cc", "Cs", "Zl", "Zp"}
        or character in _UNSEEN
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code < 0xFDF0
    ):
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character
