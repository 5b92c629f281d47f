"""First visits: the outcomes of a state when a string comes to it for the first time.

How many there are, no outcome of the state has a part in, so they are a fixed number of independent draws; of all its
visits that cannot be said, as an outcome may lead back (docs/pac.md, theorem 5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..._kernels.visits import find_again
from ...tuples import NamedTuple
from .state_tree import StateTree, outcomes_by

MOST_BYTES = 1 << 28
"""For the table of states met on the way to each node; a larger one is not made."""
_BITS = 64


class FirstVisits(NamedTuple):
    """Counts of outcomes at first visits."""

    stops: NDArray[np.int64]  # state: strings that ended
    keys: NDArray[np.int64]  # transition: state times alphabet and symbol, rising
    steps: NDArray[np.int64]  # transition: events


def first_visits(tree: StateTree) -> FirstVisits | None:
    """Count the outcomes at the first visits of each state, at nodes that grew for their visits' sake alone.

    The tree must have grown by visits only, not near its states (`flexstream.summary.tree.GrowthRules.reach`).

    Returns
    -------
    FirstVisits or None
        None for lack of memory.
    """
    if len(tree.state) * (tree.states // _BITS + 1) * 8 > MOST_BYTES:
        return None
    chosen = ~again(tree.parent, tree.state, tree.states) & tree.grown
    outcomes, alphabet = tree.alphabet + 1, max(1, tree.alphabet)
    cells, counts = outcomes_by(tree, tree.state, tree.states, chosen)
    state, outcome = cells // outcomes, cells % outcomes
    stops, steps = np.zeros(tree.states, np.int64), outcome > 0
    stops[state[~steps]] = counts[~steps]
    return FirstVisits(stops, state[steps] * alphabet + outcome[steps] - 1, counts[steps])


def again(parent: NDArray[np.int64], state: NDArray[np.int64], states: int) -> NDArray[np.bool_]:
    """Tell for each node of a tree whether a node on the way to it has the same state.

    >>> again(np.array([-1, 0, 1]), np.array([0, 1, 0]), states=2).tolist()
    [False, False, True]
    """
    found = np.empty(len(state), np.bool_)
    find_again(parent, state, np.empty((len(state), states // _BITS + 1), np.uint64), found)
    return found
