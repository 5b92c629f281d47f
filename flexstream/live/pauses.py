"""How soon browsers may ask again, so that answering them takes a small share of what the program works."""

from __future__ import annotations

import threading
import time

TIMES = 100
"""How many times as long as it answers the program is to work."""
SOON, LATE = 0.25, 2.0
"""Seconds between two questions of a browser, at least and at most."""
_SPAN = 1.0


class Pauses:
    """Measures answers, and says how long to wait before the next question.

    However many browsers ask, what is measured is all of their answers.  It is asked by one thread, and told by many.

    Examples
    --------
    >>> pauses = Pauses()
    >>> pauses.took(0.001)
    >>> pauses.seconds()
    0.25
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answering, self._pause = 0.0, SOON
        self._at, self._worked = time.monotonic(), time.process_time()

    def took(self, seconds: float) -> None:
        """Be told how much of the processor an answer took."""
        with self._lock:
            self._answering += seconds

    def seconds(self) -> float:
        """Return how long a browser is to wait: more where answers took too much of the last second's work."""
        now, worked = time.monotonic(), time.process_time()
        if now - self._at < _SPAN:
            return self._pause
        with self._lock:
            answering, self._answering = self._answering, 0.0
        if answering:
            self._pause *= TIMES * answering / max(worked - self._worked, 1e-9)
            self._pause = min(max(self._pause, SOON), LATE)
        self._at, self._worked = now, worked
        return self._pause
