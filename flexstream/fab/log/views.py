"""Views over the one stream: whose traces, how long a trace is, and what its events are called."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...arguments import check_fields
from ...errors import UsageError
from ..parameters import Parameters
from .events import Event

KINDS = ("lot", "machine", "operator", "technician", "carrier")
PERIODS = ("cycle", "shift", "day", "life")
_DAY = 1440.0
# Durations are told apart when they differ by more than about a tenth.
_BIN = math.log(1.1)
# Always followed, in the same instant, by the event that counts.
_IMPLIED = {("machine", "setup", "complete"), ("machine", "load", "complete")}


class CaseEvent(NamedTuple):
    """An event of a view: its case, what it is called there, and whether it is the last of its case."""

    event: Event
    case: str
    activity: str
    last: bool


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Which view.

    Attributes
    ----------
    by : {"lot", "machine", "operator", "technician", "carrier"}
        Whose traces.
    only : str
        One machine class or one entity; empty for all of them.
    per : {"cycle", "shift", "day", "life"}
        How long a trace is; a lot's trace is always its way through the line.  A cycle lasts from idle to idle: one
        run of a machine, one maintenance, one task, one trip.  Shifts and days hold the cycles that began in them,
        so that every trace begins and ends idle.  A life is that of a machine that breaks down: its time in
        service, from the end of a repair to the next breakdown.  That breakdown is the end of the trace; it and the
        repair lie between two lives and are not shown, so that all lives begin alike.
    timed : bool
        Whether what lasted says how long: ``process-done~53m``, in steps of a tenth.

    Raises
    ------
    UsageError
        If a name is none of these.
    """

    by: str = "lot"
    only: str = ""
    per: str = "cycle"
    timed: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        for name, value, choices in (("by", self.by, KINDS), ("per", self.per, PERIODS)):
            if value not in choices:
                raise UsageError(f"no view {name} {value!r} (expected: {', '.join(choices)})")


def check_only(by: str, only: str, parameters: Parameters) -> None:
    """Raise UsageError if a view cannot be narrowed to a name; ``all`` are the events of everything.

    Examples
    --------
    >>> check_only("operator", "Mc", Parameters())
    Traceback (most recent call last):
    flexstream.errors.UsageError: nothing by operator is called 'Mc' (expected: PO1, PO2)
    """
    machines = [*parameters.machines, *parameters.classes()]
    people = {"operator": [*parameters.operators], "technician": [*parameters.technicians]}
    named = {"machine": machines, **people, "carrier": [parameters.carrier]}
    known = [name for names in named.values() for name in names] if by == "all" else named.get(by, [])
    if only and only not in known:
        expected = ", ".join(known) or "no name, or another view, such as machine"
        raise UsageError(f"nothing by {by} is called {only!r} (expected: {expected})")


def check_life(by: str, only: str, parameters: Parameters) -> None:
    """Raise UsageError if a view has no lives: only machines that break down have any.

    Examples
    --------
    >>> check_life("machine", "Ma", Parameters())
    Traceback (most recent call last):
    flexstream.errors.UsageError: 'Ma' never breaks down, so it has no lives (expected: Mc, Md)
    """
    if by != "machine":
        raise UsageError(f"by {by} there are no lives: they are those of machines (expected: --by machine)")
    classes = parameters.classes()
    mortal = [name for name in classes if parameters.breaks(classes[name])]
    if not mortal:
        raise UsageError("no machine breaks down, so none has lives (expected: --per cycle, shift or day)")
    if only and only not in mortal and not parameters.breaks(only):
        raise UsageError(f"{only!r} never breaks down, so it has no lives (expected: {', '.join(mortal)})")


