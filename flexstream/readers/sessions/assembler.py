"""Interleaved events to traces: cases that end, windows over what has no cases."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from ...errors import FlexStreamError, UsageError
from ...stream.alphabet import Alphabet
from ...stream.batch import TraceBatch
from ..context import ReadContext
from ..items import Event, Events, Item, Trace
from ..options import ReadOptions
from .cases import Cases, Closed
from .packing import Packer

DEFAULT_WINDOW = 100


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
