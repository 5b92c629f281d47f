"""Excess: what traces cost beyond what the states of an automaton let expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.scoring import ScoreColumns, score_traces
from ..automata.pdfa import PDFA
from ..automata.sampling import sample_batch
from ..automata.walking import score_columns
from ..stream.batch import TraceBatch

_DRAWN, _LONGEST = 1000, 1000
_USUAL, _TIMES = 0.99, 2.0
"""Of traces that the automaton itself makes, the share that is usual, and how many times that far is told apart."""


class Excess:
    """Scores of traces whose mean stays as long as the source does: surprise in bits less entropy, summed on the way.

    In the source that the automaton describes each event costs the entropy of its state on average, so that what is
    beyond it is a martingale difference.  How long a trace is and which way it takes plays no part: the sum spreads
    several times less than the bits do, and a change shows as many times sooner.  What goes far beyond the usual
    counts as far as the bound, so that no single trace makes an alarm.

    Parameters
    ----------
    automaton : PDFA
        Without an n-gram; it does not change, so that traces it was not learned from have scores of one law, and
        independent ones if the traces are.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> coin = from_rows({0: {"h": (3, 1), "t": (1, 1)}, 1: {None: (4, 0)}})
    >>> heads, tails = Excess(coin).of(TraceBatch.from_traces([["h"], ["t"]], coin.alphabet()))
    >>> round(float(0.75 * heads + 0.25 * tails), 9)
    0.0
    """

    def __init__(self, automaton: PDFA) -> None:
        self.automaton = automaton
        self._columns = _beside_entropy(automaton)
        own, worst = self._scored(sample_batch(automaton, _DRAWN, seed=0, max_length=_LONGEST))
        low, high = np.quantile(own, [1 - _USUAL, _USUAL])
        self.low, self.high = _TIMES * min(float(low), -0.5), _TIMES * max(float(high), 0.5)
        self._rare = float(worst.max())

    def of(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the excess of traces in bits, shape (n,); symbols have the automaton's ids."""
        return self._scored(batch)[0]

    def watched(self, batch: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the excess of traces between its bounds as numbers from 0 to 1, and which are new, both shape (n,).

        New is a trace with an event further beyond what its state lets expect than any of a thousand traces has that
        the automaton makes.
        """
        found, worst = self._scored(batch)
        return self._between(found), np.asarray(worst > self._rare)

    def scaled(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the excess of traces between its bounds as numbers from 0 to 1, shape (n,)."""
        return self._between(self.of(batch))

    def _between(self, excess: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((np.clip(excess, self.low, self.high) - self.low) / (self.high - self.low))

    def _scored(self, batch: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the excess of traces, and the largest of one of their events or ends."""
        n = len(batch)
        found, most, numbers = np.empty(n), np.empty(n), np.empty((2, n), np.int64)
        score_traces(self._columns, batch.symbols, batch.offsets, found, numbers[0], most, numbers[1])
        return found, most


def _beside_entropy(automaton: PDFA) -> ScoreColumns:
    """Return an automaton laid out for walking whose probabilities are divided by what is usual in their state."""
    columns, usual = score_columns(automaton), np.exp2(entropies(automaton))
    states = np.repeat(np.arange(len(usual)), len(automaton.symbols)) if columns.each else automaton.sources
    columns.chances[: len(states)] *= usual[states]
    return columns._replace(stops=columns.stops * usual, rare=columns.rare * usual)


def entropies(automaton: PDFA) -> NDArray[np.float64]:
    """Return the entropy in bits of each state's next outcome, as far as it knows them, shape (states,)."""

    def terms(chances: NDArray[np.float64]) -> NDArray[np.float64]:
        return -chances * np.log2(np.where(chances > 0, chances, 1.0))

    events = np.bincount(automaton.sources, terms(automaton.probabilities), len(automaton))
    return np.asarray(events + terms(automaton.stop_probabilities))
