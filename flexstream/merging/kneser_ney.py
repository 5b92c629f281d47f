"""Kneser-Ney counts: an n-gram made of what a tree holds, and what it would say of each passage had it not seen it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.ngrams import Digits, PassageRows, tell_passages, widen_passages
from ..automata.ngram import NGram
from ..summary.tree import PrefixTree
from .levels import Counted, Level
from .passages import Passages, digits_for, longest_for, passages_of
from .scratch import Scratch

CAPACITY = 1 << 15
"""Rows that an n-gram may have; contexts that were met seldom are left out first."""

BYTES = 150
"""Of scratch for each passage; if levels are so many that it is used up, only time is lost."""
_EMPTY = np.zeros(1, np.int32)

Said = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The probability of each row of a level, and what it would be had the row's outcome come once less."""


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
        self._found = self._room()
        self._levels: list[Level] = []
        self._places: list[NDArray[np.int32]] = []
        equal = np.full(1, 1 / (alphabet + 2))
        self._continued: list[Counted] = []
        self._tops: dict[int, Counted] = {}
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

    def _room(self) -> PassageRows:
        """Return what levels are found in, one after the other."""
        codes, take = len(self.passages.codes), self._scratch.array
        row, (outcome, down, context) = self._scratch.zeros(codes, np.int32), (take(codes, np.int32) for _ in range(3))
        shorter, digit, newest = (
            take(codes, np.int32),
            take(codes, np.int32),
            np.empty((self.alphabet + 1, 2), np.int32),
        )
        return PassageRows(row, outcome, down, context, take(codes, np.int64), shorter, digit, newest)

    def _widen(self) -> None:
        """Find the next level; its arrays have just the room they need."""
        codes, counts, sizes = self.passages.codes, self.passages.counts, np.empty(2, np.int64)
        found, below = self._found, self._levels[-1].context if self._levels else _EMPTY
        widen_passages(codes, counts, self._digits, len(self._levels), below, found, sizes)
        rows, contexts = sizes.tolist()
        contexts = max(contexts, not self._levels)  # the empty one is there whatever came
        of_rows = (found.outcome, found.down, found.context, found.sums)
        outcome, down, context, sums = (self._scratch.copy(column[:rows]) for column in of_rows)
        shorter, digit = (self._scratch.copy(column[:contexts]) for column in (found.shorter, found.digit))
        self._levels.append(Level(outcome, down, context, sums, shorter, digit))
        self._places.append(found.row[self.passages.places])

    def continued(self, length: int) -> Counted:
        """Return a level whose outcomes count by the longer contexts they came after, or where none is, how often."""
        for at in range(len(self._continued), length + 1):
            self._continued.append(Counted.of(self.level(at), self._scratch, self.level(at + 1)))
        return self._continued[length]

    def _tell(self, counted: Counted, below: Said) -> Said:
        """Return the probability of each row, and what it would be had it come once less."""
        level, rows = counted.level, len(counted.counts)
        plain, less = self._scratch.array(rows, np.float64), self._scratch.array(rows, np.float64)
        tell_passages(counted.columns(level.context, level.down, counted.counts), *below, plain, less)
        return plain, less

    def _tell_of(self, rows: NDArray[np.int32], counted: Counted, below: Said) -> NDArray[np.float64]:
        """Return what the probability of some rows would be had they come once less."""
        plain, less, level = np.empty(len(rows)), np.empty(len(rows)), counted.level
        columns = counted.columns(level.context[rows], level.down[rows], counted.counts[rows])
        tell_passages(columns, *below, plain, less)
        return less

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
        while self._told < length - 1:
            self._told += 1
            self._said = self._tell(self.continued(self._told), self._said)
            held = self._places[self._told] >= 0
            self._left_out[held] = self._said[1][self._places[self._told][held]]
        counted = self._top(length)
        found, held = self._left_out.copy(), self._places[length] >= 0
        found[held] = self._tell_of(self._places[length][held], counted, self._said)
        return found

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
