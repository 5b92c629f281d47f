"""Ground truth: the state machine of each class of entities, written down from the model.

Structure is design: which event may follow in which state is read off the factory, not off its events.  Weights are
counts: how often the simulator itself took each transition, by its own states.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from ..automata.pdfa import PDFA
from ..targets import from_rows
from .log.events import Event
from .log.views import KINDS, View, ViewOptions
from .parameters import Parameters

Design = dict[str, dict[str, str]]
"""For each state, by name, the state that each activity leads to."""

OVER = "over"


def designs(parameters: Parameters, per: str = "cycle") -> dict[str, Design]:
    """Return the true state machine of every class: lot, each class of machines, operator, technician, carrier.

    The first state is where a trace begins, ``over`` (per cycle) or ``idle`` (per shift and day) is where it ends.
    Per life there are those of lots and of the classes that break down; a life ends in any state in which a machine
    may break.

    Examples
    --------
    >>> from flexstream.fab.parameters import Parameters
    >>> designs(Parameters())["litho"]["processing"]
    {'process-done': 'finished'}
    """
    made = {"lot": _lot(parameters)}
    if per == "life":
        return made | {
            kind: _life(_machine(kind, parameters)) for kind in parameters.machines if parameters.breaks(kind)
        }
    made |= {kind: _machine(kind, parameters) for kind in parameters.machines}
    if parameters.operators:
        made["operator"] = _operator(parameters)
    technician = _technician(parameters)
    if parameters.technicians and technician["idle"]:
        made["technician"] = technician
    made["carrier"] = _carrier()
    if per == "cycle":
        made = {name: design if name == "lot" else _once(design) for name, design in made.items()}
    return made


def _once(design: Design) -> Design:
    """Return the machine that ends when it is idle again."""
    rows = {
        state: {symbol: OVER if target == "idle" else target for symbol, target in row.items()}
        for state, row in design.items()
    }
    return {**rows, OVER: {}}


def _life(design: Design) -> Design:
    """Return the machine in service: it begins idle, and ends where it would break."""
    return {
        state: {symbol: target for symbol, target in row.items() if symbol != "break"}
        for state, row in design.items()
        if state not in ("down", "repair")
    }


def _lot(p: Parameters) -> Design:
    rows: Design = {}
    state = "start"
    for step, kind in p.route.items():
        rows.setdefault(state, {})[kind] = step
        rows[step] = {"scrap": OVER} if p.breaks(kind) else {}
        state = step
    rows[state]["out"] = OVER
    return {**rows, OVER: {}}


def _machine(kind: str, p: Parameters) -> Design:
    loads = {f"load-{step}": "loading" for step, where in p.route.items() if where == kind}
    rows: Design = {
        "idle": dict(loads),
        "loading": {"process": "processing"},
        "processing": {"process-done": "finished"},
        "finished": {"unload": "unloading"},
        "unloading": {"unload-done": "idle"},
    }
    if kind in p.setup_classes:
        rows["idle"]["setup"] = "setup"
        rows["setup"] = dict(loads)
    if not p.keep_places:
        rows["unloading"]["block"] = "blocked"
        rows["blocked"] = {"block-done": "idle"}
    if p.breaks(kind):
        for state in ["processing"] if p.breakdown_law == "steps" else list(rows):
            rows[state]["break"] = "down"
        rows["down"] = {"repair": "repair"}
        rows["repair"] = {"repair-done": "idle"}
    if p.maintenance_period[kind]:
        rows["idle"]["maintain"] = "maintenance"
        rows["maintenance"] = {"maintain-done": "idle"}
    return rows


def _operator(p: Parameters) -> Design:
    rows: Design = {"idle": {}}
    classes = p.classes()
    served = {classes[machine] for machines in p.operators.values() for machine in machines}
    for kind in sorted(served):
        rows["idle"] |= {f"load-{kind}": f"load {kind}", f"unload-{kind}": f"unload {kind}"}
        rows |= {f"load {kind}": {"done": "idle"}, f"unload {kind}": {"done": "idle"}}
        if kind in p.setup_classes:
            rows["idle"][f"setup-{kind}"] = f"setup {kind}"
            rows[f"setup {kind}"] = {f"load-{kind}": f"load {kind}"}
            if p.breaks(kind):
                rows[f"setup {kind}"]["done"] = "idle"
    if p.break_time:
        rows["idle"]["break"] = "break"
        rows["break"] = {"done": "idle"}
    return rows


def _technician(p: Parameters) -> Design:
    rows: Design = {"idle": {}}
    for kind in p.machines:
        for task, exists in (("maintain", bool(p.maintenance_period[kind])), ("repair", p.breaks(kind))):
            if exists:
                rows["idle"][f"{task}-{kind}"] = f"{task} {kind}"
                rows[f"{task} {kind}"] = {"done": "idle"}
    return rows


def _carrier() -> Design:
    return {
        "idle": {"go": "going", "pick": "picking"},
        "going": {"pick": "picking", "void": "idle"},
        "picking": {"carry": "carrying"},
        "carrying": {"put": "putting"},
        "putting": {"done": "idle"},
    }


class Truth:
    """Counts how often each designed transition was taken, and checks the design against the simulator's own states.

    Parameters
    ----------
    parameters : Parameters
    per : {"cycle", "shift", "day", "life"}
        How long the traces are whose state machines are wanted.
    struck : container of str
        The lots that a fault gave another route; they follow no design and are left out.

    Attributes
    ----------
    counts : dict of class to dict of (state, activity) to int
        The activity None is the end of a trace.
    """

    def __init__(self, parameters: Parameters, per: str = "cycle", struck: Container[str] = ()) -> None:
        self.designs = designs(parameters, per)
        self.counts: dict[str, dict[tuple[str, str | None], int]] = {name: {} for name in self.designs}
        self._struck = struck
        self._classes = parameters.classes()
        kinds = ("machine",) if per == "life" else KINDS
        self._views = {kind: View(ViewOptions(by=kind, per=per), parameters) for kind in kinds if kind != "lot"}
        self._views["lot"] = View(ViewOptions(), parameters)
        self._at: dict[str, tuple[str, str]] = {}

    def watch(self, event: Event) -> None:
        """Take note of an event; raises RuntimeError if the design has no such transition, which would be our bug."""
        view = self._views.get(event.entity_kind)
        shown = view.show(event) if view else None
        if shown is None or (event.entity_kind == "lot" and event.entity in self._struck):
            return
        name = self._classes.get(event.entity, event.entity_kind)
        design, counts = self.designs[name], self.counts[name]
        case, state = self._at.get(event.entity, ("", ""))
        if case != shown.case:
            if case and event.entity_kind != "lot":
                counts[state, None] = counts.get((state, None), 0) + 1
            state = next(iter(design))
        target = design[state].get(shown.activity.partition("~")[0])
        own = self._own_state(event)
        if target is None or (target != own and {target, own} != {OVER, "idle"}):
            raise RuntimeError(f"{event}: the design leads from {state} by {shown.activity} to {target}")
        counts[state, shown.activity] = counts.get((state, shown.activity), 0) + 1
        self._at[event.entity] = (shown.case, target)
        if shown.last:
            counts[target, None] = counts.get((target, None), 0) + 1
            del self._at[event.entity]

    @staticmethod
    def _own_state(event: Event) -> str:
        """Return the simulator's own state in the words of the design."""
        if event.entity_kind == "lot":
            return OVER if event.event in ("out", "scrap") else event.state.split()[-1]
        return event.state

    def automata(self) -> dict[str, PDFA]:
        """Return the state machine of every class with the counts as weights; those never used have weight 0."""
        return {name: self._automaton(name) for name in self.designs}

    def _automaton(self, name: str) -> PDFA:
        design, counts = self.designs[name], self.counts[name]
        number = {state: row for row, state in enumerate(design)}
        rows: dict[int, dict[str | None, tuple[float, int]]] = {}
        for state, row in design.items():
            edges: dict[str | None, tuple[float, int]] = {None: (counts.get((state, None), 0), 0)}
            edges |= {symbol: (counts.get((state, symbol), 0), number[target]) for symbol, target in row.items()}
            rows[number[state]] = edges
        return _with_visits(from_rows(rows), {"class": name, "states": list(design)})


def _with_visits(automaton: PDFA, provenance: Mapping[str, Any]) -> PDFA:
    """Return the automaton with its visits summed from its counts."""
    import dataclasses

    import numpy as np

    visits = automaton.stops + np.bincount(automaton.sources, automaton.weights, len(automaton))
    return dataclasses.replace(automaton, visits=visits, provenance=provenance)
