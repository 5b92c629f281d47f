"""Lines of what a format handed on to places among all sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.origins import origins_of
from .items import Events


def lines_of(numbers: list[int]) -> NDArray[np.int64]:
    """Return numbers of lines as an array, for events in the same order.

    >>> lines_of([3, 5])
    array([3, 5])
    """
    return np.array(numbers, np.int64)


def placed(events: Events, place: int | None) -> Events:
    """Return events with places: their lines in the source whose line 0 has a place; without any if there is none.

    >>> placed(Events(["a"], None, np.array([7], np.int32), None, np.array([3])), 1 << 40).places.tolist()
    [1099511627779]
    """
    if place is None:
        return events if events.places is None else events._replace(places=None)
    lines = np.zeros(len(events.symbols), np.int64) if events.places is None else events.places
    return events._replace(places=lines + place)


def lined(batch: TraceBatch, line: int) -> TraceBatch:
    """Return whole traces, one a line from a line on, with their origins.

    >>> traces = TraceBatch(np.array([5, 6, 5], np.int32), np.array([0, 2, 2, 3]))
    >>> lined(traces, 10).origins[:, 0].tolist()
    [10, 10, 10, 11, 12, 12]
    """
    lines = line + np.arange(len(batch), dtype=np.int64)
    return batch.with_origins(origins_of(np.repeat(lines, np.diff(batch.offsets) + 1)))


def placed_traces(batch: TraceBatch, place: int | None) -> TraceBatch:
    """Return whole traces likewise."""
    if place is None:
        return batch if batch.origins is None else batch.with_origins(None)
    if batch.origins is None:
        return batch.with_origins(origins_of(np.full(batch.events + len(batch), place)))
    origins = batch.origins.copy()
    origins[:, 0] += place
    return batch.with_origins(origins)
