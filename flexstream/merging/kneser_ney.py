"""Kneser-Ney counts: an n-gram made of what a tree holds, and what it would say of each passage had it not seen it."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import split_keys
from .._kernels.ngrams import (
    AT_START,
    FIRST_SYMBOL,
    Digits,
    PassageCounts,
    PassageRows,
    tell_passages,
    widen_passages,
)
from ..automata.ngram import NGram
from ..summary.tree import PrefixTree
from .passages import LAST, Passages, digits_for, passages_of

CAPACITY = 1 << 15
"""Rows that an n-gram may have; contexts that were met seldom are left out first."""


Said = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The probability of each row of a level, and what it would be had the row's outcome come once less."""


class Level(NamedTuple):
    """Passages whose contexts have one length.

    Attributes
    ----------
    first : int32 array, shape (rows,)
        The first code of each.
    down : int32 array, shape (rows,)
        The row of the context without its first symbol, one level down.
    context : int32 array, shape (rows,)
        Number of the context on its level.
    sums : int64 array, shape (rows,)
        How often each came.
    shorter, digit : int64 arrays, shape (contexts,)
        Each context without its first symbol, and that symbol's digit.
    """

    first: NDArray[np.int32]
    down: NDArray[np.int32]
    context: NDArray[np.int32]
    sums: NDArray[np.int64]
    shorter: NDArray[np.int64]
    digit: NDArray[np.int64]

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which rows' contexts begin with the start of the trace: nothing came before them."""
        return (self.digit == AT_START)[self.context]


class Counted(NamedTuple):
    """A level as an n-gram counts it: its longest contexts by how often they came, others by what stands before."""

    level: Level
    counts: NDArray[np.int64]  # row
    totals: NDArray[np.int64]  # context
    kinds: NDArray[np.int64]  # context
    discount: float

    @classmethod
    def of(cls, level: Level, counts: NDArray[np.int64]) -> Counted:
        """Sum up by contexts."""
        contexts = len(level.shorter)
        totals = np.bincount(level.context, counts, contexts).astype(np.int64)
        kinds = np.bincount(level.context, minlength=contexts)
        return cls(level, counts, totals, kinds, discount(counts))


