"""Events put aside in arrays as long as no case can end with them, and sorted by case all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Sorted(NamedTuple):
    """Events by case: the cases in the order of their first events, the symbols of each, the cases by last event."""

    begun: list[int]
    symbols: Iterator[bytes]
    touched: list[int]


class Backlog:
    """Events by the numbers of their cases.

    Examples
    --------
    >>> backlog = Backlog()
    >>> backlog.start(["a", "b"])
    >>> backlog.fresh(np.array([1, 0, 1], np.int32)).tolist()
    [0, 1]
    >>> backlog.add(np.array([1, 0, 1], np.int32), np.array([7, 8, 9], np.int32), 2)
    >>> begun, symbols, touched = backlog.take()
    >>> begun, [np.frombuffer(part, np.int32).tolist() for part in symbols], touched
    ([1, 0], [[7, 9], [8]], [0, 1])
    """

    def __init__(self) -> None:
        self.names: Sequence[str] | None = None
        self.begun = 0
        """Cases that begin in the backlog."""
        self._seen = np.zeros(0, bool)
        self._cases: list[NDArray[np.int32]] = []
        self._symbols: list[NDArray[np.int32]] = []

    def __len__(self) -> int:
        return sum(map(len, self._cases))

    def start(self, names: Sequence[str] | None) -> None:
        """Number cases by other names from here on, or anew; the backlog must be empty."""
        self.names, self._seen = names, np.zeros(0, bool)

    def fresh(self, cases: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the numbers that have not been added since the start, in ascending order."""
        most = int(cases.max()) + 1
        if most > len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros(2 * most - len(self._seen), bool)])
        fresh = np.sort(cases[~self._seen[cases]])  # np.unique takes eight times as long, and imports masked arrays
        return fresh[np.diff(fresh, prepend=-1) > 0].astype(np.int64)

    def add(self, cases: NDArray[np.int32], symbols: NDArray[np.int32], begun: int) -> None:
        """Put events aside, with which so many cases begin."""
        self._seen[cases] = True
        self._cases.append(cases)
        self._symbols.append(symbols)
        self.begun += begun

    def take(self) -> Sorted:
        """Return the events by case and empty the backlog; there must be some."""
        cases, symbols = np.concatenate(self._cases), np.concatenate(self._symbols)
        self._cases, self._symbols, self.begun = [], [], 0
        order = np.argsort(cases, kind="stable")
        cases, symbols = cases[order], symbols[order]
        stops = np.append(np.flatnonzero(np.diff(cases)) + 1, len(cases))
        starts = np.append(0, stops[:-1])
        by_first, by_last = np.argsort(order[starts]), np.argsort(order[stops - 1])
        bounds = zip(starts[by_first].tolist(), stops[by_first].tolist(), strict=True)
        parts = (symbols[start:stop].tobytes() for start, stop in bounds)
        return Sorted(cases[starts[by_first]].tolist(), parts, cases[starts[by_last]].tolist())
