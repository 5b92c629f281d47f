"""The plant: all entities on one clock, and the moment at which they decide."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence

import simpy

from .deadlock import check_deadlock
from .entities.carrier import Carrier
from .entities.cells import Cell
from .entities.clock import EndOfInstant, Steps
from .entities.lots import Lot, starts
from .entities.machines import Machine
from .entities.people import Operators
from .entities.upkeep import Technicians
from .faults import Fault, Faults
from .log.events import Event, Log, Watcher
from .parameters import OUT, START, Parameters


class Plant:
    """The factory in motion.

    Whatever happens in an instant happens first; then, at its end, technicians, machines, operators and the carrier
    decide in this order what to do next.  So no decision depends on which of two simultaneous events came first in
    the calendar.

    Parameters
    ----------
    parameters : Parameters
    seed : int
        The same seed gives the same events, bit for bit.
    watchers : sequence of callables
        Shown every event when it happens.
    faults : sequence of Fault
        What goes wrong on purpose, and when.

    Examples
    --------
    >>> plant = Plant(Parameters(), seed=1)
    >>> plant.run(7 * 1440)
    >>> plant.started == plant.shipped + plant.scrapped + plant.in_process
    True
    """

    def __init__(
        self,
        parameters: Parameters,
        seed: int = 0,
        watchers: Sequence[Watcher] = (),
        faults: Sequence[Fault] = (),
    ) -> None:
        self.parameters, self.seed = parameters, seed
        self.env = simpy.Environment()
        self.log = Log(lambda: self.env.now, list(watchers))
        self.rules = dict(parameters.dispatch)
        self._planned = False
        self.backlog: deque[Lot] = deque()
        self.in_line = self.started = self.shipped = self.scrapped = 0
        self.turnaround = self.turnaround_squares = self.sojourn = 0.0
        self._content_time = self._content_since = 0.0
        self.cells = {
            name: Cell(name, kind, position, parameters.buffers[name], parameters.step_places)
            for position, (name, kind) in enumerate(parameters.cells.items(), start=1)
        }
        self._cell_of = {kind: self.cells[name] for name, kind in parameters.cells.items()}
        self.operators = Operators(self)
        self.technicians = Technicians(self)
        self.machines = {
            name: Machine(self, name, kind, self._cell_of[kind]) for name, kind in parameters.classes().items()
        }
        for machine in self.machines.values():
            machine.cell.machines.append(machine)
        self.carrier = Carrier(self)
        self.faults = Faults(self, faults)
        self.env.process(self._start())

    def draws(self, purpose: str) -> random.Random:
        """Return a source of random numbers of its own, so that one purpose does not disturb another."""
        return random.Random(f"{self.seed} {purpose}")

    # --- time --------------------------------------------------------------------------------------------------

    def run(self, until: float) -> None:
        """Run up to a minute.

        Raises
        ------
        DeadlockError
            If lots wait for each other for ever.
        """
        self.env.run(until)
        self._close()

    def events(self, until: float) -> Iterator[Event]:
        """Run up to a minute and yield the events as they happen; raises DeadlockError after the last one."""
        waiting: deque[Event] = deque()
        self.log.watch(waiting.append)
        try:
            while self.env.peek() < until:
                try:
                    self.env.step()
                finally:
                    while waiting:
                        yield waiting.popleft()
            self._close()
        finally:
            self.log.forget(waiting.append)

    def touch(self) -> None:
        """Ask for a round of decisions at the end of this instant."""
        if not self._planned:
            self._planned = True
            EndOfInstant(self.env).callbacks.append(self._decide)

    def _decide(self, _: simpy.Event) -> None:
        self._planned = False
        if not self.parameters.keep_places:
            for machine in self.machines.values():
                machine.relieve()
        self.technicians.assign()
        idle = [machine for machine in self.machines.values() if machine.state == "idle" and machine.cell.waiting]
        for machine in sorted(idle, key=lambda machine: machine.since) if len(idle) > 1 else idle:
            machine.choose()
        self.operators.assign()
        self.carrier.assign()
        if not self.carrier.busy and (self.carrier.wants or self.backlog):
            check_deadlock(self)

    def _close(self) -> None:
        self._count_content(0)
        for machine in self.machines.values():
            machine.settle_accounts()

    # --- lots --------------------------------------------------------------------------------------------------

    @property
    def in_process(self) -> int:
        """Lots started that have neither come out nor been scrapped, counted one by one where they are."""
        held = sum(len(machine.lots) for machine in self.machines.values() if machine.holds_lots)
        return len(self.backlog) + sum(map(len, self.cells.values())) + held + self.carrier.holds

    @property
    def content(self) -> int:
        """The same from the counts of starts, shipments and losses."""
        return self.started - self.shipped - self.scrapped

    @property
    def mean_content(self) -> float:
        """Lots in process, averaged over the time so far."""
        return self._content_time / self.env.now if self.env.now else 0.0

    def _count_content(self, change: int) -> None:
        self._content_time += (self.content - change) * (self.env.now - self._content_since)
        self._content_since = self.env.now

    def _start(self) -> Steps:
        for number, (minute, product) in enumerate(starts(self.parameters, self.seed), start=1):
            if minute > self.env.now:
                yield self.env.timeout(minute - self.env.now)
            route = self.faults.route(list(self.parameters.route), f"{product}-{number:05d}")
            lot = Lot(number, product, route, product in self.parameters.test_products, self.env.now)
            self.started += 1
            self._count_content(1)
            self.backlog.append(lot)
            self.log.add(
                *("lot", lot.name, "start", "complete", f"waiting {lot.step}"),
                step=lot.step,
                product=product,
                lot=lot.name,
                cause=START,
            )
            self.touch()

    def destination(self, lot: Lot) -> Cell | None:
        """Return the cell of the lot's next step; None when it goes out."""
        return self._cell_of[self.parameters.route[lot.step]] if lot.steps else None

    def cell_at(self, place: str) -> Cell:
        """Return the cell of a place, which is a cell or a machine."""
        return self.cells[place] if place in self.cells else self.machines[place].cell

    def store(self, lot: Lot, cell: Cell) -> None:
        """Put a lot into a buffer: to wait for a machine there, or for the carrier."""
        lot.place, lot.claimed = cell.name, False
        if self.destination(lot) is cell:
            cell.waiting.append(lot)
        else:
            cell.finished.append(lot)
            self.carrier.wants.append(lot)
        self.touch()

    def ship(self, lot: Lot) -> None:
        """Let a finished lot leave."""
        self.shipped += 1
        taken = self.env.now - lot.started
        self.turnaround += taken
        self.turnaround_squares += taken * taken
        lot.place = OUT
        self._leave(lot, "out", "")

    def scrap(self, lot: Lot, machine: str) -> None:
        """Lose a lot under a machine that breaks."""
        lot.alive = False
        self.scrapped += 1
        self.carrier.wants = [other for other in self.carrier.wants if other is not lot]
        self._leave(lot, "scrap", machine)

    def _leave(self, lot: Lot, event: str, machine: str) -> None:
        self.in_line -= 1
        self._count_content(-1)
        self.sojourn += self.env.now - lot.started
        self.log.add(
            *("lot", lot.name, event, "complete", event),
            step=lot.step,
            product=lot.product,
            machine=machine,
            batch=lot.batch if machine else "",
            lot=lot.name,
            cause="breakdown" if machine else OUT,
        )
