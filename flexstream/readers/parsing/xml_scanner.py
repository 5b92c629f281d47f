"""The fast path for event logs in XML: from bytes to the steps of traces by a compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.xml import (
    CLOSED,
    LACKING,
    MOST_KEYS,
    NAMED,
    NAMES,
    OPENED,
    POSITION,
    STATE,
    STATUS,
    STEP_COLUMNS,
    STEPS,
    SYMBOLS,
    TAG,
    TEXTS,
    UNNAMED,
    UNUSUAL,
    split_traces,
)
from .blank import BLANKS

__all__ = [
    "CLOSED",
    "LACKING",
    "NAMED",
    "OPENED",
    "UNNAMED",
    "Scan",
    "Scanner",
    "Whole",
    "name_of",
    "names_of",
    "spans_of_texts",
    "texts_of",
    "whole_traces",
]

_LONGEST_TAG = 256
_STEP_BYTES, _EVENT_BYTES = 4, 16  # no step, and no event with a symbol, takes fewer bytes of the source


class Scan(NamedTuple):
    """What was read of some bytes.

    Attributes
    ----------
    stop : int
        Position up to which all is understood.
    usual : bool
        Whether it only ended because the bytes did.
    steps : int64 array, shape (steps, 4)
        Kind, symbols before it, position, and which key is lacking.
    texts, names : uint8 arrays
        Of the events and, for each step ``NAMED``, of the traces; behind each stands a byte 0.
    moments : int64 array, shape (symbols, 2)
        Where the time of each event starts and stops in the bytes, -1 where there is none.
    """

    stop: int
    usual: bool
    steps: NDArray[np.int64]
    texts: NDArray[np.uint8]
    names: NDArray[np.uint8]
    moments: NDArray[np.int64]


class Scanner:
    """Reads traces as long as all is as usual.

    Parameters
    ----------
    case : str
        Key of a trace's name.
    keys : sequence of str
        Keys of the attributes of which an event's symbol is joined.
    time : str, optional
        Key of an event's time, if that is wanted.

    Attributes
    ----------
    tag : bytes
        The name of the tag of the trace that is open; empty if none is.

    Examples
    --------
    >>> scanner = Scanner("name", ["name"])
    >>> scan = scanner.scan(b'<trace><event><string key="name" value="load"/></event><ev', 0)
    >>> scan.stop, texts_of(scan.texts), scanner.tag
    (55, ['load'], b'trace')
    """

    def __init__(self, case: str, keys: Sequence[str], time: str | None = None) -> None:
        wanted = (case, *keys) if time is None else (case, *keys, time)
        encoded = [text.encode("utf-8", "surrogatepass") for text in wanted]
        self.possible = len(wanted) - 1 <= MOST_KEYS
        self._timed = time is not None
        self.tag = b""
        self._copies = len(keys)
        self._keys = np.frombuffer(b"".join(encoded) + b"\0", np.uint8)
        self._ends = np.cumsum([len(key) for key in encoded])
        self._tag = np.zeros(_LONGEST_TAG, np.uint8)
        # Scratch; kept, as fresh memory is slow at first touch.
        self._texts = self._names = np.empty(0, np.uint8)
        self._steps, self._moments = np.empty((0, STEP_COLUMNS), np.int64), np.empty((0, 2), np.int64)

    def scan(self, data: bytes, start: int) -> Scan:
        """Read bytes from a position on."""
        self._make_room(len(data) - start)
        state = np.zeros(STATE, np.int64)
        state[[POSITION, TAG]] = start, len(self.tag)
        split_traces(
            np.frombuffer(data, np.uint8),
            self._keys,
            self._ends,
            self._tag,
            self._texts,
            self._names,
            self._steps,
            self._moments,
            state,
        )
        found = state.tolist()
        self.tag = self._tag[: found[TAG]].tobytes()
        return Scan(
            found[POSITION],
            found[STATUS] != UNUSUAL,
            self._steps[: found[STEPS]],
            self._texts[: found[TEXTS]],
            self._names[: found[NAMES]],
            self._moments[: found[SYMBOLS]],
        )

    def close(self) -> None:
        """Forget the trace that is open."""
        self.tag = b""

    def _make_room(self, size: int) -> None:
        if len(self._names) < size:
            self._texts, self._names = np.empty(self._copies * size, np.uint8), np.empty(size, np.uint8)
            self._steps = np.empty((size // _STEP_BYTES + 1, STEP_COLUMNS), np.int64)
            self._moments = np.empty((size // _EVENT_BYTES + 1 if self._timed else 0, 2), np.int64)


def texts_of(data: NDArray[np.uint8], start: int = 0, stop: int | None = None) -> list[str]:
    """Return texts behind each of which stands a byte 0, or some of them.

    >>> texts_of(np.frombuffer(b"load\\0run\\0ship\\0", np.uint8), 1, 2)
    ['run']
    """
    if start or stop is not None:
        bounds = np.concatenate(([0], np.flatnonzero(data == 0) + 1))
        data = data[bounds[start] : bounds[-1 if stop is None else stop]]
    return data.tobytes().decode("utf-8").split("\0")[:-1]


def spans_of_texts(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return where each of such texts starts and stops.

    >>> spans_of_texts(np.frombuffer(b"load\\0run\\0", np.uint8)).tolist()
    [[0, 4], [5, 8]]
    """
    stops = np.flatnonzero(data == 0)
    return np.column_stack((np.concatenate(([0], stops + 1))[: len(stops)], stops))


class Whole(NamedTuple):
    """The whole traces among the steps of a scan: those that were opened in it and closed.

    Attributes
    ----------
    start, stop : int
        The first of their steps, and the one behind the last.
    symbols : int
        How many came before the first.
    lengths : int64 array
        Events of each trace.
    names : int64 array
        Which of the scan's names each has, -1 for none.
    """

    start: int
    stop: int
    symbols: int
    lengths: NDArray[np.int64]
    names: NDArray[np.int64]


def whole_traces(steps: NDArray[np.int64]) -> Whole | None:
    """Return the whole traces among steps; None where there are none, or an event of one lacks something."""
    kinds = steps[:, 0]
    opened, closed = np.flatnonzero(kinds == OPENED), np.flatnonzero(kinds == CLOSED)
    if not len(opened) or not len(closed) or opened[0] > closed[-1]:
        return None
    start, stop = int(opened[0]), int(closed[-1]) + 1
    opened, closed = opened[opened < stop], closed[closed >= start]
    if (kinds[start:stop] == LACKING).any():
        return None
    named = np.maximum.accumulate(np.where((kinds == NAMED) | (kinds == UNNAMED), np.arange(len(kinds)), -1))[closed]
    numbers = (np.cumsum(kinds == NAMED) - 1)[named]
    names = np.where((named > opened) & (kinds[named] == NAMED), numbers, -1)
    return Whole(start, stop, int(steps[start, 1]), steps[closed, 1] - steps[opened, 1], names)


def names_of(scan: Scan, whole: Whole) -> list[str | None]:
    """Return the names of whole traces."""
    texts = [*map(name_of, texts_of(scan.names)), None]
    return [texts[number] for number in whole.names.tolist()]


def name_of(text: str) -> str | None:
    """Return the name of a trace; a blank one is none.

    >>> name_of("lot 7"), name_of(" ")
    ('lot 7', None)
    """
    return text if text.strip(BLANKS) else None
