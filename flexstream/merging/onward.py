"""Leading on: where transitions lead of which no evidence says it, since their nodes never grew.

A trace that takes one goes on somewhere.  That state is taken from which what followed it is likeliest, of all traces
that took it; the state to which most transitions of that symbol lead is taken only where nothing followed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import split_keys
from .._kernels.leading import LeadingColumns, find_departures, lead_on
from .._kernels.routing import RouteColumns
from ..summary.tree import PrefixTree

FOLLOWERS = 8
"""Traces by which it is decided where a transition leads, at most."""
CANDIDATES = 1 << 10
"""States to which one may lead: those that are visited most."""
STRENGTH = 5.0
"""Observations that the prior is worth."""


def leads_of(
    route: RouteColumns, tree: PrefixTree, known: NDArray[np.bool_], counts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return where each transition leads, shape (transitions,).

    Parameters
    ----------
    route : RouteColumns
        An automaton through which the tails of the tree were routed.
    tree : PrefixTree
    known : bool array, shape (transitions,)
        Whether it is known where a transition leads.
    counts : int64 array, shape (transitions,)
        How often each was taken in the tree.
    ends : int64 array, shape (states,)
        Traces that ended in each state, in the tree.
    """
    size, columns, sure = len(known), tree.columns, known.astype(np.int8)
    found, none = np.zeros(size, np.int64), np.empty((0, 2), np.int64)
    find_departures(route, columns, sure, FOLLOWERS, np.zeros(size, np.int64), found, none)
    first, rows = np.cumsum(found) - found, np.flatnonzero(found)
    followers = np.empty((int(found.sum()), 2), np.int64)
    find_departures(route, columns, sure, FOLLOWERS, first, np.zeros(size, np.int64), followers)
    leads = np.empty(len(rows), np.int32)
    lead_on(
        route, columns, _believed(route, sure, counts, ends), np.append(first[rows], len(followers)), followers, leads
    )
    targets = route.targets[:size].astype(np.int64)
    targets[rows] = leads
    return targets


def _believed(
    route: RouteColumns, known: NDArray[np.int8], counts: NDArray[np.int64], ends: NDArray[np.int64]
) -> LeadingColumns:
    """Return what the tree says of the probabilities of an automaton."""
    source, symbol = split_keys(route.keys[: len(known)])
    visits = ends + np.bincount(source, counts, len(ends))
    totals = np.append(np.bincount(symbol, counts, len(route.fallback)), ends.sum()) + 0.5
    shares, seen = totals / totals.sum(), visits + STRENGTH
    return LeadingColumns(
        known=known,
        logs=np.log((counts + STRENGTH * shares[symbol]) / seen[source]),
        missing=np.log(STRENGTH / seen),
        shares=np.log(shares[:-1]),
        ends=np.log((ends + STRENGTH * shares[-1]) / seen),
        candidates=np.argsort(-visits, kind="stable")[:CANDIDATES].astype(np.int32),
    )