class View:
    """Finds the case and the activity of each event, and drops what the view does not show.

    Examples
    --------
    >>> from flexstream.fab.plant import Plant
    >>> parameters = Parameters()
    >>> plant, view = Plant(parameters, seed=1), View(ViewOptions(), parameters)
    >>> way = [one for one in view.over(plant.events(3 * 1440)) if one.case == "Pa-00001"]
    >>> [one.activity for one in way], way[-1].last
    (['diffusion', 'implant', 'litho', 'implant', 'diffusion', 'litho', 'out'], True)
    """

    def __init__(self, options: ViewOptions, parameters: Parameters) -> None:
        self._options, self._parameters = options, parameters
        # How long a setup took tells what it was for.
        self._implied = _IMPLIED - {("machine", "setup", "complete")} if options.timed else _IMPLIED
        self._classes = parameters.classes()
        self._length = {"shift": parameters.shift, "day": _DAY}.get(options.per, 0.0)
        self._busy: dict[str, str] = {}
        self._cycles: dict[str, int] = {}
        self._began: dict[tuple[str, str], float] = {}
        self._lives = options.per == "life"
        check_only(options.by, options.only, parameters)
        if self._lives:
            check_life(options.by, options.only, parameters)

    def over(self, events: Iterable[Event]) -> Iterator[CaseEvent]:
        """Yield what the view shows of some events, in their order."""
        for event in events:
            shown = self.show(event)
            if shown is not None:
                yield shown

    def show(self, event: Event) -> CaseEvent | None:
        """Return an event as the view shows it; None if it does not."""
        if event.entity_kind != self._options.by:
            return None
        if self._options.only not in ("", event.entity, self._classes.get(event.entity)):
            return None
        if event.entity_kind == "lot":
            return self._show_lot(event)
        if self._lives and not self._in_service(event):
            return None
        case, last = self._case(event)
        activity = self._activity(event)
        if (event.entity_kind, event.event, event.lifecycle) in self._implied:
            return None
        return CaseEvent(event, case, activity, last)

    def _show_lot(self, event: Event) -> CaseEvent | None:
        if event.event in ("out", "scrap"):
            return CaseEvent(event, event.entity, event.event, True)
        if event.event != "load" or event.lifecycle != "start":
            return None
        return CaseEvent(event, event.entity, self._parameters.route[event.step], False)

    def _case(self, event: Event) -> tuple[str, bool]:
        """Return the case of an event and whether it ends there; a case goes on as long as its entity is busy."""
        entity = event.entity
        if self._lives:
            return f"{entity}/{self._cycles[entity]:05d}", False
        case = self._busy.get(entity)
        if case is None:
            if self._length:
                number = int(event.time // self._length)
            else:
                number = self._cycles[entity] = self._cycles.get(entity, 0) + 1
            case = self._busy[entity] = f"{entity}/{number:05d}"
        if event.state == "idle":
            del self._busy[entity]
        return case, event.state == "idle" and not self._length

    def _in_service(self, event: Event) -> bool:
        """Count the lives of a machine, and tell whether an event is part of one."""
        self._cycles[event.entity] = self._cycles.get(event.entity, 1) + (event.event == "break")
        return self._parameters.breaks(self._classes[event.entity]) and event.event not in ("break", "repair")

    def _activity(self, event: Event) -> str:
        name = event.event
        if event.lifecycle == "start":
            self._began[event.entity, name] = event.time
            if event.entity_kind == "machine":
                return f"load-{event.step}" if name == "load" else name
            return f"{name}-{self._classes[event.machine]}" if event.machine else name
        words = f"{name}-done" if event.entity_kind == "machine" else "void" if name == "void" else "done"
        began = self._began.pop((event.entity, name), None)
        if not self._options.timed or began is None or event.time <= began:
            return words
        step = round(math.log(event.time - began) / _BIN)
        return f"{words}~{math.exp(step * _BIN):.0f}m"


def whole_cases(shown: Iterable[CaseEvent]) -> Iterator[CaseEvent]:
    """Yield only events of cases that end, in their order, as soon as all cases before them are known to end.

    A horizon cuts cases in two, and half a case teaches a learner ends that do not exist.  What is held back is what
    happened since the oldest case that is still open: some days of the fab, however long the stream.  Of shifts,
    days and lives a case ends when the next one of its entity begins.
    """
    waiting: deque[CaseEvent] = deque()
    ended: set[str] = set()
    latest: dict[str, str] = {}
    held: Counter[str] = Counter()
    for one in shown:
        waiting.append(one)
        held[one.case] += 1
        entity = one.event.entity
        before = latest.get(entity)
        if before is not None and before != one.case:
            ended.add(before)
        latest[entity] = one.case
        if one.last:
            ended.add(one.case)
            del latest[entity]
        while waiting and waiting[0].case in ended:
            first = waiting.popleft()
            yield first
            held[first.case] -= 1
            if not held[first.case]:  # forgotten, so that memory stays what it is
                del held[first.case]
                ended.discard(first.case)
    yield from (one for one in waiting if one.case in ended)
