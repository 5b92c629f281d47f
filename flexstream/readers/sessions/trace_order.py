"""Whole traces in the order of their first times: a bounded buffer behind readers of traces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from ..diagnostics import Diagnostics
from .ordering import filled
from .reorder import BYTES
from .trace_block import FEWEST_BYTES, TraceBlock, TraceTexts

TRACE_BYTES, SYMBOL_BYTES = 256, 128
"""What a trace that waits takes, and each of its symbols beside that."""
_BEFORE_ALL = -math.inf
_TEXTS = 1 / 4  # of all bytes those that texts may take before the ones that nobody waits for are forgotten


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
    texts : TraceTexts, optional
        Of their symbols; those that no trace needs any more are forgotten where they are many.

    Examples
    --------
    >>> texts, order = TraceTexts(), TraceOrder(Diagnostics())
    >>> times = np.array([2.0, math.nan, 1.0])
    >>> held = TraceBlock(["b", "c", "a"], texts.find(["run", "load"]), np.array([1, 0, 1]), times)
    >>> [block.names for block in order.sorted([held])]
    []
    >>> [block.names for block in order.rest()]
    [['a', 'b', 'c']]
    """

    def __init__(self, diagnostics: Diagnostics, size: int | None = None, texts: TraceTexts | None = None) -> None:
        self._diagnostics, self._most = diagnostics, BYTES if size is None else size
        self._texts = TraceTexts() if texts is None else texts
        self._most_texts = max(FEWEST_BYTES, int(_TEXTS * self._most))
        self._blocks: list[TraceBlock] = []
        self._bytes = 0
        self._last = self._released = _BEFORE_ALL  # the time of the trace that came last; of those handed on

    def sorted(self, blocks: Iterable[TraceBlock]) -> Iterator[TraceBlock]:
        """Take traces; yield those that do not wait any more."""
        for given in blocks:
            block = given._replace(times=filled(given.times, self._last))
            start = 0
            if self._last == _BEFORE_ALL:  # no time so far, and nothing can come before those without
                known = block.times > _BEFORE_ALL
                start = int(known.argmax()) if known.any() else block.traces
                if start:
                    yield block.part(0, start)
            self._last = float(block.times[-1])
            while start < block.traces:
                costs = TRACE_BYTES + SYMBOL_BYTES * block.lengths[start:]
                stop = start + 1 + int(np.searchsorted(np.cumsum(costs), self._most - self._bytes, side="right"))
                part = block.part(start, min(stop, block.traces))
                self._diagnostics.stats.late += int(part.lengths[part.times < self._released].sum())
                self._keep(part)
                if stop <= block.traces:
                    yield from self._release((self._held + 1) // 2)
                start = stop
        if self._texts.nbytes > self._most_texts:
            self._blocks = self._texts.renewed(self._blocks)
            self._most_texts = max(self._most_texts, 2 * self._texts.nbytes)

    @property
    def _held(self) -> int:
        return sum(block.traces for block in self._blocks)

    def _keep(self, block: TraceBlock) -> None:
        if not block.traces:
            return
        self._blocks.append(block)
        self._bytes += TRACE_BYTES * block.traces + SYMBOL_BYTES * len(block.symbols)

    def rest(self) -> Iterator[TraceBlock]:
        """Yield all that wait."""
        yield from self._release(self._held)

    def _release(self, count: int) -> Iterator[TraceBlock]:
        if not count:
            return
        block, self._blocks, self._bytes = TraceBlock.joined(self._blocks), [], 0
        order = np.argsort(block.times, kind="stable")
        self._released = max(self._released, float(block.times[order[count - 1]]))
        yield block.chosen(order[:count])
        self._keep(block.chosen(np.sort(order[count:])))  # those of one time stay in the order in which they came
