"""Waiting: the traces that have come since they were looked at last, as far as there is time to look at them all."""

from __future__ import annotations

from typing import NamedTuple

from ..stream.batch import TraceBatch
from .samples import TRACES

MOST_TRACES, MOST_EVENTS = 1000, 20_000
"""What may wait for a look that takes all of it: of a stream that brings more only some are looked at."""


class Part(NamedTuple):
    """Traces that follow one another, and how many of the stream came before them."""

    batch: TraceBatch
    before: int


class Waiting:
    """Keeps what comes until it is looked at: all of it, or where more comes than that the newest.

    Attributes
    ----------
    behind : bool
        Whether more came than there is time for.

    Examples
    --------
    >>> import numpy as np
    >>> waiting, one = Waiting(), TraceBatch(np.zeros(2, np.int32), np.arange(3))
    >>> for number in range(3):
    ...     waiting.add(one, 2 * number)
    >>> [(len(batch), before) for batch, before in waiting.take()], waiting.take()
    ([(6, 0)], [])
    """

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._traces = self._events = 0
        self.behind = False

    def add(self, batch: TraceBatch, before: int) -> None:
        """Keep a batch; where too much waits those that have waited longest make room for it."""
        self._parts.append(Part(batch, before))
        self._traces += len(batch)
        self._events += batch.events
        self.behind = self.behind or self._traces > MOST_TRACES or self._events > MOST_EVENTS
        while self.behind and len(self._parts) > 1 and self._traces > TRACES:
            gone, _ = self._parts.pop(0)
            self._traces -= len(gone)
            self._events -= gone.events

    def take(self) -> list[Part]:
        """Return what waits, traces that follow one another as one; nothing waits any more."""
        parts, self._parts = self._parts, []
        self._traces, self._events, self.behind = 0, 0, False
        runs: list[list[Part]] = []
        for part in parts:
            if runs and _follows(runs[-1][-1], part):
                runs[-1].append(part)
            else:
                runs.append([part])
        return [
            run[0] if len(run) == 1 else Part(TraceBatch.joined((batch for batch, _ in run), named=True), run[0].before)
            for run in runs
        ]


def _follows(part: Part, other: Part) -> bool:
    """Tell whether one part follows the other and is known as well: with names, times and places, or without."""
    known = [[one is None for one in (batch.names, batch.durations, batch.origins)] for batch, _ in (part, other)]
    return part.before + len(part.batch) == other.before and known[0] == known[1]
