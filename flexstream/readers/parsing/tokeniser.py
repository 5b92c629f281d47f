"""The fast path for formats of plain words: from a block of bytes to a batch by compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..._kernels.tokens import DONE, FULL, ODD, REJECTED, STATUS, SYMBOLS, TRACES, split_lines
from ...stream.alphabet import Alphabet
from ...stream.batch import TraceBatch
from .word_table import WordTable


class Tokeniser:
    """Splits lines into traces; keeps its own copy of an alphabet's texts as bytes.

    Parameters
    ----------
    alphabet : Alphabet
        Grows by the words it has not seen; others may make it grow meanwhile.
    ahead : Alphabet, optional
        Grows in its place by those that `find` sees, whose order may not be the one in which they are handed on.

    Attributes
    ----------
    rejected : int
        Lines labelled 0 in the block that was split last.
    settle : callable
        Called before symbols are looked up: where others may add some meanwhile, it waits until they have.

    Examples
    --------
    >>> alphabet = Alphabet(["run"])
    >>> batch = Tokeniser(alphabet).split(b"load run\\n\\n")
    >>> [trace.tolist() for trace in batch], list(alphabet)
    ([[1, 0], []], ['run', 'load'])
    """

    def __init__(self, alphabet: Alphabet, ahead: Alphabet | None = None) -> None:
        self._alphabet = alphabet
        self._ahead = None if ahead is None else Tokeniser(ahead)
        self._words = WordTable()
        self.rejected = 0
        self.settle: Callable[[], None] = _at_once
        # Scratch for the symbols and offsets of a block; kept, as fresh memory is slow at first touch.
        self._symbols, self._stops = np.empty(0, np.int32), np.zeros(1, np.int64)

    def split(self, block: bytes, leads: int = 0, fits: Callable[[list[str]], bool] | None = None) -> TraceBatch | None:
        """Return the traces of a block of whole lines in valid UTF-8.

        Of the words that lead a line (see `split_lines`) the last states its length, and the first of two is a label;
        lines labelled 0 are left out.  None is returned, and nothing learned, if one is not as it should be, or if the
        words that occur do not fit.
        """
        self.settle()
        self._catch_up()
        buffer = np.frombuffer(block, np.uint8)
        if len(self._symbols) < len(buffer) // 2 + 1:
            self._symbols, self._stops = np.empty(len(buffer) // 2 + 1, np.int32), np.zeros(len(buffer) + 2, np.int64)
        symbols, offsets = self._symbols, self._stops
        state = np.array([0, 0, 0, -leads, DONE, 0])
        known = len(self._words)
        while True:
            split_lines(self._words.columns, buffer, leads, symbols, offsets[1:], state)
            if state[STATUS] != FULL:
                break
            self._words.grow_or_close(len(block))
        symbols = symbols[: state[SYMBOLS]].copy()
        if state[STATUS] == ODD or (fits is not None and not self._all(fits, symbols)):
            self._words.keep(known)
            return None
        self._tell(known)
        self.rejected = int(state[REJECTED])
        return TraceBatch(symbols, offsets[: state[TRACES] + 1].copy())

    def find(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int) -> NDArray[np.int32]:
        """Return the ids of the symbols that a column of spans marks in a buffer of valid UTF-8."""
        self.settle()
        if self._ahead is not None:
            return self._ahead.find(buffer, spans, column)
        self._catch_up()
        known = len(self._words)
        ids = self._words.find(buffer, spans, column)
        self._tell(known)
        return ids

    def encode(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the ids of texts; those that the alphabet has not seen are added in their order.

        >>> Tokeniser(Alphabet(["run"])).encode(["load", "run"])
        array([1, 0], dtype=int32)
        """
        self.settle()
        return np.fromiter(map(self._alphabet.id, texts), np.int32, len(texts))

    def _catch_up(self) -> None:
        """Learn the words that others have added to the alphabet, and what capacity it has left."""
        self._words.limit(self._alphabet.left, self._alphabet.other)
        self._words.add(self._alphabet.texts[len(self._words) :])

    def _tell(self, known: int) -> None:
        """Add the words that are new to the alphabet."""
        for word, text in enumerate(self._words.texts(known), known):
            _ = self._alphabet.close() if word == self._words.other else self._alphabet.id(text)

    def _all(self, fits: Callable[[list[str]], bool], symbols: NDArray[np.int32]) -> bool:
        """Tell whether all words that occur fit; what stands behind the catch-all is not known."""
        words = np.flatnonzero(np.bincount(symbols)).tolist()
        return self._words.other not in words and fits([self._words.texts(word, word + 1)[0] for word in words])


def _at_once() -> None:
    """Nobody else adds symbols."""
