"""First visits: the outcomes of a state when a string comes to it for the first time, and second ones, and so on.

How many first ones there are, no outcome of the state has a part in, so they are a fixed number of independent draws;
of all its visits that cannot be said, as an outcome may lead back (docs/pac.md, theorem 5).  Of the k-th visits it can
be said once the outcomes of those before are known (theorem 8).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ..._kernels.visits import find_again
from ...tuples import NamedTuple
from .state_tree import StateTree, outcomes_by

MOST_BYTES = 1 << 28
"""For the table of states met on the way to each node; a larger one is not made."""
_BITS = 64


class FirstVisits(NamedTuple):
    """Counts of outcomes at first visits, or at those of another number."""

    stops: NDArray[np.int64]  # state: strings that ended
    keys: NDArray[np.int64]  # transition: state times alphabet and symbol, rising
    steps: NDArray[np.int64]  # transition: events


def visits_by_order(tree: StateTree, most: int) -> list[FirstVisits] | None:
    """Count the outcomes at the k-th visits of each state, at nodes that grew for their visits' sake alone.

    The tree must have grown by visits only, not near its states (`flexstream.summary.tree.GrowthRules.reach`).

    Parameters
    ----------
    tree : StateTree
    most : int
        k is 1, 2, … up to that.

    Returns
    -------
    list of FirstVisits, of length ``most``, or None
        None for lack of memory.
    """
    if len(tree.state) * (tree.states // _BITS + 1) * 8 > MOST_BYTES:
        return None
    trunk = tree.trunk
    returned = again(trunk.parent, trunk.state, trunk.states)
    later, last = returned, last_visit(trunk.parent, trunk.state, returned)
    before = np.zeros(len(later), np.int64)  # visits of its state on the way to each node
    for _ in range(most):
        before += later
        later = later & later[last]
    group = np.minimum(before, most - 1) * trunk.states + trunk.state
    cells, counts = outcomes_by(trunk, group, most * trunk.states, trunk.grown & (before < most))
    bounds = np.searchsorted(cells, np.arange(most + 1) * trunk.states * (trunk.alphabet + 1))
    parts = [slice(*bound) for bound in itertools.pairwise(bounds.tolist())]
    return [_of_order(trunk, cells[part], counts[part]) for part in parts]


def _of_order(tree: StateTree, cells: NDArray[np.int64], counts: NDArray[np.int64]) -> FirstVisits:
    outcomes, alphabet = tree.alphabet + 1, max(1, tree.alphabet)
    state, outcome = cells // outcomes % tree.states, cells % outcomes
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


def last_visit(parent: NDArray[np.int64], state: NDArray[np.int64], returned: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each node that has returned to its state the last node on the way to it with that state.

    Of the others it is the root.

    >>> state = np.array([0, 1, 0, 0])
    >>> last_visit(np.array([-1, 0, 1, 2]), state, np.array([False, False, True, True])).tolist()
    [0, 0, 0, 2]
    """
    last, asked = np.zeros(len(state), np.int64), np.flatnonzero(returned)
    above = parent[asked]
    while len(asked):
        there = state[above] == state[asked]
        last[asked[there]] = above[there]
        asked, above = asked[~there], parent[above[~there]]
    return last
