"""Traces cut in parts: at an event that starts another, and in windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...stream.batch import TraceBatch
from ...stream.origins import with_ends
from .ended import Ended, places

_FEW, _LOOKED_AT = 400, 2000
_SURE = 0.2
"""Share of the bits of an event that are left where the event before it tells nearly all."""
_PRIMES = (19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)

Cut = Callable[[NDArray[np.int32]], list[tuple[int, int]]]
"""Returns where the parts of a trace begin and end."""


def windows(first: int, stop: int, window: int, stride: int) -> list[tuple[int, int]]:
    """Return where windows over events begin and end; the last, not full, only if it holds an event that no other does.

    Examples
    --------
    >>> windows(0, 7, 3, 2), windows(0, 7, 2, 3), windows(5, 5, 3, 2)
    ([(0, 3), (2, 5), (4, 7)], [(0, 2), (3, 5), (6, 7)], [(5, 5)])
    """
    overlap = max(window - stride, 0)
    begins = [first, *range(first + stride, stop - overlap, stride)]
    return [(begin, min(begin + window, stop)) for begin in begins]


class Cutter:
    """Cuts traces as the user said, or leaves them as they are.

    Parameters
    ----------
    window, stride : int, optional
        Longest part, and from where to where the parts go.
    start : callable, optional
        Returns the symbol that starts a trace, None as long as it has not been seen.

    Examples
    --------
    >>> Cutter(2, None, lambda: 7).parts(np.array([1, 7, 2, 3, 4, 7], np.int32))
    [(0, 1), (1, 3), (3, 5), (5, 6)]
    """

    def __init__(
        self, window: int | None = None, stride: int | None = None, start: Callable[[], int | None] | None = None
    ) -> None:
        self._window, self._stride, self._start = window, stride or window, start
        self.idle = window is None and start is None

    def parts(self, symbols: NDArray[np.int32]) -> list[tuple[int, int]]:
        """Return where the parts of a trace begin and end."""
        start = None if self._start is None else self._start()
        begins = [] if start is None else np.flatnonzero(symbols[1:] == start).tolist()
        bounds = [0, *(begin + 1 for begin in begins), len(symbols)]
        if self._window is None or self._stride is None:
            return list(pairwise(bounds))
        return [part for pair in pairwise(bounds) for part in windows(*pair, self._window, self._stride)]

    def ended(self, ended: Ended) -> Ended:
        """Return cases that have ended in parts, each with the name of its case."""
        if self.idle:
            return ended
        return ended.in_parts(*cut_all(ended.lengths, ended.symbols, self.parts))

    def batch(self, batch: TraceBatch) -> TraceBatch:
        """Return whole traces in parts."""
        if self.idle:
            return batch
        lengths, symbols, origins, begins = cut_all(np.diff(batch.offsets), batch.symbols, self.parts)
        names = None if batch.names is None else [batch.names[origin] for origin in origins.tolist()]
        spans = None if batch.durations is None else batch.durations[places(begins, lengths)]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        rows = None if batch.origins is None else _cut_origins(batch, lengths, origins, begins)
        return TraceBatch(symbols, offsets, names, batch.closed_early, durations=spans, origins=rows)


def _cut_origins(
    batch: TraceBatch, lengths: NDArray[np.int64], traces: NDArray[np.int64], begins: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the origins of parts: those of their events, and of the last event, or the end, of each."""
    assert batch.origins is not None
    rows = places(begins + traces, lengths)
    last = np.where(lengths > 0, begins + traces + lengths - 1, begins + traces)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return with_ends(batch.origins[rows], offsets, batch.origins[last])


def cut_all(
    lengths: NDArray[np.int64], symbols: NDArray[np.int32], cut: Cut
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Cut traces that stand one behind the other.

    Parameters
    ----------
    lengths, symbols : arrays
        Of all traces.
    cut : callable
        Cuts one of them.

    Returns
    -------
    lengths, symbols : arrays
        Of the parts.
    origins : int64 array
        Which trace each part is of.
    begins : int64 array
        At which of all events each part begins.

    Examples
    --------
    >>> cut_all(np.array([3, 1]), np.array([7, 8, 9, 7], np.int32), lambda trace: windows(0, len(trace), 2, 2))
    (array([2, 1, 1]), array([7, 8, 9, 7], dtype=int32), array([0, 0, 1]), array([0, 2, 3]))
    """
    stops = np.cumsum(lengths)
    found, parts, origins, begins = list[int](), list[NDArray[np.int32]](), list[int](), list[int]()
    for origin, (stop, length) in enumerate(zip(stops.tolist(), lengths.tolist(), strict=True)):
        trace = symbols[stop - length : stop]
        for begin, end in cut(trace):
            found.append(end - begin)
            parts.append(trace[begin:end])
            origins.append(origin)
            begins.append(stop - length + begin)
    joined = np.concatenate(parts) if parts else symbols[:0]
    return np.array(found, np.int64), joined, np.array(origins, np.int64), np.array(begins, np.int64)


def fitting_window(events: int, symbols: Sequence[int] = ()) -> int:
    """Return how long the parts of so few events had best be that states can be found in them.

    Parts of a cycle are chained, not merged, if they are so few that none is seen twice, and told apart by where they
    end if they are many and short; about twenty parts of 10 to 100 events did best on cycles of 3 to 20 events.

    Of events that are less sure than those of a cycle the parts that foretold most were shorter: of logs, cases, random
    automata and the fab 20 to 30 of 2,000 events, 30 to 50 of 5,000 to 20,000 and 100 of 90,000.  Their length is a
    prime number: no cycle fits into it, so that parts do not begin and end at one place of it.

    Parameters
    ----------
    events : int
        How many there are.
    symbols : sequence of int
        The first of them, if they are known.

    Examples
    --------
    >>> fitting_window(40), fitting_window(400), fitting_window(100_000)
    (10, 20, 100)
    >>> fitting_window(2000, [1, 2, 3, 4, 5] * 200), fitting_window(2000, [1, 2, 3, 3, 1, 1, 2] * 200)
    (100, 31)
    """
    usual = min(max(events // 20, 10), 100)
    if events <= _FEW or not len(symbols) or _nearly_sure(list(map(str, symbols[:_LOOKED_AT]))):
        return usual
    longest = _FEW / 20 * (events / _FEW) ** 0.3
    return max(prime for prime in _PRIMES if prime <= longest)


def _nearly_sure(symbols: list[str]) -> bool:
    """Tell whether nearly all that an event may be is told by the event before it."""
    from ..parsing.code_length import code_length

    return code_length(symbols, None) < _SURE * code_length(symbols, None, by="")
