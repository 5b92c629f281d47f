"""Softened members of an ensemble: made from its automata, weighed by traces that were set aside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..automata.left_out import bits_left_out
from ..automata.mixture import Ensemble
from ..merging.halt import Halt
from ..stream.batch import TraceBatch
from ..summary.held_traces import HeldTraces, held_traces, ordered
from ..summary.tree import PrefixTree
from ..tuples import NamedTuple
from .softening import Softening

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA

SPREADS = ((0.5, 1), (0.5, 2), (0.7, 2), (0.7, 3), (0.5, 4), (0.3, 2), (0.6, 3), (0.9, 4))
"""Share that each softened automaton spreads at random, and how many copies of each state it begins with at most."""
ROUNDS, MOST_ROUNDS, LAST_ROUNDS = 16, 64, 4
"""Maximisations at a time, at most, and those on all traces once the shares are known."""
WORTH = 0.0005
"""Share of the bits of the traces that so many maximisations have to save for others to follow."""
MEMORY = 1 << 25
"""Bytes where nothing is said of them."""
MOST_LEARNED, MOST_EVENTS, EVENT_BYTES = 1 << 19, 1 << 20, 40
"""Events that the size of an automaton is chosen by, and those that are taken for the last maximisations."""
LITTLE_WORK, WORK, MOST_WORK = 1e8, 5e8, 1.5e9
"""Events times squared states of a maximisation, without copies of states: from the first on there are six softened
automata at most, from the second on three, and of what would take more than the third not all traces are taken ..."""
LEAST_TAKEN = 0.5
"""... but so much of them; of an automaton with more states than that leaves, those visited most are softened."""
FEWEST = 200
"""Traces with fewer than which nothing is softened."""
HELD_OUT, MOST_HELD_OUT = 0.1, 2000
KEPT = 0.9
"""Share of the visits that the states of an automaton must have that are softened where not all are."""
WHOLE = 0.9
"""Share of the traces that a tree has to hold; of those of others too many would be short."""
STEPS = 10
"""Of expectation maximisation, to find what the softened automata have of the whole."""
MOST_SHARE = 0.99999
"""Of the whole that the softened automata may have, however little the members foretell beside them."""
HOPELESS = 1.01
"""Times the bits of the members that the first one may take for others to be tried."""


class Reservoir(NamedTuple):
    """Traces to learn from, and others to compare by; both in the order of their symbols."""

    learned: HeldTraces
    set_aside: HeldTraces

    @classmethod
    def of(cls, held: HeldTraces) -> Reservoir:
        """Set some traces aside, each with the same chance."""
        chance = min(HELD_OUT, MOST_HELD_OUT / held.traces)
        aside = np.random.default_rng(0).binomial(held.times, chance)
        parts = (held.chosen(np.flatnonzero(times), times[times > 0]) for times in (held.times - aside, aside))
        return cls(*parts)


def with_softened(
    ensemble: Ensemble,
    tree: PrefixTree,
    drawn: TraceBatch | None = None,
    halt: Halt | None = None,
    states: int | None = None,
) -> Ensemble:
    """Return an ensemble mixed with automata softened from its own, or itself where that foretells nothing better.

    All takes no more memory than half of what a search may.

    Parameters
    ----------
    ensemble : Ensemble
    tree : PrefixTree
        What its automata were made of.
    drawn : TraceBatch, optional
        Traces of the stream drawn at random; they are taken where the tree does not hold most traces whole.
    halt : Halt, optional
    states : int, optional
        Most states of each.
    """
    memory = MEMORY if tree.capacity is None else tree.capacity
    room = math.isqrt(memory // (16 * max(1, len(ensemble.symbols))))
    room = room if states is None else min(room, states)
    held = _held(tree, drawn, min(MOST_EVENTS, memory // EVENT_BYTES))
    room = min(room, math.isqrt(int(MOST_WORK / (LEAST_TAKEN * max(1, min(held.events, MOST_LEARNED))))))
    if room < 1 or held.traces < FEWEST:
        return ensemble
    automaton = _heaviest(ensemble, room)
    if automaton is None:
        return ensemble
    reservoir = Reservoir.of(held.thinned(MOST_WORK / min(room, len(automaton)) ** 2))
    aside = reservoir.set_aside
    batch = TraceBatch(aside.symbols, aside.offsets)
    theirs = _mixed(np.array([-bits_left_out(member, batch)[0] for member in ensemble]), ensemble.weights)
    made: list[Softening] = []
    rows: list[NDArray[np.float64]] = []
    for softening in _begun(automaton, len(ensemble), room, reservoir.learned.events):
        maximise(softening, reservoir.learned, halt)
        rows.append(softening.softened().log2_probs(batch))
        made.append(softening)
        if len(made) == 1 and rows[0] @ aside.times < HOPELESS * float(theirs @ aside.times):
            return ensemble
    weights = _maximised(np.array(rows), aside.times, 1)
    whole = _maximised(np.array([theirs, _mixed(np.array(rows), weights)]), aside.times, STEPS)
    for softening in made:
        softening.run(held, LAST_ROUNDS, halt)
    softened = [softening.softened() for softening in made]
    return replace(ensemble, softened=softened, shares=parts_of(weights, float(whole[1])))


def parts_of(weights: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return what each softened automaton has of the whole, where all together have a share; the members keep some.

    >>> parts_of(np.full(2, 0.5), 0.5).tolist()
    [0.25, 0.25]
    """
    found: NDArray[np.float64] = (weights * min(share, MOST_SHARE)).round(6)
    return found


