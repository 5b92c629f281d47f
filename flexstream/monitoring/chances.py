"""What comes next, each outcome with an interval of its probability from what was counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting
from ..automata.mixture import Ensemble
from ..automata.ngram import NGram
from ..automata.pdfa import END, PDFA, UNKNOWN
from ..pac.statistics.binomial import binomial_limits
from .doubt import doubt, widened

EXACT = 1 + 1e-9
"""Visits up to which the weights of an automaton are probabilities, not counts."""


class Chance(NamedTuple):
    """An outcome that may come next.

    Attributes
    ----------
    symbol : str or None
        The event; None is the end.
    probability : float
        That of the whole model.
    low, high : float or None
        Interval of the probability; None where nothing was counted, as for automata known exactly.
    """

    symbol: str | None
    probability: float
    low: float | None
    high: float | None


def chances(model: PDFA | Ensemble, prefix: Sequence[str | int], confidence: float = 0.95) -> list[Chance]:
    """Return what may come after the beginning of a trace, the likeliest first, with intervals.

    In a state that was visited n times an outcome that came k times has the interval of k in n by Zubkov and Serov's
    bound, less than one hit wider than Clopper and Pearson's, see :mod:`flexstream.pac.statistics.binomial`.
    Where an n-gram has a share λ, or several automata have theirs, a probability p is taken for p·m counts in m, where
    1/√m = Σ λᵢ/√nᵢ over the parts that the probability is put together from: the standard error of a sum is at most
    the sum of theirs.  What may have been counted in the wrong state, see :mod:`flexstream.monitoring.doubt`, makes it
    wider: all of that may be hits, or misses.  Where the shares of a state moved by more than chance from one part of
    the stream to the next, m observations count as 1 / (1/m + u), u the unrest of the state: the variance of a
    forecast adds up, see :mod:`flexstream.automata.unrest`.  Each interval holds by itself, not all of them together.

    Parameters
    ----------
    model : PDFA or Ensemble
    prefix : sequence of symbols
    confidence : float
        Above 0 and below 1.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner().fit([["load", "run"], ["load"]] * 50)
    >>> [(one.symbol, round(one.low, 2), round(one.high, 2)) for one in chances(learner.model, ["load"])[:2]]
    [(None, 0.39, 0.61), ('run', 0.39, 0.61)]
    """
    model = fitting("model", model, PDFA | Ensemble)
    found = model.predict_proba_one(prefix)
    found.pop(UNKNOWN)
    p = np.array(list(found.values()))
    low, high = _limits(model, prefix, p, 1 - confidence)
    symbols = [None if outcome is END else str(outcome) for outcome in found]
    order = np.argsort(-p, kind="stable").tolist()
    if low is None or high is None:
        return [Chance(symbols[place], float(p[place]), None, None) for place in order]
    return [Chance(symbols[place], float(p[place]), float(low[place]), float(high[place])) for place in order]


def _limits(
    model: PDFA | Ensemble, prefix: Sequence[str | int], p: NDArray[np.float64], alpha: float
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    members = model._beliefs(prefix)
    if max(float(member.visits.max()) for _, member in members) <= EXACT:
        return None, None
    (_, first), *others = members
    state = first.state_after(prefix)
    if not others and (first.ngram is None or not first.ngram_shares[state]):
        hits, trials = _counts(first, state)
    else:
        trials = observations(members, prefix)
        hits = p * trials
    still = _still(members, prefix, trials)
    hits, trials = hits * still, trials * still
    # What smoothing has lent or taken is no count: less than half a hit is none, and so it is of misses.
    hits = np.where(hits < 0.5, 0.0, np.where(hits > trials - 0.5, trials, hits))
    low, high = binomial_limits(hits, np.full(len(p), trials), alpha)
    low, high = widened(low, high, sum(belief * doubt(member, prefix) for belief, member in members))
    return np.minimum(low, p), np.maximum(high, p)


def _still(members: Sequence[tuple[float, PDFA]], prefix: Sequence[str | int], trials: float) -> float:
    """Return which share of some observations counts where what comes next moves with time."""
    moved = 0.0
    for belief, member in members:
        known = member.calibration
        if known is not None and known.unrest is not None and belief > 0:
            moved = max(moved, float(known.unrest[member.state_after(prefix)]))
    return 1 / (1 + moved * trials)


def _counts(automaton: PDFA, state: int) -> tuple[NDArray[np.float64], float]:
    """Return how often each symbol, and the end, came in a state, and all of them together."""
    hits = np.zeros(len(automaton.symbols) + 1)
    edges = slice(automaton.offsets[state], automaton.offsets[state + 1])
    hits[automaton.edge_symbols[edges]] = automaton.weights[edges]
    hits[-1] = automaton.stops[state]
    return hits, float(hits.sum())


def observations(members: Sequence[tuple[float, PDFA]], prefix: Sequence[str | int]) -> float:
    """Return as how many observations count that a mixture's probabilities were made from; 0 if some part has none."""
    total = sum(belief * _root_of(member, prefix) for belief, member in members if belief > 0)
    return 0.0 if math.isinf(total) else 1 / total**2


def _root_of(automaton: PDFA, prefix: Sequence[str | int]) -> float:
    """Return 1/√m of one automaton and its n-gram."""
    state, ngram = automaton.state_after(prefix), automaton.ngram
    share = 0.0 if ngram is None else float(automaton.ngram_shares[state])
    own = (1 - share) * _inverse_root(_counts(automaton, state)[1]) if share < 1 else 0.0
    if ngram is None or not share:
        return own
    return own + share * _spread(ngram, ngram.after_all(automaton.encode(prefix).tolist()))


def _inverse_root(count: float) -> float:
    return 1 / math.sqrt(count) if count > 0 else math.inf


def _spread(ngram: NGram, context: int) -> float:
    """Return 1/√m of an n-gram after a context; what a context leaves to its parent counts as often as that."""
    left, total = 1.0, 0.0
    while True:
        count = ngram.count(context)
        escape = float(ngram.escapes[context]) if context and count else 0.0 if count else 1.0
        if escape < 1:
            total += left * (1 - escape) * _inverse_root(count)
        elif not context:
            return math.inf
        left *= escape
        if not context or left <= 0:
            return total
        context = int(ngram.parents[context])
