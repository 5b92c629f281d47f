"""The event log: one total order, whatever watches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Event(NamedTuple):
    """Something that happened to one entity.

    Attributes
    ----------
    seq : int
        Position in the one total order, from 0; many events share a minute.
    time : float
        Minutes since the start.
    entity_kind : str
        lot, machine, operator, technician or carrier.
    entity : str
    event : str
        What happened.
    lifecycle : str
        start or complete.
    step, product, machine, batch, lot : str
        What it was about; empty where that makes no sense, or where several lots are meant.
    cause : str
        Why, where there is a choice: the rule, the kind of setup, the breakdown.
    state : str
        The simulator's own state of the entity after the event: ground truth, never printed into the stream.
    """

    seq: int
    time: float
    entity_kind: str
    entity: str
    event: str
    lifecycle: str
    step: str
    product: str
    machine: str
    batch: str
    lot: str
    cause: str
    state: str


Watcher = Callable[[Event], None]


class Log:
    """Gives each event its place in the order and shows it to the watchers."""

    __slots__ = ("_watchers", "now", "seq")

    def __init__(self, now: Callable[[], float], watchers: list[Watcher]) -> None:
        self.now, self.seq, self._watchers = now, 0, watchers

    def watch(self, watcher: Watcher) -> None:
        """Show the events from now on to one more watcher."""
        self._watchers.append(watcher)

    def forget(self, watcher: Watcher) -> None:
        """Show them no longer."""
        self._watchers.remove(watcher)

    def add(
        self,
        kind: str,
        entity: str,
        event: str,
        lifecycle: str,
        state: str,
        *,
        step: str = "",
        product: str = "",
        machine: str = "",
        batch: str = "",
        lot: str = "",
        cause: str = "",
    ) -> None:
        """Log an event that happens now."""
        if self._watchers:
            made = Event(
                *(self.seq, self.now(), kind, entity, event, lifecycle, step, product, machine, batch, lot, cause),
                state,
            )
            for watch in self._watchers:
                watch(made)
        self.seq += 1
