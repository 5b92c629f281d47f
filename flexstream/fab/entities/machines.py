"""A machine: it takes a batch, is loaded, runs, is unloaded; it is maintained, breaks down and is repaired."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import simpy

from ..dispatch import RULES, feasible_batches
from .clock import Steps
from .reports import Reports
from .upkeep import Emergencies, Upkeep

if TYPE_CHECKING:
    from ..plant import Plant
    from .cells import Cell
    from .lots import Lot

STATES = (
    *("idle", "called", "setup", "ready", "loading", "loaded", "processing", "finished", "unloading", "blocked"),
    *("maintenance", "down", "repair"),
)
"""States of a machine; ``called`` has chosen a batch and waits for an operator, ``finished`` does so to be unloaded."""


class BreakdownError(Exception):
    """The machine breaks in the middle of a run, by the law of steps."""


class Machine:
    """A machine of a class.

    Attributes
    ----------
    state, since : str, float
        One of ``STATES``, and the minute from which on it is in it.
    lots : list of Lot
        What is on the machine, or claimed by it.
    setup : tuple of (product, step), or None
        What it ran last.
    pace : float
        Factor of its processing time; 1 unless a fault says otherwise.
    ends : float
        Minute at which the run in process ends; infinite when nothing runs.
    batch, step : str
        Name and step of the run; empty between runs.
    time_in : dict
        Minutes spent in each state.
    """

    def __init__(self, plant: Plant, name: str, kind: str, cell: Cell) -> None:
        self._plant, self.name, self.kind, self.cell = plant, name, kind, cell
        self.state, self.since, self._counted = "idle", 0.0, 0.0
        self.lots: list[Lot] = []
        self.setup: tuple[str, str] | None = None
        self.pace, self.ends, self.operator = 1.0, math.inf, ""
        self.time_in = dict.fromkeys(STATES, 0.0)
        self.runs = self.breakdowns = 0
        self._loaded = self._broken_meanwhile = False
        self._kept = 0
        self.batch = self.step = ""
        self._reports = Reports(plant.log, self)
        self._job: simpy.Process | None = None
        self._emptied: simpy.Event | None = None
        self.upkeep = Upkeep(plant, self)
        self.emergencies = Emergencies(plant, self) if plant.parameters.breaks(kind) else None

    def __repr__(self) -> str:
        return f"Machine({self.name} {self.state})"

    @property
    def holds_lots(self) -> bool:
        """Whether its lots are on the machine, not only promised to it."""
        return self._loaded

    # --- a run -------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Choose a batch, if there is one, and begin with it; for an idle machine."""
        parameters = self._plant.parameters
        batches = feasible_batches(self.cell.waiting, self.name, self.kind, parameters)
        if not batches:
            return
        self.lots = RULES[self._plant.rules[self.kind]](batches, self, parameters)
        for lot in self.lots:
            lot.claimed = True
        self._enter("called")
        self._job = self._plant.env.process(self._work())

    def _work(self) -> Steps:
        try:
            yield from self._load()
            yield from self._process()
            yield from self._unload()
        except (simpy.Interrupt, BreakdownError):
            self._break()

    def _load(self) -> Steps:
        plant, lot = self._plant, self.lots[0]
        after = (lot.product, lot.step)
        setup = plant.parameters.setup_time(self.setup, after) if self.kind in plant.parameters.setup_classes else 0.0
        minutes = plant.parameters.load_time[self.kind]
        yield from plant.operators.hire(self, setup + minutes)
        self.step = lot.step
        if setup:
            yield from self._set_up(setup, after)
        self.setup = after
        self._take()
        self._tell("load", "start", "loading", plant.rules[self.kind])
        yield plant.env.timeout(minutes)
        self._tell("load", "complete", "loaded")
        self._let_go()

    def _set_up(self, minutes: float, after: tuple[str, str]) -> Steps:
        assert self.setup is not None
        same = self.setup[0] == after[0], self.setup[1] == after[1]
        cause = "step" if same[0] else "product" if same[1] else "both"
        self._tell("setup", "start", "setup", cause, lots=False)
        yield self._plant.env.timeout(minutes)
        self._tell("setup", "complete", "ready", cause, lots=False)

    def _take(self) -> None:
        """Take the lots from the buffer onto the machine."""
        self._loaded = True
        self.runs += 1
        self.batch = f"{self.name}-{self.runs:05d}"
        if self._plant.parameters.keep_places:
            self._kept = len(self.lots)
            self.cell.kept += self._kept
        for lot in self.lots:
            self.cell.waiting.remove(lot)
            lot.place, lot.batch = self.name, self.batch
            lot.visited.add(self.name)
        self._plant.touch()

    def _process(self) -> Steps:
        env = self._plant.env
        minutes = self._plant.parameters.run_time(self.step) * self.pace
        self._tell("process", "start", "processing")
        self.ends = env.now + minutes
        strikes = self.emergencies.strikes_after(minutes) if self.emergencies else None
        if strikes is not None:
            yield env.timeout(strikes)
            raise BreakdownError
        yield env.timeout(minutes)
        self.ends = math.inf
        self._tell("process", "complete", "finished")

    def _unload(self) -> Steps:
        plant = self._plant
        minutes = plant.parameters.unload_time[self.kind]
        yield from plant.operators.hire(self, minutes)
        self._tell("unload", "start", "unloading")
        yield plant.env.timeout(minutes)
        for lot in self.lots:
            lot.steps.pop(0)
            lot.since = plant.env.now
        self._give_back()
        self._release(self.lots[: max(0, self.cell.free)])
        if self.lots:
            # The lots that fit leave first; the others are unloaded once they find a place.
            self._tell("block", "start", "blocked", "full buffer", lots=False)
            self._let_go("full buffer")
            plant.carrier.wants += [lot for lot in self.lots if plant.destination(lot) is not self.cell]
            self._emptied = plant.env.event()
            yield self._emptied
            self._tell("block", "complete", "idle", "full buffer", lots=False)
        else:
            self._tell("unload", "complete", "idle", lots=False)
            self._let_go()
        self._rest()

    def _give_back(self) -> None:
        """Give back the places that were kept for the lots."""
        self.cell.kept -= self._kept
        self._kept = 0

    def _release(self, lots: list[Lot]) -> None:
        """Put unloaded lots into the buffer."""
        for lot in lots:
            self.lots.remove(lot)
            self._reports.lot(lot, "unload", "complete", "waiting")
            self._plant.store(lot, self.cell)

    def relieve(self) -> None:
        """Move lots that block the machine into the buffer as far as there are places."""
        if self.state == "blocked" and self.cell.free > 0:
            fit = [lot for lot in self.lots if not lot.claimed][: self.cell.free]
            waiting = {lot.number for lot in fit}
            self._plant.carrier.wants = [lot for lot in self._plant.carrier.wants if lot.number not in waiting]
            self._release(fit)
            self._check_emptied()

    def hand_over(self, lot: Lot) -> None:
        """Give a lot that blocks the machine to the carrier."""
        self.lots.remove(lot)
        self._reports.lot(lot, "unload", "complete", "waiting")
        self._check_emptied()

    def _check_emptied(self) -> None:
        if not self.lots and self._emptied is not None:
            self._emptied.succeed()
            self._emptied = None

    # --- out of order ------------------------------------------------------------------------------------------

    def fail(self) -> None:
        """Break down; what breaks during maintenance shows when that is over."""
        if self.state == "maintenance":
            self._broken_meanwhile = True
        elif self._job is not None:
            self._job.interrupt()
        else:
            self._break()

    def _break(self) -> None:
        plant = self._plant
        self._let_go("breakdown")
        self.breakdowns += 1
        self.ends = math.inf
        lost = self.lots if self._loaded else []
        for lot in self.lots:
            lot.claimed = False
        self._tell("break", "start", "down", "with lots" if lost else "empty", lots=False)
        self._give_back()
        for lot in list(lost):
            self.cell.let_go(lot)
            plant.scrap(lot, self.name)
        self._emptied = None
        self._rest("down")
        plant.technicians.repairs.append(self)

    def repair(self, technician: str) -> Steps:
        """Be repaired, from now on."""
        assert self.emergencies is not None
        self._enter("repair")
        return self._service(technician, "repair", "repair", self.emergencies.repair_time(), "breakdown")

    def maintain(self, technician: str) -> Steps:
        """Be maintained, from now on: nobody else may take the machine in this instant."""
        self._enter("maintenance")
        return self._service(technician, "maintain", "maintenance", self.upkeep.minutes, "due")

    def _service(self, technician: str, event: str, state: str, minutes: float, cause: str) -> Steps:
        self._reports.service(technician, event, "start", state, cause)
        yield self._plant.env.timeout(minutes)
        self._reports.service(technician, event, "complete", "idle", cause)
        if event == "maintain":
            self.upkeep.done()
        elif self.emergencies:
            self.emergencies.repaired()
        self._rest()
        self._plant.technicians.dismiss(technician)
        if self._broken_meanwhile:
            self._broken_meanwhile = False
            self._break()

    # --- what happened -----------------------------------------------------------------------------------------

    def _rest(self, state: str = "idle") -> None:
        """Forget the run."""
        self.lots, self._loaded, self._job, self.batch, self.step = [], False, None, "", ""
        self._enter(state)
        self._plant.touch()

    def _enter(self, state: str) -> None:
        self.settle_accounts()
        self.state, self.since = state, self._plant.env.now

    def settle_accounts(self) -> None:
        """Count the time up to now for the state that the machine is in."""
        now = self._plant.env.now
        self.time_in[self.state] += now - self._counted
        self._counted = now

    def _tell(self, event: str, lifecycle: str, state: str, cause: str = "", lots: bool = True) -> None:
        """Tell an event; the machine is then in the state, unless it comes to rest, which ``_rest`` sees to."""
        self._reports.phase(event, lifecycle, state, cause, lots)
        if self.state != state and state not in ("idle", "down"):
            self._enter(state)

    def _let_go(self, cause: str = "") -> None:
        """Let the operator go, whose task is over, or no longer wait for one."""
        self._reports.task_over(cause)
        self._plant.operators.dismiss(self)
