"""How two automata differ once the names of their states are forgotten.

One walk serves all comparisons: it goes through two automata side by side, over the symbols that both have.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .chain import Chain, expected_visits, visit_probabilities
from .smoothing import unsmoothed

if TYPE_CHECKING:
    from .pdfa import PDFA

# --- the walk ------------------------------------------------------------------------------------------------------


class Share(NamedTuple):
    """What one outcome has of a state, without smoothing; the end leads to -1."""

    target: int
    weight: float
    probability: float


Row = dict[str | None, Share]
"""The outcomes of a state that have a weight; None is the end."""


def rows(automaton: PDFA) -> list[Row]:
    """Return for each state its outcomes that have a weight, the end first, then by symbol id.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows(from_rows({0: {"a": (3, 0), None: (1, 0)}}))
    [{None: Share(target=-1, weight=1.0, probability=0.25), 'a': Share(target=0, weight=3.0, probability=0.75)}]
    """
    stop_shares, shares = (column.tolist() for column in unsmoothed(automaton))
    found: list[Row] = [{} for _ in range(len(automaton))]
    for row, weight, share in zip(found, automaton.stops.tolist(), stop_shares, strict=True):
        if weight > 0:
            row[None] = Share(-1, weight, share)
    for edge, share in zip(automaton.transitions(), shares, strict=True):
        if edge.weight > 0:
            found[edge.source][edge.symbol] = Share(edge.target, edge.weight, share)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A transition taken in both automata at once, or the start.

    Attributes
    ----------
    before : Step or None
        The step that led to where this one begins; None for the start.
    symbol : str
        Taken by both; empty for the start.
    one, other : int
        The states in which the automata are after the step.
    length : int
        Number of symbols from the start on.
    """

    before: Step | None
    symbol: str
    one: int
    other: int
    length: int

    @property
    def path(self) -> tuple[str, ...]:
        """The symbols from the start on."""
        found, step = [], self
        while step.before is not None:
            found.append(step.symbol)
            step = step.before
        return tuple(reversed(found))


def _shortest_first(step: Step) -> int:
    return step.length


class SideBySide:
    """Two automata walked at once from their initial states, over the symbols with a weight in both.

    Iterating gives the steps; from where a step leads the walk goes on only if it is told to `enter` there, so each
    comparison decides for itself which pairs of states are worth it.

    Parameters
    ----------
    one, other : PDFA
        Their symbols are compared as texts; smoothing is left out.
    order : callable, optional
        What steps are sorted by, of equals the first queued first; by default the shortest paths come first.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> walk = SideBySide(from_rows({0: {"a": (1, 1)}, 1: {"b": (1, 1)}}), from_rows({0: {"a": (1, 0), "b": (1, 0)}}))
    >>> for step in walk:
    ...     print(step.path, step.one, step.other)
    ...     if step.length < 2:
    ...         walk.enter(step)
    () 0 0
    ('a',) 1 0
    ('a', 'b') 1 0
    """

    def __init__(self, one: PDFA, other: PDFA, order: Callable[[Step], Any] = _shortest_first) -> None:
        self.ones, self.others = rows(one), rows(other)
        self._order = order
        self._numbers = itertools.count()
        self._waiting: list[tuple[Any, int, Step]] = []

    def __iter__(self) -> Iterator[Step]:
        yield Step(None, "", 0, 0, 0)
        while self._waiting:
            yield heapq.heappop(self._waiting)[-1]

    def at(self, step: Step) -> tuple[Row, Row]:
        """Return the outcomes of the states that a step leads to."""
        return self.ones[step.one], self.others[step.other]

    def enter(self, step: Step) -> None:
        """Queue the steps that go on from where this one leads."""
        row, twin = self.at(step)
        for symbol, share in row.items():
            if symbol is not None and symbol in twin:
                after = Step(step, symbol, share.target, twin[symbol].target, step.length + 1)
                heapq.heappush(self._waiting, (self._order(after), next(self._numbers), after))


# --- equality ------------------------------------------------------------------------------------------------------


def largest_difference(one: PDFA, other: PDFA) -> float | None:
    """Return the largest difference between two probabilities, or None where the structures differ.

    All transitions that have a weight are compared, from the initial states on; both automata are deterministic, so
    the only candidate for an isomorphism is the one the walk builds.  Smoothing is left out.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> coin, bent = (from_rows({0: {"a": (p, 0), None: (1 - p, 0)}}) for p in (0.5, 0.75))
    >>> largest_difference(coin, bent), largest_difference(coin, from_rows({0: {None: (1.0, 0)}}))
    (0.25, None)
    """
    walk = SideBySide(one, other)
    partner: dict[int, int] = {}
    back: dict[int, int] = {}
    largest = 0.0
    for step in walk:
        if step.one not in partner and step.other not in back:
            partner[step.one], back[step.other] = step.other, step.one
            row, twin = walk.at(step)
            if row.keys() != twin.keys():
                return None
            largest = max([largest, *(abs(row[symbol].probability - twin[symbol].probability) for symbol in row)])
            walk.enter(step)
        elif partner.get(step.one) != step.other:
            return None
    return largest


# --- identification ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identification:
    """Whether a learned automaton has the states and transitions of the true one.

    Attributes
    ----------
    isomorphic : bool
        Whether all states that count have a partner of their own with the same outcomes.
    matched : int
        States that count and have a partner.
    counted : int
        States of the true automaton that count: a trace passes through them with at least the threshold's
        probability.
    true, learned : int
        All states of either automaton.
    difference : str or None
        The first difference in words.
    largest : float
        Largest difference between two probabilities of partners.
    """

    isomorphic: bool
    matched: int
    counted: int
    true: int
    learned: int
    difference: str | None
    largest: float


