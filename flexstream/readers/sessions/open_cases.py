"""The open cases as columns for compiled loops, which grow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..._kernels.sessions import (
    BACK,
    BLOCK_COLUMNS,
    CASE_COLUMNS,
    EVENT_COST,
    EVENTS,
    FIRST,
    FREE_BLOCK,
    FREE_CASE,
    FRONT,
    HELD,
    MOST_BYTES,
    MOST_CASES,
    MOST_EACH,
    MOST_EVENTS,
    NAMED,
    NEWEST,
    NOBODY,
    NUMBER,
    OPEN,
    ORIGIN_COLUMNS,
    SIZES,
    STARTING,
    USED_BLOCKS,
    USED_CASES,
    SessionColumns,
    list_cases,
)
from ...stream.durations import UNKNOWN
from ...stream.origins import NOWHERE
from ..options import ReadOptions
from .numbering import Numbering

EVENT_BYTES, TIMED_BYTES, ORIGIN_BYTES = 5, 7, 19
"""What an event of an open case costs: its symbol, and what blocks of seven take beside; where durations are kept; what
origins take on top."""

_Scalar = TypeVar("_Scalar", bound=np.generic)
_UNLIMITED = 1 << 62
_IN_BLOCK = BLOCK_COLUMNS - 1
_LINE = 64  # bytes
_NO_SYMBOLS, _NO_BINS, _NO_SLOTS = np.empty(0, np.int32), np.empty(0, np.int16), np.empty(0, np.int64)
_NO_ORIGINS = np.empty((0, ORIGIN_COLUMNS), np.int64)


class OpenCases:
    """The cases that are open, their limits, and where they stand.

    Parameters
    ----------
    options : ReadOptions
        When a case ends.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default.

    Attributes
    ----------
    numbering : Numbering
        Which case has which number.
    columns : SessionColumns
        For kernels; replaced when they grow.
    cases, events, bytes : int
        What is open: cases, their events, and what the cases take beside these; up to date after `look`.
    newest, oldest : float
        The newest time, and that of the last event of the case first to close; likewise.

    Examples
    --------
    >>> held = OpenCases(ReadOptions())
    >>> held.make_room(1000)
    >>> len(held.columns.cases) >= 1000, held.slots()
    (True, array([], dtype=int64))
    """

    def __init__(self, options: ReadOptions, case_bytes: int | None = None) -> None:
        self.numbering = Numbering()
        limits = options.max_open_cases, options.max_open_events, _UNLIMITED if case_bytes is None else case_bytes
        size = np.zeros(SIZES, np.int64)
        size[[FRONT, BACK, FREE_CASE, FREE_BLOCK]] = NOBODY
        self.columns = SessionColumns(
            cases=np.empty((0, CASE_COLUMNS), np.int64),
            touched=np.empty(0),
            moments=np.empty(0),
            blocks=np.empty((0, BLOCK_COLUMNS), np.int32),
            bins=np.empty((0, BLOCK_COLUMNS), np.int16),
            origins=_NO_ORIGINS,
            size=size,
            limits=np.array(
                [*(min(limit, _UNLIMITED) for limit in limits), EVENT_BYTES, min(_each(options), _UNLIMITED), NOBODY]
            ),
            clock=np.array([-math.inf, math.inf if options.silence is None else options.silence]),
            **self.numbering.columns(),
        )
        self.most_cases, self.most_events, self.most_bytes, _, self.most_each, _ = self.columns.limits.tolist()
        self.event_bytes, self.timed, self.traced = EVENT_BYTES, False, False
        self.look()

    def end_at(self, events: int) -> None:
        """End each case at so many events, from here on."""
        self.columns.limits[MOST_EACH] = self.most_each = events

    def keep_times(self) -> None:
        """Let the durations of events be kept from here on; those that came before have none."""
        if self.timed:
            return
        self.timed = True
        old = self.columns
        bins = np.full((len(old.blocks), BLOCK_COLUMNS), UNKNOWN, np.int16)
        self.columns = old._replace(bins=bins, moments=np.full(len(old.cases), np.nan))
        self._count_bytes()

    def keep_origins(self) -> None:
        """Let the origins of events be kept from here on; of those that came before none is known."""
        if not self.traced:
            self.traced = True
            kept = np.full((len(self.columns.blocks), ORIGIN_COLUMNS), NOWHERE, np.int64)
            self.columns = self.columns._replace(origins=kept)
            self._count_bytes()

    def _count_bytes(self) -> None:
        """Note what an event takes."""
        self.event_bytes = (TIMED_BYTES if self.timed else EVENT_BYTES) + ORIGIN_BYTES * self.traced
        self.columns.limits[EVENT_COST] = self.event_bytes

    def restore_times(self, slots: NDArray[np.int64], bins: NDArray[np.int16], moments: NDArray[np.float64]) -> None:
        """Give the events of open cases, case by case, their durations, and the cases their newest times."""
        self.keep_times()
        columns, start = self.columns, 0
        columns.moments[slots] = moments
        for slot in slots.tolist():
            block, left = int(columns.cases[slot, FIRST]), int(columns.cases[slot, EVENTS])
            while left > 0:
                count = min(left, _IN_BLOCK)
                columns.bins[block, 1 : 1 + count] = bins[start : start + count]
                start, left, block = start + count, left - count, int(columns.blocks[block, 0])

    def look(self) -> None:
        """Note what is open."""
        size = self.columns.size.tolist()
        self.cases, self.events, self.bytes = size[OPEN], size[HELD], size[NAMED]
        self.newest = float(self.columns.clock[NEWEST])
        self.oldest = math.inf if size[FRONT] == NOBODY else float(self.columns.touched[size[FRONT]])

    def too_many(self, cases: int, events: int, names: int) -> bool:
        """Tell whether too much would be open with so many more cases, events and bytes of cases."""
        events += self.events
        return (
            cases + self.cases > self.most_cases
            or events > self.most_events
            or names + self.bytes + self.event_bytes * events > self.most_bytes
        )

    def start_with(self, symbol: int) -> None:
        """Let cases start anew with a symbol."""
        self.columns.limits[STARTING] = symbol

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Let nothing be too many for a while."""
        limits, kept = self.columns.limits, self.columns.limits.copy()
        limits[[MOST_CASES, MOST_EVENTS, MOST_BYTES, MOST_EACH]], limits[STARTING] = _UNLIMITED, NOBODY
        try:
            yield
        finally:
            limits[:] = kept

    def make_room(self, events: int) -> None:
        """Make room for so many events more, each of another case, and take over the numbering."""
        old = self.columns
        cases, held = int(old.size[OPEN]), int(old.size[HELD])
        blocks = (held + (_IN_BLOCK - 1) * cases) // _IN_BLOCK + events
        numbered = self.numbering.columns()
        changed: dict[str, Any] = {
            name: column for name, column in numbered.items() if column is not getattr(old, name)
        }
        used_cases, used_blocks = int(old.size[USED_CASES]), int(old.size[USED_BLOCKS])
        if cases + events > len(old.cases):
            changed["cases"] = _longer(old.cases, cases + events, used_cases)
            changed["touched"] = _longer(old.touched, len(changed["cases"]), used_cases)
            if self.timed:
                changed["moments"] = _longer(old.moments, len(changed["cases"]), used_cases)
        if blocks > len(old.blocks):
            changed["blocks"] = _longer(old.blocks, blocks, used_blocks)
            if self.timed:
                changed["bins"] = _longer(old.bins, len(changed["blocks"]), used_blocks)
            if self.traced:
                changed["origins"] = _longer(old.origins, len(changed["blocks"]), used_blocks)
        if changed:
            self.columns = old._replace(**changed)

    def slots(self) -> NDArray[np.int64]:
        """Return the slots of the open cases, that of the next to close first."""
        slots = np.empty(int(self.columns.size[OPEN]), np.int64)
        list_cases(self.columns, slots, _NO_SYMBOLS, _NO_BINS)
        return slots

    def follow(self, names: Sequence[str]) -> None:
        """Go on with the names of the events that come, whose cases have their positions as numbers."""
        numbering, cases = self.numbering, self.columns.cases
        slots = _NO_SLOTS if names is numbering.names else self.slots()
        if len(slots):
            cases[slots, NUMBER] = numbering.carry(slots, cases[slots, NUMBER], names)
        for slot, number in numbering.follow(names):
            cases[slot, NUMBER] = number
        numbering.place(slots, cases[slots, NUMBER])


def _each(options: ReadOptions) -> int:
    """Return with how many events a case is over: those up to the next window, unless that begins in this one."""
    stride = options.stride or options.window
    return _UNLIMITED if options.window is None or stride is None or stride < options.window else stride


def _longer(rows: NDArray[_Scalar], length: int, used: int) -> NDArray[_Scalar]:
    """Return rows, of which the first are used, with room for more, at least four times as many.

    What is not used yet takes no memory.  They begin where a line of the processor's cache does, so that none lies
    across two of them.
    """
    shape = max(length, 4 * len(rows)), *rows.shape[1:]
    size = math.prod(shape) * rows.itemsize
    room = np.empty(size + _LINE, np.uint8)
    start = -room.__array_interface__["data"][0] % _LINE
    longer = room[start : start + size].view(rows.dtype).reshape(shape)
    longer[:used] = rows[:used]
    return longer
