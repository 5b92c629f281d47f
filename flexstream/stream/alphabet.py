"""Symbol text to dense int32 id and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting, written
from ..errors import WrongTypeError
from .traces import as_symbols, as_trace

if TYPE_CHECKING:
    from ..saved import Saved


OTHER = "<other>"
"""Text of the symbol that stands for all that did not fit, unless a symbol of that text came before."""
SYMBOL_BYTES = 200
"""What a symbol costs beside its UTF-8 text: Python's text, list and table entries and the word table's rows."""
UNLIMITED = (1 << 63) - 1


class Alphabet:
    """A growing bijection between symbol texts and ids ``0, 1, 2, …`` in the order of first sight.

    Ids are private to one learner or one model; whatever leaves it carries the texts.

    With a ``capacity`` the alphabet is closed by the first symbol that does not fit: that one and every further new
    symbol is given the id of one catch-all symbol, `OTHER`.  Which symbols have an id of their own hangs on the order
    of the events alone.

    Parameters
    ----------
    symbols : iterable of str
        The first symbols, in the order of their ids.
    capacity : int or None
        Bytes for symbols, `SYMBOL_BYTES` and the UTF-8 text for each; None for no limit.

    Attributes
    ----------
    texts : list of str
    ids : dict of str to int
    left : int
        Bytes still free.
    other : int or None
        Id of the catch-all symbol once the alphabet is closed.

    Examples
    --------
    >>> alphabet = Alphabet()
    >>> alphabet.encode(["load", "run", "load"])
    array([0, 1, 0], dtype=int32)
    >>> alphabet.text(1)
    'run'
    >>> "unload" in alphabet
    False
    >>> tiny = Alphabet(capacity=2 * SYMBOL_BYTES + len("loadrun"))
    >>> [tiny.text(number) for number in tiny.encode(["load", "run", "unload", "load", "x"])]
    ['load', 'run', '<other>', 'load', '<other>']
    """

    __slots__ = ("ids", "left", "other", "texts")

    def __init__(self, symbols: Iterable[str] = (), capacity: int | None = None) -> None:
        self.texts: list[str] = []
        self.ids: dict[str, int] = {}
        self.left = UNLIMITED if capacity is None else fitting("capacity", capacity, int)
        self.other: int | None = None
        for symbol in as_symbols(symbols):
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
        """Return the id of a symbol, at first sight the next free one, or the catch-all's where it does not fit."""
        number = self.ids.get(symbol)
        if number is None:
            cost = SYMBOL_BYTES + len(as_bytes(symbol))
            if self.other is not None or cost > self.left:
                return self.close()
            self.left -= cost
            number = self._enter(symbol)
        return number

    def close(self) -> int:
        """Let every further new symbol be the catch-all symbol; return its id."""
        if self.other is None:
            self.other = self._enter(next(name for name in _names_for_others() if name not in self.ids))
        return self.other

    def limit(self, left: int) -> None:
        """Let symbols not seen yet take at most so many bytes from here on.

        >>> alphabet = Alphabet(["load", "run"])
        >>> alphabet.limit(0)
        >>> alphabet.find(["load"]), alphabet.text(alphabet.id("unload"))
        (array([0], dtype=int32), '<other>')
        """
        self.left = left

    def _enter(self, symbol: str) -> int:
        number = self.ids[symbol] = len(self.texts)
        self.texts.append(symbol)
        return number

    def text(self, number: int) -> str:
        """Return the text of an id."""
        return self.texts[number]

    def encode(self, trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace, shape (length,), adding symbols never seen; ints count as their text.

        Raises
        ------
        WrongTypeError
            If it is no trace, see :func:`~flexstream.stream.traces.as_trace`; then nothing is added.
        """
        return self.encode_texts(as_trace(trace))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the ids of a trace whose symbols are known to be texts, shape (length,), adding those never seen."""
        return np.fromiter(map(self.id, texts), np.int32, len(texts))

    def find(self, trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace, shape (length,), -1 for symbols never seen; adds nothing."""
        return self.find_in(self.ids, trace)

    @staticmethod
    def find_in(ids: Mapping[str, int], trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace under a mapping, shape (length,), -1 for symbols it does not hold."""
        texts = as_trace(trace)
        return np.fromiter((ids.get(text, -1) for text in texts), np.int32, len(texts))

    def copy(self) -> Alphabet:
        """Return an alphabet that begins where this one stands; the two then grow apart."""
        twin = Alphabet()
        twin.texts, twin.ids, twin.left, twin.other = self.texts.copy(), self.ids.copy(), self.left, self.other
        return twin

    def __copy__(self) -> Alphabet:
        return self.copy()

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        return {"texts": self.texts, "left": self.left, "other": self.other}

    def restore(self, saved: Saved) -> None:
        """Be an alphabet that was saved; raises StateError if none can have been so."""
        texts = saved.texts("texts")
        ids = {text: number for number, text in enumerate(texts)}
        saved.check(len(ids) == len(texts), "a symbol stands twice")
        other = saved.optional("other", lambda name: saved.whole(name, 0, len(texts) - 1))
        self.left, self.texts, self.ids, self.other = saved.whole("left", 0, UNLIMITED), texts, ids, other

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self.texts, self.left, self.other)

    def follow(self, other: Alphabet, size: int) -> None:
        """Grow to ``size`` symbols as another alphabet did that was a copy of this one.

        >>> alphabet = Alphabet(["load"])
        >>> ahead = alphabet.copy()
        >>> _ = ahead.encode(["run", "unload"])
        >>> alphabet.follow(ahead, 2)
        >>> list(alphabet)
        ['load', 'run']
        """
        expect("other", other, Alphabet)
        for number in range(len(self), size):
            _ = self.close() if number == other.other else self.id(other.texts[number])

    def forget(self, size: int) -> None:
        """Have only the first ``size`` symbols, as if those that came later had not come.

        >>> alphabet = Alphabet(["load", "run"])
        >>> alphabet.forget(1)
        >>> list(alphabet), alphabet.id("unload")
        (['load'], 1)
        """
        for number in range(len(self) - 1, size - 1, -1):
            text = self.texts.pop()
            del self.ids[text]
            if number == self.other:
                self.other = None
            else:
                self.left += SYMBOL_BYTES + len(as_bytes(text))

    def adopt(self, other: Alphabet) -> NDArray[np.int32]:
        """Add all symbols of another alphabet; return their ids here, indexed by their ids there.

        The catch-all symbol of a closed one becomes the one here, which closes this one too.
        """
        expect("other", other, Alphabet)
        if other.other is None:
            return np.fromiter((self.id(text) for text in other.texts), np.int32, len(other))
        own = [-1 if number == other.other else self.id(text) for number, text in enumerate(other.texts)]
        own[other.other] = self.close()
        return np.array(own, np.int32)


def _remade(texts: list[str], left: int, other: int | None) -> Alphabet:
    """Return the alphabet that a pickle holds."""
    made = Alphabet(texts)
    made.left, made.other = left, other
    return made


def _names_for_others() -> Iterator[str]:
    """Yield texts for the catch-all symbol, the first of which is free.

    >>> names = _names_for_others()
    >>> next(names), next(names)
    ('<other>', '<other 2>')
    """
    yield OTHER
    for number in itertools.count(2):
        yield f"{OTHER[:-1]} {number}>"


def as_bytes(symbol: str) -> bytes:
    """Return the text of a symbol in UTF-8; lone surrogates, which Python's texts may hold, are let through."""
    if not isinstance(symbol, str):
        raise WrongTypeError(f"the text of a symbol is {written(symbol)} (expected: a str)")
    return symbol.encode("utf-8", "surrogatepass")