def identify(learned: PDFA, truth: PDFA, threshold: float = 1e-3, edge_threshold: float = 0.0) -> Identification:
    """Tell whether a learned automaton is the true one up to the names of its states.

    Both are deterministic, so walking them side by side from their initial states gives the only isomorphism there
    can be.  The walk goes first where most traces go.  States that a trace passes through (at least once) with a
    probability below ``threshold`` are excepted, with all transitions into them: data show them too rarely.  They may
    be merged with anything, and the walk goes through them only where it must.

    Parameters
    ----------
    learned, truth : PDFA
        Their symbols are compared as texts; smoothing is left out.
    threshold : float
        Probability of a visit below which a true state does not count.
    edge_threshold : float
        Outcomes of states that count, true and learned ones, are excepted too if a trace takes them fewer times than
        this on average.

    Examples
    --------
    >>> from flexstream.targets import from_rows, reber
    >>> identify(reber(), reber()).isomorphic
    True
    >>> loop = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    >>> pair = from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {"a": (0.25, 0), None: (0.75, 0)}})
    >>> identify(loop, pair).difference
    'after a: true states 0 and 1 are one learned state, 0'
    """
    return _Identifying(learned, truth, threshold, edge_threshold).result()


class _Identifying:
    """The search for the states of a true automaton in a learned one, the most travelled ways first."""

    def __init__(self, learned: PDFA, truth: PDFA, threshold: float, edge_threshold: float) -> None:
        stops, shares = unsmoothed(truth)
        chain = Chain.of(len(stops), truth.sources, truth.targets.astype(np.int64), shares)
        initial = np.eye(1, len(stops))[0]
        self.counts = visit_probabilities(chain, initial) >= threshold
        self.visits = expected_visits(chain, initial)
        self.edge_threshold = edge_threshold
        self.walk = SideBySide(truth, learned, self._order)
        self.entered: dict[int, Step] = {}  # true state: the step that found its partner
        self.back: dict[int, int] = {}
        self.difference: str | None = None
        self.largest = 0.0
        for step in self.walk:
            self._take(step)
        for state in np.flatnonzero(self.counts).tolist():
            if state not in self.entered:
                self._differ(f"true state {state} is not reached")

    def result(self) -> Identification:
        """Say what the walk has found."""
        matched = int(sum(self.counts[state] for state in self.entered))
        sizes = int(self.counts.sum()), len(self.walk.ones), len(self.walk.others)
        return Identification(self.difference is None, matched, *sizes, self.difference, self.largest)

    def _differ(self, text: str) -> None:
        self.difference = self.difference or text

    def _taken(self, state: int, share: Share) -> float:
        """Return how often a trace takes an outcome of a true state on average."""
        return float(self.visits[state] * share.probability)

    def _counts(self, state: int, share: Share) -> bool:
        """Tell whether an outcome counts; the end leads to -1."""
        enough = self._taken(state, share) >= self.edge_threshold
        return bool(self.counts[state] and enough and (share.target < 0 or self.counts[share.target]))

    def _left(self, step: Step) -> tuple[int, Share]:
        """Return the true state that a step leaves, and what it takes of it."""
        state = step.before.one if step.before else 0
        return state, self.walk.ones[state][step.symbol]

    def _order(self, step: Step) -> tuple[bool, float, int, str]:
        state, share = self._left(step)
        return not self._counts(state, share), -self._taken(state, share), state, step.symbol

    def _take(self, step: Step) -> None:
        """Take one step: new partners, old partners, or a difference."""
        if step.one not in self.entered and step.other not in self.back:
            self.entered[step.one], self.back[step.other] = step, step.one
            self._look(step)
            self.walk.enter(step)
        elif self._counts(*self._left(step)):
            self._compare_partners(step)

    def _compare_partners(self, step: Step) -> None:
        known = self.entered.get(step.one)
        if known is None:
            two = f"{self.back[step.other]} and {step.one}"
            self._differ(f"{_where(step)}: true states {two} are one learned state, {step.other}")
        elif known.other != step.other:
            two = f"{known.other} and {step.other}"
            self._differ(f"{_where(step)}: true state {step.one} is two learned states, {two}")

    def _look(self, step: Step) -> None:
        """Compare the outcomes of two partners."""
        (row, twin), state = self.walk.at(step), step.one
        for symbol, share in row.items():
            if symbol not in twin:
                if self._counts(state, share):
                    taken = f"taken {self._taken(state, share):.2g} times a trace"
                    self._differ(f"{_outcome(step, symbol)}, {taken}, is not learned")
            elif self.counts[state]:
                self.largest = max(self.largest, abs(share.probability - twin[symbol].probability))
        for symbol in sorted(twin.keys() - row.keys(), key=str) if self.counts[state] else ():
            if (taken_learned := self._taken(state, twin[symbol])) >= self.edge_threshold:
                text = f"taken {taken_learned:.2g} times a trace, is learned, but the true state has no such outcome"
                self._differ(f"{_outcome(step, symbol)}, {text}")


def _where(step: Step) -> str:
    return f"after {' '.join(step.path)}" if step.before else "at the start"


def _outcome(step: Step, symbol: str | None) -> str:
    return f"{_where(step)}: " + ("the end" if symbol is None else f"symbol {symbol}")
