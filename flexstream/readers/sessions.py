"""Interleaved events to traces: cases that end, windows over what has no cases."""

from __future__ import annotations

import itertools
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..alphabet import Alphabet
from ..batch import TraceBatch
from ..errors import FlexStreamError, UsageError
from .backlog import Backlog
from .context import ReadContext
from .items import Event, Events, Item, Trace
from .options import ReadOptions
from .packing import Packer

DEFAULT_WINDOW = 100
# Sorting more events at once would hardly be quicker, and they need memory twice while they are sorted.
_LONGEST_BACKLOG = 1 << 20

Closed: TypeAlias = tuple[str | None, "array[int]"]


class OpenCase:
    """A case that may go on: when it began (as a count of cases), when it was last touched, its events."""

    __slots__ = ("began", "ids", "touched")

    def __init__(self, began: int) -> None:
        self.began = began
        self.touched = float("-inf")
        self.ids = array("i")


class Cases:
    """Collects events by case, in constant time for each event.

    A case ends when it has been silent for ``idle`` seconds of event time, when too many cases or events
    are held open and it has been silent longest, or when the input ends. Event time never runs back: an
    event that comes late counts as happening at the newest time seen.

    Examples
    --------
    >>> cases = Cases(ReadContext(ReadOptions(idle=60)))
    >>> cases.add("lot 7", 0, 0.0)
    []
    >>> cases.add("lot 8", 1, 61.0)
    [('lot 7', array('i', [0]))]
    >>> cases.close()
    [('lot 8', array('i', [1]))]
    """

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._idle = context.options.idle
        self._most_cases = context.options.max_open_cases
        self._most_events = context.options.max_open_events
        # Ordered by last touch, so that the case to close is always in front.
        self._open: OrderedDict[str, OpenCase] = OrderedDict()
        self._newest = float("-inf")
        self._begun = 0
        self._held = 0  # events, those put aside included
        self._backlog = Backlog()

    def add(self, name: str, symbol: int, time: float | None) -> list[Closed]:
        """Add an event; return the cases that end with it."""
        if self._backlog.names is not None:
            self._settle()
            self._backlog.start(None)
        closed = self._silent(time) if time is not None and self._idle is not None else []
        case = self._open.get(name)
        if case is None:
            case = self._open[name] = OpenCase(self._begun)
            self._begun += 1
        else:
            self._open.move_to_end(name)
        case.touched = self._newest
        case.ids.append(symbol)
        self._held += 1
        if len(self._open) > self._most_cases or self._held > self._most_events:
            closed += self._forced()
        return closed

    def add_all(self, events: Events) -> Iterator[Closed]:
        """Add events; yield the cases that end with each."""
        assert events.cases is not None
        if self._idle is None and self._put_aside(events, events.cases):
            return
        self._settle()
        self._backlog.start(None)
        names = map(events.names.__getitem__, events.cases.tolist())
        times = itertools.repeat(None) if events.times is None else events.times
        for name, symbol, time in zip(names, events.symbols.tolist(), times, strict=False):
            yield from self.add(name, symbol, time)

    def _put_aside(self, events: Events, cases: NDArray[np.int32]) -> bool:
        """Put events aside unless a case may end with one of them; return whether it was done."""
        backlog = self._backlog
        if events.names is not backlog.names:
            self._settle()
            backlog.start(events.names)
        fresh = backlog.fresh(cases).tolist()
        begun = sum(events.names[case] not in self._open for case in fresh)
        if len(self._open) + backlog.begun + begun > self._most_cases or self._held + len(cases) > self._most_events:
            return False
        self._held += len(cases)
        backlog.add(cases, events.symbols, begun)
        if len(backlog) >= _LONGEST_BACKLOG:
            self._settle()
        return True

    def _settle(self) -> None:
        """Give the events that were put aside to their cases."""
        names = self._backlog.names
        if names is None or not len(self._backlog):
            return
        found = self._backlog.take()
        for number, symbols in zip(found.begun, found.symbols, strict=True):
            case = self._open.get(names[number])
            if case is None:
                case = self._open[names[number]] = OpenCase(self._begun)
                self._begun += 1
            case.touched = self._newest
            case.ids.frombytes(symbols)
        for number in found.touched:
            self._open.move_to_end(names[number])

    def _forced(self) -> list[Closed]:
        closed = []
        while len(self._open) > self._most_cases or self._held > self._most_events:
            closed.append(self._close_first())
        self._context.forced_closed += len(closed)
        return closed

    def _silent(self, time: float) -> list[Closed]:
        assert self._idle is not None
        self._newest = max(self._newest, time)
        limit = self._newest - self._idle
        closed = []
        while self._open and next(iter(self._open.values())).touched < limit:
            closed.append(self._close_first())
        return closed

    def _close_first(self) -> Closed:
        name, case = self._open.popitem(last=False)
        self._held -= len(case.ids)
        return name, case.ids

    def close(self) -> list[Closed]:
        """Return all cases still open, in the order of their first events."""
        self._settle()
        self._backlog.start(None)
        rest = sorted(self._open.items(), key=lambda pair: pair[1].began)
        self._open.clear()
        self._held = 0
        return [(name, case.ids) for name, case in rest]


