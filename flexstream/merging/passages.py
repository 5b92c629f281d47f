"""Passages: what a prefix tree and its tails hold of which outcome came after which last symbols."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import EDGES, TAILS
from .._kernels.keys import split_keys
from ..summary.repeated import Repeated
from ..summary.tree import PrefixTree

Codes = NDArray[np.int64]
FIRST = 2
"""Digits of a context: 0 is nothing, 1 the start of the trace, symbols follow; the last symbol is the lowest digit."""
LAST = 6
"""Most symbols of a context."""
MOST = 1 << 17
"""Events of tails that are looked at; of more, every second tail, every third …, each standing for as many."""


class Radix(NamedTuple):
    """How contexts and outcomes become one number."""

    alphabet: int
    length: int  # symbols of the longest contexts

    @classmethod
    def of(cls, alphabet: int) -> Radix:
        """Return the radix with the longest contexts that fit into 63 bits together with an outcome.

        >>> Radix.of(20), Radix.of(1_000_000)
        (Radix(alphabet=20, length=6), Radix(alphabet=1000000, length=2))
        """
        return cls(alphabet, min(LAST, 63 // (alphabet + FIRST).bit_length() - 1))

    @property
    def base(self) -> int:
        """How many values a digit has."""
        return self.alphabet + FIRST

    def pushed(self, contexts: Codes, symbols: NDArray[np.integer[Any]]) -> Codes:
        """Return the contexts after one more symbol."""
        return (contexts * self.base + symbols + FIRST) % self.base**self.length

    def joined(self, contexts: Codes, outcomes: NDArray[np.integer[Any]]) -> Codes:
        """Return contexts and outcomes as numbers; the end is outcome ``alphabet``."""
        return contexts * self.base + outcomes


class Passages(NamedTuple):
    """Outcomes after contexts, in any order; the end is the symbol after the last.  One count may stand for all."""

    contexts: Codes
    outcomes: Codes
    counts: NDArray[np.int64]


def contexts_of(tree: PrefixTree, radix: Radix) -> Codes:
    """Return the context in which each node of a tree stands, shape (nodes,)."""
    size = len(tree)
    parent, symbol = tree.columns.parent[:size], tree.columns.symbol[:size].astype(np.int64)
    found = np.zeros(size, np.int64)
    at, scale = np.arange(size), 1
    for _ in range(radix.length):
        root = at == 0
        found += scale * np.where(root, 1, symbol[at] + FIRST) * (at >= 0)
        at = np.where(root | (at < 0), -1, parent[at])
        scale *= radix.base
    return found


def of_tree(tree: PrefixTree, contexts: Codes, end: int) -> tuple[Passages, NDArray[np.int64]]:
    """Return the passages that a tree has counted, and the node of each."""
    size, edges = len(tree), int(tree.columns.size[EDGES])
    ends = tree.columns.ends[:size]
    ended = np.flatnonzero(ends)
    owner, symbol = split_keys(tree.columns.keys[:edges])
    nodes = np.concatenate([owner, ended])
    outcomes = np.concatenate([symbol, np.full(len(ended), end)])
    return Passages(contexts[nodes], outcomes, np.concatenate([tree.columns.counts[:edges], ends[ended]])), nodes


def of_tails(tree: PrefixTree, contexts: Codes, radix: Radix) -> Passages:
    """Return the passages of the tails of a tree."""
    columns = tree.columns
    edge, tail = _hanging(tree)
    start, lengths = columns.tail_start[tail], columns.tail_stop[tail] - columns.tail_start[tail]
    step = 1 + int((lengths + radix.length + 1).sum()) // MOST
    edge, start, lengths = edge[::step], start[::step], lengths[::step]
    owner, symbol = split_keys(columns.keys[edge])
    digits, own = _digits(columns.store, start, lengths, radix.pushed(contexts[owner], symbol), radix)
    return Passages(*_inside(digits, own, radix), np.full(1, step))


def of_repeated(repeated: Repeated, radix: Radix) -> Passages:
    """Return the passages of the traces that a stream repeated."""
    start, lengths = repeated.starts[:-1], np.diff(repeated.starts)
    digits, own = _digits(repeated.symbols, start, lengths, np.ones(len(start), np.int64), radix)
    times = np.repeat(repeated.times, lengths + 1)
    return Passages(*_inside(digits, own, radix), times)


def _inside(digits: Codes, own: NDArray[np.bool_], radix: Radix) -> tuple[Codes, Codes]:
    """Return contexts and outcomes of what is no context."""
    places = np.flatnonzero(own)
    before = np.zeros(len(places), np.int64)
    for back in range(radix.length, 0, -1):
        before = before * radix.base + digits[places - back]
    return before, digits[places] - FIRST


def _digits(
    store: NDArray[np.int32], start: Codes, lengths: Codes, before: Codes, radix: Radix
) -> tuple[Codes, NDArray[np.bool_]]:
    """Return the digits of the contexts before some tails, of the tails and of their ends; and which are no contexts.

    An end is the digit after the last symbol's.
    """
    sizes = radix.length + lengths + 1
    first = np.cumsum(sizes) - sizes
    inside = np.arange(int(sizes.sum())) - np.repeat(first, sizes)
    digits = np.full(len(inside), radix.alphabet + FIRST, np.int64)
    for place in range(radix.length):
        digits[first + place] = before // radix.base ** (radix.length - 1 - place) % radix.base
    own = inside >= radix.length
    symbols = own & (inside < np.repeat(sizes - 1, sizes))
    where = np.repeat(start, sizes) + inside - radix.length
    digits[symbols] = store[where[symbols]].astype(np.int64) + FIRST
    return digits, own


def _hanging(tree: PrefixTree) -> tuple[Codes, Codes]:
    """Return the edges on which tails hang, and the tails."""
    columns = tree.columns
    rows, edges = int(columns.size[TAILS]), int(columns.size[EDGES])
    live = np.flatnonzero(columns.tail_start[:rows] >= 0)
    root, following = np.arange(rows), columns.tail_next[live].astype(np.int64)
    root[following[following >= 0]] = live[following >= 0]
    while (root[root] != root).any():
        root = root[root]
    holder = np.full(rows, -1, np.int64)
    heads = np.flatnonzero(columns.tails[:edges] >= 0)
    holder[columns.tails[heads]] = heads
    return holder[root[live]], live
