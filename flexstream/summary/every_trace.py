"""Every trace: which traces of a stream came, and how often each, as far as that is known of all of them.

A tree of which nothing was given up or thinned still tells it: each trace ends at a node, or in a tail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import split_keys
from ..stream.durations import UNKNOWN
from .hashes import hashes_of, mixed, spread
from .sums import tails_of
from .timed import LONGEST

if TYPE_CHECKING:
    from .repeated import Repeated
    from .timed import TimedTraces
    from .tree import PrefixTree

Events = Callable[[NDArray[np.int64]], tuple[NDArray[np.int32], NDArray[np.int16]]]
"""Returns the symbols of some traces, given by their rows, and the bins of their durations, one behind the other."""
NEAR = 0.1
"""By what share those that were kept of traces with their times may stand for more or fewer traces than came."""


class EveryTrace:
    """Traces of a stream, how often each came, and what it says; they are told apart by a hash.

    Parameters
    ----------
    hashes, lengths, counts, events, level
        See the attributes.

    Attributes
    ----------
    hashes : uint64 array, shape (traces,)
        Of what each says.
    lengths : int64 array, shape (traces,)
        Events.
    counts : int64 array, shape (traces,)
        How often it came; how often those came for which it stands, if not all are known.
    events : Events
    level : int
        Some stand for ``2**level`` distinct ones, chosen by hash.

    Examples
    --------
    >>> every = EveryTrace.of(np.array([7, 8, 7], np.int32), np.full(3, -1, np.int16), np.array([1, 1, 1, 0]))
    >>> once = every.each_once()
    >>> sorted(once.counts.tolist()), sorted(once.events(np.arange(3))[0].tolist())
    ([1, 1, 2], [7, 8])
    """

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        lengths: NDArray[np.int64],
        counts: NDArray[np.int64],
        events: Events,
        level: int = 0,
    ) -> None:
        self.hashes, self.lengths, self.counts, self.events, self.level = hashes, lengths, counts, events, level

    @classmethod
    def of(cls, symbols: NDArray[np.int32], bins: NDArray[np.int16], lengths: NDArray[np.int64]) -> EveryTrace:
        """Return traces that stand one behind the other."""
        ends = np.cumsum(lengths)
        with np.errstate(over="ignore"):
            hashes = hashes_of(symbols, ends) + mixed(hashes_of(bins, ends))
        return cls(hashes, lengths, np.ones(len(lengths), np.int64), _stretches(symbols, bins, ends - lengths, lengths))

    def beside(self, other: EveryTrace) -> EveryTrace:
        """Return these and others, none of which is one of these."""
        first = len(self.hashes)
        lengths = np.concatenate((self.lengths, other.lengths))

        def events(rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
            theirs = rows >= first
            mine, beyond = self.events(rows[~theirs]), other.events(rows[theirs] - first)
            order, own, starts = np.argsort(theirs, kind="stable"), lengths[rows], np.empty(len(rows), np.int64)
            starts[order] = np.cumsum(own[order]) - own[order]
            at = spread(starts, own)
            return np.concatenate((mine[0], beyond[0]))[at], np.concatenate((mine[1], beyond[1]))[at]

        hashes, counts = np.concatenate((self.hashes, other.hashes)), np.concatenate((self.counts, other.counts))
        return EveryTrace(hashes, lengths, counts, events, max(self.level, other.level))

    def chosen(self, rows: NDArray[np.int64]) -> EveryTrace:
        """Return some of them."""
        events = self.events
        return EveryTrace(
            self.hashes[rows], self.lengths[rows], self.counts[rows], lambda some: events(rows[some]), self.level
        )

    def each_once(self) -> EveryTrace:
        """Return the distinct ones, in the order of their hashes."""
        hashes, first, which = np.unique(self.hashes, return_index=True, return_inverse=True)
        found = self.chosen(first)
        found.counts = np.zeros(len(hashes), np.int64)
        np.add.at(found.counts, which, self.counts)
        return found

    def copies(self, level: int) -> NDArray[np.int64]:
        """Return how many copies of each are due where one in ``2**level`` is drawn; a hash says what half a one is."""
        if not level:
            return self.counts
        rest = (self.counts & ((1 << level) - 1)).astype(np.uint64)
        chance = mixed(self.hashes ^ np.uint64(level)) >> np.uint64(64 - level)
        return (self.counts >> level) + (chance < rest)


def _stretches(
    symbols: NDArray[np.int32], bins: NDArray[np.int16], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Events:
    def events(rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
        at = spread(starts[rows], lengths[rows])
        return symbols[at], bins[at]

    return events


def told_by(tree: PrefixTree, held: Repeated, timed: TimedTraces) -> EveryTrace | None:
    """Return every trace that came; None where it is not known of all.

    Parameters
    ----------
    tree : PrefixTree
        Its nodes lie level by level, within a level by their parents' order.
    held : Repeated
        What came beside.
    timed : TimedTraces
        Which of all these came with what times.
    """
    if held.lost or tree.evicted_nodes or tree.thinned_nodes or tree.evicted_tails:
        return None
    paths = _Paths(tree, held)
    if paths.counts.sum() != tree.traces + held.traces:
        return None
    every = paths.every().each_once()
    return _with_times(every, timed) if timed.nbytes else every


def _with_times(every: EveryTrace, timed: TimedTraces) -> EveryTrace | None:
    """Return traces with their times, and those that came without.

    Where not all distinct ones with times are kept, those that are stand for all that can have any, unless a few make
    up so much that it hangs on these whether they do.
    """
    held, level = timed.held(), timed.one_in.bit_length() - 1
    ends = np.cumsum(held.lengths)
    said = hashes_of(held.symbols, ends)
    with np.errstate(over="ignore"):
        hashes = said + mixed(held.hashes)
    events = _stretches(held.symbols, held.bins, ends - held.lengths, held.lengths)
    found = EveryTrace(hashes, held.lengths, held.counts << level, events, level)
    left = every.counts * (every.lengths < LONGEST)  # of what is longer nobody knows how it ends
    if not level:
        at = np.minimum(np.searchsorted(every.hashes, said), len(left) - 1)
        np.subtract.at(left, at, held.counts * (every.hashes[at] == said))
    else:
        left[every.lengths > 1] = 0
        can = int(every.counts[every.lengths > 1].sum())
        if abs(int(found.counts.sum()) - can) > NEAR * can:
            return None
    found, rest = found.chosen(np.flatnonzero(held.lengths < LONGEST)), every.chosen(np.flatnonzero(left > 0))
    rest.counts = left[left > 0]
    return found.beside(rest)


class _Paths:
    """The traces of a tree and those beside it: each goes to a node, and on by what stands in one store."""

    def __init__(self, tree: PrefixTree, held: Repeated) -> None:
        self._columns, self._depth, self._hashes = tree.columns, *_below(tree)
        ended = np.flatnonzero(tree.columns.ends[: len(tree)] > 0)
        edges, lengths, symbols = tails_of(tree)
        owner, first = split_keys(tree.columns.keys[edges])
        none, more = np.zeros(len(ended), np.int64), np.diff(held.starts)
        self._node = np.concatenate((ended, owner, np.zeros(len(more), np.int64)))
        self._more = np.concatenate((none, lengths + 1, more))
        self.counts = np.concatenate((tree.columns.ends[ended], np.ones(len(edges), np.int64), held.times))
        at_first = np.cumsum(lengths + 1) - lengths - 1
        tails = np.empty(len(symbols) + len(edges), np.int32)
        tails[at_first] = first
        tails[spread(at_first + 1, lengths)] = symbols
        self._store = np.concatenate((tails, held.symbols))

    def every(self) -> EveryTrace:
        """Return them."""
        depth = self._depth[self._node]
        with np.errstate(over="ignore"):
            hashes = self._hashes[self._node] + hashes_of(self._store, np.cumsum(self._more), depth)
        return EveryTrace(hashes, depth + self._more, self.counts, self._events)

    def _events(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
        node, more = self._node[rows], self._more[rows]
        ends = np.cumsum(self._depth[node] + more)
        symbols = np.empty(int(ends[-1]) if len(ends) else 0, np.int32)
        starts = np.cumsum(self._more) - self._more
        symbols[spread(ends - more, more)] = self._store[spread(starts[rows], more)]
        node, at = node[node > 0], (ends - more - 1)[node > 0]
        while len(node):  # up, one level of all at a time
            symbols[at] = self._columns.symbol[node]
            node, at = self._columns.parent[node].astype(np.int64), at - 1
            node, at = node[node > 0], at[node > 0]
        return symbols, np.full(len(symbols), UNKNOWN, np.int16)


def _below(tree: PrefixTree) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return how many levels each node is below the root, and a hash of the path to it."""
    nodes = len(tree)
    parent, symbol = tree.columns.parent[:nodes], tree.columns.symbol[:nodes]
    depth, hashes = np.zeros(nodes, np.int64), np.zeros(nodes, np.uint64)
    level, start, stop = 0, 0, 1
    while stop < nodes:
        start, stop = stop, int(np.searchsorted(parent, stop))
        depth[start:stop] = level = level + 1
        steps = np.arange(1, stop - start + 1)
        with np.errstate(over="ignore"):
            hashes[start:stop] = hashes[parent[start:stop]] + hashes_of(symbol[start:stop], steps, level - 1)
    return depth, hashes
