"""Symbol text to dense int32 id and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


class Alphabet:
    """A growing bijection between symbol texts and ids ``0, 1, 2, …`` in the order of first sight.

    Ids are private to one learner or one model; whatever leaves it carries the texts.

    Parameters
    ----------
    symbols : iterable of str
        The first symbols, in the order of their ids.

    Examples
    --------
    >>> alphabet = Alphabet()
    >>> alphabet.encode(["load", "run", "load"])
    array([0, 1, 0], dtype=int32)
    >>> alphabet.text(1)
    'run'
    >>> "unload" in alphabet
    False
    """

    __slots__ = ("ids", "texts")

    def __init__(self, symbols: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self.ids: dict[str, int] = {}
        for symbol in symbols:
            self.id(symbol)

    def __len__(self) -> int:
        return len(self.texts)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __repr__(self) -> str:
        return f"Alphabet({len(self)} symbols)"

    def id(self, symbol: str) -> int:
        """Return the id of a symbol, giving it the next free one at first sight."""
        number = self.ids.get(symbol)
        if number is None:
            number = self.ids[symbol] = len(self.texts)
            self.texts.append(symbol)
        return number

    def text(self, number: int) -> str:
        """Return the text of an id."""
        return self.texts[number]

    def encode(self, trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace, shape (length,), adding symbols never seen; ints count as their text."""
        return np.fromiter((self.id(as_text(symbol)) for symbol in trace), np.int32, len(trace))

    def find(self, trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace, shape (length,), -1 for symbols never seen; adds nothing."""
        return self.find_in(self.ids, trace)

    @staticmethod
    def find_in(ids: Mapping[str, int], trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace under a mapping, shape (length,), -1 for symbols it does not hold."""
        return np.fromiter((ids.get(as_text(symbol), -1) for symbol in trace), np.int32, len(trace))

    def adopt(self, other: Alphabet) -> NDArray[np.int32]:
        """Add all symbols of another alphabet; return their ids here, indexed by their ids there."""
        return np.fromiter((self.id(text) for text in other.texts), np.int32, len(other))


def as_text(symbol: str | int) -> str:
    """Return the text of a symbol; ints count as their decimal text.

    Raises
    ------
    TypeError
        If the symbol is neither a str nor an int.
    """
    if isinstance(symbol, str):
        return symbol
    if isinstance(symbol, int | np.integer) and not isinstance(symbol, bool):
        return str(int(symbol))
    raise TypeError(f"a symbol is a str or an int, not {symbol!r}; convert it first, for example with str()")
