"""Faults made on purpose, at a known time, for work on anomalies and drift."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UsageError
from .dispatch import RULES
from .entities.clock import Steps
from .parameters import WEEK

if TYPE_CHECKING:
    from .parameters import Parameters
    from .plant import Plant

_UNITS = {"w": WEEK, "d": 1440.0, "h": 60.0, "m": 1.0}
_GRAMMAR = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<target>[^:@]+))?(?::(?P<value>[^:@]+))?@(?P<time>[\d.]+)(?P<unit>[wdhm])"
)
KINDS = {
    "slow": "slow:MACHINE:FACTOR@TIME, a machine processes so many times as long",
    "skip": "skip:STEP:SHARE@TIME, that share of the lots started from then on leaves out a step",
    "route": "route:STEP+STEP:SHARE@TIME, that share of the lots started from then on exchanges two steps",
    "dispatch": "dispatch:CLASS:RULE@TIME, a class of machines chooses its batches by another rule",
    "breakdowns": "breakdowns:MACHINE:FACTOR@TIME, a machine (or all) breaks down so many times as often",
}
"""Each kind of fault and how it is written; TIME is a number with w, d, h or m."""


class Fault(NamedTuple):
    """One fault: its kind, what it strikes, how hard, and from which minute on."""

    kind: str
    target: str
    value: float | str
    minute: float


def parse_fault(text: str, parameters: Parameters) -> Fault:
    """Read a fault as it is written on the command line.

    Raises
    ------
    UsageError
        If it is not one, or strikes something that is not there.

    Examples
    --------
    >>> from flexstream.fab.parameters import Parameters
    >>> parse_fault("slow:Mc:1.3@2w", Parameters())
    Fault(kind='slow', target='Mc', value=1.3, minute=20160.0)
    """
    found = _GRAMMAR.fullmatch(text)
    kind = found["kind"] if found else text.partition(":")[0]
    if not found or kind not in KINDS:
        expected = KINDS.get(kind, f"KIND:TARGET:VALUE@TIME with a kind of {', '.join(KINDS)}, such as slow:Mc:1.3@2w")
        raise UsageError(f"{text!r} is no fault (expected: {expected})")
    try:
        minute = float(found["time"]) * _UNITS[found["unit"]]
        target, value = _checked(kind, found["target"], found["value"], parameters)
    except (ValueError, KeyError):
        raise UsageError(f"{text!r} strikes nothing there is, or not so (expected: {KINDS[kind]})") from None
    return Fault(kind, target, value, minute)


def _checked(kind: str, target: str | None, value: str | None, p: Parameters) -> tuple[str, float | str]:
    """Return target and value; raises ValueError or KeyError where they make no sense."""
    if kind == "dispatch":
        name = target or "litho"
        rule = value or "fifo"
        if name not in p.machines or rule not in RULES:
            raise ValueError
        return name, rule
    if kind in ("skip", "route"):
        steps = (target or "").split("+")
        share = float(value or 0.25)
        if not set(steps) <= set(p.route) or len(set(steps)) != (1 if kind == "skip" else 2) or not 0 < share <= 1:
            raise ValueError
        return target or "", share
    factor = float(value or 2.0)
    everything = kind == "breakdowns" and target in (None, "all")
    if not 0 < factor < math.inf or (not everything and target not in p.classes()):
        raise ValueError
    if kind == "breakdowns" and p.breakdown_law == "off":
        raise UsageError("no machine breaks down, so none can more often (expected: a breakdown_law other than off)")
    if kind == "breakdowns" and not everything and p.classes()[target or ""] not in p.breakdown_classes:
        raise ValueError
    return target or "all", factor


class Faults:
    """Makes the faults of a plant happen, and remembers whom they struck.

    Attributes
    ----------
    struck : dict of fault to list of str
        Names of the lots that a fault gave another route.
    """

    def __init__(self, plant: Plant, faults: Sequence[Fault]) -> None:
        self._plant = plant
        self._routes: list[Fault] = []
        self._draws = plant.draws("faults")
        self.struck: dict[Fault, list[str]] = {fault: [] for fault in faults}
        self._lots: set[str] = set()
        for fault in self.struck:
            plant.env.process(self._wait(fault))

    def _wait(self, fault: Fault) -> Steps:
        yield self._plant.env.timeout(fault.minute)
        getattr(self, f"_{fault.kind}")(fault)

    def _slow(self, fault: Fault) -> None:
        self._plant.machines[fault.target].pace = float(fault.value)

    def _dispatch(self, fault: Fault) -> None:
        self._plant.rules[fault.target] = str(fault.value)

    def _breakdowns(self, fault: Fault) -> None:
        for machine in self._plant.machines.values():
            if machine.emergencies and fault.target in ("all", machine.name):
                machine.emergencies.change_rate(float(fault.value))

    def _skip(self, fault: Fault) -> None:
        self._routes.append(fault)

    def _route(self, fault: Fault) -> None:
        self._routes.append(fault)

    def __contains__(self, lot: object) -> bool:
        """Tell whether a fault gave a lot another route."""
        return lot in self._lots

    def route(self, steps: list[str], lot: str) -> list[str]:
        """Return the steps that a lot will really take."""
        for fault in self._routes:
            if self._draws.random() < float(fault.value):
                self.struck[fault].append(lot)
                self._lots.add(lot)
                steps = _exchanged(steps, fault.target.split("+"))
        return steps

    def to_document(self) -> list[dict[str, Any]]:
        """Return the ground truth of the faults as JSON values; times in seconds, as in the stream."""
        return [
            {"kind": fault.kind, "target": fault.target, "value": fault.value, "time": fault.minute * 60, "lots": lots}
            for fault, lots in self.struck.items()
        ]


def _exchanged(steps: list[str], named: list[str]) -> list[str]:
    if len(named) == 1:
        return [step for step in steps if step != named[0]]
    one, other = named
    swap = {one: other, other: one}
    return [swap.get(step, step) for step in steps]