class Table:
    """What a tree holds of contexts and outcomes, and the n-grams that are made of it, level by level.

    Parameters
    ----------
    tree : PrefixTree
        Not to be changed.
    alphabet : int
        Number of symbols.
    longest : int, optional
        Most symbols of a context.
    with_repeated : bool, default False
        Whether traces that the stream repeated count.
    """

    def __init__(self, tree: PrefixTree, alphabet: int, longest: int = LAST, with_repeated: bool = False) -> None:
        self.passages: Passages = passages_of(tree, alphabet, digits_for(alphabet, longest), with_repeated)
        self.alphabet = alphabet
        codes = self.passages.codes
        new = np.diff(self._digits.outcomes(codes), prepend=-1) != 0
        self._row = np.cumsum(new, dtype=np.int32) - np.int32(1)
        first = np.flatnonzero(new).astype(np.int32)
        nothing, none = np.zeros(len(first), np.int32), np.zeros(1, np.int64)
        sums = np.bincount(self._row, self.passages.counts, len(first)).astype(np.int64)
        self._levels = [Level(first, nothing, nothing, sums, none, none)]
        self._places = [self._row[self.passages.places]]
        equal = np.full(1, 1 / (alphabet + 2))
        self._continued: list[Counted] = []
        self._told = 0  # the level of what is said so far
        self._said = self._tell(self.continued(0), (equal, equal))
        self._left_out = self._said[1][self._places[0]]

    @property
    def _digits(self) -> Digits:
        return self.passages.digits

    @property
    def longest(self) -> int:
        """Digits of the longest contexts that there can be."""
        return self._digits.length

    def level(self, length: int) -> Level:
        """Return the passages after contexts of so many symbols, of the start of the trace too."""
        while len(self._levels) <= length:
            self._widen()
        return self._levels[length]

    def _widen(self) -> None:
        """Find the next level; its arrays have just the room they need."""
        below, spare, sizes = self._levels[-1], self._spare, np.empty(2, np.int64)
        codes, counts, bits = self.passages.codes, self.passages.counts, self._digits.bits
        shift = bits * (self.longest - len(self._levels))
        widen_passages(codes, counts, bits, shift, below.context, spare, sizes)
        rows, contexts = sizes.tolist()
        shorter, digit = split_keys(spare.pairs[:contexts])
        first, down, context = (column[:rows].copy() for column in (spare.first, spare.down, spare.context))
        self._levels.append(Level(first, down, context, spare.sums[:rows].copy(), shorter, digit))
        self._places.append(spare.row[self.passages.places])

    @cached_property
    def _spare(self) -> PassageRows:
        """What a level is found in."""
        size = len(self.passages.codes)
        first, down, context = np.empty((3, size), np.int32)
        slots = np.empty(1 << (2 * size + 1).bit_length(), np.int32)
        return PassageRows(self._row, first, down, context, np.empty(size, np.int64), slots, np.empty(size, np.int64))

    def continued(self, length: int) -> Counted:
        """Return a level whose outcomes count by the longer contexts they came after, or where none is, how often."""
        for at in range(len(self._continued), length + 1):
            level = self.level(at)
            counts = np.bincount(self.level(at + 1).down, minlength=len(level.first))
            self._continued.append(Counted.of(level, np.where(level.whole, level.sums, counts)))
        return self._continued[length]

    def _tell(self, counted: Counted, below: Said) -> Said:
        """Return the probability of each row, and what it would be had it come once less."""
        level, rows = counted.level, len(counted.counts)
        plain, less = np.empty(rows), np.empty(rows)
        columns = PassageCounts(
            counted.counts, level.context, level.down, counted.totals, counted.kinds, counted.discount
        )
        tell_passages(columns, *below, plain, less)
        return plain, less

    def counted(self, length: int) -> list[Counted]:
        """Return the levels of the n-gram whose contexts have no more symbols than that."""
        return [*map(self.continued, range(length)), self._top(length)]

    def _top(self, length: int) -> Counted:
        """Return a level as that of the longest contexts."""
        return Counted.of(self.level(length), self.level(length).sums)

    def left_out(self, length: int) -> NDArray[np.float64]:
        """Return for each passage that the tree has counted what an n-gram would say of it, had it come once less.

        Lengths must not fall from call to call.
        """
        while self._told < length - 1:
            self._told += 1
            self._said = self._tell(self.continued(self._told), self._said)
            self._left_out = self._said_there(self._told, self._said[1])
        return self._said_there(length, self._tell(self._top(length), self._said)[1])

    def _said_there(self, length: int, less: NDArray[np.float64]) -> NDArray[np.float64]:
        place = self._places[length]
        return np.where(place >= 0, less[place], self._left_out) if len(less) else self._left_out

    def ngram(self, length: int, told: Table | None = None) -> NGram:
        """Return the n-gram whose contexts have no more symbols than that.

        If there is not enough room for all contexts it has those that were met most often.  Discounts are those of
        another table, if there is one.
        """
        levels = self.counted(length)
        if told is not None:
            discounts = (one.discount for one in told.counted(length))
            levels = [one._replace(discount=other) for one, other in zip(levels, discounts, strict=True)]
        return self.made(levels, enough(levels, CAPACITY))

    def made(self, levels: list[Counted], kept: list[NDArray[np.bool_]]) -> NGram:
        """Return the n-gram of the contexts that are kept; the shorter ones of each are."""
        numbers, size = [], 0
        for some in kept:
            numbers.append(np.where(some, size + np.cumsum(some) - 1, -1))
            size += int(some.sum())
        parents = [
            below[one.level.shorter[some]] for below, one, some in zip(numbers, levels[1:], kept[1:], strict=False)
        ]
        rows = [some[one.level.context] for one, some in zip(levels, kept, strict=True)]
        sources = np.concatenate(
            [own[one.level.context[row]] for own, one, row in zip(numbers, levels, rows, strict=True)]
        )
        codes = self.passages.codes[
            np.concatenate([one.level.first[row] for one, row in zip(levels, rows, strict=True)])
        ]
        outcomes = self._digits.outcomes(codes)
        counts = np.concatenate([one.counts[row] for one, row in zip(levels, rows, strict=True)])
        order = np.lexsort((outcomes, sources))
        walk = _Walk(levels, numbers, self._digits)
        held = np.repeat(np.arange(len(rows)), [int(row.sum()) for row in rows])
        start = walk.after(np.full(1, AT_START), np.zeros(1, np.int64), np.zeros(1, np.int64))
        targets = walk.after(outcomes + FIRST_SYMBOL, codes, held)
        return NGram(
            alphabet=self.alphabet,
            start=int(start[0]),
            parents=np.concatenate([np.zeros(1, np.int64), *parents]).astype(np.int32),
            discounts=np.concatenate(
                [np.full(some.sum(), one.discount) for one, some in zip(levels, kept, strict=True)]
            ),
            sources=sources[order].astype(np.int32),
            outcomes=outcomes[order].astype(np.int32),
            targets=np.where(outcomes == self.alphabet, 0, targets)[order].astype(np.int32),
            counts=counts[order].astype(np.float64),
        )


