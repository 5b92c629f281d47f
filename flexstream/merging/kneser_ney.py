"""Kneser-Ney counts: an n-gram made of what a tree holds, and what it would say of each passage had it not seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.ngram import NGram
from ..summary.tree import PrefixTree
from .passages import Codes, Passages, Radix, contexts_of, of_repeated, of_tails, of_tree

CAPACITY = 1 << 15
"""Rows that an n-gram may have; contexts that were met seldom are left out first."""


Tally = tuple[Codes, NDArray[np.int64]]
"""Different passages in order, and how often each came."""


class Level(NamedTuple):
    """Passages whose contexts have one length, in order."""

    contexts: Codes  # row: its context
    outcomes: Codes  # row
    counts: NDArray[np.int64]  # row: how often; where the context is not the longest: after how many longer ones
    context: Codes  # row: number of its context
    down: Codes  # row: the row of the context without its first symbol, one level down
    first: Codes  # context: its first row
    totals: NDArray[np.int64]  # context: how often it was met
    kinds: NDArray[np.int64]  # context: how many outcomes it has
    discount: float


class Passed(NamedTuple):
    """Which passages a tree holds; what its stream repeated is no evidence, and kept apart."""

    radix: Radix
    nodes: NDArray[np.int64]  # passage of the tree: its node
    tree: Passages
    tails: Tally
    repeated: Passages

    @classmethod
    def of(cls, tree: PrefixTree, radix: Radix) -> Passed:
        """Count the passages of a tree, of its tails and of repeated traces."""
        contexts = contexts_of(tree, radix)
        grown, nodes = of_tree(tree, contexts, radix.alphabet)
        tails = of_tails(tree, contexts, radix)
        return cls(radix, nodes, grown, tallied(tails, radix), of_repeated(tree.repeated, radix))

    def shorter(self, length: int) -> Passed:
        """Return the same with contexts of no more symbols than that."""
        codes, counts = self.tails
        most = self.radix.base**length
        tails = added([(codes % (most * self.radix.base), counts)])
        tree, repeated = (part._replace(contexts=part.contexts % most) for part in (self.tree, self.repeated))
        return Passed(self.radix._replace(length=length), self.nodes, tree, tails, repeated)


class Table(NamedTuple):
    """What a tree holds of contexts and outcomes."""

    passed: Passed
    levels: list[Level]  # by the length of their contexts

    @classmethod
    def of(cls, passed: Passed) -> Table:
        """Make shorter contexts of the longest."""
        radix = passed.radix
        return cls(passed, levels_of([tallied(passed.tree, radix), passed.tails], radix))

    @property
    def radix(self) -> Radix:
        """How contexts and outcomes become one number."""
        return self.passed.radix

    def left_out(self) -> NDArray[np.float64]:
        """Return for each passage of the tree what the n-gram would say of it, had it come once less."""
        said = [without_one(self.levels[0], None, self.radix.alphabet + 2)]
        for level in self.levels[1:]:
            said.append(without_one(level, said[-1]))
        grown = self.passed.tree
        found = np.empty(len(grown.outcomes))
        lengths, wanted = digits_of(grown.contexts, self.radix), self.radix.joined(*grown[:2])
        for length, (level, (_, less)) in enumerate(zip(self.levels, said, strict=True)):
            some = lengths == length
            found[some] = less[np.searchsorted(self.radix.joined(level.contexts, level.outcomes), wanted[some])]
        return found

    def ngram(self) -> NGram:
        """Return the n-gram, of the contexts that were met most often if there is not enough room for all.

        What was repeated counts, but tells nothing of discounts, which rest on what came seldom.
        """
        levels, passed = self.levels, self.passed
        if len(passed.repeated.outcomes):
            parts = [tallied(part, self.radix) for part in (passed.tree, passed.repeated)]
            more = levels_of([*parts, passed.tails], self.radix)
            levels = [new._replace(discount=old.discount) for new, old in zip(more, levels, strict=True)]
        return made(levels, self.radix, enough(levels, CAPACITY))


def digits_of(contexts: Codes, radix: Radix) -> NDArray[np.int64]:
    """Return how many digits contexts have: their symbols, the start of the trace too."""
    lengths = np.zeros(len(contexts), np.int64)
    for length in range(radix.length):
        lengths += contexts >= radix.base**length
    return lengths


def tallied(passages: Passages, radix: Radix) -> Tally:
    """Return passages, each once."""
    return tally(radix.joined(*passages[:2]), passages.counts)


def levels_of(tallies: Sequence[Tally], radix: Radix) -> list[Level]:
    """Return passages by the length of their contexts, the shorter ones made of the longer ones."""
    codes, counts = added(tallies)
    lengths = digits_of(codes // radix.base, radix)
    found: list[Tally] = []
    for length in range(radix.length, -1, -1):
        some = lengths == length
        rows = [(codes[some], counts[some])]
        if found:
            longer = found[-1][0] % radix.base ** (length + 1)
            rows.append(tally(longer, np.ones(1, np.int64)))
        found.append(added(rows))
    return [_level(found, at, radix) for at in range(radix.length, -1, -1)]


def tally(codes: Codes, counts: NDArray[np.int64]) -> Tally:
    """Return the different codes, in order, and the sum of the counts of each; one count may stand for all.

    >>> tally(np.array([7, 3, 7]), np.array([2]))
    (array([3, 7]), array([2, 4]))
    """
    if len(counts) == 1:  # sorting alone is several times as fast as to know where everything goes
        ordered = np.sort(codes)
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        return ordered[first], np.diff(first, append=len(ordered)) * counts[0]
    return added([(codes, counts)])


def added(tallies: Sequence[Tally]) -> Tally:
    """Add up tallies; what is in order already is only merged."""
    codes, counts = (np.concatenate(part) for part in zip(*tallies, strict=True))
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[first], np.add.reduceat(counts[order], first) if len(first) else np.zeros(0, np.int64)


def _level(found: list[Tally], at: int, radix: Radix) -> Level:
    codes, counts = found[at]
    contexts, outcomes = np.divmod(codes, radix.base)
    new = np.diff(contexts, prepend=-1) != 0
    first, length = np.flatnonzero(new), radix.length - at
    down = np.searchsorted(found[at + 1][0], codes % radix.base**length) if length else np.zeros(len(codes), np.int64)
    totals = np.add.reduceat(counts, first) if len(first) else counts
    kinds = np.diff(first, append=len(codes))
    return Level(contexts, outcomes, counts, np.cumsum(new) - 1, down, first, totals, kinds, discount(counts))


def discount(counts: NDArray[np.int64]) -> float:
    """Return the discount under which counts foretell themselves best (Ney, Essen & Kneser 1994): n1 / (n1 + 2 n2).

    >>> discount(np.array([1, 1, 2, 5]))
    0.5
    """
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return float(once / (once + 2 * twice)) if once else 0.1


def without_one(
    level: Level, below: tuple[NDArray[np.float64], NDArray[np.float64]] | None, outcomes: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probability of each row, and what it would be had the row's outcome come once less there.

    Where it would not have come at all the shorter context would have met it once less as well.

    Parameters
    ----------
    level : Level
    below : pair of float64 arrays
        The same of the level below; None: below are ``outcomes`` that are equally likely.
    """
    totals, kinds = level.totals[level.context], level.kinds[level.context]
    counts, once = level.counts, level.counts == 1
    under, less = (np.full(len(counts), 1 / outcomes),) * 2 if below is None else (one[level.down] for one in below)
    plain = (counts - level.discount + level.discount * kinds * under) / totals
    kept = np.maximum(counts - 1 - level.discount, 0.0)
    under = np.where(once, less, under)
    rest = level.discount * (kinds - once) * under
    return plain, np.where(totals > 1, (kept + rest) / np.maximum(totals - 1, 1), under)


