"""Routing the tails of a tree through the automaton that its grown part became."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .gamma import log_rising
from .growth import EDGES, NODES, TREE
from .jit import bare_kernel_of, columns_type, hot, kernel
from .table import FREE, find_slot, key_node, key_symbol, make_key

FULL = -1


class RouteColumns(NamedTuple):
    """The transitions of an automaton, small and close together, and what the tails add to them; states are numbered.

    The first are those of the fold, in any order; those that only tails take join them as they are met.
    """

    states: NDArray[np.int32]  # node of the tree: its state
    fallback: NDArray[np.int32]  # symbol: state it leads to where nothing is known
    keys: NDArray[np.int64]  # transition: state and symbol
    targets: NDArray[np.int32]  # transition: the next state
    counts: NDArray[np.int64]  # transition: events in tails
    ends: NDArray[np.int64]  # state: tails that ended there
    slots: NDArray[np.int32]  # table from key to transition
    size: NDArray[np.int64]  # transitions


ROUTE = columns_type(RouteColumns)


@kernel
def place_states(tree, fold, reds, number, states):
    """Find the state of every node of the tree: its parent's state, one transition further."""
    number[:] = -1
    for state in range(len(reds)):
        number[reds[state]] = state
    states[0] = 0
    for node in range(1, tree.size[NODES]):
        red = reds[states[tree.parent[node]]]
        edge = fold.slots[find_slot(fold.slots, fold.keys, make_key(red, tree.symbol[node]))]
        states[node] = number[fold.child[edge]]


@hot
def transition(route, state, symbol):
    """Return a transition, made if it is new; FULL if there is no room for it."""
    key = make_key(state, symbol)
    slot = find_slot(route.slots, route.keys, key)
    row = np.int64(route.slots[slot])
    if row == FREE:
        row = route.size[0]
        if row == len(route.keys):
            return np.int64(FULL)
        route.size[0] = row + 1
        route.slots[slot] = row
        route.keys[row], route.targets[row], route.counts[row] = key, route.fallback[symbol], 0
    return row


@kernel
def agreement(strength, source, shares, counts, others, stops, other_stops, stop_share, evidence):
    """Fill, for each state, the log Bayes factor of one distribution for two sets of counts against two.

    The counts are those of transitions, of which ``source`` is the state, and of the ends.
    """
    total, more = stops.copy(), other_stops.copy()
    for state in range(len(stops)):
        evidence[state] = log_rising(strength * stop_share, stops[state], other_stops[state])
    for edge in range(len(source)):
        state = source[edge]
        evidence[state] += log_rising(strength * shares[edge], counts[edge], others[edge])
        total[state] += counts[edge]
        more[state] += others[edge]
    for state in range(len(stops)):
        evidence[state] -= log_rising(strength, total[state], more[state])


@bare_kernel_of(types.boolean(ROUTE, TREE))
def route_tails(route, tree):
    """Route all tails; return False if there was no room for all new transitions."""
    for edge in range(tree.size[EDGES]):
        tail = np.int64(tree.tails[edge])
        if tail < 0:
            continue
        node, symbol = key_node(tree.keys[edge]), key_symbol(tree.keys[edge])
        row = transition(route, np.int64(route.states[node]), symbol)
        if row == FULL:
            return False
        first = np.int64(route.targets[row])
        while tail >= 0:
            state = first
            for position in range(tree.tail_start[tail], tree.tail_stop[tail]):
                row = transition(route, state, np.int64(tree.store[position]))
                if row == FULL:
                    return False
                route.counts[row] += 1
                state = np.int64(route.targets[row])
            route.ends[state] += 1
            tail = np.int64(tree.tail_next[tail])
    return True
