"""Outcomes of states, before and after: a test of each state's next outcomes, with a risk for all looks together."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..automata.timing import edges_of
from ..pac.theorems.balle import look_share
from ..stream.batch import TraceBatch

BLOCK = 128
"""Traces of the first looks."""
SLOWER = 16
"""A look comes each sixteenth of the traces so far."""
MOST_BYTES, LEAST_BUCKETS, MOST_BUCKETS = 1 << 20, 4, 48


class Moved(NamedTuple):
    """A split on both sides of which an outcome has different shares.

    Attributes
    ----------
    since : int
        Traces before it.
    state : int
    before, after : float
        The share of the outcome.
    """

    since: int
    state: int
    before: float
    after: float


class OutcomeTest:
    """Compares what states do next in the newest traces with what they did before these.

    The states of a fixed automaton are tested as Balle, Castro & Gavaldà ("Adaptively learning probabilistic
    deterministic automata from data streams", Machine Learning 96, 2014) test whether two of them are one: by the
    largest difference of a share, at sizes that grow by a factor, the i-th look with 6δ/(π²i²) of the risk.  Compared
    are the shares of the next outcomes (symbol, end, or a symbol that the state does not know) on both sides of each
    split of the traces so far, by Hoeffding's bound of their difference.  Of each trace only the first visit to a state
    counts, so that what is compared is independent where traces are, whether or not the automaton is right.  Then,
    where the source stays, no look ever finds anything with probability 1 - δ; and where an outcome's share at the
    first visits to a state moves by ``2 sqrt(ln(2/α) / m)``, with m traces that come there on either side and α what is
    left of δ to each of the splits and outcomes of that look, it is found with probability 1 - α.

    Parameters
    ----------
    automaton : PDFA
    delta : float
        Probability with which anything is ever found where nothing changes.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a"], ["b"]] * 500)
    >>> test = OutcomeTest(learner.automaton.alone, 0.002)
    >>> for traces in ([["a"], ["b"]] * 128, [["a"]] * 128):
    ...     found = test.take(TraceBatch.from_traces(traces, learner.alphabet))
    >>> found
    Moved(since=256, state=0, before=0.5, after=1.0)
    """

    def __init__(self, automaton: PDFA, delta: float) -> None:
        self.automaton, self.delta = automaton, delta
        states, edges = len(automaton), len(automaton.targets)
        owners = np.concatenate([automaton.sources, np.arange(states), np.arange(states)])  # transitions, ends, others
        self._order = np.argsort(owners, kind="stable")
        self._state = owners[self._order]
        self._first = np.searchsorted(self._state, np.arange(states))
        self._edges, self._rows = edges, len(owners)
        fitting = MOST_BYTES // (8 * self._rows)
        self._most = min(MOST_BUCKETS, max(LEAST_BUCKETS, fitting))
        self.start_over()

    def start_over(self) -> None:
        """Know of no traces."""
        self.traces = self.looks = 0
        self.next_look = BLOCK
        self._counts = np.zeros((0, self._rows))
        self._sizes: list[int] = []
        self._newest = np.zeros(self._rows)

    def take(self, batch: TraceBatch) -> Moved | None:
        """Take in traces, none beyond the next look; return what has moved if it is time for that look."""
        self._newest += self._outcomes(batch.part(0, len(batch)))
        self.traces += len(batch)
        return self._look() if self.traces >= self.next_look else None

    def _outcomes(self, batch: TraceBatch) -> NDArray[np.int64]:
        """Return how many traces took each outcome when they first came to its state, shape (outcomes,).

        Transitions, ends by state, and by state events that it does not know, with which a trace leaves the automaton.
        """
        edges, lengths, states = edges_of(self.automaton, batch), np.diff(batch.offsets), len(self.automaton)
        traces, known = np.repeat(np.arange(len(batch)), lengths), edges >= 0
        taken, followed = edges[known], np.bincount(traces[known], minlength=len(batch))
        visits, firsts = np.unique(traces[known] * states + self.automaton.sources[taken], return_index=True)
        last = np.cumsum(followed) - 1  # among those taken
        at = np.zeros(len(batch), np.int64)
        at[followed > 0] = self.automaton.targets[taken[last[followed > 0]]]
        fresh, ended = ~np.isin(np.arange(len(batch)) * states + at, visits), followed == lengths
        counts = [np.bincount(at[fresh & ended], minlength=states), np.bincount(at[fresh & ~ended], minlength=states)]
        return np.concatenate([np.bincount(taken[firsts], minlength=self._edges), *counts])

    def _look(self) -> Moved | None:
        self.looks += 1
        self._counts = np.vstack([self._counts, self._newest[self._order]])
        self._sizes.append(self.traces - sum(self._sizes))
        self._newest = np.zeros(self._rows)
        self.next_look = self.traces + BLOCK * max(1, self.traces // (BLOCK * SLOWER))
        found = self._moved() if len(self._sizes) > 1 else None
        if len(self._sizes) > self._most:
            self._join()
        return found

    def _join(self) -> None:
        """Join the buckets of the older half in pairs: the newest changes are looked for most closely."""
        half = len(self._sizes) // 2 // 2 * 2
        self._counts = np.vstack([self._counts[:half:2] + self._counts[1:half:2], self._counts[half:]])
        older = [one + other for one, other in zip(self._sizes[:half:2], self._sizes[1:half:2], strict=True)]
        self._sizes = older + self._sizes[half:]

    def _moved(self) -> Moved | None:
        """Return the split, and the outcome there, that is furthest beyond what chance allows."""
        before = np.cumsum(self._counts, axis=0)[:-1]
        after = self._counts.sum(0) - before
        shares, seldom = [], np.zeros(before.shape)
        for counts in (before, after):
            visits = np.add.reduceat(counts, self._first, axis=1)[:, self._state]
            shares.append(counts / np.maximum(visits, 1))
            seldom += np.where(visits > 0, 1 / np.maximum(visits, 1), np.inf)
        alpha = look_share(self.delta, self.looks) / before.size
        apart = np.abs(shares[0] - shares[1]) / np.sqrt(seldom * math.log(2 / alpha) / 2)
        split, row = np.unravel_index(int(np.argmax(apart)), apart.shape)
        if apart[split, row] <= 1:
            return None
        since, state = sum(self._sizes[: int(split) + 1]), int(self._state[row])
        return Moved(since, state, float(shares[0][split, row]), float(shares[1][split, row]))
