"""Whole traces in the order of their first times: a bounded buffer behind readers of traces."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from ..diagnostics import Diagnostics
from ..items import Trace
from .reorder import BYTES

TRACE_BYTES, SYMBOL_BYTES = 256, 128
"""What a trace that waits takes, and each of its symbols beside that."""
_BEFORE_ALL = -math.inf


class TraceOrder:
    """Holds traces back to hand them on in the order of their first times, those of one time as they came.

    All are sorted that fit.  When there are too many, the earlier half is handed on; the events of what comes later and
    belongs before that are late, which is counted.  A trace without a time keeps its place behind the one before it.

    Parameters
    ----------
    diagnostics : Diagnostics
        Counts.
    size : int, optional
        Bytes for traces that wait.

    Examples
    --------
    >>> order = TraceOrder(Diagnostics())
    >>> held = [(2.0, Trace("b", ["run"])), (math.nan, Trace("c", [])), (1.0, Trace("a", ["load"]))]
    >>> [trace.name for trace in order.sorted(held)]
    []
    >>> [trace.name for trace in order.rest()]
    ['a', 'b', 'c']
    """

    def __init__(self, diagnostics: Diagnostics, size: int | None = None) -> None:
        self._diagnostics, self._most = diagnostics, BYTES if size is None else size
        # One behind the other: a list for each trace would have the garbage collector look at all of them.
        self._names, self._symbols = list[str | None](), list[str]()
        self._lengths, self._times = array("q"), array("d")
        self._spans = list[NDArray[np.int16] | None]()
        self._texts: dict[str, str] = {}  # each symbol once, however many events have it
        self._last = self._released = _BEFORE_ALL  # the time of the trace that came last; of those handed on

    def sorted(self, traces: Iterable[tuple[float, Trace]]) -> Iterator[Trace]:
        """Take traces with their first times, NaN where there is none; yield those that do not wait any more."""
        for time, trace in traces:
            self._last = self._last if math.isnan(time) else time
            if self._last == _BEFORE_ALL:  # no time so far, and nothing can come before it
                yield trace
                continue
            self._keep(self._last, *trace)
            if TRACE_BYTES * len(self._names) + SYMBOL_BYTES * len(self._symbols) > self._most:
                yield from self._release((len(self._names) + 1) // 2)

    def _keep(
        self, time: float, name: str | None, symbols: Sequence[str], spans: NDArray[np.int16] | None = None
    ) -> None:
        if time < self._released:
            self._diagnostics.stats.late += len(symbols)
        self._names.append(name)
        self._spans.append(spans)
        self._symbols += map(self._texts.setdefault, symbols, symbols)
        self._lengths.append(len(symbols))
        self._times.append(time)

    def rest(self) -> Iterator[Trace]:
        """Yield all that wait."""
        yield from self._release(len(self._names))

    def _release(self, count: int) -> Iterator[Trace]:
        names, symbols, times, spans = self._names, self._symbols, self._times, self._spans
        stops = [0, *accumulate(self._lengths)]
        self._names, self._symbols, self._lengths, self._times = [], [], array("q"), array("d")
        self._texts, self._spans = {}, []
        order = sorted(range(len(names)), key=times.__getitem__)
        if order[:count]:
            self._released = max(self._released, times[order[count - 1]])
        for place in order[:count]:
            yield Trace(names[place], symbols[stops[place] : stops[place + 1]], spans[place])
        for place in sorted(order[count:]):  # those of one time stay in the order in which they came
            self._keep(times[place], names[place], symbols[stops[place] : stops[place + 1]], spans[place])
