"""Operators: they load, unload and set up; machines ask for them and wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import simpy

from .clock import Steps

if TYPE_CHECKING:
    from ..plant import Plant
    from .machines import Machine


class Request:
    """A machine that waits for an operator."""

    __slots__ = ("granted", "machine", "minutes")

    def __init__(self, machine: Machine, minutes: float, granted: simpy.Event) -> None:
        self.machine, self.minutes, self.granted = machine, minutes, granted


class Operators:
    """Who is free, who is asked for, and who goes where; without any operator nobody is needed."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._serves = {name: set(machines) for name, machines in plant.parameters.operators.items()}
        self.busy_time = dict.fromkeys(self._serves, 0.0)
        self._since = dict.fromkeys(self._serves, 0.0)
        self._free = list(self._serves)
        self._break_due: set[str] = set()
        self._requests: list[Request] = []
        if plant.parameters.break_time:
            plant.env.process(self._clock())

    def hire(self, machine: Machine, minutes: float) -> Steps:
        """Wait for an operator for so many minutes; the machine then has one."""
        if not self._serves:
            return
        request = Request(machine, minutes, self._plant.env.event())
        self._requests.append(request)
        self._plant.touch()
        yield request.granted

    def dismiss(self, machine: Machine) -> None:
        """Let the machine's operator go, or forget that it asked for one."""
        self._requests = [request for request in self._requests if request.machine is not machine]
        if machine.operator:
            self._leave(machine.operator)
            machine.operator = ""

    def assign(self) -> None:
        """Send free operators to machines: by priority of the class, then by who asked first."""
        for name in sorted(self._break_due.intersection(self._free)):
            self._break_due.discard(name)
            self._take(name)
            self._plant.env.process(self._pause(name))
        if not self._free or not self._requests:
            return
        rank = self._plant.parameters.operator_priority
        for request in sorted(self._requests, key=lambda request: rank[request.machine.kind]):
            able = [name for name in self._free if self._may(name, request)]
            if able:
                self._take(able[0])
                self._requests.remove(request)
                # Named at once: a breakdown in this very instant then sends the operator away again.
                request.machine.operator = able[0]
                request.granted.succeed()

    def _may(self, name: str, request: Request) -> bool:
        """Tell whether an operator serves the machine, and would not keep a more important one waiting."""
        serves, machine = self._serves[name], request.machine
        if machine.name not in serves:
            return False
        if not self._plant.parameters.look_ahead:
            return True
        rank = self._plant.parameters.operator_priority
        until = self._plant.env.now + request.minutes
        return not any(
            other.ends < until and rank[other.kind] < rank[machine.kind] and other.name in serves
            for other in self._plant.machines.values()
        )

    def _take(self, name: str) -> None:
        self._free.remove(name)
        self._since[name] = self._plant.env.now

    def _leave(self, name: str) -> None:
        self.busy_time[name] += self._plant.env.now - self._since[name]
        # Kept in the order of the parameters, so that who goes does not depend on who came back last.
        self._free = [other for other in self._serves if other in {*self._free, name}]
        self._plant.touch()

    def _clock(self) -> Steps:
        """Make breaks due, one operator after the other, at even distances within each shift."""
        shift, names = self._plant.parameters.shift, list(self._serves)
        while True:
            for name in names:
                yield self._plant.env.timeout(shift / (len(names) + 1))
                self._break_due.add(name)
                self._plant.touch()
            yield self._plant.env.timeout(shift / (len(names) + 1))

    def _pause(self, name: str) -> Steps:
        log = self._plant.log
        log.add("operator", name, "break", "start", "break", cause="shift")
        yield self._plant.env.timeout(self._plant.parameters.break_time)
        log.add("operator", name, "break", "complete", "idle", cause="shift")
        self._leave(name)
