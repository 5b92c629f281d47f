"""Which lines are open: their events were read, and are in no batch that was handed on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.origins import lines_in
from .items import Event, Events, Item, Trace
from .placing import placed

MOST_NOTED = 1 << 20
"""Lines that are noted before those that are done are left out."""


class OpenLines:
    """Notes the lines of events that are read, and of those that are handed on.

    Examples
    --------
    >>> from ..stream.origins import origins_of
    >>> lines = OpenLines()
    >>> for line, case in enumerate("aba", 1):
    ...     lines.read(Event(case, "load", None), line)
    >>> batch = TraceBatch(np.zeros(2, np.int32), np.array([0, 2]), ["a"], origins=origins_of([1, 3, 3]))
    >>> lines.handed_on(batch)
    >>> lines.now().tolist()
    [2]
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Note none any more."""
        self._read: list[NDArray[np.int64]] = []
        self._single: list[int] = []
        self._done: list[NDArray[np.int64]] = []
        self._noted = 0

    def read(self, item: Item, place: int) -> None:
        """Note what a format read: events and whole traces, with the place of the item or of line 0 of its source."""
        if isinstance(item, Event | Trace):
            self._single.append(place)
            self._noted += 1
        elif isinstance(item, Events):
            self._note(self._read, placed(item, place).places)
        elif isinstance(item, TraceBatch):
            self._note(self._read, None if item.origins is None else item.origins[:, 0])

    def handed_on(self, batch: TraceBatch) -> None:
        """Note what is in a batch."""
        self._note(self._done, None if batch.origins is None else batch.origins[:, 0])

    def _note(self, where: list[NDArray[np.int64]], places: NDArray[np.int64] | None) -> None:
        if places is None:
            raise TypeError("events without lines")
        where.append(lines_in(places))
        self._noted += len(places)
        if self._noted > MOST_NOTED:
            self.now()
            self._noted = 0

    def now(self) -> NDArray[np.int64]:
        """Return the lines that are open, in their order."""
        read = np.concatenate([*self._read, lines_in(np.array(self._single, np.int64))])
        done = np.concatenate([np.empty(0, np.int64), *self._done])
        left = np.setdiff1d(read, done)
        self._read, self._single, self._done = [left], [], []
        return left