class Windows:
    """Cuts an endless sequence into windows, one every ``stride`` events.

    Examples
    --------
    >>> windows = Windows(ReadContext(ReadOptions(window=3, stride=2)))
    >>> [window for symbol in range(6) if (window := windows.add(symbol))]
    [(None, array('i', [0, 1, 2])), (None, array('i', [2, 3, 4]))]
    >>> windows.close()
    [(None, array('i', [4, 5]))]
    """

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._size = context.options.window or DEFAULT_WINDOW
        self._stride = context.options.stride or self._size
        self._buffer = array("i")
        self._skip = 0
        self._unseen = 0
        self._first = True

    def _note(self) -> None:
        options = self._context.options
        if options.window is None:
            self._context.note(
                f"events without cases: cut into traces of {DEFAULT_WINDOW} events"
                " (change it with --window, or name the case with --case, in a log with a group of --pattern)"
            )
        if options.idle is not None:
            self._context.note("--idle has no effect on events without cases")
        self._first = False

    def add(self, symbol: int) -> Closed | None:
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
        return None, full

    def close(self) -> list[Closed]:
        """Return the last window, not full, if it holds an event that no window held."""
        rest, unseen = self._buffer, self._unseen
        self._buffer, self._unseen, self._skip = array("i"), 0, 0
        return [(None, rest)] if unseen else []


class Sessions:
    """Sends each event to its case, or to the windows if it has none."""

    def __init__(self, alphabet: Alphabet, context: ReadContext) -> None:
        self._cases = Cases(context)
        self._windows = Windows(context)
        self._id = alphabet.id
        self._windowed = context.options.window is not None

    def add(self, event: Event) -> Iterable[Closed]:
        """Add an event; return the traces that end with it."""
        symbol = self._id(event.symbol)
        if event.case is not None:
            if self._windowed:
                raise UsageError("--window is for events without cases; these events have cases")
            return self._cases.add(event.case, symbol, event.time)
        full = self._windows.add(symbol)
        return () if full is None else (full,)

    def add_all(self, events: Events) -> Iterator[Closed]:
        """Add many events; yield the traces that end with each."""
        if events.cases is None:
            yield from filter(None, map(self._windows.add, events.symbols.tolist()))
        elif self._windowed:
            raise UsageError("--window is for events without cases; these events have cases")
        else:
            yield from self._cases.add_all(events)

    def close(self) -> list[Closed]:
        """Return all that is still open."""
        return self._cases.close() + self._windows.close()


def assemble(
    items: Iterable[Item],
    alphabet: Alphabet,
    options: ReadOptions | None = None,
    context: ReadContext | None = None,
) -> Iterator[TraceBatch]:
    """Turn what the formats read into batches of traces.

    Parameters
    ----------
    items : iterable of Trace, Event, Events or TraceBatch
        Whole traces pass through; events are collected until their case ends.
    alphabet : Alphabet
        Grows by the symbols it has not seen.
    options : ReadOptions, optional
        How sessions end; by default those of the context.
    context : ReadContext, optional
        Notes and counts.

    Yields
    ------
    TraceBatch
        About 4096 traces or 262,144 events each; where a source is followed, 64 traces or those of a second.

    Raises
    ------
    FlexStreamError
        What the items raised, after everything read before it, open cases included, has been yielded.

    Examples
    --------
    >>> events = [Event("a", "load", None), Event("b", "load", None), Event("a", "run", None)]
    >>> (batch,) = assemble(events, Alphabet())
    >>> [trace.tolist() for trace in batch], batch.names
    ([[0, 1], [0]], ['a', 'b'])
    """
    context = _joined(options, context)
    packer = Packer(alphabet, context)
    sessions = Sessions(alphabet, context)
    failure: FlexStreamError | None = None
    try:
        for item in items if context.options.window is None else _events_only(items):
            if isinstance(item, Trace):
                if packer.add(*item):
                    yield packer.take()
            elif isinstance(item, Event | Events):
                for closed in sessions.add(item) if isinstance(item, Event) else sessions.add_all(item):
                    if packer.add_ids(*closed):
                        yield packer.take()
            else:
                yield from packer.rest()
                packer.count(item)
                yield item
    except FlexStreamError as error:
        failure = error
    for closed in sessions.close():
        if packer.add_ids(*closed):
            yield packer.take()
    yield from packer.rest()
    if failure is not None:
        raise failure


def _events_only(items: Iterable[Item]) -> Iterator[Item]:
    """Refuse whole traces where the user wants windows over single events."""
    for item in items:
        if not isinstance(item, Event | Events):
            raise UsageError("--window is for events without cases; this input holds whole traces")
        yield item


def _joined(options: ReadOptions | None, context: ReadContext | None) -> ReadContext:
    """Return the context to use; options given beside it hold."""
    if context is None:
        return ReadContext(options or ReadOptions())
    if options is not None:
        context.options = options
    return context
