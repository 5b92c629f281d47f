"""Unrest: how far the shares of what comes next in a state move from one part of a stream to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from .timing import edges_of

if TYPE_CHECKING:
    from .pdfa import PDFA

BLOCKS = 8
"""Parts of the stream, each of as many traces."""
SURE = 2.0
"""Standard errors by which the shares have to move before it is said that they do."""


def unrest(automaton: PDFA, drawn: TraceBatch, edges: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Return for each state the variance of outcomes' shares between blocks, as a multiple of ``p·(1 - p)``, (states,).

    Each block of the stream is foretold by the shares of all before it: what it misses them by, squared and over
    ``p·(1 - p)``, less what chance makes of it, ``1/n + 1/m`` of n visits in the block and m before.  The mean over
    blocks counts each by how well it is known.  0 where that is not two standard errors above 0, so that a source that
    stays has hardly any.  A share that is foretold for a time to come is as uncertain as that of 1 / unrest
    observations, however many there are.

    Parameters
    ----------
    automaton : PDFA
    drawn : TraceBatch
        Traces in the order of the stream.
    edges : int64 array, shape (events,), optional
        What `edges_of` finds for them, if that is known.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> traces = [["a"]] * 300 + [["b"]] * 100 + [["a"]] * 100 + [["b"]] * 300
    >>> learner = StreamLearner().fit(traces)
    >>> unrest(learner.automaton, TraceBatch.from_traces(traces, learner.alphabet)).round(2).tolist()
    [1.57, 0.0]
    """
    counts, states = _counted(automaton, drawn, edges_of(automaton, drawn) if edges is None else edges)
    visits = _by_state(counts, states, len(automaton))
    before, visits_before = np.cumsum(counts, axis=0) - counts, np.cumsum(visits, axis=0) - visits
    both = (visits > 0) & (visits_before > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts.sum(axis=0) / visits.sum(axis=0)[states]
        misses = (counts / visits[:, states] - before / visits_before[:, states]) ** 2 / shares
        chance = 1 / visits + 1 / visits_before
    spread = _by_state((1 - shares)[None], states, len(automaton))[0]  # of p·(1 - p) / p, all outcomes together
    both &= spread > 1e-9
    found = _by_state(np.where(both[:, states], misses, 0.0), states, len(automaton))
    beyond = np.where(both, found / np.where(spread > 1e-9, spread, 1.0) - chance, 0.0)
    weights = np.where(both, 1 / np.where(both, chance, 1.0) ** 2, 0.0)
    total, sure = weights.sum(axis=0), (np.sqrt(weights) * beyond).sum(axis=0)
    mean = (weights * beyond).sum(axis=0) / np.where(total > 0, total, 1.0)
    return np.asarray(np.where(sure > SURE * np.sqrt(2 * both.sum(axis=0)), np.maximum(mean, 0.0), 0.0))


def _counted(
    automaton: PDFA, drawn: TraceBatch, edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return by block how often each transition was taken and each state was the last, and each column's state."""
    transitions, states = len(automaton.targets), len(automaton)
    blocks = np.arange(len(drawn)) * BLOCKS // max(1, len(drawn))
    lengths = np.diff(drawn.offsets)
    last = np.zeros(len(drawn), np.int64)  # the first state, of empty traces
    some = lengths > 0
    final = edges[drawn.offsets[1:][some] - drawn.offsets[0] - 1]
    last[some] = np.where(final >= 0, automaton.targets[final], -1)
    columns = np.concatenate([edges, np.where(last >= 0, transitions + last, -1)])
    parts = np.concatenate([np.repeat(blocks, lengths), blocks])
    width, known = transitions + states, columns >= 0
    counts = np.bincount(parts[known] * width + columns[known], minlength=BLOCKS * width).reshape(BLOCKS, width)
    used = counts.any(axis=0)
    owners = np.concatenate([automaton.sources, np.arange(states)]).astype(np.int64)
    return counts[:, used].astype(np.float64), owners[used]


def _by_state(values: NDArray[np.float64], states: NDArray[np.int64], number: int) -> NDArray[np.float64]:
    """Add up columns by the state they belong to, shape (rows, states)."""
    return np.stack([np.bincount(states, row, number) for row in values])
