"""Sizing: automata of fewer states than the data speak for, each as good as one of its size can be found.

A merge is made where two states would save less than so many nats; the more that is, the fewer states there are.  All
automata come of one tree, and are compared by the bits of a trace that is left out of the counts it is told by.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NotFittedError, UsageError, parameter
from ..merging.evidence_kind import EvidenceKind
from ..merging.freeze import Routed
from ..merging.halt import Halt
from ..merging.heuristic import UNLIMITED, Heuristic
from ..merging.search import Refinement
from ..merging.strength import STRENGTH

if TYPE_CHECKING:
    from ..stream.alphabet import Alphabet
    from ..summary.tree import PrefixTree
    from .answer import Answer
    from .frontiers import Frontier, Point
    from .members import Member

STRENGTHS = (1.0, 0.2, 0.5, 2.0, 4.0)
"""Times the strength of the heuristic's prior that are tried, the heuristic's own first."""
LEAST_WORTH, MOST_WORTH, WORTHS = 3e-6, 0.6, 24
"""Nats per event that a state has to save, from the least to the most that are tried, and how many of them."""
FAR, HALVINGS = 0.06, 3
"""Share of the states by which sizes may differ without anything between being tried; how often a gap is halved."""
STEPS = 9
"""Halvings by which the worth that gives a number of states is looked for."""
LARGE = 300_000
"""Nodes of a tree above which only the heuristic's own strength is tried."""

Search = Callable[[Heuristic, int], Refinement]


def bits_left_out(routed: Routed) -> float:
    """Return the bits of a trace when each of its events is told by all counts but itself.

    Of a state with n visits an outcome that came c times takes ``log2((n - 1 + s)/(c - 1 + s·b))`` bits, with s two
    observations and b the outcome's share of the stream: what counts are worth for traces to come, states of few
    visits included (Ney, Essen & Kneser, "On the estimation of small probabilities by leaving-one-out", 1995).  What
    is not believed of tails is told all the same, by the other counts.

    Examples
    --------
    >>> from flexstream.merging.freeze import Transitions
    >>> rows = Transitions(*np.zeros((3, 1), np.int64), np.array([2]), np.array([0]), np.array([False]))
    >>> none, two = np.array([0]), np.array([2])
    >>> coin = Routed(1, 2, rows, two, none, 2 * two, np.array([True]), none, none, none, none)
    >>> round(bits_left_out(coin), 4)  # each of the four outcomes: log2((3 + 2)/(1 + 2·0.5))
    2.6439
    """
    rows, states = routed.rows, np.arange(len(routed.ends))
    more, more_ends = routed.believed()
    used = np.concatenate([routed.ends + more_ends, rows.counts + more])
    came = np.concatenate(
        [routed.ends + routed.tail_ends + routed.repeat_ends, rows.counts + rows.tails + routed.repeats]
    )
    state, outcome = np.concatenate([states, rows.source]), np.concatenate([0 * states, 1 + rows.symbol])
    share = np.bincount(outcome, came, 1 + routed.alphabet) / max(1, came.sum())
    left = np.maximum(used - 1, 0) + STRENGTH * share[outcome]
    visits = np.bincount(state, used, len(states))[state] - (used > 0)
    seen = came > 0
    bits = came[seen] * np.log2((visits[seen] + STRENGTH) / left[seen])
    return float(bits.sum() / max(1, came[: len(states)].sum()))


def check_sizable(heuristic: Heuristic) -> None:
    """Raise UsageError where the scores of a heuristic are no nats, so that states cannot be weighed by them."""
    if heuristic.evidence_kind is not EvidenceKind.BAYES_FACTOR:
        raise UsageError(
            f"{parameter('states')} and {parameter('frontier')} need a heuristic whose scores are Bayes factors, and "
            f"{heuristic.name} has other ones (expected: {parameter('heuristic')} evidence)"
        )


def checked_states(states: int | None, heuristic: Heuristic) -> int | None:
    """Return a limit of states, where there is one to a heuristic that can keep it."""
    if states is not None:
        check_sizable(heuristic)
    return states


