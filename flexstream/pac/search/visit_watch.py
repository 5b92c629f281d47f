"""The published change detector: how many strings come to each state, window by window."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from .found import Found


class Shift(NamedTuple):
    """A state that strings come to more often, or less, than they did; one beyond the last: strings that leave."""

    state: int
    before: float
    after: float
    window: int


def reference_size(gamma: float, watched: int, delta: float) -> int:
    """Return (8/γ²) ln(4|H|/δ), the strings of the reference.

    >>> reference_size(0.1, 6, 0.05)
    4940
    """
    return math.ceil(8 / gamma**2 * math.log(4 * watched / delta))


def window_size(gamma: float, watched: int, delta: float, window: int) -> int:
    """Return (8/γ²) ln(2π²i²|H|/(3δ)), the strings of the i-th window, i = 1, 2, …

    >>> window_size(0.1, 6, 0.05, 1), window_size(0.1, 6, 0.05, 10)
    (5338, 9022)
    """
    return math.ceil(8 / gamma**2 * math.log(2 * math.pi**2 * window**2 * watched / (3 * delta)))


class VisitWatch:
    """Compares how many strings come to each state with a reference (docs/pac.md, theorem 10).

    While strings are independent draws from one source it never finds anything with probability 1 - δ, whether or not
    the automaton is right.  Where the share that comes to some state moves by γ or more, it finds that in the first
    window of strings that all come after the change, but with probability δ.

    Parameters
    ----------
    found : Found
        Its states, and leaving it as one more, are watched.
    gamma : float
        γ, the shift to be found, 0 < γ < 1.
    delta : float
    """

    def __init__(self, found: Found, gamma: float, delta: float) -> None:
        self.found, self.gamma, self.delta = found, gamma, delta
        self._watched = len(found.edges) + 1
        self._size, self._taken, self._windows = reference_size(gamma, self._watched, delta), 0, 0
        self._counts: Counter[int] = Counter()
        self._reference: list[float] = []

    @property
    def ready(self) -> bool:
        """Whether the reference is whole."""
        return self._windows > 0

    @property
    def until(self) -> int:
        """Strings to come until a window is full."""
        return self._size - self._taken

    @property
    def longest_delay(self) -> int:
        """In how many strings a change from now on is found that moves a share by γ, but with probability δ."""
        return self._size + window_size(self.gamma, self._watched, self.delta, self._windows + 1)

    def take(self, strings: Mapping[str, int]) -> Shift | None:
        """Take in strings, no more than until a window is full; return what has moved by then."""
        for text, times in strings.items():
            for state in self.found.visited(text):
                self._counts[state] += times
            self._taken += times
        return self._compare() if self._taken >= self._size else None

    def _compare(self) -> Shift | None:
        shares = [self._counts[state] / self._taken for state in range(self._watched)]
        found = None
        if self.ready:
            gaps = [abs(one - other) for one, other in zip(self._reference, shares, strict=True)]
            most = max(range(self._watched), key=gaps.__getitem__)
            if gaps[most] > self.gamma / 2:
                found = Shift(most, self._reference[most], shares[most], self._windows)
        else:
            self._reference = shares
        self._windows += 1
        self._size, self._taken = window_size(self.gamma, self._watched, self.delta, self._windows), 0
        self._counts.clear()
        return found
