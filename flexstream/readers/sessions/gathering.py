"""Whole traces as a reader finds them, one by one or many at once, as blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple
from ..diagnostics import Diagnostics
from .ordering import all_in_order
from .trace_block import TraceBlock, TraceTexts, spans_within


class _Many(NamedTuple):
    """Traces that came at once, one behind the other."""

    names: list[str | None]
    numbers: NDArray[np.int32]
    lengths: NDArray[np.int64]
    moments: NDArray[np.float64]


class Gatherer:
    """Collects traces, each with its events in the order of their times.

    Parameters
    ----------
    texts : TraceTexts
        Numbers the symbols.
    diagnostics : Diagnostics
        Its options say whether durations are wanted; counts.

    Attributes
    ----------
    events : int
        Those of the traces that were not taken yet, their ends among them.

    Examples
    --------
    >>> traces = Gatherer(TraceTexts(), Diagnostics())
    >>> traces.add("lot 7", ["run", "load"], [8.0, 7.0])
    >>> [block] = traces.take()
    >>> block.symbols.tolist(), block.times.tolist(), block.spans.tolist()
    ([1, 0], [7.0], [-1, 1281])
    """

    def __init__(self, texts: TraceTexts, diagnostics: Diagnostics) -> None:
        self.texts, self._diagnostics = texts, diagnostics
        self._durations = diagnostics.options.durations
        self._many: list[_Many] = []
        self.events = 0
        self._clear()

    def _clear(self) -> None:
        # Of those that came one by one, all behind one another: many lists would keep the garbage collector busy.
        self._names: list[str | None] = []
        self._symbols: list[str] = []
        self._lengths: list[int] = []
        self._moments: list[float] = []

    def add(self, name: str | None, symbols: list[str], moments: list[float]) -> None:
        """Take a trace and when its events happened, NaN where that is not known."""
        self._names.append(name)
        self._symbols += symbols
        self._lengths.append(len(symbols))
        self._moments += moments
        self.events += 1 + len(symbols)

    def add_all(
        self,
        names: list[str | None],
        numbers: NDArray[np.int32],
        lengths: NDArray[np.int64],
        moments: NDArray[np.float64],
    ) -> None:
        """Take many traces likewise, one behind the other; the arrays are theirs from then on."""
        self._gather()
        self._many.append(_Many(names, numbers, lengths, moments))
        self.events += len(names) + len(numbers)

    def _gather(self) -> None:
        """Put what came one by one to the others."""
        if self._names:
            lengths, moments = np.array(self._lengths, np.int64), np.array(self._moments)
            self._many.append(_Many(self._names, self.texts.find(self._symbols), lengths, moments))
            self._clear()

    def take(self) -> list[TraceBlock]:
        """Return what was collected since the last call: one block, if anything."""
        self._gather()
        many, self._many, self.events = self._many, [], 0
        if not many:
            return []
        names = [name for part in many for name in part.names]
        numbers, lengths, moments = (np.concatenate(column) for column in list(zip(*many, strict=True))[1:])
        ordered, firsts, times = all_in_order(numbers, lengths, moments, self._diagnostics)
        timed = self._durations and not np.isnan(firsts).all()
        return [TraceBlock(names, ordered, lengths, firsts, spans_within(times, lengths) if timed else None)]
