"""How much of each state's say an n-gram deserves: what of it foretells the stream best that neither had counted."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.ngram import NGram
from ..automata.pdfa import PDFA
from ..summary.tree import PrefixTree
from .kneser_ney import Passed, Table
from .passages import Radix

PRIOR = 2.0
"""Outcomes that the share of all states together is worth in each."""
LEAST, FEW = 0.0002, 10
"""Share of the bits of all outcomes that an n-gram must save, and so many bits at least."""
REPEATED = 0.1
"""Share of traces that repeat others from which on leaving one out says nothing: what is left knows it still."""
HOPELESS = 0.25
"""Share of what is wanted that an n-gram must save, and no less than a shorter one, for longer ones to be tried."""
LENGTHS = (3, 4, 6)
"""Most events that contexts hold, in each of the n-grams that are tried."""
HALVINGS, ROUNDS = 14, 2


class Foretold(NamedTuple):
    """Outcomes that the tree counted, and their probabilities had they come once less."""

    states: NDArray[np.int64]
    counts: NDArray[np.float64]
    alone: NDArray[np.float64]  # by the state
    ngram: NDArray[np.float64]


def foretold(automaton: PDFA, table: Table, states: NDArray[np.int32], left_out: NDArray[np.float64]) -> Foretold:
    """Return what is said of the passages of a tree; ``states`` has the state of each node."""
    width, smoothing = len(automaton.symbols) + 1, automaton.smoothing
    where, outcomes = states[table.passed.nodes].astype(np.int64), table.passed.tree.outcomes
    keys = automaton.sources * width + automaton.edge_symbols
    rows = np.minimum(np.searchsorted(keys, where * width + outcomes), max(0, len(keys) - 1))
    ended = outcomes == width - 1
    weights = np.where(ended, automaton.stops[where], automaton.weights[rows] if len(keys) else 0.0)
    base = np.append(smoothing.base[2:], smoothing.base[0])[outcomes]
    seen = np.maximum(weights - 1, 0.0) + automaton.rest[where] * base
    alone = seen / np.maximum(automaton.mass[where] - 1, automaton.rest[where])
    return Foretold(where, table.passed.tree.counts.astype(np.float64), alone, left_out)


def shares(found: Foretold, states: int) -> NDArray[np.float64]:
    """Return the share of the n-gram in each state under which the outcomes are likeliest, shape (states,).

    It is likelihood that speaks, and of states with few outcomes the share of all together: a mixture that is fitted
    to what was left out (deleted interpolation: Jelinek & Mercer, 1980).

    Examples
    --------
    >>> right, wrong = np.array([0.9, 0.9, 0.1, 0.1]), np.array([0.1, 0.1, 0.9, 0.9])
    >>> shares(Foretold(np.array([0, 0, 1, 1]), np.full(4, 500.0), right, wrong), 2).round(2)
    array([0., 1.])
    """
    gain, total = found.ngram - found.alone, np.bincount(found.states, found.counts, states)
    everywhere, best = 0.1, np.full(states, 0.1)
    for _ in range(ROUNDS):
        low, high = np.zeros(states), np.ones(states)
        for _ in range(HALVINGS):
            best = (low + high) / 2
            slope = found.counts * gain / (found.alone + best[found.states] * gain)
            pull = PRIOR * (everywhere / best - (1 - everywhere) / (1 - best))
            rising = np.bincount(found.states, slope, states) + pull
            low, high = np.where(rising > 0, best, low), np.where(rising > 0, high, best)
        everywhere = min(0.9, max(1e-4, float(best @ total) / max(1.0, float(total.sum()))))
    return best


def saved(found: Foretold, best: NDArray[np.float64]) -> float:
    """Return the bits that a mixture saves."""
    mixed = found.alone + best[found.states] * (found.ngram - found.alone)
    return float(found.counts @ (np.log2(mixed) - np.log2(found.alone)))


class Tables:
    """What a tree holds of contexts and outcomes, counted once it is asked for.

    Parameters
    ----------
    tree : PrefixTree
        Not to be changed.
    alphabet : int
        Number of symbols.
    """

    def __init__(self, tree: PrefixTree, alphabet: int) -> None:
        self._tree, self._alphabet = tree, alphabet
        held, traces = tree.repeated.traces, tree.traces
        self._longest = Radix.of(alphabet).length if held <= REPEATED * (held + traces) and traces else 0
        self._tables: dict[int, Table] = {}
        self._left_out: dict[int, NDArray[np.float64]] = {}
        self._ngrams: dict[int, NGram] = {}

    @cached_property
    def _passed(self) -> Passed:
        return Passed.of(self._tree, Radix(self._alphabet, self._longest))

    def _table(self, length: int) -> Table:
        if length not in self._tables:
            self._tables[length] = Table.of(self._passed.shorter(length))
            self._left_out[length] = self._tables[length].left_out()
        return self._tables[length]

    def mixed(self, automaton: PDFA, evidence: PDFA, states: NDArray[np.int32]) -> PDFA:
        """Return an automaton mixed with the n-gram that saves most bits, or alone if none saves enough.

        Parameters
        ----------
        automaton, evidence : PDFA
            Made of that tree, with and without what its stream repeated.
        states : int32 array, shape (nodes,)
            The state of each node.
        """
        most, found = 0.0, automaton
        for length in sorted({min(length, self._longest) for length in LENGTHS} - {0}):
            table = self._table(length)
            told = foretold(evidence, table, states, self._left_out[length])
            best = shares(told, len(evidence))
            gain, wanted = saved(told, best), max(FEW, -LEAST * float(told.counts @ np.log2(told.alone)))
            if gain > max(most, wanted):
                found = self._with(automaton, length, best)
            if gain < max(most, HOPELESS * wanted):
                break
            most = gain
        return found

    def _with(self, automaton: PDFA, length: int, best: NDArray[np.float64]) -> PDFA:
        if length not in self._ngrams:
            self._ngrams[length] = self._tables[length].ngram()
        return replace(automaton, ngram=self._ngrams[length], ngram_shares=best)
