"""Passages: what a prefix tree and its tails hold of which outcome came after which last symbols."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import TAILS
from .._kernels.ngrams import (
    FIRST_SYMBOL,
    Digits,
    NodePassages,
    node_contexts,
    node_passages,
    tail_passages,
    tally_codes,
    trace_passages,
)
from ..summary.tree import PrefixTree
from ..tuples import NamedTuple
from .scratch import Scratch

LAST = 6
"""Most symbols of a context; one less of much, where the longest take a third of the time and save hardly a bit."""
MUCH = 1 << 16
"""Events of tails and edges of a tree that are much."""
MOST = 1 << 18
"""Events of tails and edges of the tree that are looked at; of more a half, a third …: those of a shorter stream."""
BYTES = 160
"""Of the memory that a tree may take, for each of these."""
_SORTING = 24
"""Bytes of scratch for each of these while they are sorted."""
_BITS = 11
"""By so many bits of a code at a time at most; the places where more numbers go would not stay in the fastest cache."""
_CODE = 63
"""Bits of a number that is not negative."""
_NONE = np.empty(0, np.int64)


def digits_for(alphabet: int, most: int = LAST) -> Digits:
    """Return the digits of the longest contexts that fit into 63 bits together with an outcome, but no more than that.

    >>> digits_for(20).length, digits_for(1_000_000).length
    (6, 2)
    """
    bits = (alphabet + FIRST_SYMBOL).bit_length()
    return Digits(bits, min(most, 63 // bits - 1))


def longest_for(tree: PrefixTree) -> int:
    """Return how many symbols contexts may have."""
    return LAST - (tree.edges + int(_hanging(tree).sum()) > MUCH)


def most_events(tree: PrefixTree) -> int:
    """Return how many events and edges may be looked at in a tree's memory."""
    return MOST if tree.capacity is None else min(MOST, tree.capacity // BYTES)


class Passages(NamedTuple):
    """Which passages came how often, each once; see :mod:`flexstream._kernels.ngrams` for codes.

    Attributes
    ----------
    codes : int64 array, shape (passages,)
        In order.
    counts : int64 array, shape (passages,)
    nodes, outcomes : int32 arrays, shape (counted,)
    times : int64 array, shape (counted,)
        What nodes of the tree have counted: the node, its outcome, and how often.
    places : int32 array, shape (counted,)
        Which passage each of these is.
    """

    digits: Digits
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    nodes: NDArray[np.int32]
    outcomes: NDArray[np.int32]
    times: NDArray[np.int64]
    places: NDArray[np.int32]


def passages_of(tree: PrefixTree, alphabet: int, digits: Digits, with_repeated: bool = False) -> Passages:
    """Return the passages that a tree and its tails hold, and if asked those of the traces that its stream repeated."""
    hanging = _hanging(tree)
    step = 1 + (tree.edges + int(hanging.sum())) // max(1, most_events(tree))
    more, often = _of_repeated(tree, digits, alphabet, step) if with_repeated else (_NONE, _NONE)
    # Which tails are taken is known only where they hang, so there has to be room for the longest.
    longest = hanging if step == 1 else np.sort(hanging)[len(hanging) - -(-len(hanging) // step) :]
    most = tree.edges + len(tree) + 1
    room = most + len(more) + int(longest.sum())
    scratch = Scratch(_SORTING * room)
    contexts, codes = scratch.array(len(tree), np.int64), scratch.array(room, np.int64)
    node_contexts(tree.columns, digits, contexts)
    node, outcome = np.empty((2, most), np.int32)
    into = NodePassages(contexts, node, outcome, np.empty(most, np.int64), codes)
    found = node_passages(tree.columns, alphabet, step, into)
    nodes, outcomes, times = into.nodes[:found], into.outcomes[:found], into.times[:found]
    counts = np.concatenate([times, often]) if with_repeated else times
    codes[found : len(counts)] = more
    tails = tail_passages(tree.columns, digits, contexts, alphabet, step, codes[len(counts) :])
    distinct, sums, places = _tallied(digits, codes[: len(counts) + tails], counts, len(nodes), scratch)
    return Passages(digits, distinct, sums, nodes, outcomes, times, places)


def _tallied(
    digits: Digits, codes: NDArray[np.int64], counts: NDArray[np.int64], counted: int, scratch: Scratch
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Return passages each once, how often they came, and where the first stand, given them in any order.

    The first have counts, all others came once.
    """
    bits, packed = digits.bits * (digits.length + 1), len(counts).bit_length()
    packed = packed if bits + packed <= _CODE else 0  # else numbers stand beside the codes
    order, fresh_order = (scratch.array(0 if packed else len(codes), np.int32) for _ in range(2))
    sums, places = scratch.array(len(codes), np.int64), np.empty(counted, np.int32)
    rounds = -(-bits // _BITS)
    starts = np.zeros((rounds, 1 << -(-bits // rounds)), np.int64)
    rows = tally_codes(codes, counts, sums, places, order, fresh_order, packed, starts)
    if rows > len(codes) // 2:
        return codes[:rows], sums[:rows], places
    return codes[:rows].copy(), sums[:rows].copy(), places  # all else is given back


def _hanging(tree: PrefixTree) -> NDArray[np.int64]:
    """Return how many outcomes each tail holds, its end included."""
    rows = int(tree.columns.size[TAILS])
    start, stop = tree.columns.tail_start[:rows], tree.columns.tail_stop[:rows]
    live = start >= 0
    return stop[live] - start[live] + 1


def _of_repeated(tree: PrefixTree, digits: Digits, end: int, step: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the passages of the traces that a stream repeated, and how often each came."""
    repeated = tree.repeated
    lengths = np.diff(repeated.starts) + 1
    codes = np.empty(int(lengths.sum()), np.int64)
    trace_passages(repeated.symbols, repeated.starts, digits, end, codes)
    return codes, np.repeat(np.maximum(1, repeated.times // step), lengths)
