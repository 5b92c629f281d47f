"""Routing the tails of a tree through the automaton that its grown part became."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .folding import FOLD
from .gamma import log_rising
from .growth import EDGES, NODES, TREE
from .jit import bare_kernel_of, columns_type, hot, kernel
from .table import FREE, find_slot, key_node, key_symbol, make_key

FULL = -1


class RouteColumns(NamedTuple):
    """What the tails add to an automaton; states are numbered."""

    number: NDArray[np.int32]  # node of the fold: its state, -1 if it is not red
    states: NDArray[np.int32]  # node of the tree: its state
    fallback: NDArray[np.int32]  # symbol: state it leads to most often
    counts: NDArray[np.int64]  # edge of the fold: events
    ends: NDArray[np.int64]  # state: tails that ended there
    keys: NDArray[np.int64]  # transition that only tails take: state and symbol
    extra: NDArray[np.int64]  # transition that only tails take: events
    slots: NDArray[np.int32]  # table from key to such a transition
    size: NDArray[np.int64]  # transitions that only tails take


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
def step(route, fold, reds, state, symbol):
    """Count one event; return the next state, FULL if there is no room for a new transition."""
    edge = fold.slots[find_slot(fold.slots, fold.keys, make_key(reds[state], symbol))]
    if edge != FREE:
        route.counts[edge] += 1
        child = fold.child[edge]
        return np.int64(route.number[child]) if child >= 0 else np.int64(route.fallback[symbol])
    key = make_key(state, symbol)
    slot = find_slot(route.slots, route.keys, key)
    row = np.int64(route.slots[slot])
    if row == FREE:
        row = route.size[0]
        if row == len(route.keys):
            return np.int64(FULL)
        route.size[0] = row + 1
        route.slots[slot] = row
        route.keys[row] = key
    route.extra[row] += 1
    return np.int64(route.fallback[symbol])


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


@bare_kernel_of(types.boolean(ROUTE, TREE, FOLD, types.Array(types.int32, 1, "C")))
def route_tails(route, tree, fold, reds):
    """Route all tails; return False if there was no room for all new transitions."""
    for edge in range(tree.size[EDGES]):
        tail = np.int64(tree.tails[edge])
        if tail < 0:
            continue
        node, symbol = key_node(tree.keys[edge]), key_symbol(tree.keys[edge])
        after = fold.slots[find_slot(fold.slots, fold.keys, make_key(reds[route.states[node]], symbol))]
        child = fold.child[after]
        first = np.int64(route.number[child]) if child >= 0 else np.int64(route.fallback[symbol])
        while tail >= 0:
            state = first
            for position in range(tree.tail_start[tail], tree.tail_stop[tail]):
                state = step(route, fold, reds, state, np.int64(tree.store[position]))
                if state == FULL:
                    return False
            route.ends[state] += 1
            tail = np.int64(tree.tail_next[tail])
    return True
