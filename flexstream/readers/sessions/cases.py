"""Events to cases, and when a case ends."""

from __future__ import annotations

import itertools
import math
import sys
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..items import Events
from ..options import ReadOptions
from .backlog import Backlog

# Sorting more events at once would hardly be quicker, and each needs so many bytes more while they are sorted, which
# may be half of those for open cases.
_LONGEST_BACKLOG = 1 << 20
_SORTING_BYTES = 32

CASE_BYTES, EVENT_BYTES = 320, 5
"""What an open case costs beside its name, and each of its events."""

Closed: TypeAlias = tuple[str | None, "array[int]", bool]
"""A trace that has ended: its name, its symbols, and whether it is a case that was cut short."""


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
    or more bytes than they may take, and it has been silent longest, or when the input ends.  Event time
    never runs back: an event that comes late counts as happening at the newest time seen.

    Parameters
    ----------
    options : ReadOptions
        When a case ends.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default.

    Many events at once with none of which a case can end are put aside, and sorted by case later.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> cases = Cases(ReadOptions(idle=60))
    >>> cases.add("lot 7", 0, 0.0)
    []
    >>> cases.add("lot 8", 1, 61.0)
    [('lot 7', array('i', [0]), False)]
    >>> list(cases.close())
    [('lot 8', array('i', [1]), False)]
    """

    def __init__(self, options: ReadOptions, case_bytes: int | None = None) -> None:
        self._idle = options.idle
        self._most_cases = options.max_open_cases
        self._most_events = options.max_open_events
        self._most_bytes = sys.maxsize if case_bytes is None else case_bytes
        self._named = 0  # bytes of the open cases without their events, those that begin in the backlog included
        # Ordered by last touch, so that the case to close is always in front.
        self._open: OrderedDict[str, OpenCase] = OrderedDict()
        self._newest = float("-inf")
        self._begun = 0
        self._held = 0  # events, those put aside included
        self._backlog = Backlog()
        self._longest_backlog = min(_LONGEST_BACKLOG, self._most_bytes // 2 // _SORTING_BYTES)

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
            or names + self._named + EVENT_BYTES * held > self._most_bytes
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
            closed.append(self._close_first(early=True))
        return closed

    def _silent(self, time: float) -> list[Closed]:
        assert self._idle is not None
        self._newest = max(self._newest, time)
        limit = self._newest - self._idle
        closed = []
        while self._open and next(iter(self._open.values())).touched < limit:
            closed.append(self._close_first())
        return closed

    def _close_first(self, early: bool = False) -> Closed:
        return self._close(next(iter(self._open)), early)

    def _close(self, name: str, early: bool = False) -> Closed:
        case = self._open.pop(name)
        self._held -= len(case.ids)
        self._named -= _bytes_of(name)
        return name, case.ids, early

    def close(self) -> Iterator[Closed]:
        """Yield all cases still open, in the order of their first events."""
        self._leave()
        for name in sorted(self._open, key=lambda name: self._open[name].began):
            yield self._close(name)

    def state(self) -> dict[str, Any]:
        """Return the open cases as texts, numbers and arrays, one row a case, that of the next to close first."""
        self._settle()
        cases = list(self._open.values())
        ids = b"".join(case.ids.tobytes() for case in cases)
        return {
            "names": list(self._open),
            "began": np.array([case.began for case in cases], np.int64),
            "touched": np.array([case.touched for case in cases], np.float64),
            "lengths": np.array([len(case.ids) for case in cases], np.int64),
            "symbols": np.frombuffer(ids, np.int32),
            "begun": self._begun,
            "newest": self._newest if math.isfinite(self._newest) else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Hold open what other cases held open; none may be here."""
        ids = np.asarray(state["symbols"], np.int32).tobytes()
        start = 0
        columns = (np.asarray(state[name]).tolist() for name in ("began", "touched", "lengths"))
        for name, began, touched, length in zip(state["names"], *columns, strict=True):
            case = self._open[name] = OpenCase(began)
            case.touched = touched
            case.ids.frombytes(ids[start : start + 4 * length])
            start += 4 * length
        newest = state["newest"]
        self._begun, self._newest = state["begun"], float("-inf") if newest is None else newest
        self._held, self._named = start // 4, sum(map(_bytes_of, self._open))
