"""Whether parameters fit together; each problem is named with its parameter."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import UsageError
from .dispatch import CARRIER_RULES, RULES

if TYPE_CHECKING:
    from .parameters import Parameters

CHOICES = {
    "breakdown_law": ("time", "steps", "off"),
    "release": ("spread", "weekly"),
    "carrier_rule": tuple(CARRIER_RULES),
}

_NAME = re.compile(r"[\w.-]+")


def check(parameters: Parameters) -> None:
    """Raise UsageError for the first thing that does not fit."""
    for problem in _problems(parameters):
        raise UsageError(f"parameter {problem}")


def _problems(p: Parameters) -> Iterator[str]:
    yield from _names(p)
    yield from _numbers(p)
    for name, choices in CHOICES.items():
        if getattr(p, name) not in choices:
            yield f"{name} is {getattr(p, name)!r} (expected: {', '.join(choices)})"
    for kind, rule in p.dispatch.items():
        if rule not in RULES:
            yield f"dispatch.{kind} is {rule!r} (expected: {', '.join(RULES)})"
    for interval, spread in (("breakdown_interval", "breakdown_spread"), ("repair_time", "repair_spread")):
        if getattr(p, spread) > getattr(p, interval):
            yield f"{spread} is larger than {interval} (expected: a half-width, so that no time is negative)"
    for kind, size in p.batch_size.items():
        if not 1 <= size <= p.buffers[p.cell_of()[kind]]:
            yield f"batch_size.{kind} is {size} (expected: at least 1 and at most the places of its buffer)"


def _numbers(p: Parameters) -> Iterator[str]:
    for about in p.about():
        values = about.value if isinstance(about.value, dict) else {"": about.value}
        for key, value in values.items():
            if isinstance(value, int | float) and not (math.isfinite(value) and value >= 0):
                yield f"{about.name}{'.' if key else ''}{key} is {value} (expected: a number, not negative)"
    for name in ("shift", "lot_size", "breakdown_interval", "breakdown_steps"):
        if not getattr(p, name) > 0:
            yield f"{name} is {getattr(p, name)} (expected: more than 0)"
    if not 0 < sum(p.starts.values()) < math.inf:
        yield "starts has no lot (expected: lots a week for each product)"


def _names(p: Parameters) -> Iterator[str]:
    kinds, machines = set(p.machines), set(p.classes())
    names = [*kinds, *machines, *p.cells, *p.route, *p.starts, *p.operators, *p.technicians, p.carrier]
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"holds the name {name!r} (expected: letters, digits, _, . and -)"
    if len(machines) < sum(map(len, p.machines.values())):
        yield "machines names a machine twice (expected: a name for each)"
    if sorted(p.cells.values()) != sorted(kinds):
        yield f"cells holds {sorted(p.cells.values())} (expected: each class in one cell: {sorted(kinds)})"
    for name in ("load_time", "unload_time", "batch_size", "dispatch", "operator_priority"):
        yield from _missing(name, kinds, set(getattr(p, name)))
    for name in ("maintenance_time", "maintenance_period", "maintenance_gap"):
        yield from _missing(name, kinds, set(getattr(p, name)))
    yield from _missing("process_time", set(p.route), set(p.process_time))
    if p.breakdown_law != "off":
        yield from _missing("machines", set(p.breakdown_classes), kinds)
    yield from _missing("buffers", set(p.cells), set(p.buffers))
    yield from _missing("machines", set(p.route.values()), kinds)
    if p.operators:
        served = {machine for names in p.operators.values() for machine in names}
        yield from _missing("operators", machines, served)


def _missing(name: str, wanted: set[str], there: set[str]) -> Iterator[str]:
    for key in sorted(wanted - there):
        yield f"{name} lacks {key!r} (expected: all of {', '.join(sorted(wanted))})"