class Sizer:
    """Finds automata of a tree by size.

    Parameters
    ----------
    heuristic : Heuristic
        Whose scores are Bayes factors.
    events : int
        Outcomes that the tree counts.
    search : callable
        Returns the refinement of the tree by a heuristic, with at most so many states.
    weigh : callable
        Returns the bits of a trace that is left out of a refinement.
    strengths : sequence of float
        Times the heuristic's strength.
    """

    def __init__(
        self,
        heuristic: Heuristic,
        events: int,
        search: Search,
        weigh: Callable[[Refinement], float],
        strengths: tuple[float, ...] = STRENGTHS,
    ) -> None:
        self._heuristic, self._events = heuristic, max(1, events)
        self._search, self._weigh, self._strengths = search, weigh, strengths

    @classmethod
    def of(
        cls,
        member: Member,
        tree: PrefixTree,
        alphabet: Alphabet,
        codes: NDArray[np.uint64],
        halt: Halt | None = None,
    ) -> Sizer:
        """Return what finds automata of a tree by the heuristic of a member of a learner.

        Raises
        ------
        UsageError
            If the scores of the heuristic are no Bayes factors.
        """
        check_sizable(member.heuristic)
        ends, totals = tree.totals(len(alphabet))

        def search(heuristic: Heuristic, most: int) -> Refinement:
            return member.search(tree, len(alphabet), codes, heuristic, most, halt)

        def weigh(found: Refinement) -> float:
            return bits_left_out(found.routed(tree, len(alphabet)))

        strengths = STRENGTHS if len(tree) <= LARGE else STRENGTHS[:1]
        return cls(member.heuristic, int(ends + totals.sum()), search, weigh, strengths)

    def _variant(self, times: float, worth: float) -> Heuristic:
        own: Any = self._heuristic
        margin = own.margin - worth * self._events
        return dataclasses.replace(own, margin=margin, strength=own.strength * times)

    def points(self) -> Iterator[Point]:
        """Yield automata of many sizes, in no order.

        Between two worths of a state that give sizes far from one another those in the middle are tried as well.
        """
        worths = np.geomspace(LEAST_WORTH, MOST_WORTH, WORTHS).tolist()
        for times in self._strengths:
            yield self._point(times, 0.0)
            last: Point | None = None
            for worth in worths:
                found = self._point(times, worth)
                yield found
                if last is not None:
                    yield from self._between(times, last, found, HALVINGS)
                last = found

    def _between(self, times: float, low: Point, high: Point, depth: int) -> Iterator[Point]:
        if not depth or low.states - high.states <= max(1.0, FAR * low.states):
            return
        middle = self._point(times, math.sqrt(low.worth * high.worth))
        yield middle
        yield from self._between(times, low, middle, depth - 1)
        yield from self._between(times, middle, high, depth - 1)

    def _point(self, times: float, worth: float) -> Point:
        from .frontiers import Point

        known: Any = self._variant(times, worth)
        refinement = self._search(known, UNLIMITED)
        return Point(len(refinement.reds), self._weigh(refinement), known.margin, known.strength, worth)

    def of_worth(self, worth: float) -> Refinement:
        """Return what is found where a state has to save so many nats per event."""
        return self._search(self._variant(1.0, worth), UNLIMITED)

    def of_size(self, states: int) -> tuple[Heuristic, Refinement]:
        """Return the best that is found with so many states, or with one less; fewer where the data speak for fewer."""
        whole = self._search(self._heuristic, UNLIMITED)
        if len(whole.reds) <= states:
            return self._heuristic, whole
        found = [one for times in self._strengths for one in self._near(times, states)]
        _, _, heuristic, most = min(found, key=lambda one: one[:2])
        return heuristic, self._search(heuristic, most)

    def of_point(self, point: Point) -> Refinement:
        """Return what a point of a frontier stands for."""
        own: Any = self._heuristic
        return self._search(dataclasses.replace(own, margin=point.margin, strength=point.strength), UNLIMITED)

    def _near(self, times: float, states: int) -> Iterator[tuple[float, int, Heuristic, int]]:
        """Yield bits, number, heuristic and limit of automata with so many states, or one less.

        The worth of a state is halved towards the least that gives no more than so many; just below it the search is
        stopped at so many.
        """
        low, high = LEAST_WORTH, MOST_WORTH
        for step in range(STEPS):
            worth = math.sqrt(low * high)
            heuristic = self._variant(times, worth)
            refinement = self._search(heuristic, UNLIMITED)
            size = len(refinement.reds)
            if states - 1 <= size <= states:
                yield self._weigh(refinement), step, heuristic, UNLIMITED
            low, high = (worth, high) if size > states else (low, worth)
        for number, worth in enumerate((low, 0.0)):
            heuristic = self._variant(times, worth)
            refinement = self._search(heuristic, states)
            yield self._weigh(refinement), STEPS + number, heuristic, states


def frontier(answer: Answer, traces: int, automata: bool = False) -> Frontier:
    """Return states against bits for automata of one tree, from one state to all that it speaks for.

    Parameters
    ----------
    answer : Answer
        Of a learner whose heuristic has scores that are Bayes factors: ``evidence``.  It is left as it is.
    traces : int
        That the learner has seen, at least one.
    automata : bool
        Whether the frontier is to hold automata, those of `spread` of its points.

    Raises
    ------
    UsageError
        If it has another heuristic, or has seen nothing.
    """
    if not traces:
        raise NotFittedError("a learner that has seen nothing has no frontier (expected: at least one trace)")
    from .frontiers import Frontier, spread

    found = tuple(best_of(list(answer.sizer().points())))
    bare = Frontier(found, traces)
    return dataclasses.replace(bare, automata=tuple(answer.sized(spread(bare)))) if automata else bare


def best_of(points: list[Point]) -> Iterator[Point]:
    """Yield the points than which none has as few states and as few bits, by their states."""
    least = math.inf
    for point in sorted(points, key=lambda point: (point.states, point.bits, -point.margin)):
        if point.bits < least:
            least = point.bits
            yield point
