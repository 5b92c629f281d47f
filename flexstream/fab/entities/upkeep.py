"""Maintenance and emergencies: when they are due, and the technicians who see to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import simpy

from .clock import Steps

if TYPE_CHECKING:
    from ..plant import Plant
    from .machines import Machine


class Upkeep:
    """When a machine is to be maintained: once a period, and never sooner than the gap after the last time."""

    def __init__(self, plant: Plant, machine: Machine) -> None:
        self._plant, self._machine = plant, machine
        parameters, kind = plant.parameters, machine.kind
        self.minutes = parameters.maintenance_time[kind]
        self._period, self._gap = parameters.maintenance_period[kind], parameters.maintenance_gap[kind]
        self.owed = 0
        self.due_since = 0.0
        self._not_before = float("-inf")
        if self._period:
            plant.env.process(self._clock())

    @property
    def due(self) -> bool:
        """Whether it may be done now, if a technician comes."""
        return self.owed > 0 and self._plant.env.now >= self._not_before

    @property
    def late(self) -> bool:
        """Whether a whole period has passed without it; a technician then waits for the machine."""
        return self.owed > 1 and self.due

    def done(self) -> None:
        """Note that it was done."""
        env = self._plant.env
        self.owed -= 1
        self.due_since += self._period
        self._not_before = env.now + self._gap
        if self._gap:
            env.timeout(self._gap).callbacks.append(lambda _: self._plant.touch())

    def _clock(self) -> Steps:
        while True:
            self.owed += 1
            self._plant.touch()
            yield self._plant.env.timeout(self._period)


class Technicians:
    """Who is free and who goes where: repairs first, then idle machines, the one longest due before others."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._names = plant.parameters.technicians
        self.busy_time = dict.fromkeys(self._names, 0.0)
        self._since = dict.fromkeys(self._names, 0.0)
        self._free = list(self._names)
        self.repairs: list[Machine] = []

    def assign(self) -> None:
        """Send technicians to machines that are down, then to idle ones with maintenance due."""
        while self._available() and self.repairs:
            machine = self.repairs.pop(0)
            self._plant.env.process(machine.repair(self._take()))
        if not self._available():
            return
        for machine in self._candidates():
            if self._available():
                self._plant.env.process(machine.maintain(self._take()))

    def _candidates(self) -> list[Machine]:
        """Return idle machines to be maintained; only late ones while there are any, so that a free technician waits.

        No machine stops to wait for a technician: with one technician, who is busy three quarters of the time, that
        would cost more than the line has to spare.
        """
        due = [machine for machine in self._plant.machines.values() if machine.upkeep.due]
        due = [machine for machine in due if machine.upkeep.late] or due
        idle = [machine for machine in due if machine.state == "idle"]
        return sorted(idle, key=lambda machine: machine.upkeep.due_since)

    def dismiss(self, name: str) -> None:
        """Let a technician go."""
        if name:
            self.busy_time[name] += self._plant.env.now - self._since[name]
            self._free = [other for other in self._names if other in {*self._free, name}]
        self._plant.touch()

    def _available(self) -> bool:
        return bool(self._free) or not self._names

    def _take(self) -> str:
        if not self._names:
            return ""
        name = self._free.pop(0)
        self._since[name] = self._plant.env.now
        return name


class Emergencies:
    """Breakdowns of a machine: by the clock, or after a number of runs.

    By the clock the time between failures is time in service, as in reliability engineering: a uniform time passes from
    the end of a repair to the next breakdown, whatever the machine does meanwhile.
    """

    def __init__(self, plant: Plant, machine: Machine) -> None:
        self._plant, self._machine = plant, machine
        self._draws = plant.draws(f"emergencies {machine.name}")
        self._clock: simpy.Process | None = None
        self._runs_left = 0
        self.factor = 1.0
        self.repaired()
        if plant.parameters.breakdown_law == "steps":
            self._draw_runs()

    def repaired(self) -> None:
        """Note that the machine is in service from now on: the clock starts."""
        if self._plant.parameters.breakdown_law == "time":
            self._clock = self._plant.env.process(self._wait())

    def change_rate(self, factor: float) -> None:
        """Let it break down so many times as often; what was drawn before is drawn anew."""
        self.factor = factor
        if self._plant.parameters.breakdown_law == "steps":
            self._draw_runs()
        if self._clock is not None:  # while it is broken there is no clock; the next one will know the factor
            self._clock.interrupt()
            self.repaired()

    def interval(self) -> float:
        """Draw the minutes from the end of a repair to the next breakdown."""
        p = self._plant.parameters
        return self._draws.uniform(*_around(p.breakdown_interval, p.breakdown_spread)) / self.factor

    def repair_time(self) -> float:
        """Draw the minutes of a repair."""
        p = self._plant.parameters
        return self._draws.uniform(*_around(p.repair_time, p.repair_spread))

    def strikes_after(self, minutes: float) -> float | None:
        """Return the minute of this run at which the machine breaks, by the law of steps; None if it does not."""
        if self._plant.parameters.breakdown_law != "steps":
            return None
        self._runs_left -= 1
        if self._runs_left > 0:
            return None
        self._draw_runs()
        return self._draws.uniform(0.0, minutes)

    def _draw_runs(self) -> None:
        p = self._plant.parameters
        drawn = self._draws.uniform(*_around(p.breakdown_steps, p.breakdown_steps_spread)) / self.factor
        self._runs_left = max(1, round(drawn))

    def _wait(self) -> Steps:
        try:
            yield self._plant.env.timeout(self.interval())
        except simpy.Interrupt:
            return
        self._clock = None
        self._machine.fail()


def _around(mean: float, spread: float) -> tuple[float, float]:
    return mean - spread, mean + spread
