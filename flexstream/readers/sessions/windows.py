"""Events without cases to windows."""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import parameter
from ...stream.durations import UNKNOWN, spans_of
from ...stream.origins import NONE, origins_of
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
        self._buffer, self._spans = array("i"), array("h")  # the second may be shorter: the rest is not known
        self._last = math.nan  # the time of the last event
        self._origins = NONE  # of the events of the buffer, if they are kept
        self._handed: deque[array[int]] = deque()
        self._from: deque[NDArray[np.int64] | None] = deque()
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

    def add_all(
        self,
        symbols: Iterable[int],
        moments: NDArray[np.float64] | None = None,
        places: NDArray[np.int64] | None = None,
    ) -> list[array[int]]:
        """Add events, with times and places if they are known; return the windows that they fill."""
        self._buffer.extend(symbols)
        if places is not None:
            self._origins = np.concatenate((self._origins, origins_of(places, moments)))
        if moments is not None and self._diagnostics.options.durations:
            self._add_times(moments)
        if self._size is None:
            if len(self._buffer) < ENOUGH:
                return []
            self._size = DEFAULT_WINDOW
        return self._full(self._size)

    def _add_times(self, moments: NDArray[np.float64]) -> None:
        self._spans.extend([UNKNOWN] * (len(self._buffer) - len(self._spans) - len(moments)))
        self._spans.frombytes(spans_of(np.concatenate(([self._last], moments)))[1:].tobytes())
        self._last = float(moments[-1]) if len(moments) else self._last

    def spans(self) -> array[int]:
        """Return the durations of the events of the next window handed out, none where no times are known."""
        return self._handed.popleft() if self._handed else array("h")

    def origins(self) -> NDArray[np.int64] | None:
        """Return the origins of the events of that window, None where they are not kept."""
        return self._from.popleft() if self._from else None

    def _hand_out(self, start: int, stop: int) -> array[int]:
        """Return a window, and keep what goes with it."""
        self._handed.append(self._spans[start:stop])
        self._from.append(self._origins[start:stop] if len(self._origins) == len(self._buffer) else None)
        return self._buffer[start:stop]

    def _full(self, size: int) -> list[array[int]]:
        """Return the windows of a size that are full."""
        if self._first and self._buffer:
            self._note()
        stride, buffer = self._stride or size, self._buffer
        found: list[array[int]] = []
        at = self._skip
        while at + size <= len(buffer):
            found.append(self._hand_out(at, at + size))
            at += stride
            self._seen = max(size - stride, 0)
        self._buffer, self._spans, self._skip = buffer[at:], self._spans[at:], max(at - len(buffer), 0)
        self._origins = self._origins[at:]
        return found

    def places(self) -> NDArray[np.int64]:
        """Return the places of the events of the open window, where they are kept."""
        return self._origins[:, 0]

    def close(self) -> list[array[int]]:
        """Return what is left: the last window, not full, if it holds an event that no window held."""
        found: list[array[int]] = []
        if self._size is None and self._buffer:
            self._size = fitting_window(len(self._buffer), self._buffer)
            found = self._full(self._size)
        if len(self._buffer) > self._seen:
            found.append(self._hand_out(0, len(self._buffer)))
        self._buffer, self._spans, self._seen, self._skip = array("i"), array("h"), 0, 0
        self._origins = NONE
        return found

    def state(self) -> dict[str, Any]:
        """Return the open window as numbers and an array."""
        return {
            "symbols": np.array(self._buffer, np.int32),
            **({"durations": np.array(self._spans, np.int16), "last": self._last} if self._spans else {}),
            "size": self._size,
            "skip": self._skip,
            "seen": self._seen,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with the open window of others."""
        self._buffer = array("i", np.asarray(state["symbols"], np.int32).tobytes())
        self._spans = array("h", np.asarray(state.get("durations", ()), np.int16).tobytes())
        self._last = state.get("last", math.nan)
        self._size, self._skip, self._seen = state["size"], state["skip"], state["seen"]
