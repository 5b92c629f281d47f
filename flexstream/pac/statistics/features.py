"""Features of traces, each with a handful of classes: what may change in a stream, or hang on the trace before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..._kernels.likeness import number_traces
from ...ordered import distinct
from ...stream.batch import TraceBatch
from ...tuples import NamedTuple
from .state_tree import numbered

MOST_CLASSES = 8
SYMBOLS, PAIRS, OFTEN = 6, 8, 3


class Feature(NamedTuple):
    """A class of each trace.

    Attributes
    ----------
    kind : str
        ``first``, ``last``, ``length``, ``trace``, ``symbol`` or ``pair``.
    symbols : tuple of int
        Of which symbols it is about.
    classes : int64 array, shape (traces,)
    """

    kind: str
    symbols: tuple[int, ...]
    classes: NDArray[np.int64]


def features(batch: TraceBatch, identity: NDArray[np.int64]) -> list[Feature]:
    """Return the features of traces; which classes there are hangs on all traces, not on their order.

    Parameters
    ----------
    batch : TraceBatch
    identity : int64 array, shape (traces,)
        See `identities`.

    Examples
    --------
    >>> batch = TraceBatch(np.array([0, 1, 0, 1, 0]), np.array([0, 2, 4, 5]))
    >>> [(found.kind, found.classes.tolist()) for found in features(batch, identities(batch))][:4]
    [('first', [1, 1, 1]), ('last', [1, 1, 0]), ('length', [1, 1, 0]), ('trace', [1, 1, 0])]
    """
    low = int(batch.offsets[0])
    symbols, offsets = batch.symbols[low : int(batch.offsets[-1])].astype(np.int64), batch.offsets - low
    lengths = np.diff(offsets)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    some = lengths > 0
    ends = np.zeros((2, len(lengths)), np.int64)
    ends[0, some], ends[1, some] = symbols[offsets[:-1][some]] + 1, symbols[offsets[1:][some] - 1] + 1
    return [
        Feature("first", (), _frequent(ends[0])),
        Feature("last", (), _frequent(ends[1])),
        Feature("length", (), _quantiles(lengths)),
        Feature("trace", (), _frequent(identity)),
        *_of_symbols(symbols, owner, len(lengths)),
        *_of_pairs(symbols, owner, len(lengths)),
    ]


def identities(batch: TraceBatch) -> NDArray[np.int64]:
    """Return a number for each trace, the same for traces that are the same."""
    numbers, traces = np.empty(len(batch), np.int64), len(batch)
    number_traces(batch.symbols, batch.offsets, traces, np.full(2 << traces.bit_length(), -1), numbers)
    return numbers


def _frequent(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return classes: the most frequent values, the most frequent first from 1 on, and all others, 0."""
    which = numbered(values, int(values.max()) + 1)[1]
    counts = np.bincount(which)
    order = np.argsort(-counts, kind="stable")[: MOST_CLASSES - 1]
    order = order[counts[order] > 1]
    number = np.zeros(len(counts), np.int64)
    number[order] = np.arange(1, len(order) + 1)
    return np.asarray(number[which])


def _quantiles(values: NDArray[np.int64]) -> NDArray[np.int64]:
    shares = np.linspace(0, 1, MOST_CLASSES - 1)[1:-1]
    edges = distinct(np.sort(values)[np.floor((len(values) - 1) * shares).astype(np.int64)])
    return np.searchsorted(edges, values, side="left")


def _of_symbols(symbols: NDArray[np.int64], owner: NDArray[np.int64], traces: int) -> list[Feature]:
    """Return how often each of the most frequent symbols comes in a trace, at most `OFTEN` times."""
    found, times = _times(symbols, int(symbols.max(initial=-1)) + 1, owner, traces, SYMBOLS)
    return [Feature("symbol", (symbol,), row) for symbol, row in zip(found, np.minimum(times, OFTEN), strict=True)]


def _of_pairs(symbols: NDArray[np.int64], owner: NDArray[np.int64], traces: int) -> list[Feature]:
    """Return whether each of the most frequent pairs comes in a trace."""
    if not len(symbols):
        return []
    size = int(symbols.max()) + 1
    inner = owner[1:] == owner[:-1]
    pairs, holders = (symbols[:-1] * size + symbols[1:])[inner], owner[1:][inner]
    found, times = _times(pairs, size * size, holders, traces, PAIRS)
    return [Feature("pair", divmod(pair, size), row) for pair, row in zip(found, np.minimum(times, 1), strict=True)]


def _times(
    values: NDArray[np.int64], bound: int, owner: NDArray[np.int64], traces: int, most: int
) -> tuple[list[int], NDArray[np.int64]]:
    """Return the most frequent values, and how often each comes in each trace, shape (values, traces).

    >>> found, times = _times(np.array([5, 2, 5, 5]), 6, np.array([0, 0, 1, 1]), 2, 1)
    >>> found, times.tolist()
    ([5], [[1, 2]])
    """
    found, which = numbered(values, bound)
    chosen = np.argsort(-np.bincount(which, minlength=len(found)), kind="stable")[:most]
    row = np.full(len(found), len(chosen))  # the last is that of all others
    row[chosen] = np.arange(len(chosen))
    times = np.bincount(row[which] * traces + owner, minlength=(len(chosen) + 1) * traces)
    return found[chosen].tolist(), times.reshape(-1, traces)[:-1]
