"""How two automata differ once the names of their states are forgotten."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .pdfa import PDFA


def largest_difference(one: PDFA, other: PDFA) -> float | None:
    """Return the largest difference between two probabilities, or None where the structures differ.

    Both automata are walked side by side from their initial states over all transitions that have a weight; both
    are deterministic, so the only candidate for an isomorphism is the one the walk builds.  Smoothing is left out.
    """
    rows, others = _rows(one), _rows(other)
    partner, back = {0: 0, -1: -1}, {0: 0, -1: -1}  # the end leads to -1
    waiting, largest = [0], 0.0
    while waiting:
        state = waiting.pop()
        row, twin = rows[state], others[partner[state]]
        if row.keys() != twin.keys():
            return None
        for symbol, (target, probability) in row.items():
            target2, probability2 = twin[symbol]
            largest = max(largest, abs(probability - probability2))
            if target not in partner and target2 not in back:
                partner[target], back[target2] = target2, target
                waiting.append(target)
            elif partner.get(target) != target2:
                return None
    return largest


def _rows(automaton: PDFA) -> list[dict[str | None, tuple[int, float]]]:
    """Return for each state its outcomes with a weight: target and probability; None is the end."""
    totals = automaton.stops.tolist()
    for edge in automaton.transitions():
        totals[edge.source] += edge.weight
    rows: list[dict[str | None, tuple[int, float]]] = [{} for _ in range(len(automaton))]
    for state, stop in enumerate(automaton.stops.tolist()):
        if stop > 0:
            rows[state][None] = (-1, stop / totals[state])
    for edge in automaton.transitions():
        if edge.weight > 0:
            rows[edge.source][edge.symbol] = (edge.target, edge.weight / totals[edge.source])
    return rows


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
    return _Walk(learned, truth, threshold, edge_threshold).result()


class _Walk:
    """Two automata walked side by side."""

    def __init__(self, learned: PDFA, truth: PDFA, threshold: float, edge_threshold: float) -> None:
        from ..targets.pfa import PFA

        exact = PFA.from_pdfa(truth)
        self.counts = exact.visit_probabilities() >= threshold
        self.visits = exact.expected_visits()
        self.edge_threshold = edge_threshold
        self.rows, self.others = _rows(truth), _rows(learned)
        self.partner, self.back, self.paths = {0: 0}, {0: 0}, {0: ""}
        self.difference: str | None = None
        self.largest = 0.0
        self.waiting: list[tuple[bool, float, int, str, int]] = []
        self._look(0)
        while self.waiting:
            excepted, _, state, symbol, target = heapq.heappop(self.waiting)
            self._take(not excepted, state, symbol, target)
        for state in np.flatnonzero(self.counts).tolist():
            if state not in self.partner:
                self._differ(f"true state {state} is not reached")

    def result(self) -> Identification:
        """Say what the walk has found."""
        matched = int(sum(self.counts[state] for state in self.partner))
        sizes = int(self.counts.sum()), len(self.rows), len(self.others)
        return Identification(self.difference is None, matched, *sizes, self.difference, self.largest)

    def _differ(self, text: str) -> None:
        self.difference = self.difference or text

    def _look(self, state: int) -> None:
        """Compare the outcomes of two partners and queue what they lead to."""
        row, twin = self.rows[state], self.others[self.partner[state]]
        for symbol, (target, probability) in row.items():
            taken = float(self.visits[state] * probability)
            counts = self._counts(state, target, taken)
            if symbol in twin:
                if self.counts[state]:
                    self.largest = max(self.largest, abs(probability - twin[symbol][1]))
                if symbol is not None:
                    heapq.heappush(self.waiting, (not counts, -taken, state, symbol, target))
            elif counts:
                self._differ(f"{self._outcome(state, symbol)}, taken {taken:.2g} times a trace, is not learned")
        if self.counts[state]:
            for symbol in sorted(twin.keys() - row.keys(), key=str):
                if (taken := float(self.visits[state] * twin[symbol][1])) >= self.edge_threshold:
                    text = f"taken {taken:.2g} times a trace, is learned, but the true state has no such outcome"
                    self._differ(f"{self._outcome(state, symbol)}, {text}")

    def _outcome(self, state: int, symbol: str | None) -> str:
        return f"{self._where(state)}: " + ("the end" if symbol is None else f"symbol {symbol}")

    def _where(self, state: int) -> str:
        return f"after{self.paths[state]}" if self.paths[state] else "at the start"

    def _take(self, counts: bool, state: int, symbol: str, target: int) -> None:
        """Take one transition in both automata: new partners, old partners, or a difference."""
        twin = self.others[self.partner[state]][symbol][0]
        if target not in self.partner and twin not in self.back:
            self.partner[target], self.back[twin] = twin, target
            self.paths[target] = f"{self.paths[state]} {symbol}"
            self._look(target)
        elif counts and self.partner.get(target) != twin:
            where = f"after{self.paths[state]} {symbol}"
            if target in self.partner:
                two = f"{self.partner[target]} and {twin}"
                self._differ(f"{where}: true state {target} is two learned states, {two}")
            else:
                two = f"{self.back[twin]} and {target}"
                self._differ(f"{where}: true states {two} are one learned state, {twin}")

    def _counts(self, state: int, target: int, taken: float) -> bool:
        """Tell whether an outcome counts; the end leads to -1."""
        return bool(self.counts[state] and taken >= self.edge_threshold and (target < 0 or self.counts[target]))
