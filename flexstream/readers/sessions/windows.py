"""Events without cases to windows."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import parameter
from ..diagnostics import Diagnostics

DEFAULT_WINDOW = 100


class Windows:
    """Cuts an endless sequence into windows, one every ``stride`` events.

    Parameters
    ----------
    diagnostics : Diagnostics
        With the options; told where windows are a default.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> windows = Windows(Diagnostics(ReadOptions(window=3, stride=2)))
    >>> [window for symbol in range(6) if (window := windows.add(symbol))]
    [array('i', [0, 1, 2]), array('i', [2, 3, 4])]
    >>> windows.close()
    [array('i', [4, 5])]
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._size = diagnostics.options.window or DEFAULT_WINDOW
        self._stride = diagnostics.options.stride or self._size
        self._buffer = array("i")
        self._skip = 0
        self._unseen = 0
        self._first = True

    def _note(self) -> None:
        options = self._diagnostics.options
        if options.window is None:
            window, case, pattern = parameter("window"), parameter("case"), parameter("pattern")
            self._diagnostics.note(
                f"events without cases: cut into traces of {DEFAULT_WINDOW} events"
                f" (change it with {window}, or name the case with {case}, in a log with a group of {pattern})"
            )
        if options.idle is not None:
            self._diagnostics.note(f"{parameter('idle')} has no effect on events without cases")
        self._first = False

    def add(self, symbol: int) -> array[int] | None:
        """Add an event; return the window that it fills, if any."""
        if self._first:
            self._note()
        if self._skip:
            self._skip -= 1
            return None
        self._buffer.append(symbol)
        self._unseen += 1
        if len(self._buffer) < self._size:
            return None
        full = self._buffer
        self._buffer = full[self._stride :]
        self._skip = max(self._stride - self._size, 0)
        self._unseen = 0
        return full

    def close(self) -> list[array[int]]:
        """Return the last window, not full, if it holds an event that no window held."""
        rest, unseen = self._buffer, self._unseen
        self._buffer, self._unseen, self._skip = array("i"), 0, 0
        return [rest] if unseen else []

    def state(self) -> dict[str, Any]:
        """Return the open window as numbers and an array."""
        return {"symbols": np.array(self._buffer, np.int32), "skip": self._skip, "unseen": self._unseen}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with the open window of others."""
        self._buffer = array("i", np.asarray(state["symbols"], np.int32).tobytes())
        self._skip, self._unseen = state["skip"], state["unseen"]
