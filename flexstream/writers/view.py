"""What a picture shows of an automaton, and how much it hides."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arguments import check_fields
from ..automata.pdfa import PDFA, Transition
from ..errors import UsageError, parameter
from ..stream.durations import in_words
from .labels import percent

READABLE = 40
"""Transitions up to which a picture shows how long they take, unless it is told to."""


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What to leave out.

    Parameters
    ----------
    min_prob : float
        Transitions with a smaller probability are hidden.
    min_count : float
        Transitions with a smaller count are hidden.
    max_states : int, optional
        At most so many states are shown.
    times : bool, optional
        Whether pictures say how long half of each transition's events take at most; None: where the model knows it and
        at most `READABLE` transitions are shown.

    Raises
    ------
    UsageError
        If a value is out of range.

    Examples
    --------
    >>> ViewOptions(min_prob=0.05).hides, ViewOptions().hides
    (True, False)
    """

    min_prob: float = 0.0
    min_count: float = 0
    max_states: int | None = None
    times: bool | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if not 0 <= self.min_prob <= 1:
            raise UsageError(f"the least probability shown must lie between 0 and 1, not at {self.min_prob}")
        if not 0 <= self.min_count < math.inf:
            raise UsageError(f"the least count shown must be 0 or more, not {self.min_count}")
        if self.max_states is not None and self.max_states < 1:
            raise UsageError(f"the most states shown must be 1 or more, not {self.max_states}")

    @property
    def hides(self) -> bool:
        """Whether anything could be left out."""
        return self.min_prob > 0 or self.min_count > 0 or self.max_states is not None


class Edge(NamedTuple):
    """All transitions shown between two states, the most probable first, then by symbol."""

    source: int
    target: int
    transitions: tuple[Transition, ...]

    @property
    def probability(self) -> float:
        """Sum of the transitions' probabilities."""
        return math.fsum(transition.probability for transition in self.transitions)

    @property
    def guessed(self) -> bool:
        """Whether none of the transitions has much evidence."""
        return all(transition.guessed for transition in self.transitions)


@dataclass(frozen=True, eq=False)
class View:
    """The part of an automaton that is shown.

    Attributes
    ----------
    automaton : PDFA
        The whole.
    states : tuple of int
        States shown, ascending; the initial state 0 always.
    shown : bool array, shape (transitions,)
        Which transitions are shown; none of them leaves or enters a hidden state.
    timed : bool
        Whether to say how long they take.

    Examples
    --------
    >>> automaton = PDFA(["a", "b"], [100, 2], [0, 2], [0, 2, 2], [0, 1], [0, 1], [98, 2])
    >>> view = View.of(automaton, ViewOptions(min_prob=0.05))
    >>> view.states, [(edge.source, edge.target) for edge in view.edges]
    ((0,), [(0, 0)])
    >>> view.caption
    '1 of 2 states, 1 of 2 transitions shown; 2 % of the events hidden'
    """

    automaton: PDFA
    states: tuple[int, ...]
    shown: NDArray[np.bool_]
    timed: bool = False

    @classmethod
    def of(cls, automaton: PDFA, options: ViewOptions | None = None) -> View:
        """Choose what to show.

        With default options that is everything. Otherwise transitions below a limit are hidden first; then,
        from the initial state on, the most visited state that a shown transition leads to is added until
        there are ``max_states``. So the picture hangs together, and is as large as was asked if it can be.

        Raises
        ------
        UsageError
            If it is to say how long transitions take, and the automaton does not know.
        """
        options = options or ViewOptions()
        known = automaton.durations is not None
        if options.times and not known:
            raise UsageError(
                "the model does not know how long transitions take "
                f"(expected: one learned from events with times, or no {parameter('times')})"
            )
        chosen = cls._chosen(automaton, options)
        few = int(np.count_nonzero(chosen.shown)) <= READABLE
        return replace(chosen, timed=known and (few if options.times is None else options.times))

    @classmethod
    def _chosen(cls, automaton: PDFA, options: ViewOptions) -> View:
        if not options.hides:
            return cls(automaton, tuple(range(len(automaton))), np.ones(len(automaton.targets), np.bool_))
        passing = (automaton.probabilities >= options.min_prob) & (automaton.weights >= options.min_count)
        states = _reach(automaton, passing, options.max_states or len(automaton))
        inside = np.zeros(len(automaton), np.bool_)
        inside[states] = True
        return cls(automaton, tuple(states), passing & inside[automaton.sources] & inside[automaton.targets])

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """The transitions shown, by state, then by symbol id."""
        return tuple(row for row, shown in zip(self.automaton.transitions(), self.shown, strict=True) if shown)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The transitions shown, grouped by the states they join, ascending."""
        rows = sorted(self.transitions, key=lambda row: (row.source, row.target, -row.probability, row.symbol))
        groups = groupby(rows, key=lambda row: (row.source, row.target))
        return tuple(Edge(source, target, tuple(group)) for (source, target), group in groups)

    @cached_property
    def times(self) -> dict[tuple[int, str], str]:
        """How long half of the events of each transition take at most, in words; of none where it is not to be said."""
        durations = self.automaton.durations
        if not self.timed or durations is None:
            return {}
        found = zip(self.automaton.transitions(), self.shown, strict=True)
        medians = {(row.source, row.symbol): durations.quantile(at, 0.5) for at, (row, one) in enumerate(found) if one}
        return {key: in_words(median) for key, median in medians.items() if not math.isnan(median)}

    @property
    def legend(self) -> list[str]:
        """What stands below a picture: how much is hidden, and what the times beside symbols are."""
        times = "· time since the event before (median)"
        return [*filter(None, [self.caption]), *([times] if self.times else [])]

    @property
    def hidden_states(self) -> int:
        """How many states are hidden."""
        return len(self.automaton) - len(self.states)

    @property
    def hidden_transitions(self) -> int:
        """How many transitions are hidden."""
        return int(np.count_nonzero(~self.shown))

    @property
    def hidden_share(self) -> float:
        """Share of all observed events, 0 to 1, that took a hidden transition."""
        weights = self.automaton.weights
        total = float(weights.sum())
        return float(weights[~self.shown].sum()) / total if total else 0.0

    @property
    def counted(self) -> bool:
        """Whether visits are counts; those of an automaton known exactly are at most 1 and say nothing."""
        return bool(self.automaton.visits.max() > 1)

    @property
    def caption(self) -> str:
        """How much is hidden, in one line; empty if nothing is."""
        if not self.hidden_states and not self.hidden_transitions:
            return ""
        states = f"{len(self.states)} of {len(self.automaton)} states"
        transitions = f"{len(self.shown) - self.hidden_transitions} of {len(self.shown)} transitions"
        share = f"{percent(self.hidden_share)} of the {'events' if self.counted else 'probability'} hidden"
        return f"{states}, {transitions} shown; {share}"


def _reach(automaton: PDFA, passing: NDArray[np.bool_], most: int) -> list[int]:
    """Return up to ``most`` states, ascending, grown from state 0 by the most visited neighbour."""
    kept: list[int] = []
    found, waiting = {0}, [(0.0, 0)]
    while waiting and len(kept) < most:
        state = heapq.heappop(waiting)[1]
        kept.append(state)
        rows = slice(automaton.offsets[state], automaton.offsets[state + 1])
        for target in set(automaton.targets[rows][passing[rows]].tolist()) - found:
            found.add(target)
            heapq.heappush(waiting, (-float(automaton.visits[target]), target))
    return sorted(kept)
