"""From the levels of a table of passages to an n-gram: which contexts are worth their rows, and where each leads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .._kernels.ngrams import AT_START, FIRST_SYMBOL, weigh_contexts
from ..automata.ngram import NGram
from ..summary.hashes import spread
from ..tuples import NamedTuple
from .levels import Counted

Mask = NDArray[np.bool_]
OFTEN = 1 << 12
"""Rows of contexts that were met less often are counted in one go."""


def enough(levels: Sequence[Counted], capacity: int) -> list[Mask]:
    """Return which contexts of each level are kept, those met most often, so that their rows fit.

    With a context those stay that it ends in: each is worth as much as was met what is met most often of those.
    """
    worth, rows = _worth(levels)
    least, always = 1, int(levels[0].kinds.sum())
    while always + int(rows[least:].sum()) > capacity and not _single(worth[1:], least):
        least += 1 + least // 2
        if least >= OFTEN:
            rows = np.zeros(least + 1, np.int64)
            rows[least] = sum(
                int(one.kinds[met >= least].sum()) for one, met in zip(levels[1:], worth[1:], strict=True)
            )
    return [np.ones(1, np.bool_), *(one >= least for one in worth[1:])]


def _single(worth: Sequence[NDArray[np.int64]], least: int) -> bool:
    """Tell whether no level keeps more than one context."""
    return all(np.count_nonzero(one >= least) <= 1 for one in reversed(worth))


def _worth(levels: Sequence[Counted]) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Return how often each context was met, or one that ends in it, whichever is more; and rows by that."""
    found, rows = [one.totals.copy() for one in levels], np.zeros(OFTEN, np.int64)
    for at in range(len(levels) - 1, 0, -1):
        weigh_contexts(levels[at].level.shorter, levels[at].kinds, found[at], found[at - 1], rows)
    return found, rows


class _Kept(NamedTuple):
    """What is kept of a level.

    Attributes
    ----------
    contexts : int64 array, shape (kept,)
        In order.
    numbers : int64 array, shape (contexts + 1,)
        That of each context that is kept among all that are, and -1 as the last; of others it is anything.
    rows : int64 array, shape (rows kept,)
        Those whose contexts are kept.
    """

    counted: Counted
    contexts: NDArray[np.int64]
    numbers: NDArray[np.int64]
    rows: NDArray[np.int64]

    @property
    def sources(self) -> NDArray[np.int64]:
        """The context of each row."""
        return self.numbers[self.counted.level.context[self.rows]]

    def longer(self, shorter: NDArray[np.int64], digit: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
        """Return the contexts that digits make of shorter ones, -1 where there is none."""
        level = self.counted.level
        keys = level.shorter[self.contexts].astype(np.int64) << bits | level.digit[self.contexts]  # in order
        wanted = shorter << bits | digit
        place = np.searchsorted(keys, wanted)
        return np.where(np.append(keys, _NO_KEY)[place] == wanted, np.append(self.contexts, -1)[place], -1)


_NO_KEY = np.iinfo(np.int64).min


def _kept(levels: Sequence[Counted], masks: Sequence[Mask]) -> Iterator[_Kept]:
    size = 0
    for one, some in zip(levels, masks, strict=True):
        contexts, numbers = np.flatnonzero(some), np.empty(len(some) + 1, np.int64)
        numbers[contexts], numbers[-1] = np.arange(size, size + len(contexts)), -1
        size += len(contexts)
        if len(contexts) < len(some) >> 3:
            firsts = np.searchsorted(one.level.context, contexts.astype(np.int32))
        else:
            firsts = (np.cumsum(one.kinds) - one.kinds)[contexts]
        yield _Kept(one, contexts, numbers, spread(firsts, one.kinds[contexts].astype(np.int64)))


def ngram_of(levels: Sequence[Counted], masks: Sequence[Mask], bits: int, alphabet: int) -> NGram:
    """Return the n-gram of the contexts that are kept; the shorter ones of each are.

    Parameters
    ----------
    levels : sequence of Counted
    masks : sequence of bool arrays
        Which contexts of each level are kept.
    bits : int
        Of a digit.
    alphabet : int
        Number of symbols.
    """
    kept = list(_kept(levels, masks))
    outcomes = [one.counted.level.outcome[one.rows].astype(np.int64) for one in kept]
    targets = np.concatenate(list(_targets(kept, outcomes, bits)))
    longer = itertools.pairwise(kept)
    parents = [below.numbers[one.counted.level.shorter[one.contexts]] for below, one in longer]
    sources, symbols = np.concatenate([one.sources for one in kept]), np.concatenate(outcomes)
    order = np.argsort(sources * (alphabet + 1) + symbols)
    return NGram(
        alphabet=alphabet,
        start=_start(kept, bits),
        parents=np.concatenate([np.zeros(1, np.int64), *parents]).astype(np.int32),
        discounts=np.concatenate([np.full(len(one.contexts), one.counted.discount) for one in kept]),
        sources=sources[order].astype(np.int32),
        outcomes=symbols[order].astype(np.int32),
        targets=np.where(symbols == alphabet, 0, targets)[order].astype(np.int32),
        counts=np.concatenate([one.counted.counts[one.rows] for one in kept])[order].astype(np.float64),
    )


def _start(kept: Sequence[_Kept], bits: int) -> int:
    """Return the context in which a trace begins."""
    found = [one.numbers[one.longer(np.zeros(1, np.int64), np.full(1, AT_START), bits)[0]] for one in kept[1:2]]
    return max(0, int(found[0])) if found else 0


def _targets(kept: Sequence[_Kept], outcomes: Sequence[NDArray[np.int64]], bits: int) -> Iterator[NDArray[np.int64]]:
    """Yield for the rows of each level the longest context that is kept of those that an outcome makes of their own.

    Without its first symbol that is what the outcome makes of the context below.
    """
    after, longest = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for one, above, symbols in zip(kept, [*kept[1:], None], outcomes, strict=True):
        level = one.counted.level
        down, digit = level.down[one.rows], level.digit[level.context[one.rows]].astype(np.int64)
        reached = np.full(len(down), -1)
        targets = longest[down]
        if above is not None:
            reached = above.longer(after[down], digit if one is not kept[0] else symbols + FIRST_SYMBOL, bits)
            targets = np.where(reached >= 0, above.numbers[reached], targets)
        if above is not None:
            after, longest = np.empty((2, len(level.outcome)), np.int64)  # of kept rows; no others are met
            after[one.rows], longest[one.rows] = reached, targets
        yield targets
