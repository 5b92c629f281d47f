"""What a picture shows of an automaton, and how much it hides."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA, Transition
from ..errors import UsageError, parameter
from ..stream.durations import in_words
from .activities import by_activity
from .choice import Flow, covering, readable
from .labels import percent, shorten
from .naming import labels_of, state_names
from .telling import names_of
from .view_options import READABLE, ViewOptions

__all__ = ["ENDS_FROM", "READABLE", "Edge", "View", "ViewOptions"]

ENDS_FROM = 0.005
"""Least probability that a trace ends in a state for its outline to be double."""
LONGEST_NAME = 60
"""Letters of a state's name at most, in a picture."""
_NAMED: WeakKeyDictionary[PDFA, tuple[str, ...]] = WeakKeyDictionary()
"""Names that were found, while their automata live: a page draws one many times."""


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
    options : ViewOptions
        What was asked for.

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
    options: ViewOptions = field(default_factory=ViewOptions)

    @classmethod
    def picture(cls, automaton: PDFA, options: ViewOptions | None = None) -> View:
        """Choose what a picture shows: what can be read, unless the options say what; of activities, if they are asked.

        Raises
        ------
        UsageError
            As `of` does.

        Examples
        --------
        >>> from flexstream.targets import from_rows
        >>> ring = from_rows({n: {"on": (9, (n + 1) % 50), "off": (1, n), None: (2, 0)} for n in range(50)})
        >>> View.picture(ring).caption.partition(";")[0]
        '15 of 50 states, 28 of 100 transitions shown'
        """
        options = options or ViewOptions()
        drawn = by_activity(automaton) if options.boxes == "activities" else automaton
        view = cls.of(drawn, options)
        if options.hides or options.whole:
            return view
        shown = readable(drawn)
        view = view if shown.all() else cls.of_transitions(drawn, shown)
        return replace(view, timed=cls._timed(view, options), options=options)

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
        if options.times and automaton.durations is None:
            raise UsageError(
                "the model does not know how long transitions take "
                f"(expected: one learned from events with times, or no {parameter('times')})"
            )
        chosen = cls._chosen(automaton, options)
        return replace(chosen, timed=cls._timed(chosen, options), options=options)

    @staticmethod
    def _timed(view: View, options: ViewOptions) -> bool:
        few = int(np.count_nonzero(view.shown)) <= READABLE
        return view.automaton.durations is not None and (few if options.times is None else options.times)

    @classmethod
    def _chosen(cls, automaton: PDFA, options: ViewOptions) -> View:
        if not options.hides:
            return cls(automaton, tuple(range(len(automaton))), np.ones(len(automaton.targets), np.bool_))
        passing = (automaton.probabilities >= options.min_prob) & (automaton.weights >= options.min_count)
        if options.coverage is not None:
            return cls.of_transitions(automaton, passing & covering(automaton, options.coverage, options.max_states))
        states = _reach(automaton, passing, options.max_states or len(automaton))
        inside = np.zeros(len(automaton), np.bool_)
        inside[states] = True
        return cls(automaton, tuple(states), passing & inside[automaton.sources] & inside[automaton.targets])

    @classmethod
    def of_transitions(cls, automaton: PDFA, shown: NDArray[np.bool_]) -> View:
        """Return the view of some transitions, as far as they hang together with the initial state."""
        states = _reach(automaton, shown, len(automaton))
        inside = np.zeros(len(automaton), np.bool_)
        inside[states] = True
        found = cls(automaton, tuple(states), shown & inside[automaton.sources])
        return replace(found, timed=cls._timed(found, found.options))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all states, from what leads to them; of activities their own."""
        if self.options.boxes == "activities":
            labels = labels_of(self.automaton)
            return ("start", *(labels[symbol] for symbol in self.automaton.provenance["activities"]))
        if self.automaton not in _NAMED:
            labels = names_of(self.automaton.symbols)
            names = state_names(self.automaton, labels)
            _NAMED[self.automaton] = tuple(shorten(name, LONGEST_NAME) for name in names)
        return _NAMED[self.automaton]

    def ends(self, state: int) -> bool:
        """Tell whether traces end in a state often enough to be shown."""
        stop = float(self.automaton.stop_probabilities[state])
        return bool(self.automaton.stops[state] > 0 and stop >= ENDS_FROM)

    @cached_property
    def coverage(self) -> float:
        """Share of the traces, 0 to 1, that take none but transitions that are shown."""
        return 1.0 if self.shown.all() else Flow(self.automaton).coverage(self.shown)

    @cached_property
    def stubs(self) -> dict[int, float]:
        """Share of what each state shown does next that is hidden, where there is any."""
        automaton = self.automaton
        hidden = np.bincount(automaton.sources[~self.shown], automaton.probabilities[~self.shown], len(automaton))
        return {state: float(hidden[state]) for state in self.states if hidden[state] > 0}

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
    def time_legend(self) -> list[str]:
        """What the times beside symbols are, where there are any."""
        return ["· time since the event before (median)"] if self.times else []

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
