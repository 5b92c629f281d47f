"""The slow twin of what puts events into cases: a dictionary in the order of the last events."""

from __future__ import annotations

import math
import sys
from collections import OrderedDict
from typing import Any

from .registry import twin

CASE_BYTES, EVENT_BYTES, TIMED_BYTES = 320, 5, 7
Trace = tuple[str, list[int], bool]


@twin("sessions.put_events", "sessions.end_cases", "sessions.list_cases")
class Sessions:
    """Open cases, event by event.

    Parameters
    ----------
    idle : float or None
        Seconds after which a silent case ends.
    most_cases, most_events, most_bytes : int
        What may be open.
    most_each : int or None
        Events with which a case is full.
    start : int or None
        Symbol that starts a case anew.
    """

    def __init__(
        self,
        idle: float | None,
        most_cases: int,
        most_events: int,
        most_bytes: int,
        most_each: int | None = None,
        start: int | None = None,
    ) -> None:
        self.idle, self.most = idle, (most_cases, most_events, most_bytes)
        self.most_each, self.start = most_each, start
        self.open: OrderedDict[str, list[int]] = OrderedDict()
        self.began: dict[str, int] = {}
        self.touched: dict[str, float] = {}
        self.begun, self.newest = 0, float("-inf")
        self.timed = False
        self.bins: dict[str, list[int]] = {}
        self.moments: dict[str, float] = {}

    def add(self, name: str, symbol: int, time: float | None) -> list[Trace]:
        """Add an event; return the cases that end with it."""
        ended = []
        self.timed |= time is not None
        if time is not None and self.idle is not None:
            self.newest = max(self.newest, time)
            while self.open and self.touched[next(iter(self.open))] < self.newest - self.idle:
                ended.append(self.end(next(iter(self.open)), False))
        full = self.most_each is not None and len(self.open.get(name, ())) >= self.most_each
        if name in self.open and (full or symbol == self.start):
            ended.append(self.end(name, False))
        if name not in self.open:
            self.open[name], self.began[name] = [], self.begun
            self.bins[name], self.moments[name] = [], math.nan
            self.begun += 1
        self.open.move_to_end(name)
        self.open[name].append(symbol)
        self.touched[name] = self.newest
        self.time(name, math.nan if time is None else time)
        while self.too_many():
            ended.append(self.end(next(iter(self.open)), True))
        return ended

    def time(self, name: str, moment: float) -> None:
        """Note how long after the one before it the last event of a case came."""
        last = self.moments[name]
        self.bins[name].append(bin_of(moment - last))
        if not moment <= last:
            self.moments[name] = moment

    def too_many(self) -> bool:
        """Tell whether too much is open."""
        events, each = sum(map(len, self.open.values())), TIMED_BYTES if self.timed else EVENT_BYTES
        size = sum(CASE_BYTES + sys.getsizeof(name) for name in self.open) + each * events
        return any(held > most for held, most in zip((len(self.open), events, size), self.most, strict=True))

    def end(self, name: str, early: bool) -> Trace:
        """End a case."""
        return name, self.open.pop(name), early

    def close(self) -> list[Trace]:
        """End all cases, in the order of their first events."""
        return [self.end(name, False) for name in sorted(self.open, key=lambda name: self.began[name])]

    def state(self) -> dict[str, Any]:
        """Return what is open, the case to close next in front."""
        return {
            "names": list(self.open),
            "began": [self.began[name] for name in self.open],
            "touched": [self.touched[name] for name in self.open],
            "lengths": list(map(len, self.open.values())),
            "symbols": [symbol for events in self.open.values() for symbol in events],
            **(self.times() if self.timed else {}),
            "begun": self.begun,
            "newest": None if self.newest == float("-inf") else self.newest,
        }

    def times(self) -> dict[str, Any]:
        """Return what is known of the durations of what is open."""
        return {
            "durations": [found for name in self.open for found in self.bins[name]],
            "moments": [self.moments[name] for name in self.open],
        }


def bin_of(seconds: float) -> int:
    """Return the bin of a duration by halving and doubling, see flexstream.stream.durations."""
    if not math.isfinite(seconds):
        return -1
    if seconds < 2.0**-20:
        return 0
    mantissa, exponent = math.frexp(min(seconds, 2.0**31))
    return 64 * (exponent + 19) + int(64 * (2 * mantissa - 1)) + 1
