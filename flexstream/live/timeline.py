"""Series: what was measured over time, in as many points as a screen shows, however long it goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MOST = 480
"""Points: when there are more every two of them become one."""
SPAN = 0.5
"""Seconds of a point at first."""
NORMAL = 1.96
"""Standard errors to both sides of a mean within which 95 % of means lie."""


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of time.

    Attributes
    ----------
    start, seconds : float
        Since the beginning, and how long.
    traces, events : int
        Learned meanwhile.
    scored : int
        Traces that were scored before they were learned.
    mean, squares : float
        Of their bits: the mean, and the sum of squares of what they differ from it.
    memory : int
        Bytes of the process, at most.
    """

    start: float
    seconds: float
    traces: int = 0
    events: int = 0
    scored: int = 0
    mean: float = 0.0
    squares: float = 0.0
    memory: int = 0

    def plus(self, other: Point) -> Point:
        """Return both as one (Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm", 1979).

        >>> one = Point(0, 1, scored=2, mean=3.0, squares=2.0).plus(Point(1, 1, scored=2, mean=5.0, squares=0.0))
        >>> one.scored, one.mean, one.squares
        (4, 4.0, 6.0)
        """
        scored = self.scored + other.scored
        share = other.scored / scored if scored else 0.0
        apart = other.mean - self.mean if self.scored else 0.0
        return Point(
            self.start,
            self.seconds + other.seconds,
            self.traces + other.traces,
            self.events + other.events,
            scored,
            self.mean + apart * share if self.scored else other.mean,
            self.squares + other.squares + apart * apart * self.scored * share,
            max(self.memory, other.memory),
        )

    def row(self) -> list[float | None]:
        """Return time, traces and events a second, memory, and the mean of the bits with its 95 % interval."""
        seconds = max(self.seconds, 1e-9)
        rates = self.traces / seconds, self.events / seconds
        mean = round(self.mean, 4) if self.scored else None
        half = None
        if self.scored > 1:
            half = NORMAL * math.sqrt(self.squares / (self.scored - 1) / self.scored)
        low, high = (None, None) if half is None else (round(self.mean - half, 4), round(self.mean + half, 4))
        return [round(self.start + self.seconds, 2), *(round(rate, 1) for rate in rates), self.memory, mean, low, high]


class Series:
    """Points, the last of which still grows.

    Attributes
    ----------
    age : int
        How often points were put together: those who have points of another age begin anew.
    points : list of Point

    Examples
    --------
    >>> series = Series(most=2)
    >>> for number in range(5):
    ...     series.add(Point(number, 1.0, traces=10))
    >>> series.age, [(point.start, point.traces) for point in series.points]
    (2, [(0, 40), (4, 10)])
    """

    def __init__(self, most: int = MOST) -> None:
        self._most, self._span = most, SPAN
        self.age, self.points = 0, list[Point]()

    def add(self, point: Point) -> None:
        """Take what came last."""
        last = self.points[-1] if self.points else None
        if last is not None and last.seconds < self._span - 1e-9:
            self.points[-1] = last.plus(point)
            return
        if len(self.points) == self._most:
            pairs = zip(self.points[::2], self.points[1::2], strict=True)
            self.points = [one.plus(other) for one, other in pairs]
            self.age, self._span = self.age + 1, max(2 * self._span, 2 * point.seconds)
            self.add(point)
            return
        self.points.append(replace(point))

    def since(self, age: int, count: int) -> tuple[int, list[list[float | None]]]:
        """Return from where on points are new to one who has so many of an age, and these; the last may have grown."""
        first = max(0, min(count, len(self.points)) - 1) if age == self.age else 0
        return first, [point.row() for point in self.points[first:]]