class _Walk:
    """Finds contexts by their digits, the last symbol first."""

    def __init__(self, levels: list[Counted], numbers: list[NDArray[np.int64]], digits: Digits) -> None:
        self._digits, self._longest = digits, len(levels) - 1
        parts = [
            (below[one.level.shorter] << digits.bits | one.level.digit, own)
            for below, own, one in zip(numbers, numbers[1:], levels[1:], strict=False)
        ]
        keys, values = (np.concatenate([np.zeros(0, np.int64), *part]) for part in zip(*parts, strict=True))
        kept = np.flatnonzero(values >= 0)
        order = kept[np.argsort(keys[kept])]
        self._keys, self._values = keys[order], values[order]

    def after(self, last: NDArray[np.int64], codes: NDArray[np.int64], held: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the longest contexts kept that end with a digit after those of codes, of which so many count."""
        found, at, digit = np.zeros(len(codes), np.int64), np.arange(len(codes)), last
        for length in range(self._longest):
            wanted = found[at] << self._digits.bits | digit
            rows = np.minimum(np.searchsorted(self._keys, wanted), max(0, len(self._keys) - 1))
            hit = (self._keys[rows] == wanted) if len(self._keys) else np.zeros(len(at), np.bool_)
            at, rows = at[hit], rows[hit]
            found[at] = self._values[rows]
            at = at[held[at] > length]
            digit = self._digits.at(codes[at], length)
        return found


def discount(counts: NDArray[np.int64]) -> float:
    """Return the discount under which counts foretell themselves best (Ney, Essen & Kneser 1994): n1 / (n1 + 2 n2).

    >>> discount(np.array([1, 1, 2, 5]))
    0.5
    """
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return float(once / (once + 2 * twice)) if once else 0.1


def enough(levels: list[Counted], capacity: int) -> list[NDArray[np.bool_]]:
    """Return which contexts of each level are kept, those met most often, so that their rows fit."""
    least = 1
    while True:
        kept = [one.totals >= least for one in levels]
        kept[0][:] = True
        for at in range(len(levels) - 1, 0, -1):
            kept[at - 1][levels[at].level.shorter[kept[at]]] = True
        rows = sum(int(one.kinds[some].sum()) for one, some in zip(levels, kept, strict=True))
        if rows <= capacity or all(some.sum() <= 1 for some in kept[1:]):
            return kept
        least += 1 + least // 2
