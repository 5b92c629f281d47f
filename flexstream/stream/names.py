"""Names of many traces, looked up when somebody asks for them: most who learn never do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray


class Words(Protocol):
    """What has texts by numbers, and may get more."""

    def __len__(self) -> int:
        """Return how many there are."""

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return those from a number on, up to another."""

    def sizes(self, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Return what these would take, in bytes."""

    def take(self, other: Any, words: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Return the numbers here of some words of another of its kind, those added that are new."""


class LateTexts(Sequence[str]):
    """A list of texts that are made when somebody asks for one of them.

    Parameters
    ----------
    words : Words
        What the texts are made of.

    Attributes
    ----------
    taken : int
        How many were added from other lists.
    known : int or None
        How many texts the list has, where those who add words say so once all of them are there.
    growing : threading.Lock
        For who adds words: one thread may read a source while another puts its cases together.
    """

    def __init__(self, words: Words) -> None:
        self.words, self.known = words, cast("int | None", None)
        self.taken, self.growing = 0, threading.Lock()
        self._texts: list[str] = []

    def __len__(self) -> int:
        return len(self.words) if self.known is None else self.known

    def __getitem__(self, place: Any) -> Any:
        return self.made()[place]

    def made(self) -> list[str]:
        """Return the list, all texts made."""
        with self.growing:
            made, known = len(self._texts), len(self)
            if made < known:
                self._texts += self.words.texts(made, known)
        return self._texts

    def take(self, other: LateTexts, places: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Return where some texts of another list stand in this one, those added that are new; no text is made."""
        with self.growing:
            before = len(self.words)
            found = self.words.take(other.words, places)
            self.taken += len(self.words) - before
            self.known = None if self.known is None else len(self.words)
        return found


def sizes(texts: Sequence[str], start: int, stop: int) -> NDArray[np.int64]:
    """Return the bytes that some texts take, from one on up to another.

    >>> sizes(["a", "bc", "def"], 1, 3) - sizes(["", ""], 0, 2)
    array([2, 3])
    """
    if isinstance(texts, LateTexts):
        return texts.words.sizes(start, stop)
    return np.fromiter(map(sys.getsizeof, texts[start:stop]), np.int64, stop - start)


class LateNames:
    """Names as positions in a list of texts, of which what stands there stays what it is.

    Parameters
    ----------
    listed : sequence of str
        May grow later.
    positions : int array
        Of each name.

    Examples
    --------
    >>> names = LateNames(["lot 7", "lot 8"], np.array([1, 0, 1]))
    >>> len(names), names.texts(), list(names[1:])
    (3, ['lot 8', 'lot 7', 'lot 8'], ['lot 7', 'lot 8'])
    """

    __slots__ = ("listed", "positions")

    def __init__(self, listed: Sequence[str], positions: NDArray[np.integer[Any]]) -> None:
        self.listed, self.positions = listed, positions

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, part: slice) -> LateNames:
        return LateNames(self.listed, self.positions[part])

    def __iter__(self) -> Iterator[str]:
        listed = self.listed.made() if isinstance(self.listed, LateTexts) else self.listed
        return map(listed.__getitem__, self.positions.tolist())

    def texts(self) -> list[str]:
        """Return the names."""
        return list(self)


class LateParts:
    """Late names of several lists, one behind the other.

    Examples
    --------
    >>> names = LateParts([LateNames(["a", "b"], np.array([1, 0])), LateNames(["c"], np.array([0]))])
    >>> len(names), names.texts(), list(names[1:3])
    (3, ['b', 'a', 'c'], ['a', 'c'])
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[LateNames]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, part: slice) -> LateParts:
        start, stop, _ = part.indices(len(self))
        found, before = [], 0
        for names in self.parts:
            found.append(names[max(start - before, 0) : max(stop - before, 0)])
            before += len(names)
        return LateParts(found)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.parts)

    def texts(self) -> list[str]:
        """Return the names."""
        return list(self)


def joined(parts: Sequence[LateNames]) -> LateNames | LateParts:
    """Return names behind one another, those of one list as one.

    >>> listed = ["a", "b"]
    >>> joined([LateNames(listed, np.array([1])), LateNames(listed, np.array([0]))]).texts()
    ['b', 'a']
    """
    lists = [
        LateNames(same[0].listed, np.concatenate([part.positions for part in same])) if len(same) > 1 else same[0]
        for same in (list(group) for _, group in groupby(parts, lambda part: id(part.listed)))
    ]
    return lists[0] if len(lists) == 1 else LateParts(lists)


class LateSlot:
    """The slot of a class for names: whoever reads late ones gets a list, which the slot holds from then on.

    Parameters
    ----------
    slot : object
        The slot as the class has it.
    """

    def __init__(self, slot: Any) -> None:
        self._slot = slot

    def __get__(self, owner: Any, _: type | None = None) -> Any:
        if owner is None:
            return self
        names = self._slot.__get__(owner)
        if isinstance(names, LateNames | LateParts):
            names = names.texts()
            self._slot.__set__(owner, names)
        return names

    def __set__(self, owner: Any, names: Any) -> None:
        self._slot.__set__(owner, names)

    def as_given(self, owner: Any) -> list[str] | LateNames | LateParts | None:
        """Return what the slot holds."""
        given: list[str] | LateNames | LateParts | None = self._slot.__get__(owner)
        return given
