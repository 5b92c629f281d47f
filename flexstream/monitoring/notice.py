"""Notices: alarms as people want to read them, with states by name, what was expected, and where the event stood."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels.scoring import event_bits
from ..automata.calibration import COUNTS, LATE, WORST
from ..automata.mixture import Ensemble
from ..automata.walking import score_columns
from ..stream.origins import Origin, origin_of
from ..writers.naming import state_names
from ..writers.ways import Ways

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from ..stream.batch import TraceBatch
    from .alarm import Alarm

EVENT, SILENCE = "event", "silence"
"""What alarms beside `COUNTS` and `LATE`: an event, or the end, that is odd where it came; a case that waits long."""
EXPECTED = 3
"""Outcomes that are named."""

ShownTime = Callable[[Origin], float | None]
"""Returns the time of an event as it is shown, in seconds since 1970; None where it is not known."""
Outcome = tuple[str | None, float]
"""A symbol, None for the end, and its probability."""


class Thing(NamedTuple):
    """What alarms, whichever trace it is in: alarms with one thing are equal.

    Attributes
    ----------
    kind : str
        ``"event"``, ``"counts"``, ``"late"`` or ``"silence"``.
    state : int
        In which it came; -1 for counts, which are no matter of a state.
    symbol : str or None
        None for the end, and for silence.
    times : int
        How often the symbol came, of counts.
    """

    kind: str
    state: int
    symbol: str | None
    times: int = 0


class Place(NamedTuple):
    """Where an event stood: the name of its source, its line, and its time in seconds; None where not known."""

    source: str | None
    line: int | None
    time: float | None


def stamp(time: float | None) -> str | None:
    """Return a time in seconds since 1970 as text, None for none and those beyond all calendars.

    >>> stamp(1769903940.25), stamp(None), stamp(1e15)
    ('2026-01-31T23:59:00.250Z', None, None)
    """
    if time is None:
        return None
    try:
        moment = datetime.fromtimestamp(round(time, 3), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


class Odd(NamedTuple):
    """What was odd, where in its trace.

    Attributes
    ----------
    statistic : str
        What says so, see `Alarm`.
    p_value : float
    position : int
        Of the event from 0.
    state : int
        Before it.
    bits : float
        Surprise of the event; NaN where it is not known.
    seconds, usual : float or None
        How long a step took, or the silence lasts, and what 99.9 % do not exceed.
    share : float or None
        Of counts: share of the traces learned from in which the symbol comes so often.
    """

    statistic: str
    p_value: float
    position: int
    state: int
    bits: float
    seconds: float | None = None
    usual: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """An alarm with all that people ask about it.

    Attributes
    ----------
    thing : Thing
    odd : Odd
    trace : str or int
        Name of the trace or case, or its number from 1.
    name : str
        Of the state.
    expected : tuple of (str or None, float)
        The likeliest outcomes in its stead.
    place : Place
    open : bool
        Whether the case goes on.
    id : str
        Names the thing, in this and other models, by what leads to its state.
    way : tuple of str
        Events that lead to its state.
    """

    thing: Thing
    odd: Odd
    trace: str | int
    name: str
    expected: tuple[Outcome, ...]
    place: Place
    open: bool
    id: str
    way: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the notice as JSON values."""
        kind, _, symbol, times = self.thing
        found: dict[str, Any] = {"trace": self.trace, "alarm": kind, "p_value": round(self.odd.p_value, 6)}
        if kind == COUNTS:
            found["counts"] = {"symbol": symbol, "times": times, "usual": self.odd.share}
        else:
            found |= {"state": self.odd.state, "name": self.name, "position": self.odd.position}
        if kind in (EVENT, LATE):
            found["symbol"] = symbol
        if kind == EVENT:
            found["bits"] = round(min(self.odd.bits, 1e6), 4)
        if self.odd.seconds is not None:
            found["slow"] = {"seconds": _rounded(self.odd.seconds), "usual": _rounded(self.odd.usual)}
        if kind != COUNTS:
            found["expected"] = [{"symbol": one, "probability": _possible(share)} for one, share in self.expected]
        source, line, time = self.place
        return {**found, "source": source, "line": line, "time": stamp(time), "open": self.open, "id": self.id}


def _possible(share: float) -> float:
    """Return a probability in four decimals; neither 0 nor 1 where it is not that.

    >>> [_possible(share) for share in (0.0, 1e-6, 0.25, 0.99999, 1.0)]
    [0.0, 0.0001, 0.25, 0.9999, 1.0]
    """
    return round(share, 4) if share in (0.0, 1.0) else min(max(round(share, 4), 0.0001), 0.9999)


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(f"{value:.4g}")


