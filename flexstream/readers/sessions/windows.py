"""Events without cases to windows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...errors import parameter
from ..diagnostics import Diagnostics
from .cuts import fitting_window

DEFAULT_WINDOW = 100
ENOUGH = 10_000
"""Events that are many enough for windows of the usual length."""


class Windows:
    """Cuts an endless sequence into windows, one every ``stride`` events.

    Where nobody says how long they are to be, the first events wait until there are many, as few are cut into shorter
    ones.

    Parameters
    ----------
    diagnostics : Diagnostics
        With the options; told where windows are a default.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> windows = Windows(Diagnostics(ReadOptions(window=3, stride=2)))
    >>> windows.add_all([0, 1, 2, 3, 4, 5])
    [array('i', [0, 1, 2]), array('i', [2, 3, 4])]
    >>> windows.close()
    [array('i', [4, 5])]
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        options = diagnostics.options
        self._diagnostics = diagnostics
        usual = options.window or diagnostics.usual_window
        waits = usual is None and options.cut and not options.follow
        self._size = None if waits else usual or DEFAULT_WINDOW
        self._stride = options.stride
        self._buffer = array("i")
        self._skip = self._seen = 0
        self._first = True

    def _note(self) -> None:
        options = self._diagnostics.options
        if options.window is None:
            window, case, pattern = parameter("window"), parameter("case"), parameter("pattern")
            few = "few " if self._size not in (DEFAULT_WINDOW, self._diagnostics.usual_window) else ""
            self._diagnostics.resolve(window=self._size)
            self._diagnostics.note(
                f"{few}events without cases: cut into traces of {self._size} events"
                f" (change it with {window}, or name the case with {case}, in a log with a group of {pattern})"
            )
        if options.idle is not None:
            self._diagnostics.note(f"{parameter('idle')} has no effect on events without cases")
        self._first = False

    def add_all(self, symbols: Iterable[int]) -> list[array[int]]:
        """Add events; return the windows that they fill."""
        self._buffer.extend(symbols)
        if self._size is None:
            if len(self._buffer) < ENOUGH:
                return []
            self._size = DEFAULT_WINDOW
        return self._full(self._size)

    def _full(self, size: int) -> list[array[int]]:
        """Return the windows of a size that are full."""
        if self._first and self._buffer:
            self._note()
        stride, buffer = self._stride or size, self._buffer
        found: list[array[int]] = []
        at = self._skip
        while at + size <= len(buffer):
            found.append(buffer[at : at + size])
            at += stride
            self._seen = max(size - stride, 0)
        self._buffer, self._skip = buffer[at:], max(at - len(buffer), 0)
        return found

    def close(self) -> list[array[int]]:
        """Return what is left: the last window, not full, if it holds an event that no window held."""
        found: list[array[int]] = []
        if self._size is None and self._buffer:
            self._size = fitting_window(len(self._buffer), self._buffer)
            found = self._full(self._size)
        if len(self._buffer) > self._seen:
            found.append(self._buffer)
        self._buffer, self._seen, self._skip = array("i"), 0, 0
        return found

    def state(self) -> dict[str, Any]:
        """Return the open window as numbers and an array."""
        return {
            "symbols": np.array(self._buffer, np.int32),
            "size": self._size,
            "skip": self._skip,
            "seen": self._seen,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with the open window of others."""
        self._buffer = array("i", np.asarray(state["symbols"], np.int32).tobytes())
        self._size, self._skip, self._seen = state["size"], state["skip"], state["seen"]
