"""The quick way for formats of plain words: from a block of bytes to a batch by compiled loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .._kernels.tokens import (
    BYTES,
    DONE,
    FULL,
    LEFT,
    ODD,
    OPEN,
    OTHER,
    STATUS,
    SYMBOLS,
    TRACES,
    WORDS,
    WordColumns,
    add_words,
    rehash,
    split_lines,
)
from ..alphabet import SYMBOL_BYTES, Alphabet, as_bytes
from ..batch import TraceBatch


class Tokeniser:
    """Splits lines into traces; keeps its own copy of an alphabet's texts as bytes.

    Parameters
    ----------
    alphabet : Alphabet
        Grows by the words it has not seen; others may make it grow meanwhile.

    Examples
    --------
    >>> alphabet = Alphabet(["run"])
    >>> batch = Tokeniser(alphabet).split(b"load run\\n\\n", counted=False)
    >>> [trace.tolist() for trace in batch], list(alphabet)
    ([[1, 0], []], ['run', 'load'])
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._words = _columns(256, 4096)
        # For the symbols and offsets of a block; kept, as fresh memory is slow at first touch.
        self._room, self._stops = np.empty(0, np.int32), np.zeros(1, np.int64)

    def split(self, block: bytes, counted: bool, fits: Callable[[list[str]], bool] | None = None) -> TraceBatch | None:
        """Return the traces of a block of whole lines in valid UTF-8.

        With ``counted`` a line states its length first.  None is returned, and nothing learned, if one does not, or if
        the words that occur do not fit.
        """
        self._catch_up()
        buffer = np.frombuffer(block, np.uint8)
        if len(self._room) < len(buffer) // 2 + 1:
            self._room, self._stops = np.empty(len(buffer) // 2 + 1, np.int32), np.zeros(len(buffer) + 2, np.int64)
        symbols, offsets = self._room, self._stops
        state = np.array([0, 0, 0, -1, DONE])
        known = len(self._alphabet)
        while True:
            split_lines(self._words, buffer, counted, symbols, offsets[1:], state)
            if state[STATUS] != FULL:
                break
            if self._words.size[LEFT] < 0:
                self._close()
            else:
                self._grow(1, len(block))
        symbols = symbols[: state[SYMBOLS]].copy()
        if state[STATUS] == ODD or (fits is not None and not fits(self._texts(np.flatnonzero(np.bincount(symbols))))):
            self._forget(known)
            return None
        for text in self._texts(np.arange(known, int(self._words.size[WORDS]))):
            _ = self._alphabet.id(text) if text else self._alphabet.close()
        return TraceBatch(symbols, offsets[: state[TRACES] + 1].copy())

    def _texts(self, numbers: NDArray[np.intp]) -> list[str]:
        words = self._words
        return [
            words.arena[words.starts[word] : words.starts[word + 1]].tobytes().decode("utf-8", "surrogatepass")
            for word in numbers.tolist()
        ]

    def _catch_up(self) -> None:
        """Learn the words that others have added to the alphabet."""
        known, other = int(self._words.size[WORDS]), self._alphabet.other
        fresh = self._alphabet.texts[known:]
        if not fresh:
            self._level()
            return
        texts = [b"" if number == other else as_bytes(text) for number, text in enumerate(fresh, known)]
        stops = np.cumsum([len(text) for text in texts])
        self._grow(len(texts), int(stops[-1]))
        add_words(self._words, np.frombuffer(b"".join(texts) + b"\n", np.uint8), stops)
        self._level()
        rehash(self._words)

    def _level(self) -> None:
        """Take over how much room the alphabet has left."""
        other = self._alphabet.other
        self._words.size[[LEFT, OTHER]] = self._alphabet.left, OPEN if other is None else other

    def _close(self) -> None:
        """Make the catch-all word, which the alphabet gets when the block is done: one without a byte, as none is."""
        if self._words.size[WORDS] + 1 >= len(self._words.starts):
            self._grow(1, 0)
        add_words(self._words, np.zeros(1, np.uint8), np.zeros(1, np.int64))
        self._words.size[OTHER] = self._words.size[WORDS] - 1

    def _forget(self, known: int) -> None:
        self._words.size[[WORDS, BYTES]] = known, self._words.starts[known]
        self._level()
        rehash(self._words)

    def _grow(self, words: int, size: int) -> None:
        """Make room for more words and at least double it."""
        old = self._words
        count, used = int(old.size[WORDS]), int(old.size[BYTES])
        fresh = _columns(max(2 * len(old.hashes), count + words), max(2 * len(old.arena), used + size))
        _copy(old.hashes, fresh.hashes, count)
        _copy(old.starts, fresh.starts, count + 1)
        _copy(old.arena, fresh.arena, used)
        fresh.size[:] = old.size
        self._words = fresh
        rehash(fresh)


def _columns(words: int, size: int) -> WordColumns:
    return WordColumns(
        slots=np.full(1 << (2 * words).bit_length(), -1, np.int32),
        hashes=np.empty(words, np.uint64),
        starts=np.zeros(words + 1, np.int64),
        arena=np.empty(size, np.uint8),
        size=np.array([0, 0, 0, OPEN, SYMBOL_BYTES]),
    )


def _copy(old: NDArray[np.generic], new: NDArray[np.generic], size: int) -> None:
    new[:size] = old[:size]
