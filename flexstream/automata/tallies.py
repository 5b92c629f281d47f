"""Tallies: in how many traces each symbol comes how often, and how unusual the counts of a trace are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.tallying import SymbolEntries, tally_symbols
from ..classes import dataclass
from ..errors import ModelError
from ..stream.batch import TraceBatch
from ..tuples import NamedTuple
from .arrays import column, distinct, is_amount, read_only, summable

EXACT, BINS = 9, 64
"""Times up to which each number is a bin of its own; bins.  Beyond, four bins double the number."""
TABLE = 1 << 17
"""Symbols and bins that have a place each, so that none is searched."""
MANY = 16
"""Others beside whom one trace more or less makes no difference, as in leaving_out.c: what many have is as unusual for
each of them as for one that was not counted."""
ROUNDING = 1e-9
"""Others that count only by rounding are none, as there."""


class Count(NamedTuple):
    """How often a symbol comes in one trace, and how unusual that is.

    Attributes
    ----------
    symbol : int
        Its id; that of the alphabet's size stands for all that are outside.
    times : int
        0 where it is missing.
    usual : float
        Share of the traces in which it comes so often.
    bits : float
        Surprise.
    """

    symbol: int
    times: int
    usual: float
    bits: float


def bins_of(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bin of each number of times, from 0.

    >>> bins_of(np.array([0, 1, 8, 9, 18, 1 << 40])).tolist()
    [0, 1, 8, 9, 13, 63]
    """
    found, many = times.copy(), np.flatnonzero(times >= EXACT)
    found[many] = EXACT + np.floor(4 * np.log2(times[many] / EXACT) + 1e-9).astype(np.int64)
    return np.minimum(found, BINS - 1)


def entries_of(batch: TraceBatch, alphabet: int) -> SymbolEntries:
    """Return which symbols come in each trace of a batch, by trace, and how often."""
    events = int(batch.offsets[-1] - batch.offsets[0])
    found = SymbolEntries(*np.empty((3, events), np.int64))
    starts, ends = np.empty(alphabet + 2, np.int64), np.empty(len(batch), np.int64)
    traces, ordered = np.empty((2, events), np.int32)
    rows = tally_symbols(batch.symbols, batch.offsets, starts, ends, traces, ordered, found)
    return SymbolEntries(*(column[:rows] for column in found))


