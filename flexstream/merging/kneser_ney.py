"""Kneser-Ney counts: an n-gram made of what a tree holds, and what it would say of each passage had it not seen it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.ngrams import Digits, PassageRows, place_passages, tell_passages, widen_passages
from ..automata.ngram import NGram
from ..summary.tree import PrefixTree
from .levels import Counted, Level
from .passages import Passages, digits_for, longest_for, passages_of
from .scratch import Scratch

_NONE = np.empty(0, np.int32)
CAPACITY = 1 << 15
"""Rows that an n-gram may have; contexts that were met seldom are left out first."""

BYTES = 150
"""Of scratch for each passage; if levels are so many that it is used up, only time is lost."""
FIRST = 3
"""Length of the longest contexts that are looked for first; longer ones where these are not enough."""


class Table:
    """What a tree holds of contexts and outcomes, and the n-grams that are made of it, level by level.

    Parameters
    ----------
    tree : PrefixTree
        Not to be changed.
    alphabet : int
        Number of symbols.
    longest : int, optional
        Most symbols of a context; None: as many as pay.
    with_repeated : bool, default False
        Whether traces that the stream repeated count.
    """

    def __init__(
        self, tree: PrefixTree, alphabet: int, longest: int | None = None, with_repeated: bool = False
    ) -> None:
        digits = digits_for(alphabet, longest_for(tree) if longest is None else longest)
        self.passages: Passages = passages_of(tree, alphabet, digits, with_repeated)
        self.alphabet = alphabet
        self._scratch = Scratch(BYTES * len(self.passages.codes))
        self._found, self._sizes = self._room(), np.zeros((digits.length + 1, 2), np.int64)
        self._levels: list[Level] = []
        self._places: list[NDArray[np.int32]] = []
        self._continued: list[Counted] = []
        self._tops: dict[int, Counted] = {}
        self._told = -1  # the level of what is said so far of the passages that nodes have counted
        self._said = np.full((2, len(self.passages.places)), 1 / (alphabet + 2))

    @property
    def _digits(self) -> Digits:
        return self.passages.digits

    @property
    def longest(self) -> int:
        """Digits of the longest contexts that there can be."""
        return self._digits.length

    def level(self, length: int) -> Level:
        """Return the passages after contexts of so many symbols, of the start of the trace too."""
        if len(self._levels) <= length:
            self._widen(max(length, min(FIRST, self.longest)))
        return self._levels[length]

    def _room(self) -> PassageRows:
        """Return what levels are found in; there are no more passages than contexts and outcomes make."""
        codes, take, levels = len(self.passages.codes), self._scratch.array, range(self.longest + 1)
        most = [min(codes, (self.alphabet + 1) ** (level + 1)) for level in levels]
        rows, newest = sum(most), np.empty((len(levels), self.alphabet + 1, 2), np.int32)
        row, outcome, down, context = (take(length, np.int32) for length in (codes, rows, rows, rows))
        sums, shorter, digit = take(rows, np.int64), take(rows, np.int32), take(rows, np.int32)
        begins = np.cumsum([0, *most])
        return PassageRows(row, take(codes, np.int8), outcome, down, context, sums, shorter, digit, newest, begins)

    def _widen(self, last: int) -> None:
        """Find all levels up to one, and where on each the passages are that nodes have counted."""
        first, found, sizes = len(self._levels), self._found, self._sizes
        widen_passages(self.passages.codes, self.passages.counts, self._digits, first, last, found, sizes)
        for level in range(first, last + 1):
            begin, (rows, contexts) = int(found.begins[level]), sizes[level].tolist()
            of_row, of_context = slice(begin, begin + rows), slice(begin, begin + contexts)
            outcome, down, context = found.outcome[of_row], found.down[of_row], found.context[of_row]
            shorter, digit = found.shorter[of_context], found.digit[of_context]
            self._levels.append(Level(outcome, down, context, found.sums[of_row], shorter, digit))
        depth, row = found.depth[self.passages.places], found.row[self.passages.places]
        places = np.empty((last - first + 1, len(row)), np.int32)
        for level in range(last, first - 1, -1):
            down = self._levels[level].down if level > first else _NONE
            place_passages(row, depth, level, down, places[level - first])
        self._places += [*places]

    def continued(self, length: int) -> Counted:
        """Return a level whose outcomes count by the longer contexts they came after, or where none is, how often."""
        for at in range(len(self._continued), length + 1):
            self._continued.append(Counted.of(self.level(at), self._scratch, self.level(at + 1)))
        return self._continued[length]

    def counted(self, length: int) -> list[Counted]:
        """Return the levels of the n-gram whose contexts have no more symbols than that."""
        return [*map(self.continued, range(length)), self._top(length)]

    def _top(self, length: int) -> Counted:
        """Return a level as that of the longest contexts."""
        if length not in self._tops:
            self._tops[length] = Counted.of(self.level(length), self._scratch)
        return self._tops[length]

    def left_out(self, length: int) -> NDArray[np.float64]:
        """Return for each passage that the tree has counted what an n-gram would say of it, had it come once less.

        Lengths must not fall from call to call.
        """
        plain, less = self._said
        while self._told < length - 1:
            self._told += 1
            at = self._told
            tell_passages(self.continued(at).columns, self._place(at), plain, less, plain, less)
        found = np.empty((2, len(less)))
        tell_passages(self._top(length).columns, self._place(length), plain, less, *found)
        return found[1]

    def _place(self, length: int) -> NDArray[np.int32]:
        """Return the rows of what nodes have counted on a level, -1 where the trace had begun before."""
        self.level(length)
        return self._places[length]

    def ngram(self, length: int, told: Table | None = None) -> NGram:
        """Return the n-gram whose contexts have no more symbols than that.

        If there is not enough room for all contexts it has those that were met most often.  Discounts are those of
        another table, if there is one.
        """
        from .trimming import enough

        levels = self.counted(length)
        if told is not None:
            discounts = (one.discount for one in told.counted(length))
            levels = [one._replace(discount=other) for one, other in zip(levels, discounts, strict=True)]
        return self.made(levels, enough(levels, CAPACITY))

    def made(self, levels: list[Counted], kept: list[NDArray[np.bool_]]) -> NGram:
        """Return the n-gram of the contexts that are kept; the shorter ones of each are."""
        from .trimming import ngram_of

        return ngram_of(levels, kept, self._digits.bits, self.alphabet)
