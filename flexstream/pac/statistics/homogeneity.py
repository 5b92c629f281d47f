"""Whether the ways into a state agree about what comes next: a check that can prove a state to be several."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.growth import EDGES, NODES
from ..._kernels.keys import split_keys
from ...summary.tree import PrefixTree
from .special import log_gamma


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


def entry_counts(tree: PrefixTree, state_of: NDArray[np.int32], states: int, alphabet: int) -> EntryCounts:
    """Count the outcomes at the nodes of a tree by state and entry.

    Nodes with fewer visits than it takes to grow are left out: that they are there may be due to the states near them.

    Parameters
    ----------
    tree : PrefixTree
    state_of : int32 array, shape (nodes,)
        State of each node.
    states, alphabet : int
        How many there are.
    """
    columns = tree.columns
    nodes, edges = int(columns.size[NODES]), int(columns.size[EDGES])
    state = state_of[:nodes].astype(np.int64)
    entry = state[columns.parent[:nodes]] * max(1, alphabet) + columns.symbol[:nodes]
    entry[0] = states * max(1, alphabet)
    keys, group = np.unique(entry, return_inverse=True)
    group_state = np.zeros(len(keys), np.int64)
    group_state[group] = state
    owner, symbol = split_keys(columns.keys[:edges])
    cells = np.concatenate([group[owner] * (alphabet + 1) + 1 + symbol, group * (alphabet + 1)])
    grown = columns.visits[:nodes] >= tree.rules.grow_at
    amounts = np.concatenate([columns.counts[:edges] * grown[owner], columns.ends[:nodes] * grown])
    rows, where = np.unique(cells, return_inverse=True)
    counts = np.bincount(where, amounts, len(rows)).astype(np.int64)
    rows, counts = rows[counts > 0], counts[counts > 0]
    row_group = rows // (alphabet + 1)
    return EntryCounts(
        states=group_state,
        totals=np.bincount(row_group, counts, len(keys)).astype(np.int64),
        group=row_group,
        outcome=rows % (alphabet + 1),
        counts=counts,
        entries=np.bincount(group_state, minlength=states),
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
    # States times outcomes is too much for large alphabets; only what was seen adds to the sum.
    seen, where = np.unique(cells, return_inverse=True)
    pooled, state = np.bincount(where, counts.counts, len(seen)), seen // outcomes
    total = np.bincount(state, pooled, states)
    best = np.bincount(state, pooled * np.log(pooled / total[state]), states)
    return np.asarray(np.bincount(counts.states, mixture, states) - best)
