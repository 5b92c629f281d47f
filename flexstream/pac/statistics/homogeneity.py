"""Whether the ways into a state agree about what comes next: a check that can prove a state to be several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...tuples import NamedTuple
from .special import log_gamma
from .state_tree import StateTree, numbered, outcomes_by, summed


class EntryCounts(NamedTuple):
    """Next-outcome counts of each state, apart by the transition by which its visits came in.

    A group is a pair of state and entry; the start is an entry of state 0.
    """

    states: NDArray[np.int64]  # group: its state
    totals: NDArray[np.int64]  # group: visits with an outcome
    group: NDArray[np.int64]  # row: its group
    outcome: NDArray[np.int64]  # row: the end is 0, then symbols
    counts: NDArray[np.int64]  # row: how often
    entries: NDArray[np.int64]  # state: number of groups


def entry_counts(tree: StateTree) -> EntryCounts:
    """Count the outcomes at the nodes of a tree by state and entry.

    Nodes with fewer visits than it takes to grow are left out: that they are there may be due to the states near them.
    """
    symbols, outcomes = max(1, tree.alphabet), tree.alphabet + 1
    entry = tree.state[tree.parent] * symbols + tree.symbol
    entry[0] = tree.states * symbols
    keys, group = numbered(entry, tree.states * symbols + 1)
    states = np.zeros(len(keys), np.int64)
    states[group] = tree.state
    rows, counts = outcomes_by(tree, group, len(keys), tree.grown)
    return EntryCounts(
        states=states,
        totals=np.bincount(rows // outcomes, counts, len(keys)).astype(np.int64),
        group=rows // outcomes,
        outcome=rows % outcomes,
        counts=counts,
        entries=np.bincount(states, minlength=tree.states),
    )


def homogeneity(counts: EntryCounts, outcomes: int) -> NDArray[np.float64]:
    """Return for each state the log of an e-value against "all ways in lead to one distribution", shape (states,).

    Each group's likelihood under a Dirichlet mixture, over the best likelihood of one distribution for all groups
    together (universal inference: Wasserman, Ramdas & Balakrishnan, PNAS 117, 2020).  If the state is one state, this
    is above 1/α with probability at most α (docs/pac.md, theorem 3).
    """
    states = len(counts.entries)
    prior = 1 / outcomes
    rising = log_gamma(counts.counts + prior) - log_gamma(prior)
    mixture = np.bincount(counts.group, rising, len(counts.states)) - log_gamma(counts.totals + 1.0)
    cells = counts.states[counts.group] * outcomes + counts.outcome
    # States times outcomes is too much for large alphabets; only what was observed adds to the sum.
    observed, pooled = summed(cells, counts.counts, states * outcomes)
    state = observed // outcomes
    total = np.bincount(state, pooled, states)
    best = np.bincount(state, pooled * np.log(pooled / total[state]), states)
    return np.asarray(np.bincount(counts.states, mixture, states) - best)
