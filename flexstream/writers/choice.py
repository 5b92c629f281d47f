"""Which part of an automaton is worth drawing: the least that most traces stay within, and that can be read."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from .elimination import MOST, Elimination

COVERAGE = 0.8
"""Share of the traces that a picture is to hold whole, unless it would have more states or arrows than can be read."""
STATES, ARROWS = 30, 60
"""States, and arrows between them, that can still be read at the width of a page."""
CALM = 12
"""With so many arrows, and two more for each state, all of an automaton is drawn, if there are not too many."""
EASY_STATES, EASY_ARROWS = 15, 30
"""States and arrows that are read with ease: up to so many are drawn though fewer would hold most traces."""

_SOON = 300
"""States up to which a share of the traces is held by leaving out one thing after the other; else it takes seconds."""
_DENSE = 1500
_STEPS = 4096


class Flow:
    """What of an automaton's traces goes where, by its counts alone.

    Attributes
    ----------
    leaving : float64 array, shape (transitions,)
        Probability of each transition, as counted: all that is seen of a state adds up to 1.
    sources, targets : int64 arrays, shape (pairs,)
        Pairs of states between which there are transitions: what a picture draws as one arrow.
    weights : float64 array, shape (pairs,)
    chances : float64 array, shape (pairs,)
        Probability of each pair, once in its source.
    pair : int64 array, shape (transitions,)
        The pair of each transition.
    stopping : float64 array, shape (states,)
        Probability that a trace ends in a state.

    Examples
    --------
    >>> flow = Flow(PDFA(["a", "b"], [100, 8], [2, 8], [0, 2, 2], [0, 1], [0, 1], [90, 8]))
    >>> flow.leaving.tolist(), round(flow.coverage(np.array([True, False])), 3)
    ([0.9, 0.08], 0.2)
    """

    def __init__(self, automaton: PDFA) -> None:
        self.automaton, size = automaton, len(automaton)
        seen = automaton.stops + np.bincount(automaton.sources, automaton.weights, size)
        self._seen = np.where(seen > 0, seen, 1.0)
        self.leaving = automaton.weights / self._seen[automaton.sources]
        keys = automaton.sources * size + automaton.targets
        pairs, self.pair = np.unique(keys, return_inverse=True)
        self.sources, self.targets = np.divmod(pairs, size)
        self.weights = np.bincount(self.pair, automaton.weights, len(pairs))
        self.chances = np.bincount(self.pair, self.leaving, len(pairs))
        self.stopping = automaton.stops / self._seen

    def coverage(self, shown: NDArray[np.bool_]) -> float:
        """Return the share of the traces that take none but shown transitions, shape (transitions,).

        It is the probability that the chain of what is shown never takes a step that is hidden (Kemeny & Snell, "Finite
        Markov Chains", 1960, chapter III).
        """
        sources, targets = self.automaton.sources, self.automaton.targets
        hidden = np.bincount(sources[~shown], self.leaving[~shown], len(self.automaton)).astype(np.float64)
        used = shown & (self.leaving > 0)
        lost = _absorbed(hidden, sources[used], targets[used].astype(np.int64), self.leaving[used])
        return float(min(max(1.0 - lost, 0.0), 1.0))


def _absorbed(
    hidden: NDArray[np.float64], sources: NDArray[np.int64], targets: NDArray[np.int64], chances: NDArray[np.float64]
) -> float:
    """Return the probability of ever taking a hidden step from state 0 on."""
    near = _connected(hidden > 0, sources, targets)
    if not near[0]:
        return 0.0
    inside = _reached(sources, targets, len(hidden)) & near
    number = np.cumsum(inside) - 1
    rows = inside[sources] & inside[targets]
    size, left = int(inside.sum()), hidden[inside]
    one, other, share = number[sources[rows]], number[targets[rows]], chances[rows]
    if size <= _DENSE:
        matrix = np.eye(size)
        np.subtract.at(matrix, (one, other), share)
        return float(np.linalg.solve(matrix, left)[0])
    found = left.copy()
    for _ in range(_STEPS):  # from below: what is not found yet is counted as inside
        more = left + np.bincount(one, share * found[other], size)
        if np.abs(more - found).max() < 1e-6:
            break
        found = more
    return float(more[0])


def _connected(goals: NDArray[np.bool_], sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell from which states one of some goals can be reached."""
    found = goals.copy()
    while True:
        more = sources[found[targets] & ~found[sources]]
        if not len(more):
            return found
        found[more] = True


def _reached(sources: NDArray[np.int64], targets: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    start = np.zeros(size, np.bool_)
    start[0] = True
    return _connected(start, targets, sources)


def readable(automaton: PDFA) -> NDArray[np.bool_]:
    """Return which transitions a picture shows unless it is told otherwise, shape (transitions,).

    All of them, if there are at most `STATES` states and few arrows for so many.  Else what the fewest traces go
    through is left out, until the rest can be read, and then while a share `COVERAGE` of the traces stays within, but
    for what is read with ease.  Of traces that do not end, or are all longer than what can be read, that cannot be
    said: from the initial state on, the most taken arrow that leaves what is shown is added, to the same limits.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> bool(readable(reber()).all())
    True
    """
    flow = Flow(automaton)
    if len(automaton) <= STATES and len(flow.weights) <= min(ARROWS, CALM + 2 * len(automaton)):
        return np.ones(len(automaton.targets), np.bool_)
    order = growth(flow, STATES, ARROWS)
    least = max(enough(flow, order, COVERAGE), len(growth(flow, EASY_STATES, EASY_ARROWS)))
    found = [_shown(flow, order[:least])]
    part = elimination(flow)
    if part is not None:
        part.shrink(STATES, ARROWS)
        part.thin(COVERAGE, EASY_STATES, EASY_ARROWS)
        found.append(part.shown())
    return _best(flow, found, COVERAGE)


def levels(automaton: PDFA, shares: Sequence[float], most_arrows: int) -> Iterator[tuple[float, NDArray[np.bool_]]]:
    """Yield shares of the traces and the transitions that they stay within, as far as so many arrows hold them.

    Parameters
    ----------
    automaton : PDFA
    shares : sequence of float
        Ascending.
    most_arrows : int

    Examples
    --------
    >>> rare = PDFA(["a", "b"], [100, 2], [10, 2], [0, 2, 2], [0, 1], [0, 1], [88, 2])
    >>> [(share, shown.tolist()) for share, shown in levels(rare, [0.8, 0.9], 1)]
    [(0.8, [True, False])]
    """
    flow = Flow(automaton)
    part = elimination(flow)
    if part is not None:
        part.shrink(most_arrows + 1, most_arrows)  # so many arrows join no more states
        found = list[tuple[float, NDArray[np.bool_]]]()
        for share in reversed([share for share in shares if part.coverage >= share - 1e-9]):
            part.thin(share)
            found.append((share, part.shown()))
        yield from reversed(found)
        return
    order = growth(flow, len(automaton), most_arrows)
    for share in shares:
        shown = _shown(flow, order[: enough(flow, order, share)])
        if flow.coverage(shown) < share - 1e-9:
            return
        yield share, shown


def covering(automaton: PDFA, share: float, most_states: int | None) -> NDArray[np.bool_]:
    """Return transitions within which a share of the traces stays, shape (transitions,); if there may be enough states.

    Examples
    --------
    >>> rare = PDFA(["a", "b"], [100, 2], [10, 2], [0, 2, 2], [0, 1], [0, 1], [88, 2])
    >>> covering(rare, 0.8, None).tolist(), covering(rare, 0.9, None).tolist()
    ([True, False], [True, True])
    """
    flow = Flow(automaton)
    order = growth(flow, most_states or len(automaton), len(flow.weights))
    found = [_shown(flow, order[: enough(flow, order, share)])]
    part = elimination(flow) if len(automaton) <= _SOON else None
    if part is not None:
        part.shrink(most_states or len(automaton), len(flow.weights))
        part.thin(share)
        found.append(part.shown())
    return _best(flow, found, share)


def _best(flow: Flow, found: Sequence[NDArray[np.bool_]], share: float) -> NDArray[np.bool_]:
    """Return of some choices of transitions the one that holds most traces, up to a share of them.

    Of those that hold the share it is the one with least in it, and else that with most: where all traces are longer
    than what can be drawn, none stays within any part.
    """

    def worth(shown: NDArray[np.bool_]) -> tuple[float, int]:
        held, size = round(min(flow.coverage(shown), share), 2), int(np.count_nonzero(shown))
        return held, -size if held >= round(share, 2) else size

    return max(found, key=worth)


def elimination(flow: Flow) -> Part | None:
    """Return what can be left out step by step; None where traces do not end.

    Of more than `MOST` states only those are there at first that are next on the likeliest ways from the start.
    """
    automaton, size = flow.automaton, len(flow.automaton)
    ends = _connected(np.asarray(automaton.stops > 0), automaton.sources, automaton.targets.astype(np.int64))
    inside = _reached(flow.sources, flow.targets, size)
    if not ends[inside].all():
        return None
    if np.count_nonzero(inside) > MOST:
        near = growth(flow, MOST, len(flow.weights), likely=True)
        inside = np.zeros(size, np.bool_)
        inside[flow.targets[near]] = True
        inside &= _connected(inside & (automaton.stops > 0), flow.sources, flow.targets)
        inside[0] = True
    try:
        return Part(flow, np.flatnonzero(inside))
    except np.linalg.LinAlgError:  # ends are so unlikely that there are none as far as numbers can tell
        return None


class Part(Elimination):
    """Part of an automaton, from which what the fewest traces go through is left out step by step."""

    def __init__(self, flow: Flow, states: NDArray[np.int64]) -> None:
        self._flow, self._of = flow, states
        place = np.full(len(flow.automaton), -1)
        place[states] = np.arange(len(states))
        rows = (place[flow.sources] >= 0) & (place[flow.targets] >= 0)
        steps = np.zeros((len(states), len(states)))
        steps[place[flow.sources[rows]], place[flow.targets[rows]]] = flow.chances[rows]
        super().__init__(steps, flow.stopping[states])

    def shown(self) -> NDArray[np.bool_]:
        """Return which of the automaton's transitions are left, shape (transitions,)."""
        left = self._of[self.states]
        sources, targets = np.nonzero(self.steps)
        keys = left[sources] * len(self._flow.automaton) + left[targets]
        drawn = np.isin(self._flow.sources * len(self._flow.automaton) + self._flow.targets, keys)
        return drawn[self._flow.pair]


def growth(flow: Flow, most_states: int, most_arrows: int, likely: bool = False) -> list[int]:
    """Return pairs of states in the order in which a picture grows by them: always the most taken that leaves it.

    Or, ``likely``, that which goes on with the likeliest way from the start.
    """
    first = np.searchsorted(flow.sources, np.arange(len(flow.automaton) + 1))
    inside = {0}
    order: list[int] = []
    waiting: list[tuple[float, int]] = []

    def arrive(state: int, chance: float) -> None:
        for pair in range(first[state], first[state + 1]):
            worth = chance * flow.chances[pair] if likely else flow.weights[pair]
            heapq.heappush(waiting, (-float(worth), pair))

    arrive(0, 1.0)
    while waiting and len(order) < most_arrows:
        worth, pair = heapq.heappop(waiting)
        target = int(flow.targets[pair])
        if target not in inside:
            if len(inside) >= most_states:
                continue
            inside.add(target)
            arrive(target, -worth)
        order.append(pair)
    return order


def enough(flow: Flow, order: list[int], share: float) -> int:
    """Return how many of some pairs it takes to hold a share of the traces; all, if these are not enough."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if flow.coverage(_shown(flow, order[:middle])) >= share - 1e-12:
            high = middle
        else:
            low = middle + 1
    return low


def _shown(flow: Flow, pairs: list[int]) -> NDArray[np.bool_]:
    drawn = np.zeros(len(flow.weights), np.bool_)
    drawn[pairs] = True
    return drawn[flow.pair]
