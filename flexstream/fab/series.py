"""The fab as a time-series data set: what a factory looks like every hour, in several settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..version import __version__
from .parameters import WEEK, Parameters
from .plant import Plant

GRID = 60.0
"""Minutes from one row to the next."""

REPAIRS = {"off": "off", "time": "on", "steps": "by-steps"}
"""Laws of breakdowns, and how the data set calls the repairs that follow from them."""
LOT_SIZES = (1.0, 1.25, 1.5)
"""Relative sizes of lots; starts are divided by them, so that the wafers a week stay the same."""

_BUSY = ("setup", "ready", "loading", "loaded", "processing", "unloading")
_DOWN = ("maintenance", "down", "repair")


class Scenario(NamedTuple):
    """A setting of the factory."""

    name: str
    repair: str
    lot_size: float
    parameters: Parameters


def scenarios(base: Parameters) -> list[Scenario]:
    """Return the settings of the data set: repairs off, on, driven by processing steps; three sizes of lots.

    >>> [scenario.name for scenario in scenarios(Parameters())][:4]
    ['repair-off-lots-1', 'repair-off-lots-1.25', 'repair-off-lots-1.5', 'repair-on-lots-1']
    """
    made = []
    for law, repair in REPAIRS.items():
        for size in LOT_SIZES:
            starts = {product: rate / size for product, rate in base.starts.items()}
            changed = base.changed({"breakdown_law": law, "lot_size": base.lot_size * size, "starts": starts})
            made.append(Scenario(f"repair-{repair}-lots-{size:g}", repair, size, changed))
    return made


def columns(parameters: Parameters) -> dict[str, tuple[str, str]]:
    """Return the columns, each with its unit and meaning."""
    made = {
        "scenario": ("", "setting of the factory"),
        "repair": ("", "off, on (breakdowns by the clock) or by-steps (after a number of runs)"),
        "lot_size": ("relative", "size of lots; starts are divided by it"),
        "seed": ("", "of the run"),
        "hour": ("h", "time since the start"),
        "started": ("lots", "started so far"),
        "out": ("lots", "throughput: finished so far, never falls"),
        "scrapped": ("lots", "lost so far"),
        "wip": ("lots", "work in progress now"),
        "turnaround": ("h", "mean time from start to out of the lots that came out since the last row with any"),
        "queue_START": ("lots", "waiting to enter the line now"),
    }
    for cell in parameters.cells:
        made[f"queue_{cell}"] = ("lots", f"in the buffer of {cell} now")
    for machine in parameters.classes():
        made[f"busy_{machine}"] = ("share", f"of the time since the last row that {machine} was set up, loaded, ran")
        made[f"down_{machine}"] = ("share", f"of that time that {machine} was maintained, broken or repaired")
    return made


def rows(scenario: Scenario, weeks: float, seed: int, grid: float = GRID) -> Iterator[dict[str, Any]]:
    """Run a factory and yield a row for every step of the grid, the start left out."""
    plant = Plant(scenario.parameters, seed)
    busy = dict.fromkeys(plant.machines, (0.0, 0.0))
    shipped, spent, turnaround = 0, 0.0, 0.0
    for step in range(1, int(weeks * WEEK / grid) + 1):
        plant.run(step * grid)
        if plant.shipped > shipped:
            turnaround = (plant.turnaround - spent) / (plant.shipped - shipped) / 60
            shipped, spent = plant.shipped, plant.turnaround
        row: dict[str, Any] = dict(
            scenario=scenario.name, repair=scenario.repair, lot_size=scenario.lot_size, seed=seed
        )
        row |= dict(hour=step * grid / 60, started=plant.started, out=plant.shipped, scrapped=plant.scrapped)
        row |= dict(wip=plant.in_process, turnaround=turnaround, queue_START=len(plant.backlog))
        row |= {f"queue_{name}": len(cell) for name, cell in plant.cells.items()}
        for name, machine in plant.machines.items():
            now = tuple(sum(machine.time_in[state] for state in states) for states in (_BUSY, _DOWN))
            row[f"busy_{name}"], row[f"down_{name}"] = ((now[i] - busy[name][i]) / grid for i in (0, 1))
            busy[name] = now[0], now[1]
        yield row


def series(base: Parameters, weeks: float, seed: int, grid: float = GRID) -> str:
    """Return the data set as CSV: all scenarios, one after the other."""
    names = list(columns(base))
    lines = [",".join(names)]
    for scenario in scenarios(base):
        for row in rows(scenario, weeks, seed, grid):
            lines.append(",".join(_text(row[name]) for name in names))
    return "\n".join(lines) + "\n"


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def card(base: Parameters, weeks: float, seed: int, text: str, grid: float = GRID) -> str:
    """Return the data card of a data set: what it is, its columns and units, sizes and seed."""
    head = "# The MiniFab as time series\n\nA simulated semiconductor line: five machines, six steps, re-entrant.\n"
    settings = scenarios(base)
    digest = hashlib.sha256(text.encode()).hexdigest()
    facts = [
        f"- {text.count(chr(10)) - 1:,} rows: {len(settings)} scenarios of {weeks:g} weeks, a row every {grid:g} min;",
        f"  seed {seed}, {len(text.encode()):,} bytes, SHA-256 `{digest}`.",
        f"- Made by `flexstream simulate minifab --series FILE --weeks {weeks:g} --seed {seed}`, which makes the same",
        f"  bytes again (FlexStream {__version__}).",
        "- The first days of each scenario show an empty line filling up.",
    ]
    changed = [about.name for about in base.about() if about.value != getattr(Parameters(), about.name)]
    if changed:
        facts.append(f"- Other than by default: {', '.join(changed)}; so that command needs the same options.")
    described = [f"| `{name}` | {unit} | {note} |" for name, (unit, note) in columns(base).items()]
    listed = [f"| `{one.name}` | {one.repair} | {one.lot_size:g} | {_mix(one.parameters.starts)} |" for one in settings]
    tables = [
        *("", "| column | unit | meaning |", "|---|---|---|", *described),
        *("", "| scenario | repair | lot size | lots started a week |", "|---|---|--:|---|", *listed, ""),
    ]
    return "\n".join([head, *facts, *tables])


def _mix(starts: Mapping[str, float]) -> str:
    return ", ".join(f"{product} {rate:.4g}" for product, rate in starts.items())
