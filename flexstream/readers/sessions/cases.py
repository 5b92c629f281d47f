"""Events to cases, and when a case ends."""

from __future__ import annotations

import itertools
import sys
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..context import ReadContext
from ..items import Events
from .backlog import Backlog

# Sorting more events at once would hardly be quicker, and each needs so many bytes more while they are sorted, of which
# there may be half of the room.
_LONGEST_BACKLOG = 1 << 20
_SORTING_BYTES = 32

CASE_BYTES, EVENT_BYTES = 320, 5
"""What an open case costs beside its name, and each of its events."""

Closed: TypeAlias = tuple[str | None, "array[int]"]


def _bytes_of(name: str) -> int:
    """Return what an open case costs beside its events."""
    return CASE_BYTES + sys.getsizeof(name)


class OpenCase:
    """A case that may go on: when it began (as a count of cases), when it was last touched, its events."""

    __slots__ = ("began", "ids", "touched")

    def __init__(self, began: int) -> None:
        self.began = began
        self.touched = float("-inf")
        self.ids = array("i")


class Cases:
    """Collects events by case, in constant time for each event.

    A case ends when it has been silent for ``idle`` seconds of event time, when too many cases or events are held open,
    or more than the room of the context holds, and it has been silent longest, or when the input ends.  Event time
    never runs back: an event that comes late counts as happening at the newest time seen.

    Many events at once with none of which a case can end are put aside, and sorted by case later.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> cases = Cases(ReadContext(ReadOptions(idle=60)))
    >>> cases.add("lot 7", 0, 0.0)
    []
    >>> cases.add("lot 8", 1, 61.0)
    [('lot 7', array('i', [0]))]
    >>> cases.close()
    [('lot 8', array('i', [1]))]
    """

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._idle = context.options.idle
        self._most_cases = context.options.max_open_cases
        self._most_events = context.options.max_open_events
        self._room = sys.maxsize if context.room is None else context.room
        self._named = 0  # bytes of the open cases without their events, those that begin in the backlog included
        # Ordered by last touch, so that the case to close is always in front.
        self._open: OrderedDict[str, OpenCase] = OrderedDict()
        self._newest = float("-inf")
        self._begun = 0
        self._held = 0  # events, those put aside included
        self._backlog = Backlog()
        self._longest_backlog = min(_LONGEST_BACKLOG, self._room // 2 // _SORTING_BYTES)

    def add(self, name: str, symbol: int, time: float | None) -> list[Closed]:
        """Add an event; return the cases that end with it."""
        if self._backlog.names is not None:
            self._leave()
        closed = self._silent(time) if time is not None and self._idle is not None else []
        case = self._open.get(name)
        if case is None:
            case = self._begin(name)
            self._named += _bytes_of(name)
        else:
            self._open.move_to_end(name)
        case.touched = self._newest
        case.ids.append(symbol)
        self._held += 1
        if self._too_many():
            closed += self._forced()
        return closed

    def _begin(self, name: str) -> OpenCase:
        case = self._open[name] = OpenCase(self._begun)
        self._begun += 1
        return case

    def _too_many(self, cases: int = 0, events: int = 0, names: int = 0) -> bool:
        """Tell whether too much is open, or would be with so many more cases, events and bytes of cases."""
        cases, held = cases + len(self._open) + self._backlog.begun, events + self._held
        return (
            cases > self._most_cases
            or held > self._most_events
            or names + self._named + EVENT_BYTES * held > self._room
        )

    def add_all(self, events: Events) -> Iterator[Closed]:
        """Add events; yield the cases that end with each."""
        assert events.cases is not None
        if self._idle is None and self._put_aside(events, events.cases):
            return
        names = map(events.names.__getitem__, events.cases.tolist())
        times = itertools.repeat(None) if events.times is None else events.times
        for name, symbol, time in zip(names, events.symbols.tolist(), times, strict=False):
            yield from self.add(name, symbol, time)

    def _put_aside(self, events: Events, cases: NDArray[np.int32]) -> bool:
        """Put events aside unless a case may end with one of them; return whether it was done."""
        backlog = self._backlog
        if events.names is not backlog.names:
            self._settle()
            backlog.start(events.names)
        fresh = map(events.names.__getitem__, backlog.fresh(cases).tolist())
        begun = [_bytes_of(name) for name in fresh if name not in self._open]
        if self._too_many(len(begun), len(cases), sum(begun)):
            return False
        self._held += len(cases)
        self._named += sum(begun)
        backlog.add(cases, events.symbols, len(begun))
        if len(backlog) >= self._longest_backlog:
            self._settle()
        return True

    def _settle(self) -> None:
        """Give the events that were put aside to their cases."""
        names = self._backlog.names
        if names is None or not len(self._backlog):
            return
        found = self._backlog.take()
        for number, symbols in zip(found.begun, found.symbols, strict=True):
            case = self._open.get(names[number]) or self._begin(names[number])
            case.touched = self._newest
            case.ids.frombytes(symbols)
        for number in found.touched:
            self._open.move_to_end(names[number])

    def _leave(self) -> None:
        """Go back to single events."""
        self._settle()
        self._backlog.start(None)

    def _forced(self) -> list[Closed]:
        closed = []
        while self._too_many():
            closed.append(self._close_first())
        self._context.forced_closed += len(closed)
        return closed

    def _silent(self, time: float) -> list[Closed]:
        assert self._idle is not None
        self._newest = max(self._newest, time)
        limit = self._newest - self._idle
        closed = []
        while self._open and next(iter(self._open.values())).touched < limit:
            closed.append(self._close_first())
        return closed

    def _close_first(self) -> Closed:
        name, case = self._open.popitem(last=False)
        self._held -= len(case.ids)
        self._named -= _bytes_of(name)
        return name, case.ids

    def close(self) -> list[Closed]:
        """Return all cases still open, in the order of their first events."""
        self._leave()
        rest = sorted(self._open.items(), key=lambda pair: pair[1].began)
        self._open.clear()
        self._held = self._named = 0
        return [(name, case.ids) for name, case in rest]