def enough(levels: list[Level], capacity: int) -> list[NDArray[np.bool_]]:
    """Return which contexts of each level are kept, those met most often, so that their rows fit."""
    parents = [_parents(levels, at) if at else levels[0].first for at in range(len(levels))]
    least = 1
    while True:
        kept = [level.totals >= least for level in levels]
        kept[0][:] = True
        for at in range(len(levels) - 1, 0, -1):
            kept[at - 1][parents[at][kept[at]]] = True
        rows = sum(int(level.kinds[some].sum()) for level, some in zip(levels, kept, strict=True))
        if rows <= capacity or all(some.sum() <= 1 for some in kept[1:]):
            return kept
        least += 1 + least // 2


def _parents(levels: list[Level], at: int) -> NDArray[np.int64]:
    """Return the position of each context's parent, one level down; the parent was met wherever the context was."""
    return levels[at - 1].context[levels[at].down[levels[at].first]]


def made(levels: list[Level], radix: Radix, kept: list[NDArray[np.bool_]]) -> NGram:
    """Return the n-gram of the contexts that are kept; each parent of one is kept."""
    number, size = [], 0
    for some in kept:
        number.append(np.where(some, size + np.cumsum(some) - 1, -1))
        size += int(some.sum())
    parents = [np.zeros(1, np.int64)]
    parents += [number[at - 1][_parents(levels, at)[kept[at]]] for at in range(1, len(levels))]
    rows = [some[level.context] for level, some in zip(levels, kept, strict=True)]
    contexts, outcomes, counts = (
        np.concatenate([getattr(level, name)[row] for level, row in zip(levels, rows, strict=True)])
        for name in ("contexts", "outcomes", "counts")
    )
    places = zip(number, levels, rows, strict=True)
    start = _longest(levels, number, np.ones(1, np.int64), radix)
    targets = _longest(levels, number, radix.pushed(contexts, outcomes), radix)
    return NGram(
        alphabet=radix.alphabet,
        start=int(start[0]),
        parents=np.concatenate(parents),
        discounts=np.concatenate([np.full(some.sum(), one.discount) for one, some in zip(levels, kept, strict=True)]),
        sources=np.concatenate([own[level.context[row]] for own, level, row in places]),
        outcomes=outcomes,
        targets=np.where(outcomes == radix.alphabet, 0, targets),
        counts=counts.astype(np.float64),
    )


def _longest(levels: list[Level], number: list[NDArray[np.int64]], contexts: Codes, radix: Radix) -> NDArray[np.int64]:
    """Return the numbers of the longest contexts kept that end as these do."""
    found = np.full(len(contexts), -1, np.int64)
    for length in range(len(levels) - 1, -1, -1):
        level = levels[length]
        known = level.contexts[level.first]
        wanted = contexts % radix.base**length
        rows = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        hit = (found < 0) & (known[rows] == wanted) if len(known) else np.zeros(len(found), np.bool_)
        found[hit] = number[length][rows[hit]]
    return found
