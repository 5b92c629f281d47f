"""How much of each state's say an n-gram deserves: what of it foretells the stream best that neither had counted."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._kernels.ngrams import ForetoldRows, likeliest_shares
from ..automata.ngram import NGram
from ..automata.pdfa import PDFA
from ..summary.tree import PrefixTree
from ..tuples import NamedTuple
from .kneser_ney import Table

PRIOR = 2.0
"""Outcomes that the share of all states together is worth in each."""
LEAST, FEW = 0.0002, 10
"""Share of the bits of all outcomes that an n-gram must save, and so many bits at least."""
REPEATED = 0.1
"""Share of traces that repeat others from which on leaving one out says nothing: what is left knows it still."""
HOPELESS = 0.5
"""Share of what is wanted that an n-gram must save, and no less than a shorter one, for longer ones to be tried."""
LENGTHS = (3, 4, 6)
"""Most events that contexts hold, in each of the n-grams that are tried."""
PAIRS = 1 << 17
"""Pairs of state and outcome that have a place each, so that none is searched."""
HALVINGS, ROUNDS = 14, 2


class Foretold(NamedTuple):
    """Outcomes that the tree counted, by state, and their probabilities had they come once less."""

    starts: NDArray[np.int64]  # state: its first outcome; one more
    order: NDArray[np.int64]  # which passage of the tree each outcome is
    counts: NDArray[np.float64]
    alone: NDArray[np.float64]  # by the state

    @classmethod
    def of(cls, automaton: PDFA, table: Table, states: NDArray[np.int32]) -> Foretold:
        """Return what states say of the passages of a tree; ``states`` has the state of each node."""
        unordered = states[table.passages.nodes]
        # NumPy sorts short numbers by their digits, in one go.
        order = np.argsort(unordered.astype(np.uint16) if len(automaton) <= 1 << 16 else unordered, kind="stable")
        where, outcomes = unordered[order].astype(np.int64), table.passages.outcomes[order]
        starts = np.searchsorted(where, np.arange(len(automaton) + 1))
        return cls(starts, order, table.passages.times[order].astype(np.float64), _alone(automaton, where, outcomes))


def _alone(automaton: PDFA, where: NDArray[np.int64], outcomes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the probabilities of outcomes in states, each had it come once less there."""
    width, smoothing = len(automaton.symbols) + 1, automaton.smoothing
    keys, wanted = automaton.sources * width + automaton.edge_symbols, where * width + outcomes
    if len(automaton) * width <= PAIRS:
        places = np.zeros(len(automaton) * width, np.int64)
        places[keys] = np.arange(len(keys))
        rows = places[wanted]
    else:
        rows = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    ended = outcomes == width - 1
    weights = np.where(ended, automaton.stops[where], automaton.weights[rows] if len(keys) else 0.0)
    base = np.append(smoothing.base[2:], smoothing.base[0])[outcomes]
    seen = np.maximum(weights - 1, 0.0) + automaton.rest[where] * base
    return seen / np.maximum(automaton.mass[where] - 1, automaton.rest[where])


def shares(found: Foretold, ngram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the n-gram in each state under which the outcomes are likeliest, shape (states,).

    It is likelihood that speaks, and of states with few outcomes the share of all together: a mixture that is fitted
    to what was left out (deleted interpolation: Jelinek & Mercer, 1980).

    Examples
    --------
    >>> right, wrong = np.array([0.9, 0.9, 0.1, 0.1]), np.array([0.1, 0.1, 0.9, 0.9])
    >>> shares(Foretold(np.array([0, 2, 4]), np.arange(4), np.full(4, 500.0), right), wrong).round(2)
    array([0., 1.])
    """
    best = np.empty(len(found.starts) - 1)
    summed = np.concatenate([[0.0], np.cumsum(found.counts)])
    total = np.diff(summed[found.starts])
    everywhere, rows = 0.1, ForetoldRows(found.starts, found.counts, found.alone, ngram)
    for _ in range(ROUNDS):
        likeliest_shares(rows, everywhere, PRIOR, HALVINGS, best)
        everywhere = min(0.9, max(1e-4, float((best * total).sum()) / max(1.0, float(total.sum()))))
    return best


def saved(found: Foretold, ngram: NDArray[np.float64], best: NDArray[np.float64]) -> float:
    """Return the bits that a mixture saves."""
    share = np.repeat(best, np.diff(found.starts))
    return float((found.counts * np.log2((1 - share) + share * ngram / found.alone)).sum())


class Tables:
    """What a tree holds of contexts and outcomes, counted once it is asked for.

    Parameters
    ----------
    tree : PrefixTree
        Not to be changed.
    alphabet : int
        Number of symbols.
    once : bool
        Whether all that repeats others was taken out of the tree, so that leaving one out says something.
    """

    def __init__(self, tree: PrefixTree, alphabet: int, once: bool = False) -> None:
        self._tree, self._alphabet, self._once = tree, alphabet, once
        self._left_out: dict[int, NDArray[np.float64]] = {}
        self._ngrams: dict[int, NGram] = {}

    @property
    def _useful(self) -> bool:
        """Whether leaving one out says something."""
        held, traces = self._tree.repeated.traces, self._tree.traces
        return bool(traces) and (self._once or held <= REPEATED * (held + traces))

    @cached_property
    def _table(self) -> Table:
        return Table(self._tree, self._alphabet)

    def mixed(self, automaton: PDFA, evidence: PDFA, states: NDArray[np.int32]) -> PDFA:
        """Return an automaton mixed with the n-gram that saves most bits, or alone if none saves enough.

        Parameters
        ----------
        automaton, evidence : PDFA
            Made of that tree, with and without what its stream repeated.
        states : int32 array, shape (nodes,)
            The state of each node.
        """
        if not self._useful:
            return automaton
        told = Foretold.of(evidence, self._table, states)
        wanted = max(FEW, -LEAST * float((told.counts * np.log2(told.alone)).sum()))
        most, length, best = 0.0, 0, np.empty(0)
        for longer in sorted({min(length, self._table.longest) for length in LENGTHS}):
            said = self._said(longer)[told.order]
            fitted = shares(told, said)
            gain = saved(told, said, fitted)
            if gain > max(most, wanted):
                length, best = longer, fitted
            if gain < max(most, HOPELESS * wanted):
                break
            most = gain
        return replace(automaton, ngram=self._ngram(length), ngram_shares=best) if length else automaton

    def forget(self) -> None:
        """Give back the memory; it is counted again if more is asked."""
        self.__dict__.pop("_table", None)
        self._left_out = {}

    def _said(self, length: int) -> NDArray[np.float64]:
        if length not in self._left_out:
            self._left_out[length] = self._table.left_out(length)
        return self._left_out[length]

    def _ngram(self, length: int) -> NGram:
        """Return the n-gram; what was repeated counts, but not for discounts, which rest on what came seldom."""
        if length not in self._ngrams:
            table, told = self._table, None
            if len(self._tree.repeated.times):
                table, told = Table(self._tree, self._alphabet, with_repeated=True), table
            self._ngrams[length] = table.ngram(length, told)
        return self._ngrams[length]
