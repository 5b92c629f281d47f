"""What the entities of the plant share of SimPy."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

import simpy
from simpy.core import EventPriority

Steps: TypeAlias = Generator[simpy.Event, None, None]
"""What an entity does, as SimPy runs it: each event it yields is waited for."""

# SimPy runs urgent events first (0), then normal ones (1); decisions come when an instant is otherwise over.
_DECISIONS = EventPriority(2)


class EndOfInstant(simpy.Event):
    """An event of this instant that comes after all others."""

    def __init__(self, env: simpy.Environment) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=_DECISIONS)
