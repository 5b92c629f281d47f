"""Walking traces through an automaton."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import inline, kernel
from .table import FREE, find_slot, make_key


class ScoreColumns(NamedTuple):
    """An automaton laid out for walking."""

    keys: NDArray[np.int64]  # transition: state and symbol, see table.py
    targets: NDArray[np.int32]  # transition
    bits: NDArray[np.float64]  # transition: surprise
    slots: NDArray[np.int32]  # table from key to transition
    stop_bits: NDArray[np.float64]  # state: surprise of the end
    rare_bits: NDArray[np.float64]  # state: surprise of the smoothing as a whole
    base_bits: NDArray[np.float64]  # symbol: surprise under the smoothing's base
    fallback: NDArray[np.int32]  # symbol: where a transition never seen leads
    unknown_bits: NDArray[np.float64]  # one cell: surprise of an unknown symbol under the base


@inline
def step(columns, state, symbol):
    """Return the next state, the surprise in bits, and whether the transition is known."""
    if symbol < 0:
        return state, columns.rare_bits[state] + columns.unknown_bits[0], False
    slot = find_slot(columns.slots, columns.keys, make_key(state, symbol))
    edge = columns.slots[slot]
    if edge == FREE:
        return columns.fallback[symbol], columns.rare_bits[state] + columns.base_bits[symbol], False
    return columns.targets[edge], columns.bits[edge], True


@kernel
def score_traces(columns, symbols, offsets, total, worst, worst_bits, unseen):
    """Score traces; fill bits in all, position of the most surprising event (the length: the end), its bits.

    ``unseen`` counts the events for which the automaton has no transition.
    """
    for trace in range(len(offsets) - 1):
        state, bits, most, where, strange = 0, 0.0, -1.0, 0, 0
        start, stop = offsets[trace], offsets[trace + 1]
        for position in range(start, stop):
            state, surprise, known = step(columns, state, symbols[position])
            bits += surprise
            strange += 0 if known else 1
            if surprise > most:
                most, where = surprise, position - start
        bits += columns.stop_bits[state]
        if columns.stop_bits[state] > most:
            most, where = columns.stop_bits[state], stop - start
        total[trace], worst[trace], worst_bits[trace], unseen[trace] = bits, where, most, strange


@kernel
def event_bits(columns, trace, bits, states):
    """Fill the surprise of each event and of the end, shape (length + 1,), and the state before each."""
    state = 0
    for position in range(len(trace)):
        states[position] = state
        state, bits[position], _ = step(columns, state, trace[position])
    states[len(trace)] = state
    bits[len(trace)] = columns.stop_bits[state]


@kernel
def batch_bits(columns, symbols, offsets, bits, known):
    """Fill the surprise of each event and of each end, trace by trace, shape (events + traces,).

    ``known`` becomes true where the automaton has a transition, and at the ends; it is never made false.
    """
    at = 0
    for trace in range(len(offsets) - 1):
        state = 0
        for position in range(offsets[trace], offsets[trace + 1]):
            state, bits[at], has = step(columns, state, symbols[position])
            known[at] |= has
            at += 1
        bits[at], known[at] = columns.stop_bits[state], True
        at += 1


@kernel
def mix_bits(weights, bits, known, offsets, total, worst, worst_bits, unseen):
    """Score traces by a mixture of automata from the surprises that each of them feels, shape (automata, outcomes).

    Mixing the probabilities of whole traces means to mix those of the next outcome with weights that what came before
    has shifted towards the automata that expected it.
    """
    at = 0
    belief = np.empty(len(weights))
    for trace in range(len(offsets) - 1):
        belief[:] = weights
        sum_bits, most, where, strange = 0.0, -1.0, 0, 0
        for position in range(offsets[trace + 1] - offsets[trace] + 1):
            chance = 0.0
            for member in range(len(belief)):
                chance += belief[member] * 2.0 ** -bits[member, at]
            surprise = -np.log2(chance) if chance > 0.0 else np.inf
            if chance > 0.0:
                for member in range(len(belief)):
                    belief[member] *= 2.0 ** -bits[member, at] / chance
            sum_bits += surprise
            strange += 0 if known[at] else 1
            if surprise > most:
                most, where = surprise, position
            at += 1
        total[trace], worst[trace], worst_bits[trace], unseen[trace] = sum_bits, where, most, strange


@kernel
def share_credit(log2_prob, credit):
    """Share one unit of credit among the automata for each trace, in proportion to how likely each held it.

    ``log2_prob`` has shape (automata, traces).  Trace by trace, so that batches do not change the sum.
    """
    for trace in range(log2_prob.shape[1]):
        top = log2_prob[:, trace].max()
        if top == -np.inf:
            continue
        shares = 2.0 ** (log2_prob[:, trace] - top)
        credit += shares / shares.sum()
