"""Blocks of whole traces that wait to be put in order, and the texts of their symbols."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...stream.durations import UNKNOWN, bins_of
from ...tuples import NamedTuple
from ..parsing.tokeniser import Tokeniser
from ..parsing.word_table import WordTable
from ..parsing.word_table import joined as as_buffer
from .ended import places

WORD_BYTES = 32
"""Bytes that a word takes in a table beside its own."""
FEWEST_BYTES = 1 << 20
"""Bytes of words that are worth no thought."""


class TraceBlock(NamedTuple):
    """Whole traces, one behind the other.

    Attributes
    ----------
    names : list of str or None
    symbols : int32 array
        Numbers of their texts.
    lengths : int64 array
        Events of each trace.
    times : float64 array
        When each began, in seconds; NaN where that is not known.
    spans : int16 array, shape as symbols, or None
        The bins of their durations; None where none are known.

    Examples
    --------
    >>> block = TraceBlock(["a", None], np.array([7, 8, 9], np.int32), np.array([2, 1]), np.array([5.0, 4.0]))
    >>> later = block.chosen(np.array([1, 0]))
    >>> later.names, later.symbols.tolist(), later.traces
    ([None, 'a'], [9, 7, 8], 2)
    >>> TraceBlock.joined([block, later]).part(1, 3).symbols.tolist()
    [9, 9]
    """

    names: list[str | None]
    symbols: NDArray[np.int32]
    lengths: NDArray[np.int64]
    times: NDArray[np.float64]
    spans: NDArray[np.int16] | None = None

    @property
    def traces(self) -> int:
        """How many there are."""
        return len(self.lengths)

    def part(self, start: int, stop: int) -> TraceBlock:
        """Return the traces from one to before another."""
        if (start, stop) == (0, self.traces):
            return self
        low, high = (int(self.lengths[:bound].sum()) for bound in (start, stop))
        spans = None if self.spans is None else self.spans[low:high]
        return TraceBlock(
            self.names[start:stop], self.symbols[low:high], self.lengths[start:stop], self.times[start:stop], spans
        )

    def chosen(self, rows: NDArray[np.int64]) -> TraceBlock:
        """Return some of the traces in another order."""
        lengths = self.lengths[rows]
        events = places((np.cumsum(self.lengths) - self.lengths)[rows], lengths)
        names = list(map(self.names.__getitem__, rows.tolist()))
        spans = None if self.spans is None else self.spans[events]
        return TraceBlock(names, self.symbols[events], lengths, self.times[rows], spans)

    @classmethod
    def joined(cls, blocks: Sequence[TraceBlock]) -> TraceBlock:
        """Return blocks behind one another as one."""
        if len(blocks) == 1:
            return blocks[0]
        names = [name for block in blocks for name in block.names]
        symbols = np.concatenate([block.symbols for block in blocks])
        lengths = np.concatenate([block.lengths for block in blocks])
        times = np.concatenate([block.times for block in blocks])
        spans = None
        if any(block.spans is not None for block in blocks):
            spans = np.concatenate(
                [np.full(len(one.symbols), UNKNOWN, np.int16) if one.spans is None else one.spans for one in blocks]
            )
        return cls(names, symbols, lengths, times, spans)


def spans_within(moments: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.int16]:
    """Return the bins of the durations of traces that stand one behind the other: each event's since the one before.

    >>> spans_within(np.array([5.0, 6.0, 7.0]), np.array([2, 0, 1])).tolist()
    [-1, 1281, -1]
    """
    with np.errstate(invalid="ignore"):
        found = np.diff(moments, prepend=np.nan)
    found[(np.cumsum(lengths) - lengths)[lengths > 0]] = np.nan
    return bins_of(found)


class TraceTexts:
    """The texts of symbols, numbered as they were read, and their ids as they are handed on.

    Parameters
    ----------
    tokeniser : Tokeniser, optional
        Of the alphabet that gives the ids.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> texts = TraceTexts(Tokeniser(Alphabet()))
    >>> numbers = texts.find(["run", "load", "run"])
    >>> numbers.tolist(), texts.ids(numbers[1:]).tolist(), texts.symbols(numbers)
    ([0, 1, 0], [0, 1], ['run', 'load', 'run'])
    """

    def __init__(self, tokeniser: Tokeniser | None = None) -> None:
        self._tokeniser = tokeniser
        self._words, self._ids = WordTable(), np.empty(0, np.int32)

    def find(self, texts: list[str]) -> NDArray[np.int32]:
        """Return the numbers of texts."""
        if not texts:
            return np.empty(0, np.int32)
        return self.find_spans(*as_buffer(texts))

    def find_spans(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the numbers of texts that stand in a buffer of valid UTF-8; where is a row each."""
        return self._words.find(buffer, spans, 0)

    def ids(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the ids of symbols that are handed on; those not seen yet are added to the alphabet, in this order."""
        assert self._tokeniser is not None
        known = len(self._ids)
        if known < len(self._words):
            self._ids = np.append(self._ids, np.full(len(self._words) - known, -1, np.int32))
        found = self._ids[numbers]
        if (found < 0).any():
            fresh, first = np.unique(numbers[found < 0], return_index=True)
            fresh = fresh[np.argsort(first)]
            self._ids[fresh] = self._tokeniser.encode(self._each(fresh))
            found = self._ids[numbers]
        return found

    def symbols(self, numbers: NDArray[np.int32]) -> list[str]:
        """Return symbols as texts."""
        distinct, places = np.unique(numbers, return_inverse=True)
        return list(map(self._each(distinct).__getitem__, places.tolist()))

    def _each(self, numbers: NDArray[np.int32]) -> list[str]:
        return [self._words.texts(number, number + 1)[0] for number in numbers.tolist()]

    @property
    def nbytes(self) -> int:
        """Bytes of all texts."""
        return self._words.size + WORD_BYTES * len(self._words)

    def renewed(self, blocks: Sequence[TraceBlock]) -> list[TraceBlock]:
        """Forget all texts but those of some blocks; return these with their new numbers.

        >>> texts = TraceTexts()
        >>> block = TraceBlock(["a"], texts.find(["load", "run", "run"])[1:], np.array([2]), np.array([1.0]))
        >>> texts.renewed([block])[0].symbols.tolist(), texts.symbols(np.array([0], np.int32))
        ([0, 0], ['run'])
        """
        old, self._words, self._ids = self._words, WordTable(), np.empty(0, np.int32)
        found = []
        for block in blocks:
            distinct, places = np.unique(block.symbols, return_inverse=True)
            numbers = self._words.take(old, distinct) if len(distinct) else block.symbols
            found.append(block._replace(symbols=numbers[places]))
        return found
