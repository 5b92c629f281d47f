"""Events in the order of their times: a bounded buffer in front of cases and windows."""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..diagnostics import Diagnostics
from ..items import Events
from .direction import NEWEST_FIRST, Direction
from .held import Many, Part, Singles, cut, joined, many
from .ordering import UNORDERED, YEAR, filled, on_time

EVENT_BYTES = 40
"""What an event takes that waits: case, symbol and time, and as much again with its place while all are sorted."""
BYTES = 1 << 26
"""Bytes for events that wait, where nobody says how many."""
LEAST = 1 << 10
"""Events that may wait in any case."""
_SINGLES = 1 << 10  # events that came one by one are put together by so many
_PIECE = 1 << 16  # events handed on at once when all are
# A source that sends fewer events a second than this is watched live: as many seconds later, what can be is handed on.
_SLOW, _PATIENCE = 2000.0, 1.0
_LONE = 2  # so many events that are years ahead of all others may be of a wrong clock


class Reorder:
    """Holds events back to hand them on in the order of their times, those of one time in the order of the source.

    All are sorted that fit.  Where the newest events stand first, those of one time are turned round as well, see
    `Direction`.  When the buffer is full, its earlier half is handed on; what comes later and belongs before that is
    late, which is counted.  Where a source is watched live, what is older than the newest event does not wait, or older
    by twice as much as any has come late so far.  An event without a time keeps its place behind the one before it; so
    does one of a few whose times lie years away from all others, which a wrong clock has told.

    Parameters
    ----------
    diagnostics : Diagnostics
        Counts, and tells what was done.
    size : int or None
        Bytes for what waits here and what is open behind; `BYTES` for what waits alone by default.
    used : callable
        Returns the bytes of what is open behind.

    Examples
    --------
    >>> reorder = Reorder(Diagnostics())
    >>> [part for symbol, time in enumerate((2.0, 1.0, 1.0)) for part in reorder.add("a", symbol, time)]
    []
    >>> [part.symbols.tolist() for part in reorder.rest()]
    [[1, 2, 0]]
    """

    def __init__(self, diagnostics: Diagnostics, size: int | None = None, used: Callable[[], int] = lambda: 0) -> None:
        self._diagnostics, self._size, self._used = diagnostics, size, used
        self._parts: list[Part] = []
        self._count, self._most = 0, self._limit()
        self._last = math.nan  # the time of the last event that came
        self._newest = self._released = -math.inf  # that of the last one held, if they are in order; of those handed on
        self._ordered, self._lateness = True, 0.0
        self._sorted, self._direction = 0, Direction()  # how many in front were put in order
        self._since, self._arrived = time.monotonic(), 0
        self._clear()

    def _clear(self) -> None:
        self._cases: list[str | None] = []
        self._symbols, self._times, self._places = array("i"), array("d"), array("q")

    def _limit(self) -> int:
        size = BYTES if self._size is None else max(self._size // 8, self._size - self._used())
        return max(LEAST, size // EVENT_BYTES)

    def __len__(self) -> int:
        return self._count + len(self._cases)

    # What is yielded is to be handed on before the next is asked for: what may wait hangs on what is open behind.

    def add(self, case: str | None, symbol: int, moment: float, place: int | None = None) -> Iterable[Part]:
        """Take an event, with its place where that is known; return those to be handed on now, mostly none."""
        self._cases.append(case)
        self._symbols.append(symbol)
        self._times.append(moment)
        if place is not None:
            self._places.append(place)
        waits = len(self._cases) < min(_SINGLES, self._most - self._count)
        return () if waits and not self._is_live() else self._settle()

    def add_all(self, events: Events) -> Iterator[Part]:
        """Take many events; yield those to be handed on now."""
        yield from self._settle()
        yield from self._take(many(events))

    def _settle(self) -> Iterator[Part]:
        """Put the events together that came one by one."""
        if self._cases:
            part = self._singles()
            self._clear()
            yield from self._take(part)

    def _take(self, part: Part) -> Iterator[Part]:
        self._arrived += len(part.times)
        part, front = self._with_times(part)
        if front is not None:
            yield front
        while len(part.times):
            first, part = cut(part, self._most - self._count)
            self._keep(first)
            while self._count >= self._most:
                yield from self._release((self._count + 1) // 2)
                self._most = self._limit()
        if self._is_live() and self._is_slow():
            yield from self._release(self._settled())

    def _with_times(self, part: Part) -> tuple[Part, Part | None]:
        """Give events without a time that of the one before; return those apart that have none before."""
        missing, front = np.isnan(part.times), None
        if missing.any():
            self._diagnostics.stats.untimed += int(missing.sum()) * self._diagnostics.tells_untimed
            if not self._count and math.isnan(self._last):
                first, part = cut(part, int((~missing).argmax()) if not missing.all() else len(missing))
                front = first._replace(times=np.full(len(first.times), -math.inf)) if len(first.times) else None
            part = part._replace(times=filled(part.times, self._last))
        self._last = float(part.times[-1]) if len(part.times) else self._last
        return part, front

    def _keep(self, part: Part) -> None:
        times = part.times
        if self._ordered and times[0] >= self._newest and bool((times[1:] >= times[:-1]).all()):
            self._newest = float(times[-1])
        else:
            self._ordered = False
            late = self._released - times[times < self._released]
            self._diagnostics.stats.late += len(late)
            self._lateness = float(late[late < YEAR].max(initial=self._lateness))
        self._parts.append(part)
        self._count += len(times)

    def _sort(self) -> None:
        """Put all that is held in order."""
        if self._ordered:
            return
        held = joined(self._parts)
        times, away = on_time(held.times, self._released if math.isfinite(self._released) else math.nan)
        self._diagnostics.stats.astray += away
        self._lateness = max(self._lateness, float((np.maximum.accumulate(times) - times).max()))
        self._direction.look(held.times[self._sorted :], held.cases[self._sorted :])
        order = self._direction.order(times, self._sorted)
        if bool((order[1:] < order[:-1]).any()):
            self._diagnostics.note(NEWEST_FIRST if self._direction.back else UNORDERED)
            from .set_back import tell_set_back  # most logs are in order

            tell_set_back(held.times[self._sorted :], self._diagnostics)
        places = None if held.places is None else held.places[order]
        self._parts = [Many(held.names, held.cases[order], held.symbols[order], times[order], places)]
        self._ordered, self._newest, self._sorted = True, float(times[order[-1]]), len(order)

    def _release(self, count: int) -> Iterator[Part]:
        """Yield the first events in the order of their times, which do not wait any more."""
        self._sort()
        while count > 0:
            first, rest = cut(self._parts[0], count)
            self._parts[:1] = [rest] if len(rest.times) else []
            count -= len(first.times)
            self._count -= len(first.times)
            self._sorted = max(0, self._sorted - len(first.times))
            self._released = max(self._released, float(first.times[-1]))
            if not self._count:
                self._newest = self._released
            yield first

    def _is_live(self) -> bool:
        return self._diagnostics.live and time.monotonic() - self._since > _PATIENCE

    def _is_slow(self) -> bool:
        """Tell whether few events have come since this was asked last."""
        now = time.monotonic()
        slow = self._arrived < _SLOW * (now - self._since)
        self._since, self._arrived = now, 0
        return slow

    def _settled(self) -> int:
        """Return how many events need not wait, since those before them should all have come."""
        if not self._count:
            return 0
        self._sort()
        times = np.concatenate([part.times for part in self._parts])
        known = times if math.isinf(self._released) else np.append(min(self._released, times[0]), times)
        lone = known[-_LONE - 1 :]
        ahead = np.flatnonzero(np.diff(lone) > YEAR)
        newest = float(lone[ahead[0]]) if len(ahead) else float(known[-1])
        return int(np.searchsorted(times, newest - 2 * self._lateness, side="right"))

    def settled(self) -> Iterator[Part]:
        """Yield the events that need not wait where nothing more is there for now, however fast they have come."""
        yield from self._settle()
        yield from self._release(self._settled())

    def some(self) -> Iterator[Part]:
        """Yield the next events of all that are held, as though no more were to come; none if there are none."""
        yield from self._settle()
        yield from self._release(min(self._count, _PIECE))

    def rest(self) -> Iterator[Part]:
        """Yield all that is held."""
        while len(self):
            yield from self.some()

    def state(self) -> dict[str, Any]:
        """Return what is held as texts, numbers and arrays."""
        held = joined([*self._parts, *([] if not self._cases else [self._singles()])])
        numbers = {"last": self._last, "newest": self._newest, "released": self._released}
        return {
            "names": list(held.names),
            "cases": held.cases,
            "symbols": held.symbols,
            "times": held.times,
            "waiting": len(self._cases),
            "most": self._most,
            "ordered": self._ordered,
            "lateness": self._lateness,
            "sorted": self._sorted,
            "steps": [self._direction.falls, self._direction.rises],
            **{name: number if math.isfinite(number) else None for name, number in numbers.items()},
        }

    def _singles(self) -> Singles:
        places = np.array(self._places, np.int64) if len(self._places) == len(self._cases) else None
        return Singles(self._cases, np.array(self._symbols, np.int32), np.array(self._times), places)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Hold what another held; nothing may be here."""
        cases, symbols = np.asarray(state["cases"], np.int32), np.asarray(state["symbols"], np.int32)
        held = Many(state["names"], cases, symbols, np.asarray(state["times"], np.float64))
        kept, singles = cut(held, len(held.times) - state["waiting"])
        self._parts, self._count = [kept] if len(kept.times) else [], len(kept.times)
        self._cases = [held.names[case] if case >= 0 else None for case in state["cases"][len(kept.times) :]]
        self._symbols, self._times = array("i", singles.symbols.tolist()), array("d", singles.times.tolist())
        self._most, self._ordered, self._lateness = state["most"], state["ordered"], state["lateness"]
        self._sorted = state.get("sorted", 0)
        self._direction.falls, self._direction.rises = state.get("steps", (0, 0))
        self._last = math.nan if state["last"] is None else state["last"]
        newest, released = state["newest"], state["released"]
        self._newest = -math.inf if newest is None else newest
        self._released = -math.inf if released is None else released