@dataclass(frozen=True, eq=False)
class Tallies:
    """In how many of some traces each symbol comes how often.

    A trace is the more unusual, the rarer it is that its symbols come as often as they do, missing ones among them: the
    sum over all symbols of ``-log2((h + 1/2) / (n + 1))``, where of n traces h have it as often; those outside
    the alphabet count as one symbol.

    Parameters
    ----------
    symbols : int32 array, shape (rows,)
        Ids, ascending.
    bins : int16 array, shape (rows,)
        See `bins_of`; from 1, ascending for each symbol.
    counts : int64 array, shape (rows,)
        Traces.
    traces, alphabet : int
        How many there are in all.

    Raises
    ------
    ModelError
        If the arrays do not fit together.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> usual = TraceBatch.from_traces([["open", "close"]] * 9 + [["open"]], Alphabet(["open", "close"]))
    >>> tallies = Tallies.of(usual, 2)
    >>> tallies.surprise(usual).round(1).tolist()[-2:]
    [0.3, 3.0]
    >>> [(count.symbol, count.times, count.usual) for count in tallies.rarest(usual.part(9, 10))]
    [(1, 0, 0.1)]
    """

    symbols: NDArray[np.int32]
    bins: NDArray[np.int16]
    counts: NDArray[np.int64]
    traces: int
    alphabet: int

    def __post_init__(self) -> None:
        kinds = {"symbols": np.int32, "bins": np.int16, "counts": np.int64}
        for name, kind in kinds.items():
            object.__setattr__(self, name, column(name, getattr(self, name), kind))
        lengths = {len(self.symbols), len(self.bins), len(self.counts)}
        whole = is_amount(self.traces) and is_amount(self.alphabet) and summable(self.counts)
        if len(lengths) > 1 or not whole or not self._fits():
            raise ModelError("the tallies of the model are not valid: their rows do not fit together")

    def _fits(self) -> bool:
        if not len(self.symbols):
            return True
        inside = (self.symbols >= 0) & (self.symbols < self.alphabet) & (self.bins > 0) & (self.bins < BINS)
        rising = bool((np.diff(self._keys) > 0).all())
        return rising and bool(inside.all() and (self.counts > 0).all() and self._with.max() <= self.traces)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.symbols, self.bins, self.counts, self.traces, self.alphabet)

    @classmethod
    def of(cls, batch: TraceBatch, alphabet: int, entries: SymbolEntries | None = None) -> Tallies:
        """Count the symbols of traces, whose entries may be known; those outside the alphabet are left out."""
        found = entries_of(batch, alphabet) if entries is None else entries
        keys = found.symbols * BINS + bins_of(found.times)
        if (alphabet + 1) * BINS <= TABLE:
            times = np.bincount(keys, minlength=1)[: alphabet * BINS]
            keys = np.flatnonzero(times)
            counts = times[keys]
        else:
            keys, counts = distinct(keys[found.symbols < alphabet])
        return cls((keys // BINS).astype(np.int32), (keys % BINS).astype(np.int16), counts, len(batch), alphabet)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        return read_only(self.symbols.astype(np.int64) * BINS + self.bins)

    @cached_property
    def _with(self) -> NDArray[np.int64]:
        """Traces that have each symbol at all; of the last, all symbols outside the alphabet, none has."""
        return read_only(np.bincount(self.symbols, self.counts, self.alphabet + 1).astype(np.int64))

    @cached_property
    def _places(self) -> NDArray[np.int64] | None:
        """The row of each symbol and bin, and of those that have none that after the last; None if they are many."""
        if (self.alphabet + 1) * BINS > TABLE:
            return None
        found = np.full((self.alphabet + 1) * BINS, len(self._keys))
        found[self._keys] = np.arange(len(self._keys))
        return read_only(found)

    def _rows(self, symbols: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of symbols that come so often, at least once; that after the last where there is none."""
        keys = symbols * BINS + bins_of(times)
        if self._places is not None:
            return self._places[keys]
        found = np.searchsorted(self._keys, keys)
        return np.where(np.append(self._keys, -1)[found] == keys, found, len(self._keys))

    def _missing(self, left_out: bool) -> NDArray[np.float64]:
        """Return how unusual it is that each symbol is missing."""
        return self._bits(self.traces - self._with, left_out)

    def _bits(self, often: NDArray[np.int64], left_out: bool) -> NDArray[np.float64]:
        bits = -np.log2((often + 0.5) / (self.traces + 1.0))
        if not left_out:
            return np.asarray(bits)
        others = np.maximum(often - 1, 0)
        return np.where(others < MANY, -np.log2((others + 0.5) / self.traces), bits)

    def surprise(
        self,
        batch: TraceBatch,
        left_out: bool = False,
        entries: SymbolEntries | None = None,
        brought: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """Return how unusual the counts of each trace are, in bits, shape (traces,).

        With ``left_out`` the traces are some of those that were counted, and each is compared with all others; what
        `entries_of` finds in them may be known.  Symbols that their trace alone has ``brought``, shape (entries,), are
        outside the alphabet without it, one symbol all together, as are those that traces to come bring.
        """
        found = entries_of(batch, self.alphabet) if entries is None else entries
        missing, of_row = self._missing(left_out), self._bits(np.append(self.counts, 0), left_out)
        bits = of_row[self._rows(found.symbols, found.times)] - missing[found.symbols]
        if brought is not None and brought.any():
            first = np.diff(found.rows[brought], prepend=-1) > 0
            bits[brought] = np.where(first, self._bits(np.zeros(1, np.int64), False) - missing[-1], 0.0)
        return np.asarray(missing.sum() + np.bincount(found.rows, bits, len(batch)))

    def brought(self, entries: SymbolEntries, totals: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell of entries of counted traces which symbols no other trace has, shape (entries,).

        Parameters
        ----------
        entries : SymbolEntries
        totals : float64 array, shape (alphabet,)
            How often each symbol came, in the traces counted here and in all others.
        """
        inside = entries.symbols < self.alphabet
        symbols = np.where(inside, entries.symbols, 0)
        alone = (self._with[symbols] == 1) & (totals[symbols] <= entries.times + ROUNDING)
        return np.asarray(inside & alone)

    def rarest(self, batch: TraceBatch) -> list[Count]:
        """Return for each trace the symbol whose number is most unusual, of equals the first."""
        found, often = entries_of(batch, self.alphabet), self.traces - self._with
        missing, came = self._missing(False), np.append(self.counts, 0)[self._rows(*found[1:])]
        unusual, bounds = self._bits(came, False), np.searchsorted(found.rows, np.arange(len(batch) + 1)).tolist()
        counts = []
        for low, high in itertools.pairwise(bounds):
            symbols, bits = found.symbols[low:high], missing.copy()
            bits[symbols] = unusual[low:high]
            symbol = int(np.argmax(bits))
            at = low + int(np.searchsorted(symbols, symbol))
            here = at < high and found.symbols[at] == symbol
            times, usual = (int(found.times[at]), int(came[at])) if here else (0, int(often[symbol]))
            counts.append(Count(symbol, times, usual / max(1, self.traces), float(bits[symbol])))
        return counts

    def to_document(self) -> dict[str, Any]:
        """Return the tallies as JSON values."""
        return {name: getattr(self, name).tolist() for name in ("symbols", "bins", "counts")}

    @classmethod
    def from_document(cls, values: Mapping[str, Any], traces: int, alphabet: int) -> Tallies:
        """Return the tallies that JSON values stand for; raises KeyError or ModelError where they stand for none."""
        return cls(values["symbols"], values["bins"], values["counts"], traces, alphabet)
