"""Interpolated n-grams with Witten-Bell smoothing.

Witten & Bell, The zero-frequency problem, IEEE Transactions on Information Theory 37, 1991, method C, interpolated as
in Chen & Goodman, An empirical study of smoothing techniques for language modeling, 1999, section 2.4: after a context
h that has been seen c(h) times with t(h) different outcomes, outcome w has probability

    (c(h, w) + t(h)·p(w | h')) / (c(h) + t(h)),

where h' is h without its first symbol.  Below the empty context stands the uniform distribution.  The start of a trace
is a context symbol of its own, the end and any symbol never seen are outcomes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from flexstream import Alphabet, TraceBatch

Context = tuple[int, ...]
START, END, UNKNOWN = -1, -2, -3


class NGram:
    """The outcome depends on the ``n - 1`` symbols before it.

    >>> model, alphabet = NGram(2), Alphabet()
    >>> model.learn(TraceBatch.from_traces([["a", "b"], ["a"]], alphabet))
    >>> model.size = len(alphabet)
    >>> round(model.probability((START,), alphabet.id("a")), 3)
    0.781
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.counts: dict[Context, Counter[int]] = defaultdict(Counter)
        self.size = 0

    def __len__(self) -> int:
        """Return the number of contexts of full length, the states of the automaton that this is."""
        return sum(len(context) == self.n - 1 for context in self.counts)

    def learn(self, batch: TraceBatch) -> None:
        """Count the outcomes of all contexts."""
        for trace in batch:
            padded = self._padded(trace.tolist())
            for at in range(self.n - 1, len(padded)):
                for start in range(at - self.n + 1, at + 1):
                    self.counts[padded[start:at]][padded[at]] += 1

    def _padded(self, trace: list[int]) -> Context:
        return (START,) * (self.n - 1) + tuple(trace) + (END,)

    def probability(self, context: Context, outcome: int) -> float:
        """Return the probability of an outcome after ``n - 1`` symbols or fewer."""
        chance = 1.0 / (self.size + 2)  # the end and the unknown symbol
        for start in range(len(context), -1, -1):
            seen = self.counts.get(context[start:])
            if seen is None:
                break
            kinds = len(seen)
            chance = (seen[outcome] + kinds * chance) / (seen.total() + kinds)
        return chance

    def score_batch(self, batch: TraceBatch) -> tuple[NDArray[np.float64]]:
        """Return the base-2 log probabilities of traces, as an automaton does."""
        return (np.array([self._log2_prob(trace.tolist()) for trace in batch]),)

    def _log2_prob(self, trace: list[int]) -> float:
        padded = self._padded([symbol if 0 <= symbol < self.size else UNKNOWN for symbol in trace])
        places = range(self.n - 1, len(padded))
        return sum(math.log2(self.probability(padded[at - self.n + 1 : at], padded[at])) for at in places)


def learned(batches: list[TraceBatch], alphabet: Alphabet, n: int) -> NGram:
    """Return the n-gram of some traces."""
    model = NGram(n)
    for batch in batches:
        model.learn(batch)
    model.size = len(alphabet)
    return model
