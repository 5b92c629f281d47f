"""Which case has which number, and where the open ones are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..._kernels.sessions import NOBODY
from ...stream.names import LateNames, LateTexts, sizes

_Scalar = TypeVar("_Scalar", bound=np.generic)

CASE_BYTES = 320
"""What an open case costs beside its name and its events."""


def bytes_of(name: str) -> int:
    """Return what an open case costs beside its events."""
    return CASE_BYTES + sys.getsizeof(name)


class Numbering:
    """Numbers of cases: those of a list of names, which comes with many events, are its positions, others below zero.

    Of what is not in the list only the cases that are open, or have events to come, are known.

    Attributes
    ----------
    listed, others : int32 arrays
        The slot of each case by its number, and by ``-1 - number`` where that is below zero; -1 if it is not open.
    listed_bytes, others_bytes : int64 arrays
        What each takes beside its events.

    Examples
    --------
    >>> numbering = Numbering()
    >>> numbering.of("c"), numbering.follow(["a", "b"]), numbering.of("b"), numbering.texts(np.array([-1, 0, 1]))
    (-1, [], 1, ['c', 'a', 'b'])
    """

    def __init__(self) -> None:
        self.names: Sequence[str] = []
        self._positions: dict[str, int] | None = None  # in the list; made when a single event asks for one
        self._others: dict[str, int] = {}
        self._other_names: list[str] = []
        self._free: list[int] = []
        self.listed, self.others = np.full(64, NOBODY, np.int32), np.full(64, NOBODY, np.int32)
        self.listed_bytes, self.others_bytes = np.zeros(64, np.int64), np.zeros(64, np.int64)
        self._known = 0

    def of(self, name: str) -> int:
        """Return the number of a case by its name, a new one below zero if need be."""
        number = self._others.get(name)
        if number is not None:
            return number
        if self._known:
            if self._positions is None or len(self._positions) < self._known:
                self._positions = dict(zip(self.names[: self._known], range(self._known), strict=True))
            position = self._positions.get(name)
            if position is not None:
                return position
        return self._add(name, bytes_of(name))

    def slot(self, number: int) -> int:
        """Return where the case with a number is open, -1 if it is not."""
        return int(self.listed[number] if number >= 0 else self.others[-1 - number])

    def bytes(self, number: int) -> int:
        """Return what the case with a number takes beside its events."""
        return int(self.listed_bytes[number] if number >= 0 else self.others_bytes[-1 - number])

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns by their names."""
        return {name: getattr(self, name) for name in ("listed", "listed_bytes", "others", "others_bytes")}

    def follow(self, names: Sequence[str]) -> list[tuple[int, int]]:
        """Go on with a list of names, or with what is new in it; return (slot, number) of open others that it names.

        With another list no case of the last one may be open; see `carry`.
        """
        if names is not self.names:
            self.names, self._positions, self._known = names, None, 0
            self.listed[:] = NOBODY
        start, self._known = self._known, len(names)  # which may get more meanwhile
        if self._known > len(self.listed):
            self.listed = _longer(self.listed, self._known, NOBODY)
            self.listed_bytes = _longer(self.listed_bytes, self._known, 0)
        self.listed_bytes[start : self._known] = sizes(names, start, self._known) + CASE_BYTES
        if not self._others:
            return []
        found = [place for place, name in enumerate(names[start : self._known], start) if name in self._others]
        return [(self._listed(place), place) for place in found]

    def _listed(self, place: int) -> int:
        """Let an open case have its place in the list as a number; return its slot."""
        number = self._others[self.names[place]]
        slot = self.slot(number)
        self.listed[place], self.others[-1 - number] = slot, NOBODY
        self.release([number])
        return slot

    def carry(self, slots: NDArray[np.int64], numbers: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.int64]:
        """Return the numbers that open cases have when another list comes: those of this list are carried over.

        Into a list of the same kind they are taken, many at once; else they are numbered apart from it.
        """
        carried, listed = numbers.copy(), numbers >= 0
        if isinstance(names, LateTexts) and isinstance(self.names, LateTexts):
            carried[listed] = names.take(self.names, numbers[listed])
        else:
            pairs = zip(slots[listed].tolist(), numbers[listed].tolist(), strict=True)
            carried[listed] = [self._carried(slot, number) for slot, number in pairs]
        return carried

    def place(self, slots: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
        """Note where cases are open whose names another list has taken."""
        listed = numbers >= 0
        self.listed[numbers[listed]] = slots[listed]

    def _carried(self, slot: int, number: int) -> int:
        other = self._add(self.names[number], self.bytes(number))
        self.others[-1 - other] = slot
        return other

    def texts(self, numbers: NDArray[np.int64]) -> list[str]:
        """Return the names of cases."""
        return [self.names[number] if number >= 0 else self._other_names[-1 - number] for number in numbers.tolist()]

    def late_texts(self, numbers: NDArray[np.int64]) -> list[str] | LateNames:
        """Return the names of cases, later if all are of the list: places apart from it are used again."""
        if len(numbers) and numbers.min() < 0:
            return self.texts(numbers)
        return LateNames(self.names, numbers.astype(np.int32))

    def release(self, numbers: list[int]) -> None:
        """Forget the cases apart from the list that are not open any more."""
        for number in numbers:
            place = -1 - number
            name = self._other_names[place] if number < 0 else ""
            if number < 0 and self.others[place] == NOBODY and self._others.get(name) == number:
                del self._others[name]
                self._other_names[place] = ""
                self._free.append(place)

    def _add(self, name: str, size: int) -> int:
        if self._free:
            place = self._free.pop()
            self._other_names[place] = name
        else:
            place = len(self._other_names)
            self._other_names.append(name)
            if place >= len(self.others):
                self.others = _longer(self.others, place + 1, NOBODY)
                self.others_bytes = _longer(self.others_bytes, place + 1, 0)
        self.others_bytes[place] = size
        self._others[name] = -1 - place
        return -1 - place


def _longer(column: NDArray[_Scalar], length: int, filling: int) -> NDArray[_Scalar]:
    """Return a column with room for more, at least twice as long."""
    longer = np.full(max(length, 2 * len(column)), filling, column.dtype)
    longer[: len(column)] = column
    return longer
