"""Items to batches: cases that end, windows over what has no cases, and a state of all that is open."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FlexStreamError, UsageError, parameter
from ...stream.alphabet import Alphabet
from ...stream.batch import TraceBatch
from ...stream.origins import origins_of
from ..diagnostics import Diagnostics
from ..items import Event, Events, Item, Trace, Traces
from ..options import ReadOptions
from ..placing import placed, placed_traces
from ..watching import Watcher
from .divided import DividedCases
from .ended import Ended
from .held import Many, Part
from .packing import Packer, encode
from .reorder import Reorder
from .symbol_order import SymbolOrder
from .windows import Windows

_UNNAMED = [""]  # the name of the one case of events that have none


class Assembler:
    """Puts traces together and hands them out as batches.

    Parameters
    ----------
    alphabet : Alphabet
        Grows by the symbols it has not seen.
    options : ReadOptions, optional
        How sessions end.
    diagnostics : Diagnostics, optional
        For notes and counts; its options hold where it is given.
    ahead : Alphabet, optional
        Has given the symbols of `Events` their ids as they were read; by default they are those of ``alphabet``.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default but those of the options.
    watcher : Watcher, optional
        Is told of the events of live sources.

    Examples
    --------
    >>> assembler = Assembler(Alphabet())
    >>> assembler.feed(Event("a", "load", None)), assembler.feed(Event("b", "load", None))
    ([], [])
    >>> other = Assembler(Alphabet())
    >>> other.restore(assembler.state())
    >>> _ = other.feed(Event("a", "run", None))
    >>> [(batch.names, [trace.tolist() for trace in batch]) for batch in other.close()]
    [(['a', 'b'], [[0, 1], [0]])]
    """

    def __init__(
        self,
        alphabet: Alphabet,
        options: ReadOptions | None = None,
        diagnostics: Diagnostics | None = None,
        case_bytes: int | None = None,
        ahead: Alphabet | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._diagnostics = Diagnostics(options) if diagnostics is None else diagnostics
        options = self._diagnostics.options
        self._alphabet, self._case_bytes = alphabet, case_bytes
        self._cases = DividedCases(alphabet, self._diagnostics, case_bytes)
        # Events without cases are those of one, where silence or an event cuts it, and none has a name.
        self._windows, self._divides = Windows(self._diagnostics), options.gap is not None or options.start is not None
        self._stream = DividedCases(alphabet, self._diagnostics, case_bytes)
        self._packer = Packer(alphabet, self._diagnostics)
        self._order = SymbolOrder(alphabet, alphabet if ahead is None else ahead)
        self._watcher = watcher
        self._reorder = Reorder(self._diagnostics, case_bytes, lambda: self._cases.bytes)

    def feed(self, item: Item, place: int | None = None) -> list[TraceBatch]:
        """Take what a format read; return the batches that are full with it, mostly none.

        Whole traces pass through, events are collected until their case ends.  A batch has about 4096 traces or 262,144
        events; where a source is followed, 64 traces or those of a second.  The batches have origins where a place is
        given: that of the item, or, of many events and traces with places of their own, that of line 0 of their source.

        Raises
        ------
        UsageError
            If traces are to be cut by their silence and the item has no times.
        """
        packer = self._packer
        if self._diagnostics.usual_gap is not None:
            self._cases.end_after(self._diagnostics.usual_gap)
        if self._diagnostics.endless:
            self._cases.cut_endless()
        if isinstance(item, Event):
            return self._one(item, place)
        if isinstance(item, Events):
            return self._many(placed(item, place))
        if self._diagnostics.options.gap is not None:
            raise UsageError(f"{parameter('gap')} needs times; this input holds whole traces, whose events have none")
        batches = self._released()
        if isinstance(item, TraceBatch):
            batches += [*packer.rest(), packer.count(self._cases.cutter.batch(placed_traces(item, place)))]
        elif isinstance(item, Traces):
            batches += self._packer.add_traces(item) if self._cases.cutter.idle else self._each_in_parts(item)
        elif not self._cases.cutter.idle:
            batches += self._in_parts(item, place)
        elif packer.add(*item, place):
            batches.append(packer.take())
        self._order.hear()
        return batches

    def flush(self) -> list[TraceBatch]:
        """Return the traces that have ended, and hand on the events that need not wait, as nothing more is there."""
        return [*self._handed_on(self._reorder.settled()), *self._packer.rest()]

    def _in_parts(self, trace: Trace, place: int | None) -> Iterator[TraceBatch]:
        """Cut a whole trace; yield the batches that are full with it."""
        ids = array("i")
        encode(trace.symbols, self._alphabet, ids)
        for begin, end in self._cases.cutter.parts(np.frombuffer(ids, np.int32)):
            spans = None if trace.durations is None else trace.durations[begin:end]
            origins = None if place is None else origins_of(np.full(end - begin, place))
            if self._packer.add_ids(trace.name, ids[begin:end], spans, origins, place):
                yield self._packer.take()

    def _each_in_parts(self, traces: Traces) -> Iterator[TraceBatch]:
        """Cut whole traces; yield the batches that are full with them."""
        bounds, spans = np.cumsum(traces.lengths)[:-1], traces.durations
        timed = repeat(None) if spans is None else np.split(spans, bounds)
        for name, ids, own in zip(traces.names, np.split(traces.symbols, bounds), timed, strict=False):
            for begin, end in self._cases.cutter.parts(ids):
                part = array("i", ids[begin:end].tobytes())
                if self._packer.add_ids(name, part, None if own is None else own[begin:end]):
                    yield self._packer.take()

    def close(self) -> Iterator[TraceBatch]:
        """Yield what is still open: events held back, cases in the order of their first ones, the window, the rest."""
        for found in self.ending():
            yield from found

    def ending(self) -> Iterator[list[TraceBatch]]:
        """Yield the batches of `close` in steps: behind each of them, `state` holds what is still to come."""
        while len(self._reorder):
            yield self._handed_on(self._reorder.some())
        for ended in self._cases.close(self._packer.room):
            yield list(self._packer.add_ended(ended))
        for ended in self._stream.close():
            yield list(self._unnamed(ended))
        yield list(self._packed(self._windows.close()))
        yield list(self._packer.rest())

    def _packed(self, windows: Iterable[array[int]]) -> Iterator[TraceBatch]:
        for window in windows:
            spans, origins = np.array(self._windows.spans(), np.int16), self._windows.origins()
            if self._packer.add_ids(None, window, spans, origins):
                yield self._packer.take()

    def _one(self, event: Event, place: int | None) -> list[TraceBatch]:
        """Take an event, which waits if it has a time; return the batches that are full with what need not wait."""
        if event.time is None:
            return [*self._released(), *self._with(event.case, self._order.id(event.symbol), None, place)]
        return self._handed_on(self._reorder.add(event.case, self._order.ahead.id(event.symbol), event.time, place))

    def _many(self, events: Events) -> list[TraceBatch]:
        """Take many events likewise."""
        if events.times is None:
            return [*self._released(), *self._with_all(events)]
        return self._handed_on(self._reorder.add_all(events))

    def _released(self) -> list[TraceBatch]:
        """Return the batches that are full with all events held back."""
        return self._handed_on(self._reorder.rest()) if len(self._reorder) else []

    def _handed_on(self, parts: Iterable[Part]) -> list[TraceBatch]:
        """Give events their order's symbols and add them; return the batches that are full."""
        found: list[TraceBatch] = []
        for part in parts:
            if isinstance(part, Many):
                for events in part.events():
                    found += self._with_all(events)
                continue
            symbols = self._order.ids(part.symbols).tolist()
            places = repeat(None) if part.places is None else part.places.tolist()
            for event in zip(part.cases, symbols, part.times.tolist(), places, strict=False):
                found += self._with(*event)
        return found

    def _with(self, case: str | None, symbol: int, moment: float | None, place: int | None) -> list[TraceBatch]:
        """Add an event; return the batches that are full with it."""
        if self._watcher is not None and self._diagnostics.live:
            return self._watched(self._watcher, case, symbol, moment, place)
        if case is not None:
            ended = self._cases.add(case, symbol, moment, place)
            return [batch for cases in ended for batch in self._packer.add_ended(cases)] if ended else []
        if self._divides:
            ended = self._stream.add("", symbol, moment, place)
            return [batch for cases in ended for batch in self._unnamed(cases)] if ended else []
        return list(self._packed(self._windowed(symbol, moment, place)))

    def _watched(
        self, watcher: Watcher, case: str | None, symbol: int, moment: float | None, place: int | None
    ) -> list[TraceBatch]:
        """Add an event likewise, and tell a watcher of it, and of the cases that end before it: windows end with it."""
        if case is None and not self._divides:
            windows = self._windowed(symbol, moment, place)
            watcher.event(None, symbol, moment, place)
            watcher.ended([None] * len(windows))
            return list(self._packed(windows))
        cases, name = (self._stream, "") if case is None else (self._cases, case)
        ended = cases.add(name, symbol, moment, place)
        if ended:
            watcher.ended(None if case is None else name for part in ended for name in part.names)
        watcher.event(case, symbol, moment, place)
        added = self._unnamed if case is None else self._packer.add_ended
        return [batch for part in ended for batch in added(part)]

    def _windowed(self, symbol: int, moment: float | None, place: int | None) -> list[array[int]]:
        """Add an event without a case; return the windows that it fills."""
        times, places = (None if one is None else np.array([one]) for one in (moment, place))
        return self._windows.add_all([symbol], times, places)

    def _one_by_one(self, events: Events) -> Iterator[TraceBatch]:
        """Add many events of a live source, of each of which a watcher is told."""
        names = repeat(None) if events.cases is None else map(events.names.__getitem__, events.cases.tolist())
        times = repeat(None) if events.times is None else np.asarray(events.times, np.float64).tolist()
        places = repeat(None) if events.places is None else events.places.tolist()
        for symbol, name, moment, place in zip(events.symbols.tolist(), names, times, places, strict=False):
            yield from self._with(name, symbol, moment, place)

    def _with_all(self, events: Events) -> Iterator[TraceBatch]:
        """Add many events; yield the batches that are full with them."""
        events = events._replace(symbols=self._order.ids(events.symbols))
        if self._watcher is not None and self._diagnostics.live:
            yield from self._one_by_one(events)
            return
        if events.cases is None and self._divides:
            for ended in self._stream.add_all(events._replace(names=_UNNAMED, cases=np.zeros_like(events.symbols))):
                yield from self._unnamed(ended)
            return
        if events.cases is None:
            moments = None if events.times is None else np.asarray(events.times, np.float64)
            yield from self._packed(self._windows.add_all(events.symbols.tolist(), moments, events.places))
            return
        for ended in self._cases.add_all(events):
            yield from self._packer.add_ended(ended)

    def _unnamed(self, ended: Ended) -> Iterator[TraceBatch]:
        """Add parts of what has no cases; yield the batches that are full with them."""
        bounds, spans = np.cumsum(ended.lengths)[:-1], ended.durations
        timed = [None] * len(ended.lengths) if spans is None else np.split(spans, bounds)
        traced = [None] * len(ended.lengths) if ended.origins is None else np.split(ended.origins, bounds)
        for part, own, origins in zip(np.split(ended.symbols, bounds), timed, traced, strict=True):
            if self._packer.add_ids(None, array("i", part.tobytes()), own, origins):
                yield self._packer.take()

    def rest(self) -> list[TraceBatch]:
        """Return the traces that have ended."""
        return list(self._packer.rest())

    def waiting(self) -> NDArray[np.int64]:
        """Return the places of events that wait for a batch or a window to be full, where places are known."""
        return np.concatenate((self._packer.places(), self._windows.places()))

    def windowed(self, case: object) -> bool:
        """Tell whether an event with a case, or without (None), goes into windows."""
        return case is None and not self._divides

    def forget(self) -> None:
        """Hold nothing any more."""
        self._cases, self._stream = (
            DividedCases(self._alphabet, self._diagnostics, self._case_bytes) for _ in range(2)
        )
        self._windows, self._packer = Windows(self._diagnostics), Packer(self._alphabet, self._diagnostics)
        self._reorder = Reorder(self._diagnostics, self._case_bytes, lambda: self._cases.bytes)

    def state_without(self) -> dict[str, Any]:
        """Return the state as if nothing were open."""
        empty = Assembler(Alphabet(), None, self._diagnostics, self._case_bytes).state()
        own = {"alphabet": self._alphabet_state(), "order": self._order.state()}
        return {**empty, **own}

    def _alphabet_state(self) -> dict[str, Any]:
        return {"symbols": list(self._alphabet), "other": self._alphabet.other}

    def state(self) -> dict[str, Any]:
        """Return everything open, with notes and counts, as a document of texts, numbers and arrays.

        Symbols are ids of the alphabet, whose texts are in it too.
        """
        return {
            "alphabet": self._alphabet_state(),
            "diagnostics": self._diagnostics.state(),
            "order": self._order.state(),
            "reorder": self._reorder.state(),
            "cases": self._cases.state(),
            "windows": self._windows.state(),
            "stream": self._stream.state(),
            "packer": self._packer.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another assembler had open; before the first item.

        Raises
        ------
        UsageError
            If the alphabet has seen other symbols, or lacks the capacity for those of the state; or it is damaged.
        """
        from .state_checks import check_sessions  # of those only that go on where others were

        check_sessions(state)
        _catch_up(self._alphabet, state["alphabet"]["symbols"], state["alphabet"]["other"])
        if state["order"]["apart"]:
            _catch_up(self._order.ahead, state["order"]["symbols"], state["order"]["other"])
        self._order.restore(state["order"])
        self._reorder.restore(state["reorder"])
        self._diagnostics.restore(state["diagnostics"])
        self._cases.restore(state["cases"])
        self._windows.restore(state["windows"])
        self._stream.restore(state["stream"])
        self._packer.restore(state["packer"])


def _catch_up(alphabet: Alphabet, symbols: list[str], other: int | None) -> None:
    """Let an alphabet grow to the symbols of a state."""
    fits = alphabet.texts == symbols[: len(alphabet)]
    for number in range(len(alphabet), len(symbols)):
        fits = fits and number == (alphabet.close() if number == other else alphabet.id(symbols[number]))
    if not fits or alphabet.other != other:
        why = "has seen other symbols than that of the state, or has less capacity"
        raise UsageError(f"the alphabet {why} (expected: a new one, or that of the state)")


def assemble(
    items: Iterable[Item],
    alphabet: Alphabet,
    options: ReadOptions | None = None,
    diagnostics: Diagnostics | None = None,
    case_bytes: int | None = None,
    ahead: Alphabet | None = None,
) -> Iterator[TraceBatch]:
    """Yield the batches of items as an `Assembler` makes them, which has the same parameters.

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
    assembler = Assembler(alphabet, options, diagnostics, case_bytes, ahead)
    failure: FlexStreamError | None = None
    try:
        for item in items:
            yield from assembler.feed(item)
    except FlexStreamError as error:
        failure = error
    yield from assembler.close()
    if failure is not None:
        raise failure