def maximise(softening: Softening, learned: HeldTraces, halt: Halt | None = None) -> None:
    """Maximise as long as that saves bits."""
    before = softening.run(learned, ROUNDS, halt)
    for _ in range(ROUNDS, MOST_ROUNDS, ROUNDS):
        after = softening.run(learned, ROUNDS, halt)
        if after > (1 - WORTH) * before:
            return
        before = after


def _held(tree: PrefixTree, drawn: TraceBatch | None, most: int) -> HeldTraces:
    """Return the traces that a tree holds, or where it has lost too many those that were drawn; so many events."""
    held, kept = held_traces(tree, most)
    came = tree.traces + tree.repeated.traces
    if kept >= WHOLE * came or drawn is None:
        return held
    rows = np.flatnonzero(np.cumsum(np.diff(drawn.offsets)) <= most)
    part = drawn.part(0, len(rows))
    symbols = part.symbols[part.offsets[0] : part.offsets[-1]]
    return ordered(symbols, part.offsets - part.offsets[0], np.ones(len(part), np.int64))


def _heaviest(ensemble: Ensemble, most: int) -> PDFA | None:
    """Return the automaton with the largest weight of those that have no more states, or nearly all visits in so many.

    None is of use if there are none of these: what is softened from few of its states is good on the whole, and bad on
    what is frequent.
    """
    order = np.argsort(-ensemble.weights, kind="stable").tolist()
    ordered_members = [ensemble.members[number] for number in order]
    small = next((automaton for automaton in ordered_members if len(automaton) <= most), None)
    if small is not None:
        return small
    visits = np.sort(ordered_members[0].visits)[::-1]
    return ordered_members[0] if visits[:most].sum() >= KEPT * visits.sum() else None


def _begun(automaton: PDFA, members: int, room: int, events: int) -> Iterator[Softening]:
    """Yield what is begun from an automaton."""
    size = min(room, len(automaton))
    work = events * size**2
    most = len(SPREADS) if work <= LITTLE_WORK else 6 if work <= WORK else 3
    wanted = min(most, max(1, members // 2))
    fit = min(room, math.isqrt(int(WORK / max(1, events)))) // size
    for number, (share, copies) in enumerate(SPREADS[:wanted]):
        yield Softening(automaton, share, number, max(1, min(copies, fit)), room)


def _mixed(log2_probs: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the base-2 logarithms of a mixture; shape (parts, traces) -> (traces,)."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.logaddexp2.reduce(log2_probs + np.log2(weights)[:, np.newaxis], axis=0))


def _maximised(log2_probs: NDArray[np.float64], times: NDArray[np.int64], steps: int) -> NDArray[np.float64]:
    """Return the weights of a mixture after some steps of expectation maximisation from equal ones.

    >>> _maximised(np.array([[-1.0, -1.0], [-2.0, -2.0]]), np.array([1, 1]), 1).round(2)
    array([0.67, 0.33])
    """
    weights = np.full(len(log2_probs), 1 / len(log2_probs))
    for _ in range(steps):
        with np.errstate(divide="ignore"):
            rows = log2_probs + np.log2(weights)[:, np.newaxis]
        shares = 2.0 ** (rows - np.logaddexp2.reduce(rows, axis=0))
        weights = (shares * times).sum(axis=1) / times.sum()
    return weights
