"""Events to cases, and when a case ends."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._kernels.sessions import (
    BEGAN,
    BEGUN,
    COPIED,
    ENDED,
    ENDED_COLUMNS,
    EVENTS,
    FRONT,
    IDLE,
    NEWEST,
    NUMBER,
    PENDING,
    PUT,
    STATES,
    end_cases,
    list_cases,
    put_events,
)
from ...stream.origins import NONE, origins_of
from ..items import Events
from ..options import ReadOptions
from .ended import Ended
from .numbering import CASE_BYTES
from .open_cases import EVENT_BYTES, OpenCases

__all__ = ["CASE_BYTES", "EVENT_BYTES", "Cases"]

# So many cases and events are handed out at once, and so many single events are collected at most.
_CASES_AT_ONCE, _EVENTS_AT_ONCE = 1 << 12, 1 << 16
_MOST_WAITING = 1 << 12
_NO_TIMES = np.empty(0)
_NEVER = 1 << 62


class Cases:
    """Collects events by case, in constant time for each event.

    A case ends when it has been silent for ``idle`` or ``gap`` seconds of event time, when it is as long as a window
    that no other overlaps, before an event that starts it anew, when too many cases or events are open, or more bytes
    than they may take, and it has been silent longest, or when the input ends.  Event time never runs back: an event
    that comes late counts as happening at the newest time seen.

    Parameters
    ----------
    options : ReadOptions
        When a case ends.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default.

    Single events with which no case can end wait for others, so that compiled loops get many at once.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> cases = Cases(ReadOptions(idle=60))
    >>> cases.add("lot 7", 0, 0.0)
    []
    >>> [ended.traces() for ended in cases.add("lot 8", 1, 61.0)]
    [[('lot 7', [0], False)]]
    >>> [ended.traces() for ended in cases.close()]
    [[('lot 8', [1], False)]]
    """

    def __init__(self, options: ReadOptions, case_bytes: int | None = None) -> None:
        self._idle = options.silence
        self._start: int | None = None
        self._open = OpenCases(options, case_bytes)
        self._ended = np.empty((_CASES_AT_ONCE, ENDED_COLUMNS), np.int64)
        self._copied, self._copied_bins = np.empty(0, np.int32), np.empty(0, np.int16)
        self._copied_origins = NONE
        self._keeps_times = options.durations
        self._settled()

    def end_after(self, silence: float) -> None:
        """End cases that have been silent for so many seconds, from here on."""
        self._idle = self._open.columns.clock[IDLE] = silence

    def end_at(self, events: int) -> None:
        """End cases at so many events, from here on."""
        self._open.end_at(events)

    def _settled(self) -> None:
        """No event waits any more."""
        self._numbers, self._symbols, self._times = array("i"), array("i"), array("d")
        self._moments = array("d")  # of the first events that wait; of none where none has a time
        self._places, self._when = array("q"), array("d")  # likewise, where origins are kept
        self._begun = self._begun_bytes = 0  # by the events that wait, at most
        self._waiting: Counter[int] = Counter()  # events by case, where a case may be full
        self._open.look()
        self._newest, self._oldest = self._open.newest, self._open.oldest

    def add(self, name: str, symbol: int, time: float | None, place: int | None = None) -> list[Ended]:
        """Add an event, with its place where that is known; return the cases that end with it."""
        numbering = self._open.numbering
        number = numbering.of(name)
        self._numbers.append(number)
        self._symbols.append(symbol)
        if place is not None:
            self._places.append(place)
            self._when.append(math.nan if time is None else time)
        if time is not None and self._keeps_times:
            self._open.keep_times()
            self._moments.extend([math.nan] * (len(self._numbers) - len(self._moments) - 1))
            self._moments.append(time)
        if numbering.slot(number) < 0:
            self._begun += 1
            self._begun_bytes += numbering.bytes(number)
        silent = self._idle is not None and self._is_silent(time, self._idle)
        waiting = len(self._numbers)
        if (
            silent
            or self._is_cut(number, symbol)
            or waiting == _MOST_WAITING
            or self._open.too_many(self._begun, waiting, self._begun_bytes)
        ):
            return list(self._settle())
        return []

    def _is_silent(self, time: float | None, idle: float) -> bool:
        """Take the time of an event that waits; tell whether a case may end with it by having been silent."""
        self._times.append(-math.inf if time is None else time)  # which ends no case that the last one did not
        if time is not None:
            self._newest = max(self._newest, time)
        self._oldest = min(self._oldest, self._newest)
        return self._oldest < self._newest - idle

    def start_with(self, symbol: int) -> None:
        """Let cases start anew with a symbol, from the next event on."""
        self._start = symbol
        self._open.start_with(symbol)

    def _is_cut(self, number: int, symbol: int) -> bool:
        """Take an event that waits; tell whether its case may end before it."""
        if symbol == self._start:
            return True
        if self._open.most_each >= _NEVER:
            return False
        self._waiting[number] += 1
        slot = self._open.numbering.slot(number)
        held = 0 if slot < 0 else int(self._open.columns.cases[slot, EVENTS])
        return held + self._waiting[number] > self._open.most_each

    def add_all(self, events: Events) -> Iterator[Ended]:
        """Add events; yield the cases that end with them."""
        assert events.cases is not None
        yield from self._settle()
        self._open.follow(events.names)
        timed = self._idle is not None and events.times is not None
        moments = _NO_TIMES if events.times is None else np.asarray(events.times, np.float64)
        if len(moments) and self._keeps_times:
            self._open.keep_times()
        kept = moments if self._keeps_times else _NO_TIMES
        origins = NONE
        if events.places is not None:
            origins = origins_of(events.places, moments if len(moments) else None)
        yield from self._put(events.cases, events.symbols, moments if timed else _NO_TIMES, kept, origins)
        self._settled()

    def _settle(self) -> Iterator[Ended]:
        """Give the events that wait to their cases; yield the cases that end."""
        if self._numbers:
            numbers, symbols = np.frombuffer(self._numbers, np.int32), np.frombuffer(self._symbols, np.int32)
            if self._moments:
                self._moments.extend([math.nan] * (len(numbers) - len(self._moments)))
            times, moments = (np.frombuffer(kept) if kept else _NO_TIMES for kept in (self._times, self._moments))
            yield from self._put(numbers, symbols, times, moments, self._origins(len(numbers)))
            self._settled()

    def _origins(self, events: int) -> NDArray[np.int64]:
        """Return the origins of the events that wait, if they are kept: all of them or none have any."""
        if len(self._places) < events:
            return NONE
        return origins_of(np.frombuffer(self._places, np.int64), np.frombuffer(self._when))

    def _put(
        self,
        numbers: NDArray[np.int32],
        symbols: NDArray[np.int32],
        times: NDArray[np.float64],
        moments: NDArray[np.float64] = _NO_TIMES,
        origins: NDArray[np.int64] = NONE,
    ) -> Iterator[Ended]:
        held, state = self._open, np.zeros(STATES, np.int64)
        if len(origins):
            held.keep_origins()
        held.make_room(len(numbers))
        self._make_room(_EVENTS_AT_ONCE)
        gone: list[int] = []
        while state[PUT] < len(numbers) or state[PENDING]:
            into = self._ended, self._copied, self._copied_bins, self._copied_origins
            put_events(held.columns, numbers, symbols, times, moments, origins, *into, state)
            yield from self._handed_out(state, gone)
            if state[PUT] < len(numbers) and (slot := held.numbering.slot(int(numbers[state[PUT]]))) >= 0:
                self._make_room(int(held.columns.cases[slot, EVENTS]))
        held.numbering.release(gone)

    def _handed_out(self, state: NDArray[np.int64], gone: list[int]) -> Iterator[Ended]:
        """Yield the cases that a kernel has ended, if any, and note their numbers; make room for the next one."""
        if state[ENDED]:
            yield self._taken(state, gone)
        front = int(self._open.columns.size[FRONT])
        if front >= 0:
            self._make_room(int(self._open.columns.cases[front, EVENTS]))

    def _taken(self, state: NDArray[np.int64], gone: list[int]) -> Ended:
        """Return the cases that a kernel has ended, and note their numbers."""
        numbers, lengths, early = self._ended[: state[ENDED]].T.copy()
        gone += numbers[numbers < 0].tolist()
        symbols, bins = self._copied[: state[COPIED]], self._copied_bins[: state[COPIED]]
        if len(symbols) > _EVENTS_AT_ONCE:  # of a long case; they are given away, and others get room of their own
            self._copied, self._copied_bins = np.empty(0, np.int32), np.empty(0, np.int16)
            self._make_room(_EVENTS_AT_ONCE)
        else:
            symbols, bins = symbols.copy(), bins.copy()
        spans = bins if self._open.timed else None
        origins = self._copied_origins[: state[COPIED]].copy() if self._open.traced else None
        return Ended(self._open.numbering.late_texts(numbers), lengths, early, symbols, spans, origins)

    def _make_room(self, events: int) -> None:
        """Let a case of so many events have room where its events are copied to."""
        if events > len(self._copied):
            self._copied = np.empty(events, np.int32)
        if self._open.timed and len(self._copied_bins) < len(self._copied):
            self._copied_bins = np.empty(len(self._copied), np.int16)
        if self._open.traced and len(self._copied_origins) < len(self._copied):
            self._copied_origins = np.empty((len(self._copied), 2), np.int64)

    def close(self, room: Callable[[], tuple[int, int]] | None = None) -> Iterator[Ended]:
        """Yield all cases still open, in the order of their first events.

        Parameters
        ----------
        room : callable, optional
            Returns how many cases, and how many events or those of one case more, are to come next at most.
        """
        yield from self._settle()
        slots, state = self._open.slots(), np.zeros(STATES, np.int64)
        cases = self._open.columns.cases
        slots = slots[np.argsort(cases[slots, BEGAN])]
        while state[PUT] < len(slots):
            most, enough = room() if room else (_CASES_AT_ONCE, _EVENTS_AT_ONCE)
            self._make_room(enough + int(cases[slots[state[PUT] :][:most], EVENTS].max()))
            into = self._ended[:most], self._copied, self._copied_bins, self._copied_origins
            end_cases(self._open.columns, slots, enough, *into, state)
            gone: list[int] = []
            ended = self._taken(state, gone)
            self._open.numbering.release(gone)
            self._settled()
            yield ended

    @property
    def bytes(self) -> int:
        """What the open cases take with their events."""
        return self._open.bytes + self._open.event_bytes * self._open.events

    def state(self) -> dict[str, Any]:
        """Return the open cases as texts, numbers and arrays, one row a case, that of the next to close first."""
        for ended in self._settle():
            raise AssertionError(ended)  # those with which a case may end do not wait
        columns = self._open.columns
        slots, symbols = np.empty(self._open.cases, np.int64), np.empty(self._open.events, np.int32)
        bins = np.empty(len(symbols) if self._open.timed else 0, np.int16)
        list_cases(columns, slots, symbols, bins)
        cases = columns.cases[slots]
        return {
            "names": self._open.numbering.texts(cases[:, NUMBER]),
            "began": cases[:, BEGAN].copy(),
            "touched": columns.touched[slots],
            "lengths": cases[:, EVENTS].copy(),
            "symbols": symbols,
            **({"durations": bins, "moments": columns.moments[slots]} if self._open.timed else {}),
            "begun": int(columns.size[BEGUN]),
            "newest": self._open.newest if math.isfinite(self._open.newest) else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Hold open what other cases held open; none may be here."""
        held = self._open
        numbers = np.array(list(map(held.numbering.of, state["names"])), np.int32)
        symbols = np.asarray(state["symbols"], np.int32)
        with held.unlimited():
            for ended in self._put(np.repeat(numbers, np.asarray(state["lengths"], np.int64)), symbols, _NO_TIMES):
                raise AssertionError(ended)
        slots, columns = held.slots(), held.columns
        columns.cases[slots, BEGAN] = state["began"]
        columns.touched[slots] = state["touched"]
        if "moments" in state:
            held.restore_times(slots, np.asarray(state["durations"], np.int16), state["moments"])
            columns = held.columns
        columns.size[BEGUN] = state["begun"]
        columns.clock[NEWEST] = -math.inf if state["newest"] is None else state["newest"]
        self._settled()
