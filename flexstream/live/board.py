"""Board: the newest of all that there is to show; one thread writes it, any number read."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any

from .timeline import Point, Series

LINES = 60
"""Lines that are kept of each list."""


class Board:
    """What the page shows.  Who asks tells what it has, and gets what is newer: nobody waits for anybody.

    Examples
    --------
    >>> board = Board()
    >>> board.tell("surprise", "odd", "trace 3")
    >>> json.loads(board.news({}))["lines"]
    [[1, 'surprise', 'odd', 'trace 3', 0.0]]
    >>> json.loads(board.news({"line": 1}))["lines"]
    []
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series = Series()
        self._lines: dict[str, deque[list[Any]]] = {}
        self._numbers: dict[str, Any] = {}
        self._scene = ""
        self._version, self._line, self._seconds = 0, 0, 0.0

    def tick(self, numbers: dict[str, Any], point: Point) -> None:
        """Take numbers as they are now, and what was measured since the last ones."""
        with self._lock:
            self._numbers = numbers
            self._series.add(point)
            self._seconds = point.start + point.seconds

    def tell(self, kind: str, words: str, place: str = "") -> None:
        """Take a line of a list."""
        with self._lock:
            self._line += 1
            lines = self._lines.setdefault(kind, deque(maxlen=LINES))
            lines.append([self._line, kind, words, place, round(self._seconds, 1)])

    def show(self, scene: dict[str, Any]) -> None:
        """Take a picture, and the news in it as lines."""
        for news in scene["news"]:
            self.tell("state", news["words"])
        text = json.dumps(scene, separators=(",", ":"))
        with self._lock:
            self._version += 1
            self._scene = text

    def news(self, known: dict[str, int]) -> bytes:
        """Return as JSON what is newer than what somebody has.

        Parameters
        ----------
        known : mapping
            ``version`` of the picture, last ``line``, ``age`` and ``points`` of the series; what is missing is not
            there.
        """
        with self._lock:
            numbers, version, scene = self._numbers, self._version, self._scene
            first, points = self._series.since(known.get("age", -1), known.get("points", 0))
            age = self._series.age
            lines = [line for kept in self._lines.values() for line in kept if line[0] > known.get("line", 0)]
        lines.sort()
        found = {"numbers": numbers, "version": version, "age": age, "first": first, "points": points, "lines": lines}
        text = json.dumps(found, separators=(",", ":"))
        if scene and known.get("version", 0) != version:
            text = f'{text[:-1]},"scene":{scene}}}'
        return text.encode()
