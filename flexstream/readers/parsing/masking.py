"""Masking of symbols: what varies in the text of an event is left out, and each text is looked at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..options import ReadOptions
from .tokeniser import Tokeniser
from .word_table import WordTable, joined

_MOST = 1 << 24  # bytes of texts that are remembered
_EACH = 64  # bytes that a text takes beside its own


def masked(text: str) -> str:
    """Return the template of an event's text, or the text where nothing is left of it.

    >>> masked("lot 7 loaded in 3.5 s")
    'lot <*> loaded in <*>'
    """
    from .templates import template  # whose patterns are compiled when it is imported

    return template(text) or text


def as_it_is(text: str) -> str:
    """Return a text that is not masked."""
    return text


def masking(wanted: bool) -> Callable[[str], str]:
    """Return what is done to the texts of events: they are masked, or left as they are."""
    return masked if wanted else as_it_is


def for_events(options: ReadOptions) -> Callable[[str], str]:
    """Return what is done to the texts of events that the user chose: nothing, unless they are to be masked."""
    return masking(bool(options.mask))


def for_messages(options: ReadOptions) -> Callable[[str], str]:
    """Return what is done to the messages of a log: they are masked, unless they are not to be."""
    from .templates import template

    return as_it_is if options.mask is False else template


def remembering(mask: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that does the same, and looks at a text once only, as long as there are not too many.

    >>> remembering(masked)("lot 7")
    'lot <*>'
    """
    known: dict[str, str] = {}
    size = 0

    def look(text: str) -> str:
        nonlocal size
        found = known.get(text)
        if found is None:
            size += _EACH + 2 * len(text)
            if size > _MOST:
                known.clear()
                size = 0
            found = known[text] = mask(text)
        return found

    return look


def redacting() -> Callable[[str], str]:
    """Return a function that leaves out of a text what tells of people and addresses."""
    from ..texts.redaction import redacted  # whose patterns are compiled when it is imported

    return remembering(redacted)


class MaskedTexts:
    """Looks up the symbols of masked texts.

    Parameters
    ----------
    tokeniser : Tokeniser
        Numbers the symbols.

    Examples
    --------
    >>> from flexstream.stream.alphabet import Alphabet
    >>> alphabet = Alphabet()
    >>> texts = MaskedTexts(Tokeniser(alphabet))
    >>> texts.find(*joined(["lot 7", "lot 8", "idle"]), 0).tolist(), list(alphabet)
    ([0, 0, 1], ['lot <*>', 'idle'])
    """

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._texts, self._symbols = WordTable(), np.empty(0, np.int32)

    def find(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int) -> NDArray[np.int32]:
        """Return the ids of the symbols of the texts that a column of spans marks in a buffer of valid UTF-8."""
        if self._texts.size + _EACH * len(self._texts) > _MOST:
            self._texts, self._symbols = WordTable(), np.empty(0, np.int32)
        ids = self._texts.find(buffer, spans, column)
        fresh = self._texts.texts(len(self._symbols))
        if fresh:
            symbols = self._tokeniser.find(*joined(list(map(masked, fresh))), 0)
            self._symbols = np.append(self._symbols, symbols)
        return self._symbols[ids]
