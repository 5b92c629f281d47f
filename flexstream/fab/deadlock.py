"""Deadlock: full buffers that wait for each other for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import FlexStreamError
from .dispatch import feasible_batches

if TYPE_CHECKING:
    from .entities.cells import Cell
    from .entities.machines import Machine
    from .plant import Plant


class DeadlockError(FlexStreamError):
    """Lots that wait for each other, so that none of them will ever move again."""


def check_deadlock(plant: Plant) -> None:
    """Raise DeadlockError if some full cells wait for each other.

    The stuck cells are the largest set of full cells in which nothing runs or could begin, and whose finished lots
    all want into one of the set.  It is found by starting from all full, still cells and striking out, until nothing
    changes, those from which a lot can leave.  Cells on the verge (a place promised, a machine under maintenance or
    repair) are not still, so that a deadlock is reported when it is certain, and never before.  Only a breakdown that
    scraps a lot under a blocked machine could free places again; a line that needs it has jammed.
    """
    stuck = {cell.name: cell for cell in plant.cells.values() if cell.free <= 0 and _still(cell, plant)}
    while True:
        leaving = [cell for cell in stuck.values() if _can_leave(cell, stuck, plant)]
        if not leaving:
            break
        for cell in leaving:
            del stuck[cell.name]
    if stuck:
        raise DeadlockError(_story(plant, list(stuck.values())))
    if _starved(plant):
        raise DeadlockError(
            f"deadlock at {_clock(plant)}: {plant.in_line} lots are in the line, as many as lots_in_line allows, and "
            f"no machine finds a full batch among them (expected: a larger lots_in_line)"
        )


def _still(cell: Cell, plant: Plant) -> bool:
    return not cell.reserved and all(_waits(machine, plant) for machine in cell.machines)


def _waits(machine: Machine, plant: Plant) -> bool:
    """Tell whether a machine does nothing and has nothing that it could begin with."""
    if machine.state == "blocked":
        return True
    if machine.state != "idle" or machine.upkeep.due:
        return False
    return not feasible_batches(machine.cell.waiting, machine.name, machine.kind, plant.parameters)


def _can_leave(cell: Cell, stuck: dict[str, Cell], plant: Plant) -> bool:
    blocking = [lot for machine in cell.machines if machine.state == "blocked" for lot in machine.lots]
    targets = [plant.destination(lot) for lot in cell.finished + blocking]
    return any(target is None or target.name not in stuck for target in targets)


def _starved(plant: Plant) -> bool:
    """Tell whether the limit on lots in the line keeps out the lots that batches lack."""
    limit = plant.parameters.lots_in_line
    full = bool(limit) and plant.in_line >= limit and bool(plant.backlog)
    return full and not plant.carrier.wants and all(_still(cell, plant) for cell in plant.cells.values())


def _story(plant: Plant, cells: list[Cell]) -> str:
    parts = []
    for cell in cells:
        names = [plant.destination(lot) for lot in cell.finished]
        wanted = sorted({target.name for target in names if target is not None})
        wants = f"{len(cell.finished)} finished lots want into {', '.join(wanted)}" if wanted else "none is finished"
        blocked = [machine.name for machine in cell.machines if machine.state == "blocked"]
        parts.append(f"{cell.name} holds {len(cell)} of {cell.size} lots, {wants}")
        parts += [f"{', '.join(blocked)} cannot be unloaded"] if blocked else []
    return (
        f"deadlock at {_clock(plant)}: full buffers wait for each other: {'; '.join(parts)} "
        f"(expected: fewer lots_in_line, larger buffers, or rules that keep up with the starts)"
    )


def _clock(plant: Plant) -> str:
    day, minute = divmod(plant.env.now, 1440)
    return f"day {day:.0f}, {minute // 60:02.0f}:{minute % 60:02.0f}"
