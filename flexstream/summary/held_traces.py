"""Held traces: those that a tree, its tails and what its stream repeated still hold whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import split_keys
from .._kernels.visits import measure_depths
from ..tuples import NamedTuple
from .hashes import spread
from .tree import PrefixTree


class HeldTraces(NamedTuple):
    """Different traces in the order of their symbols, and how often each came.

    Attributes
    ----------
    symbols : int32 array, shape (k,)
        Trace ``i`` is ``symbols[offsets[i]:offsets[i + 1]]``.
    offsets : int64 array, shape (n + 1,)
    times : int64 array, shape (n,)
    """

    symbols: NDArray[np.int32]
    offsets: NDArray[np.int64]
    times: NDArray[np.int64]

    @property
    def traces(self) -> int:
        """How many there are, each as often as it came."""
        return int(self.times.sum())

    @property
    def events(self) -> int:
        """How many events the arrays hold, those of each trace once."""
        return len(self.symbols)

    def thinned(self, most: float, seed: int = 0) -> HeldTraces:
        """Return traces drawn at random, each as likely as the others, that have no more than about so many events."""
        if self.events <= most:
            return self
        times = np.random.default_rng(seed).binomial(self.times, most / self.events)
        return self.chosen(np.flatnonzero(times), times[times > 0])

    def chosen(self, rows: NDArray[np.int64], times: NDArray[np.int64]) -> HeldTraces:
        """Return some of the traces, with other numbers of times."""
        lengths = np.diff(self.offsets)[rows]
        events = spread(self.offsets[rows], lengths)
        return HeldTraces(self.symbols[events], np.concatenate([[0], np.cumsum(lengths)]), times)


def ordered(symbols: NDArray[np.int32], offsets: NDArray[np.int64], times: NDArray[np.int64]) -> HeldTraces:
    """Return traces in the order of their symbols, each once.

    >>> held = ordered(np.array([1, 0, 1], np.int32), np.array([0, 1, 2, 3]), np.array([1, 1, 2]))
    >>> held.symbols.tolist(), held.times.tolist()
    ([0, 1], [1, 3])
    """
    found: Counter[bytes] = Counter()
    text, bounds = symbols.astype(">i4").tobytes(), (4 * offsets).tolist()
    for row, number in enumerate(times.tolist()):
        found[text[bounds[row] : bounds[row + 1]]] += number
    keys = sorted(found)
    lengths = [len(key) // 4 for key in keys]
    joined = np.frombuffer(b"".join(keys), ">i4").astype(np.int32)
    return HeldTraces(
        joined, np.cumsum([0, *lengths], dtype=np.int64), np.array([found[key] for key in keys], np.int64)
    )


def held_traces(tree: PrefixTree, most: int, seed: int = 0) -> tuple[HeldTraces, int]:
    """Return the traces that a tree holds whole, of many as many drawn at random as have about so many events.

    Beside them stands how many it holds.

    Examples
    --------
    >>> from flexstream import Alphabet, TraceBatch
    >>> tree = PrefixTree(grow_at=2)
    >>> _ = tree.count(TraceBatch.from_traces([["a", "b", "a"], ["b"], ["a", "b", "a"], []], Alphabet()))
    >>> held, whole = held_traces(tree, 100)
    >>> held.symbols.tolist(), held.offsets.tolist(), held.times.tolist(), whole
    ([0, 1, 0, 1], [0, 0, 3, 4], [1, 2, 1], 4)
    """
    rows, repeated = whole_rows(tree), tree.repeated
    times = rows.times
    events, whole = int(rows.lengths.sum()) + len(repeated.symbols), int(times.sum() + repeated.times.sum())
    if events > most:
        times = np.random.default_rng(seed).binomial(times, most / events)
        rows, times = rows.chosen(np.flatnonzero(times)), times[times > 0]
    symbols, offsets = events_of(tree, rows)
    if not len(repeated.times):
        return ordered(symbols, offsets, times), whole
    both = np.concatenate([symbols, repeated.symbols]), np.concatenate([offsets, offsets[-1] + repeated.starts[1:]])
    return ordered(*both, np.concatenate([times, repeated.times])), whole


class WholeRows(NamedTuple):
    """What of a tree holds a whole trace: a node where some ended, or an edge and a tail of it.

    Attributes
    ----------
    nodes, edges, tails : int64 arrays, shape (n,)
        The node, or that which the edge leaves; edge and tail are -1 and 0 where there is none.
    times : int64 array, shape (n,)
        How many traces each holds.
    depths, lengths : int64 arrays, shape (n,)
        How many symbols lead to the node, and how many the trace has.
    """

    nodes: NDArray[np.int64]
    edges: NDArray[np.int64]
    tails: NDArray[np.int64]
    times: NDArray[np.int64]
    depths: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def chosen(self, rows: NDArray[np.int64]) -> WholeRows:
        """Return some of them, in that order."""
        return WholeRows(*(column[rows] for column in self))


def events_of(tree: PrefixTree, rows: WholeRows) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the symbols of the traces that rows hold, one of each, and where each begins."""
    offsets = np.concatenate([[0], np.cumsum(rows.lengths)]).astype(np.int64)
    symbols = np.empty(int(offsets[-1]), np.int32)
    _fill_tails(tree, symbols, offsets, rows.edges, rows.tails)
    _fill_paths(tree, symbols, offsets[:-1] + rows.depths, rows.nodes)
    return symbols, offsets


