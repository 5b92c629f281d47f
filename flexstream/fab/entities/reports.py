"""What a machine has to say: its own events, and those of its lots, its operator and its technician."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..log.events import Log

if TYPE_CHECKING:
    from .lots import Lot
    from .machines import Machine

TASKS = ("setup", "load", "unload")
"""Phases of a run that an operator works on."""


class Reports:
    """Writes into the log what happens on one machine."""

    def __init__(self, log: Log, machine: Machine) -> None:
        self._log, self._machine = log, machine
        self._task = ""

    def phase(self, event: str, lifecycle: str, state: str, cause: str = "", lots: bool = True) -> None:
        """Tell an event of the machine, of the operator who begins a task with it, and of the lots if they are part."""
        machine = self._machine
        one = machine.lots[0] if len(machine.lots) == 1 else None
        product, lot = (one.product, one.name) if one else ("", "")
        self._log.add(
            *("machine", machine.name, event, lifecycle, state),
            step=machine.step,
            product=product,
            machine=machine.name,
            batch=machine.batch,
            lot=lot,
            cause=cause,
        )
        if machine.operator and lifecycle == "start" and event in TASKS:
            self._operator(event, "start", f"{event} {machine.kind}")
        for one in machine.lots if lots else ():
            self.lot(one, event, lifecycle, state)

    def lot(self, lot: Lot, event: str, lifecycle: str, state: str) -> None:
        """Tell an event of a lot on the machine."""
        machine = self._machine
        self._log.add(
            *("lot", lot.name, event, lifecycle, f"{state} {machine.step}"),
            step=machine.step,
            product=lot.product,
            machine=machine.name,
            batch=lot.batch,
            lot=lot.name,
        )

    def task_over(self, cause: str = "") -> None:
        """Tell that the operator's task, if there is one, is over."""
        if self._machine.operator and self._task:
            self._operator(self._task, "complete", "idle", cause)
        self._task = ""

    def service(self, technician: str, event: str, lifecycle: str, state: str, cause: str) -> None:
        """Tell of maintenance or repair: an event of the machine and of the technician, if one is needed."""
        machine = self._machine
        self._log.add("machine", machine.name, event, lifecycle, state, machine=machine.name, cause=cause)
        if technician:
            busy = f"{event} {machine.kind}" if lifecycle == "start" else "idle"
            self._log.add("technician", technician, event, lifecycle, busy, machine=machine.name, cause=cause)

    def _operator(self, task: str, lifecycle: str, state: str, cause: str = "") -> None:
        self._task = task
        machine = self._machine
        self._log.add(
            *("operator", machine.operator, task, lifecycle, state),
            step=machine.step,
            machine=machine.name,
            batch=machine.batch,
            cause=cause,
        )
