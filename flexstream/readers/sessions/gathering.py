"""Whole traces as a reader finds them, one by one or many at once, as blocks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..diagnostics import Diagnostics
from .ordering import all_in_order, in_order
from .trace_block import TraceBlock, TraceTexts, spans_within


class Gatherer:
    """Collects traces, each with its events in the order of their times.

    Parameters
    ----------
    texts : TraceTexts
        Numbers the symbols.
    diagnostics : Diagnostics
        Its options say whether durations are wanted; counts.

    Examples
    --------
    >>> traces = Gatherer(TraceTexts(), Diagnostics())
    >>> traces.add("lot 7", ["run", "load"], [8.0, 7.0])
    >>> [block] = traces.take()
    >>> block.symbols.tolist(), block.times.tolist(), block.spans.tolist()
    ([0, 1], [7.0], [-1, 1281])
    """

    def __init__(self, texts: TraceTexts, diagnostics: Diagnostics) -> None:
        self.texts, self._diagnostics = texts, diagnostics
        self._durations = diagnostics.options.durations
        self._done: list[TraceBlock] = []
        self._clear()

    def _clear(self) -> None:
        # Of those that came one by one, all behind one another: many lists would keep the garbage collector busy.
        self._names: list[str | None] = []
        self._symbols: list[str] = []
        self._lengths: list[int] = []
        self._firsts: list[float] = []
        self._moments: list[float] = []

    def add(self, name: str | None, symbols: list[str], moments: list[float]) -> None:
        """Take a trace and when its events happened, NaN where that is not known."""
        ordered, first, times = in_order(symbols, moments, self._diagnostics)
        self._names.append(name)
        self._symbols += ordered
        self._lengths.append(len(ordered))
        self._firsts.append(first)
        self._moments.extend([math.nan] * len(ordered) if math.isnan(first) else times)

    def add_all(
        self,
        names: list[str | None],
        numbers: NDArray[np.int32],
        lengths: NDArray[np.int64],
        moments: NDArray[np.float64],
    ) -> None:
        """Take many traces likewise, one behind the other; the arrays are theirs from then on."""
        self._gather()
        self._append(names, lengths, *all_in_order(numbers, lengths, moments, self._diagnostics))

    def _append(
        self,
        names: list[str | None],
        lengths: NDArray[np.int64],
        numbers: NDArray[np.int32],
        firsts: NDArray[np.float64],
        moments: NDArray[np.float64],
    ) -> None:
        timed = self._durations and not np.isnan(firsts).all()
        spans = spans_within(moments, lengths) if timed else None
        self._done.append(TraceBlock(names, numbers, lengths, firsts, spans))

    def _gather(self) -> None:
        """Make a block of what came one by one."""
        if self._names:
            times = np.array(self._firsts), np.array(self._moments)
            self._append(self._names, np.array(self._lengths, np.int64), self.texts.find(self._symbols), *times)
            self._clear()

    def take(self) -> list[TraceBlock]:
        """Return what was collected since the last call."""
        self._gather()
        done, self._done = self._done, []
        return done