def whole_rows(tree: PrefixTree) -> WholeRows:
    """Return what holds a whole trace: first nodes, then the first tails of all edges, then the second ones …"""
    columns = tree.columns
    ended = np.flatnonzero(columns.ends[: len(tree)])
    owner = split_keys(columns.keys[: tree.edges])[0]
    edges, tails = [np.full(len(ended), -1)], [np.zeros(len(ended), np.int64)]
    where = np.flatnonzero(columns.tails[: tree.edges] >= 0)
    now = columns.tails[where].astype(np.int64)
    while len(where):
        edges.append(where)
        tails.append(now)
        now = columns.tail_next[now].astype(np.int64)
        where, now = where[now >= 0], now[now >= 0]
    edge, tail = np.concatenate(edges), np.concatenate(tails)
    more = len(edge) - len(ended)
    nodes = np.concatenate([ended, owner[edge[len(ended) :]]]).astype(np.int64)
    times, depths = np.concatenate([columns.ends[ended], np.ones(more, np.int64)]), _depths(tree)[nodes]
    lengths = depths + (edge >= 0) * (1 + columns.tail_stop[tail] - columns.tail_start[tail])
    return WholeRows(nodes, edge, tail, times, depths, lengths)


def _depths(tree: PrefixTree) -> NDArray[np.int64]:
    """Return how many symbols lead to each node."""
    depth = np.empty(len(tree), np.int64)
    measure_depths(tree.columns.parent[: len(tree)].astype(np.int64), depth)
    return depth


def _fill_tails(
    tree: PrefixTree,
    symbols: NDArray[np.int32],
    offsets: NDArray[np.int64],
    edges: NDArray[np.int64],
    tails: NDArray[np.int64],
) -> None:
    """Fill what traces hold behind the nodes: the symbol of the edge and those of the tail."""
    columns, rows = tree.columns, np.flatnonzero(edges >= 0)
    starts, stops = columns.tail_start[tails[rows]], columns.tail_stop[tails[rows]]
    ends, lengths = offsets[rows + 1], stops - starts
    symbols[ends - lengths - 1] = split_keys(columns.keys[edges[rows]])[1]
    symbols[spread(ends - lengths, lengths)] = columns.store[spread(starts, lengths)]


def _fill_paths(
    tree: PrefixTree, symbols: NDArray[np.int32], places: NDArray[np.int64], nodes: NDArray[np.int64]
) -> None:
    """Fill what leads to nodes, from behind each place to the beginning of the trace."""
    columns = tree.columns
    while len(nodes):
        places, nodes = places[nodes > 0] - 1, nodes[nodes > 0]
        symbols[places] = columns.symbol[nodes]
        nodes = columns.parent[nodes].astype(np.int64)
