"""Foresight: how well traces that were not learned from are foretold, where there are few enough to try."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import TAILS
from ..automata.pdfa import PDFA
from ..automata.walking import walk
from ..learning.learner import StreamLearner
from ..stream.batch import TraceBatch
from ..summary.tree import PrefixTree
from ..tuples import NamedTuple

MOST_EVENTS = 5_000
"""Events beyond which it is not worth the time: learning them anew takes a hundredth of a second."""
MOST_TRACES = 300
"""Traces beyond which there are not too few for anything that is frequent."""
CLEARLY = 4
"""Times the bits of their probabilities that states save of what was learned where there is no doubt of it."""
HELD_OUT = 5
"""One trace of so many is held out."""


class Foresight(NamedTuple):
    """Bits an event of traces that were held out: without their ends, as where traces are cut tells nothing, or with.

    Attributes
    ----------
    model : float
        By the states of a model learned from the others.
    frequencies : float
        By how frequent the symbols are in the others, and their ends where these count.
    """

    model: float
    frequencies: float

    @property
    def saved(self) -> float:
        """Share of the bits that the model saves, below 0 where it foretells less than the frequencies do."""
        return 1 - self.model / self.frequencies if self.frequencies else 0.0


def recall(tree: PrefixTree) -> TraceBatch | None:
    """Return the traces that a tree holds, in the order of its nodes; None if it has lost some, or there are many.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"], []])
    >>> sorted(trace.tolist() for trace in recall(learner.tree))
    [[], [0], [0, 1]]
    """
    columns = tree.columns
    if tree.traces > MOST_TRACES or int(columns.counts[: tree.edges].sum()) + int(columns.size[TAILS]) > MOST_EVENTS:
        return None
    from ..summary.held_traces import events_of, whole_rows

    rows = whole_rows(tree)
    if int(rows.times.sum()) != tree.traces:
        return None
    order = np.argsort(rows.edges, kind="stable")
    rows = rows.chosen(np.repeat(order, rows.times[order]))
    return TraceBatch(*events_of(tree, rows))


def foresight(
    traces: TraceBatch, learner: StreamLearner, fold: int = HELD_OUT - 1, ends: bool = False
) -> Foresight | None:
    """Return how well every fifth of the traces is foretold by what a learner like this one learns from the others.

    None where there are too few to tell.

    Parameters
    ----------
    traces : TraceBatch
    learner : StreamLearner
        Its parameters and its alphabet are taken.
    fold : int
        Which of five is held out: the first of the traces is of fold 0.  Readings are chosen by the last fold, so that
        what was chosen has to be judged by the others.
    ends : bool
        Whether where traces end counts: where they were not cut it is what states may know best.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"]] * 100)
    >>> foresight(recall(learner.tree), learner).saved > 0.9
    True
    """
    held = np.arange(len(traces)) % HELD_OUT == fold
    if not held.any():
        return None
    known, unknown = _chosen(traces, ~held), _chosen(traces, held)
    if not unknown.events:
        return None
    other = learner.clone()
    other.learn_many(known, learner.alphabet.copy())
    automaton = other.answer().automaton_alone  # what states say: their n-gram knows no states
    ids = automaton.encode(learner.alphabet.texts)
    bits = sum(_event_bits(automaton, ids[trace], ends) for trace in unknown)
    return Foresight(bits / unknown.events, _frequencies(known, unknown, len(ids), ends) / unknown.events)


def saves_clearly(automaton: PDFA) -> bool:
    """Tell whether states say so much of what was learned that they will say something of what was not.

    That is where they save a multiple of the bits that their probabilities take, half the logarithm of the events for
    each (Rissanen, Automatica 14, 1978): then it need not be tried.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"]] * 100)
    >>> saves_clearly(learner.automaton)
    True
    """
    weights, events = automaton.weights, float(automaton.weights.sum())
    told, all_of = np.bincount(automaton.edge_symbols, weights), np.bincount(automaton.sources, weights)
    taken = weights > 0
    by_frequency = told[automaton.edge_symbols] / max(events, 1.0)
    by_state = weights / np.maximum(all_of[automaton.sources], 1.0)
    saved = float((weights[taken] * np.log2(by_state[taken] / by_frequency[taken])).sum())
    return saved > CLEARLY * len(weights) * math.log2(max(events, 2.0)) / 2


def event_bits(automaton: PDFA, trace: Sequence[str]) -> float:
    """Return the bits that the events of a trace take, each given that the trace goes on.

    Examples
    --------
    >>> coin = PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.25, 0.25])
    >>> event_bits(coin, ["a", "b", "a"])
    3.0
    """
    return _event_bits(automaton, automaton.encode(trace))


def _event_bits(automaton: PDFA, ids: NDArray[np.int32], with_end: bool = False) -> float:
    bits, ends, _ = walk(automaton, ids)
    return float(bits.sum() if with_end else (bits + np.log2(1 - 2.0**-ends))[:-1].sum())


def _chosen(traces: TraceBatch, which: NDArray[np.bool_]) -> TraceBatch:
    lengths = np.diff(traces.offsets)
    offsets = np.zeros(int(which.sum()) + 1, np.int64)
    np.cumsum(lengths[which], out=offsets[1:])
    return TraceBatch(traces.symbols[np.repeat(which, lengths)], offsets)


def _frequencies(known: TraceBatch, unknown: TraceBatch, symbols: int, ends: bool = False) -> float:
    """Return the bits that the events of some traces take by their frequencies in others (Krichevsky & Trofimov)."""
    counts, wanted = (
        np.append(np.bincount(batch.symbols, minlength=symbols), [len(batch)] * ends) for batch in (known, unknown)
    )
    told = counts + 0.5
    return float(wanted @ (math.log2(told.sum()) - np.log2(told)))
