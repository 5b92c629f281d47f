"""What is handed on: items and batches without what they tell of people, traces with the members they are of."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import DataError
from ..stream.batch import TraceBatch
from .items import Event, Item, Trace
from .parsing.context import ReadContext
from .parsing.membership import joined, parted, told_apart


def redacted(items: Iterator[Item], context: ReadContext) -> Iterator[Item]:
    """Yield items without what they tell of people; what stops them says nothing of it either."""
    from .parsing.masking import redacting

    opened = redacting()
    try:
        for item in items:
            if isinstance(item, Event):
                yield item._replace(symbol=opened(item.symbol))
            elif isinstance(item, Trace):
                name = None if context.options.per is None else joined(parted(item.name or "")[0], None)
                yield Trace(name, list(map(opened, item.symbols)), item.durations)
            else:  # a fast path, which is not taken where there is no tokeniser
                raise TypeError(f"{type(item).__name__} cannot be redacted")
    except DataError as error:
        raise context.without_data(error) from None


def handed_on(batch: TraceBatch, fleet: bool, redact: bool) -> TraceBatch:
    """Return a batch with the members of its traces, if they are of a fleet, and without names if these are redacted.

    >>> import numpy as np
    >>> traces = TraceBatch(np.array([5, 6], np.int32), np.array([0, 2]), ["lot 7"])
    >>> handed_on(traces, fleet=False, redact=True).names is None
    True
    """
    batch = told_apart(batch) if fleet and batch.members is None else batch
    if not redact:
        return batch
    spans = batch.durations, batch.origins, batch.members
    return TraceBatch(batch.symbols, batch.offsets, None, batch.closed_early, batch.position, batch.manner, *spans)
