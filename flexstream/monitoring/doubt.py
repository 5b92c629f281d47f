"""Doubt: the share of what was counted in a state, or after a context, that may belong elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..automata.ngram import NGram
from ..automata.pdfa import PDFA

FEW = 20
"""Traces that took a transition, up to which nothing tells whether it leads to the right state."""
_KNOWN: WeakKeyDictionary[PDFA, NDArray[np.float64]] = WeakKeyDictionary()
_SETTLED, _MOST_STEPS = 1e-6, 200


def doubtful_shares(automaton: PDFA) -> NDArray[np.float64]:
    """Return for each state the share of its visits that may belong to another one, shape (states,).

    A transition that was taken seldom leads to a state by a decision that hardly anything speaks for: what came after
    it is counted there, and may have come from elsewhere.  Doubt goes on with the traces: of the visits along other
    transitions the share is in doubt that is so in the states they come from.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> usual, seldom = [["load", "run", "run"], ["load", "run"]] * 495, [["fix", "run"]] * 10
    >>> automaton = StreamLearner().fit(usual + seldom).automaton
    >>> doubtful_shares(automaton).round(3).tolist()
    [0.0, 0.01, 0.01, 0.01]
    """
    if (found := _KNOWN.get(automaton)) is None:
        found = _KNOWN[automaton] = _doubtful_shares(automaton)
    return found


def _doubtful_shares(automaton: PDFA) -> NDArray[np.float64]:
    states, sources, targets = len(automaton), automaton.sources, automaton.targets.astype(np.int64)
    seldom = automaton.weights < FEW
    visits = np.maximum(automaton.visits.astype(np.float64), 1e-300)
    own = np.bincount(targets, np.where(seldom, automaton.weights, 0.0), states)
    sure = np.where(seldom, 0.0, automaton.weights)
    found = np.zeros(states)
    for _ in range(_MOST_STEPS):
        following = np.minimum(1.0, (own + np.bincount(targets, sure * found[sources], states)) / visits)
        if np.abs(following - found).max(initial=0.0) < _SETTLED:
            return following
        found = following
    return found


def doubt(automaton: PDFA, prefix: Sequence[str | int]) -> float:
    """Return the share of a prediction that may belong elsewhere.

    Of its state, see `doubtful_shares`; of an n-gram, what it takes from shorter contexts.
    """
    state, ngram = automaton.state_after(prefix), automaton.ngram
    share = 0.0 if ngram is None else float(automaton.ngram_shares[state])
    found = (1 - share) * float(doubtful_shares(automaton)[state])
    if ngram is None or not share:
        return found
    return found + share * _left_to_shorter(ngram, ngram.after_all(automaton.encode(prefix).tolist()))


def _left_to_shorter(ngram: NGram, context: int) -> float:
    return float(ngram.escapes[context]) if ngram.count(context) else 1.0


def widened(
    low: NDArray[np.float64], high: NDArray[np.float64], share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the limits of a probability of which a share of the counts may belong elsewhere.

    The most that these may be is hits or misses, all of them: low is what is left without so many hits, high without as
    many misses.

    >>> low, high = widened(np.array([0.2]), np.array([0.4]), 0.1)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.111], [0.444])
    """
    kept = max(1 - share, 1e-12)
    return np.clip((low - share) / kept, 0.0, low), np.clip(high / kept, high, 1.0)
