"""Models of bounded context: Witten-Bell and Kneser-Ney n-grams and PPM, with the same contexts and outcomes.

The start of a trace is a context symbol of its own, which only the first contexts have; the end and any symbol never
seen are outcomes.  Below the empty context stands the uniform distribution.

- Witten-Bell, method C, interpolated (Witten & Bell, IEEE Transactions on Information Theory 37, 1991; Chen & Goodman,
  Computer Speech & Language 13, 1999, section 2.4).
- Kneser-Ney, interpolated, one discount an order, n1 / (n1 + 2 n2) (Kneser & Ney, ICASSP 1995; Chen & Goodman, 2.7).
- PPM with escape method D and exclusion (Howard, The design and analysis of efficient lossless data compression
  systems, 1993; Cleary & Witten, IEEE Transactions on Communications 32, 1984).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Context = tuple[int, ...]
Shares = NDArray[np.float64]
START, END, UNKNOWN = -1, 0, 1
FIRST = 2
"""Outcomes are the end, any unknown symbol, and from here on the symbols; in contexts symbols have the same numbers."""


class Contexts:
    """Counts of the outcomes after every context of up to ``order`` symbols.

    Parameters
    ----------
    traces : sequence of sequences of int
        Symbols are numbers from 0 on.
    alphabet : int
        How many there are.
    order : int
        Most symbols of a context.
    """

    def __init__(self, traces: Iterable[Sequence[int]], alphabet: int, order: int) -> None:
        self.size, self.order = alphabet + FIRST, order
        self.counts: dict[Context, Counter[int]] = defaultdict(Counter)
        for trace in traces:
            padded = padded_of(trace)
            for at in range(1, len(padded)):
                for start in range(max(0, at - order), at + 1):
                    self.counts[padded[start:at]][padded[at]] += 1
        self._known: dict[Context, Shares] = {}

    def shares(self, context: Context) -> Shares:
        """Return the probability of each outcome after a context, shape (2 + alphabet,)."""
        context = context[max(0, len(context) - self.order) :]
        while context and context not in self.counts:
            context = context[1:]
        if context not in self._known:
            self._known[context] = self._shares(context)
        return self._known[context]

    def _shares(self, context: Context) -> Shares:
        raise NotImplementedError

    def _below(self, context: Context) -> Shares:
        return self.shares(context[1:]) if context else np.full(self.size, 1 / self.size)

    def _row(self, context: Context) -> Shares:
        row = np.zeros(self.size)
        for outcome, count in self.counts.get(context, {}).items():
            row[outcome] = count
        return row


class WittenBell(Contexts):
    """Escape mass by the number of different outcomes.

    >>> WittenBell([[0, 1], [0]], 2, order=1).shares((START,)).round(3).tolist()
    [0.136, 0.031, 0.719, 0.114]
    """

    def _shares(self, context: Context) -> Shares:
        row = self._row(context)
        kinds = np.count_nonzero(row)
        return (row + kinds * self._below(context)) / (row.sum() + kinds) if kinds else self._below(context)


class KneserNey(Contexts):
    """Lower orders count in how many contexts an outcome was seen, not how often."""

    def __init__(self, traces: Iterable[Sequence[int]], alphabet: int, order: int) -> None:
        super().__init__(traces, alphabet, order)
        full = {context: row for context, row in self.counts.items() if len(context) == order or _starts(context)}
        self.counts = defaultdict(Counter, full)
        for length in range(order, 0, -1):
            for context in [context for context in self.counts if len(context) == length]:
                for outcome in self.counts[context]:
                    self.counts[context[1:]][outcome] += 1
        self._discounts = {length: self._discount(length) for length in range(order + 1)}

    def _discount(self, length: int) -> float:
        seen = Counter(n for context, row in self.counts.items() if len(context) == length for n in row.values())
        return seen[1] / (seen[1] + 2 * seen[2]) if seen[1] else 0.1

    def _shares(self, context: Context) -> Shares:
        row, discount = self._row(context), self._discounts[len(context)]
        if not row.any():
            return self._below(context)
        left = np.maximum(row - discount, 0)
        return (left + (row.sum() - left.sum()) * self._below(context)) / row.sum()


def _starts(context: Context) -> bool:
    return bool(context) and context[0] == START


class PPM(Contexts):
    """Escapes by half an observation a kind, and never to what the longer context would have told."""

    def _shares(self, context: Context) -> Shares:
        shares, left, told = np.zeros(self.size), 1.0, np.zeros(self.size, np.bool_)
        for start in range(len(context) + 1):
            row = np.where(told, 0.0, self._row(context[start:]))
            if row.any():
                kinds = np.count_nonzero(row)
                shares += left * np.maximum(row - 0.5, 0) / row.sum()
                left *= 0.5 * kinds / row.sum()
                told |= row > 0
        rest = ~told if not told.all() else np.ones(self.size, np.bool_)
        return np.asarray(shares + left * rest / rest.sum())


def padded_of(trace: Sequence[int], alphabet: int | None = None) -> Context:
    """Return a trace between its start and its end, as contexts and outcomes have its symbols.

    >>> padded_of([0, 3], alphabet=2)
    (-1, 2, 1, 0)
    """
    known = [FIRST + symbol if alphabet is None or symbol < alphabet else UNKNOWN for symbol in trace]
    return (START, *known, END)


KINDS: dict[str, tuple[Callable[..., Contexts], range]] = {
    "Witten-Bell": (WittenBell, range(6)),
    "Kneser-Ney": (KneserNey, range(5)),
    "PPM": (PPM, range(1, 9)),
}
"""Baselines and how many symbols their contexts have: an n-gram looks at n - 1."""
