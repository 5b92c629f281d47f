"""Words as bytes beside their ids: the table that compiled loops look words up in, and grow."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._kernels.tokens import (
    BYTES,
    CODE_COLUMNS,
    LEFT,
    OPEN,
    OTHER,
    WORDS,
    WordColumns,
    add_words,
    look_up_all,
    rehash,
)
from ...stream.alphabet import SYMBOL_BYTES, UNLIMITED, as_bytes

_BEYOND_ASCII = 128


class WordTable:
    """A growing table of words, numbered in the order of first sight, as an `Alphabet` numbers texts.

    Attributes
    ----------
    columns : WordColumns
        For kernels; replaced when the table grows.

    Examples
    --------
    >>> words = WordTable()
    >>> words.add(["run", "load"])
    >>> len(words), words.texts(1)
    (2, ['load'])
    """

    def __init__(self) -> None:
        self.columns = _columns(256, 4096)

    def __len__(self) -> int:
        return int(self.columns.size[WORDS])

    @property
    def size(self) -> int:
        """Bytes of all words."""
        return int(self.columns.size[BYTES])

    @property
    def other(self) -> int | None:
        """The catch-all, which every new word is counted as once the capacity is used up; None before."""
        other = int(self.columns.size[OTHER])
        return None if other == OPEN else other

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the texts of words ``start`` to ``stop``; that of a catch-all made here is empty."""
        stop, columns = len(self) if stop is None else stop, self.columns  # others may grow them meanwhile
        bounds = columns.starts[start : stop + 1].tolist()
        first = bounds[0]
        arena = columns.arena[first : bounds[-1]].tobytes()
        if arena.isascii():
            text = arena.decode("ascii")
            return [text[low - first : high - first] for low, high in itertools.pairwise(bounds)]
        return [
            arena[low - first : high - first].decode("utf-8", "surrogatepass")
            for low, high in itertools.pairwise(bounds)
        ]

    def sizes(self, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Return the bytes that the texts of words ``start`` to ``stop`` take.

        >>> words = WordTable()
        >>> words.add(["run", "load"])
        >>> (words.sizes(1) == sys.getsizeof("load")).all()
        np.True_
        """
        stop, columns = len(self) if stop is None else stop, self.columns
        bounds = columns.starts[start : stop + 1]
        if (columns.arena[bounds[0] : bounds[-1]] < _BEYOND_ASCII).all():
            return np.diff(bounds) + sys.getsizeof("")
        return np.array([sys.getsizeof(text) for text in self.texts(start, stop)])

    def add(self, texts: Sequence[str]) -> None:
        """Add words, none of which may be known."""
        if not texts:
            return
        encoded = [as_bytes(text) for text in texts]
        stops = np.cumsum([len(text) for text in encoded])
        if len(self) + len(encoded) >= len(self.columns.starts) or self.size + stops[-1] > len(self.columns.arena):
            self._grow(len(encoded), int(stops[-1]))
        add_words(self.columns, np.frombuffer(b"".join(encoded) + b"\n", np.uint8), stops)
        rehash(self.columns)

    def find(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int) -> NDArray[np.int32]:
        """Return the ids of the words that a column of spans marks in a buffer, making those it has not seen."""
        ids, row = np.empty(len(spans), np.int32), 0
        while (row := look_up_all(self.columns, buffer, spans, column, ids, row)) < len(ids):
            self.grow_or_close(len(buffer))
        return ids

    def take(self, other: WordTable, words: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Return the ids here of some words of another table, making those that are new.

        >>> one, other = WordTable(), WordTable()
        >>> one.add(["run"])
        >>> other.add(["load", "run", "unload"])
        >>> one.take(other, np.array([2, 1])).tolist(), one.texts()
        ([1, 0], ['run', 'unload'])
        """
        starts = other.columns.starts
        spans = np.column_stack((starts[words], starts[np.asarray(words) + 1]))
        size = int((spans[:, 1] - spans[:, 0]).sum())
        if len(self) + len(spans) >= len(self.columns.starts) or self.size + size > len(self.columns.arena):
            self._grow(len(spans) + 1, size)
        return self.find(other.columns.arena, spans, 0)

    def keep(self, count: int) -> None:
        """Forget all words but the first ones."""
        self.columns.size[[WORDS, BYTES]] = count, self.columns.starts[count]
        rehash(self.columns)

    def limit(self, left: int, other: int | None) -> None:
        """Take over how many bytes an alphabet has left for new words, and its catch-all."""
        self.columns.size[[LEFT, OTHER]] = left, OPEN if other is None else other

    def grow_or_close(self, size: int) -> None:
        """Go on where a kernel could not enter a word of at most so many bytes: grow, or close if none are left."""
        if self.columns.size[LEFT] < 0:
            self._close()
        else:
            self._grow(1, size)

    def _close(self) -> None:
        """Make the catch-all: a word to which no entry of the table leads."""
        if len(self) + 1 >= len(self.columns.starts):
            self._grow(1, 0)
        word = len(self)
        self.columns.starts[word + 1] = self.size
        self.columns.size[[WORDS, OTHER]] = word + 1, word

    def _grow(self, words: int, size: int) -> None:
        """Have room for so many more words and bytes; what has none grows at least to the double, the other stays."""
        old, count = self.columns, len(self)
        room, needed = len(old.codes), count + words
        room = room if needed < room else max(2 * room, needed + 1)
        held, bytes_needed = len(old.arena), self.size + size
        held = held if bytes_needed <= held else max(2 * held, bytes_needed)
        fresh = _columns(room, held)
        fresh.codes[:count] = old.codes[:count]
        fresh.starts[: count + 1] = old.starts[: count + 1]
        fresh.arena[: self.size] = old.arena[: self.size]
        fresh.size[:] = old.size
        self.columns = fresh
        rehash(fresh)


def _columns(words: int, size: int) -> WordColumns:
    return WordColumns(
        slots=np.full(1 << (2 * words - 1).bit_length(), -1, np.int32),
        codes=np.empty((words, CODE_COLUMNS), np.uint64),
        starts=np.zeros(words + 1, np.int64),
        arena=np.empty(size, np.uint8),
        size=np.array([0, 0, UNLIMITED, OPEN, SYMBOL_BYTES]),
    )


def joined(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of texts, one behind the other, and where each starts and stops.

    >>> buffer, spans = joined(["load", "run"])
    >>> buffer.tobytes()[4:7], spans.tolist()
    (b'run', [[0, 4], [4, 7]])
    """
    text = "".join(texts)
    sizes = map(len, texts) if text.isascii() else (len(one.encode("utf-8")) for one in texts)
    lengths = np.fromiter(sizes, np.int64, len(texts))
    stops = np.cumsum(lengths)
    # A byte more than needed: no kernel takes a buffer without any.
    return np.frombuffer((text + "\n").encode("utf-8"), np.uint8), np.column_stack((stops - lengths, stops))
