"""The rules of the factory, checked on nothing but the events it logs: a slow, obvious twin of the simulator."""

from __future__ import annotations

from collections import Counter, defaultdict

from pytest import approx

from flexstream.fab.log.events import Event
from flexstream.fab.parameters import Parameters

PHASES = {
    "machine": {"setup", "load", "process", "unload", "block", "maintain", "repair"},
    "operator": {"setup", "load", "unload", "break"},
    "technician": {"maintain", "repair"},
}


class Rules:
    """Follows a run event by event; the first rule that is broken fails the test."""

    def __init__(self, parameters: Parameters) -> None:
        self.p = parameters
        self.classes = parameters.classes()
        self.cell = parameters.cell_of()
        self.seq, self.time = -1, 0.0
        self.open: dict[str, tuple[str, float]] = {}
        self.batches: dict[str, list[Event]] = defaultdict(list)
        self.steps: dict[str, list[str]] = defaultdict(list)
        self.machines: dict[str, list[str]] = defaultdict(list)
        self.maintained: dict[str, float] = {}
        self.down: set[str] = set()
        self.inside: dict[str, set[str]] = defaultdict(set)  # cell -> lots that take a place
        self.where: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.lost: list[Event] = []

    def watch(self, event: Event) -> None:
        assert event.seq == self.seq + 1
        assert event.time >= self.time
        if event.time > self.time:
            self.check_buffers()
        self.seq, self.time = event.seq, event.time
        getattr(self, event.entity_kind)(event)

    def check_buffers(self) -> None:
        for cell, lots in self.inside.items():
            assert len(lots) <= self.p.buffers[cell]

    def phase(self, event: Event) -> float | None:
        """One thing at a time, and each that completes has begun; returns how long it took."""
        if event.lifecycle == "start":
            before = self.open.get(event.entity)
            # An operator who has set a machine up goes on to load it.
            assert before is None or (event.entity_kind == "operator" and before[0] == "setup")
            self.open[event.entity] = event.event, event.time
            return None
        name, began = self.open.pop(event.entity)
        assert name == event.event
        return event.time - began

    def machine(self, event: Event) -> None:
        name, kind = event.entity, self.classes[event.entity]
        if event.event == "break":
            assert kind in self.p.breakdown_classes
            assert name not in self.down
            self.open.pop(name, None)
            self.down.add(name)
            return
        assert name not in self.down or event.event == "repair"
        if event.event == "block" and event.lifecycle == "start":
            assert self.open.pop(name)[0] == "unload"
        took = self.phase(event)
        if event.event == "unload" and took is None:
            assert event.batch
        if event.event == "process" and took is not None:
            assert took == approx(self.p.run_time(event.step))
        if event.event == "load" and took is not None:
            assert took == approx(self.p.load_time[kind])
        if event.event == "repair" and took is not None:
            assert abs(took - self.p.repair_time) <= self.p.repair_spread + 1e-6
            self.down.discard(name)
        if event.event == "maintain":
            self.maintenance(event, took)

    def maintenance(self, event: Event, took: float | None) -> None:
        kind = self.classes[event.entity]
        if took is None:
            gap = event.time - self.maintained.get(event.entity, float("-inf"))
            assert gap >= self.p.maintenance_gap[kind] - 1e-6
        else:
            assert took == approx(self.p.maintenance_time[kind])
            self.maintained[event.entity] = event.time
            self.counts[f"maintain {event.entity}"] += 1

    def operator(self, event: Event) -> None:
        self.phase(event)
        assert event.event == "break" or event.machine in self.p.operators[event.entity]

    def technician(self, event: Event) -> None:
        self.phase(event)

    def carrier(self, event: Event) -> None:
        order = ["go", "pick", "carry", "put"]
        before = self.open.get("carrier", ("", 0.0))[0]
        if event.lifecycle == "complete":
            assert before == ("put" if event.event == "put" else "go")
            del self.open["carrier"]
            return
        assert event.event in order[order.index(before) + 1 :] if before else event.event in ("go", "pick")
        self.open["carrier"] = event.event, event.time

    def lot(self, event: Event) -> None:
        if event.lifecycle == "complete":
            self.counts[event.event] += 1
        if event.event == "carry":
            self.carried(event)
        elif event.event == "load" and event.lifecycle == "start":
            self.loaded(event)
        elif event.event == "unload" and event.lifecycle == "complete":
            self.inside[self.cell[self.classes[event.machine]]].add(event.lot)
        elif event.event == "scrap":
            self.lost.append(event)
            self.inside[self.cell[self.classes[event.machine]]].discard(event.lot)
            assert self.classes[event.machine] in self.p.breakdown_classes
        elif event.event == "out":
            assert self.steps[event.lot] == list(self.p.route)

    def carried(self, event: Event) -> None:
        if event.lifecycle == "start":
            for lots in self.inside.values():
                lots.discard(event.lot)
        else:
            assert event.cause == self.cell[self.p.route[event.step]]
            self.inside[event.cause].add(event.lot)

    def loaded(self, event: Event) -> None:
        kind = self.classes[event.machine]
        assert self.p.route[event.step] == kind
        self.steps[event.lot].append(event.step)
        assert self.steps[event.lot] == list(self.p.route)[: len(self.steps[event.lot])]
        if event.product in self.p.test_products and len(self.p.machines[kind]) > 1:
            assert event.machine not in self.machines[event.lot]
        self.machines[event.lot].append(event.machine)
        self.batches[event.batch].append(event)
        if not self.p.keep_places:
            self.inside[self.cell[kind]].discard(event.lot)

    def finish(self) -> None:
        """Check what only the whole run shows."""
        for events in self.batches.values():
            tests = sum(event.product in self.p.test_products for event in events)
            products = {event.product for event in events if event.product not in self.p.test_products}
            (kind,) = {self.classes[event.machine] for event in events}
            (step,) = {event.step for event in events}
            assert len(events) == self.p.batch_size[kind]
            assert tests <= self.p.tests_per_batch
            assert len(products) <= 1 or step not in self.p.one_product_steps