class Notices:
    """Makes notices of alarms.

    Parameters
    ----------
    automaton : PDFA
        Whose states are spoken of.
    texts : sequence of str
        The symbols of the stream by their ids; may grow.
    source_name : callable
        Returns what a source is called, by its number.
    shown_time : callable, optional
        Returns the time of an event as it is shown, see `flexstream.readers.shown_times`; None: as it was read.
    """

    def __init__(
        self,
        automaton: PDFA,
        texts: Sequence[str],
        source_name: Callable[[int], str],
        shown_time: ShownTime | None = None,
    ) -> None:
        self.automaton, self._texts, self._source_name = automaton, texts, source_name
        self._shown_time = shown_time
        self.expected = cache(self._expected)
        self._named = cache(self._way_and_id)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the states."""
        return state_names(self.automaton)

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self.automaton)

    def _way_and_id(self, thing: Thing) -> tuple[tuple[str, ...], str]:
        """Return the likeliest way to the state of a thing, and its id."""
        way = self._ways.likeliest(thing.state) if thing.state >= 0 else ()
        return way, id_of(thing, way)

    def _expected(self, state: int) -> tuple[Outcome, ...]:
        """Return the likeliest outcomes of a state."""
        automaton = self.automaton
        edges = slice(automaton.offsets[state], automaton.offsets[state + 1])
        symbols = [automaton.symbols[symbol] for symbol in automaton.edge_symbols[edges]]
        outcomes: list[Outcome] = list(zip(symbols, automaton.probabilities[edges].tolist(), strict=True))
        if automaton.stops[state] > 0:
            outcomes.append((None, float(automaton.stop_probabilities[state])))
        return tuple(sorted(outcomes, key=lambda outcome: -outcome[1])[:EXPECTED])

    def place(self, origin: Origin) -> Place:
        """Return where an event stood."""
        name = None if origin.source is None else self._source_name(origin.source)
        return Place(name, origin.line, origin.time if self._shown_time is None else self._shown_time(origin))

    def of(self, alarm: Alarm, batch: TraceBatch, trace: str | int, ended: bool) -> Notice:
        """Return the notice of an alarm of a trace of a batch."""
        odd = Odd(alarm.statistic, alarm.p_value, alarm.position, alarm.state, alarm.bits)
        thing, place = Thing(EVENT, alarm.state, alarm.symbol), self.place(row_of(batch, alarm.row, alarm.position))
        if alarm.statistic == COUNTS and alarm.unusual is not None:
            thing = Thing(COUNTS, -1, alarm.unusual.symbol, alarm.unusual.times)
            odd = odd._replace(share=alarm.unusual.usual)
        elif alarm.statistic == LATE and alarm.slow is not None:
            thing = thing._replace(kind=LATE)
            odd = odd._replace(seconds=alarm.slow.seconds, usual=alarm.slow.usual)
        return self.notice(thing, odd, trace, place, not ended)

    def next_odd(
        self, alarm: Alarm, batch: TraceBatch, notice: Notice, least: float, accepted: Container[Thing]
    ) -> Notice | None:
        """Return the notice of the next event of a trace that alarms by itself and was not accepted; None if none is.

        Parameters
        ----------
        alarm, batch : Alarm, TraceBatch
            What was accepted, and where.
        notice : Notice
            Its notice.
        least : float
            Bits from which on an event alarms.
        accepted : container of Thing
        """
        for thing, position, bits in self.odd_events(batch, alarm.row, least, not notice.open):
            if thing not in accepted:
                odd = Odd(WORST, alarm.p_value, position, thing.state, bits)
                place = self.place(row_of(batch, alarm.row, position))
                return self.notice(thing, odd, notice.trace, place, notice.open)
        return None

    def odd_events(self, batch: TraceBatch, row: int, least: float, ended: bool) -> Iterator[tuple[Thing, int, float]]:
        """Yield what alarms by itself in a trace, the least expected first: the thing, its position, its bits."""
        trace = batch.part(row, row + 1)
        bits, states = walked(self.automaton, trace)
        for position in np.argsort(-bits, kind="stable").tolist():
            if bits[position] < least:
                return
            if position < len(trace.symbols):
                yield (
                    Thing(EVENT, int(states[position]), self._texts[trace.symbols[position]]),
                    position,
                    bits[position],
                )
            elif ended:
                yield Thing(EVENT, int(states[position]), None), position, bits[position]

    def way_to(self, thing: Thing) -> tuple[str, ...]:
        """Return the likeliest way to the state of a thing."""
        return self._named(thing)[0]

    def notice(self, thing: Thing, odd: Odd, trace: str | int, place: Place, still_open: bool) -> Notice:
        """Return a notice with what is known of its state."""
        way, number = self._named(thing)
        name, expected = self.names[odd.state], self.expected(odd.state)
        return Notice(thing, odd, trace, name, expected, place, still_open, number, way)

    def text(self, symbol: int) -> str:
        """Return the text of a symbol of the stream."""
        return self._texts[symbol]


def id_of(thing: Thing, way: Sequence[str]) -> str:
    """Return what names a thing by the way to its state, whatever number the state has.

    >>> id_of(Thing("event", 3, "run"), ["load"]) == id_of(Thing("event", 7, "run"), ["load"])
    True
    """
    said = json.dumps([thing.kind, list(way), thing.symbol, thing.times])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def row_of(batch: TraceBatch, row: int, position: int) -> Origin:
    """Return the origin of an event of a trace, or of its end."""
    if batch.origins is None:
        return Origin(None, None, None)
    return origin_of(np.asarray(batch.origins[int(batch.offsets[row] - batch.offsets[0]) + row + position]))


def walked(automaton: PDFA, trace: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the surprise of each event of a single trace and of its end, and the states before them."""
    size = len(trace.symbols) + 1
    bits, ends, states = np.empty(size), np.empty(size), np.empty(size, np.int64)
    event_bits(score_columns(automaton), trace.symbols, bits, ends, states)
    return bits, states


def judging(model: PDFA | Ensemble) -> PDFA:
    """Return the automaton by which a `Judge` of a model judges: the best member of an ensemble, without n-gram."""
    return (model.best if isinstance(model, Ensemble) else model).alone
