"""Fleets on the command line: learning one model a member, and saying what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .console import say

if TYPE_CHECKING:
    from flexstream.automata.fleet import Fleet, FleetMember
    from flexstream.automata.model_file import Model
    from flexstream.learning.fleet_learner import Members
    from flexstream.stream.batch import TraceBatch

WIDEST_NAME = 32
SHOWN, MOST_NAMES = 3, 1000
"""Names given as examples; names that are remembered."""


def shared_out(given: dict[str, Any], per: str | None, follow: str | None, planned: bool) -> Members | None:
    """Return what keeps the traces of members, if they are told apart, and leave the learner the rest of the memory.

    Raises
    ------
    UsageError
        If something else was asked for that a fleet cannot have.
    """
    if per is None:
        return None
    from flexstream.errors import UsageError
    from flexstream.learning.fleet_learner import Members, divided

    if planned:
        raise UsageError("--per and --pac: a plan is for one model (expected: one of them)")
    if follow in {"restart", "decay"}:
        raise UsageError(f"--per and --on-drift {follow}: members would stand for what is forgotten (expected: report)")
    given["memory"], own = divided(given["memory"])
    return Members(own, per)


def summary(fleet: Fleet) -> str:
    """Say in a line which models the members have."""
    from flexstream.automata.fleet import OWN, PARTIAL, POOLED
    from flexstream.writers.labels import counted

    told = {
        POOLED: "the pool's model",
        PARTIAL: "the pool's states with probabilities of {}",
        OWN: "states of {}",
    }
    numbers = {kind: sum(member.kind == kind for member in fleet.members) for kind in told}
    parts = [
        f"{number:,} with {told[kind].format('its own' if number == 1 else 'their own')}"
        for kind, number in numbers.items()
        if number
    ]
    lost = f"; {counted(fleet.unlisted, 'trace')} of members beyond, the pool's alone" if fleet.unlisted else ""
    return f"a fleet of {counted(len(fleet), 'member')} by {fleet.by}: {', '.join(parts) or 'none'}{lost}"


def whose(fleet: Fleet, name: str) -> str:
    """Say whose states and probabilities the model of a member has."""
    from flexstream.automata.fleet import OWN, PARTIAL
    from flexstream.writers.labels import counted

    all_of_them = f"all {counted(len(fleet), 'member')} together"
    if (kind := fleet.kind(name)) == OWN:
        return "states and probabilities of its own"
    if kind == PARTIAL:
        return f"the states of {all_of_them}, with probabilities of its own"
    return f"the pool's model: states, visits and probabilities are those of {all_of_them}"


def fleet_table(fleet: Fleet, most: int) -> str:
    """Return a table of the members, those that differ most from the fleet first."""
    shown = sorted(fleet.members, key=lambda member: (-member.gain, member.name))[:most]
    lines = [
        f"{summary(fleet)}; those that differ most first",
        "",
        f"{'member':<{WIDEST_NAME}} {'traces':>9} {'model':>8} {'states':>6} {'gain':>7}  bits of a trace held out",
        *(_row(fleet, member) for member in shown),
    ]
    if len(fleet) > len(shown):
        lines.append(f"... and {len(fleet) - len(shown):,} more (--max-members)")
    return "\n".join(lines) + "\n"


def _row(fleet: Fleet, member: FleetMember) -> str:
    from flexstream.visible import visible

    name = visible(member.name)
    name = name if len(name) <= WIDEST_NAME else f"{name[: WIDEST_NAME - 1]}…"
    states = len(fleet.base) if member.own is None else len(member.own)
    bits = ", ".join(f"{kind} {value:.2f}" for kind, value in member.bits.items()) or "-"
    return f"{name:<{WIDEST_NAME}} {member.traces:>9,} {member.kind:>8} {states:>6} {member.gain:>7.3f}  {bits}"


class Strangers:
    """Counts traces of members that a fleet does not know, which are judged by the pool's model.

    Parameters
    ----------
    model : PDFA, Ensemble or Fleet
        Only of a fleet is anything counted.
    """

    def __init__(self, model: Model | Fleet) -> None:
        from flexstream.automata.fleet import Fleet

        self._fleet = model if isinstance(model, Fleet) else None
        self._traces = 0
        self._names: dict[str, None] = {}

    def see(self, batch: TraceBatch) -> None:
        """Count the traces of a batch."""
        if self._fleet is None:
            return
        for name in batch.members or [""] * len(batch):
            if name not in self._fleet:
                self._traces += 1
                if len(self._names) < MOST_NAMES:
                    self._names.setdefault(name)

    def report(self) -> None:
        """Say how many there were."""
        if not self._traces:
            return
        from flexstream.readers.diagnostics import shown
        from flexstream.writers.labels import counted

        names = [shown(name) for name in self._names if name]
        more = ", …" if len(names) > SHOWN else ""
        told = f" ({', '.join(names[:SHOWN])}{more})" if names else ""
        say(f"{counted(self._traces, 'trace')} of members that are not in the fleet{told}, judged by the pool's model")
