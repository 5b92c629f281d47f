"""One round of the search: from fresh strings, under one guess, until all is decided that does not come seldom."""

from __future__ import annotations

from collections.abc import Mapping

from ..statistics.prefix_radius import prefix_radius
from ..theorems.guesses import LOST, STEP, Terms, next_look
from .suffixes import END, MOST, Suffixes, distance

CHUNK = 8192
"""Strings after which rare prefixes are forgotten at the latest."""
TOO_MANY, FOUND = "too many states", "found"


class GuessRound:
    """Finds states and transitions from the strings it is given.

    A string goes from state to state as far as transitions are decided; at its first visit to each state, and at the
    candidate that it comes to then, its rest is counted.  At each look a candidate that surely differs from every state
    becomes one, and one that surely differs by less than μ from a state becomes a transition to it.

    Parameters
    ----------
    terms : Terms
        The guess, ε and the round's part of δ.

    Attributes
    ----------
    strings, since : int
        Strings so far, and those since the last decision.
    states : list of Suffixes
    left : int
        Strings since the last decision that came to a candidate.

    Examples
    --------
    >>> going = GuessRound(Terms(2, 0.5, 0.1, 0.1))
    >>> while not (outcome := going.take({"a" + END: 128, END: 128}, 1)):
    ...     pass
    >>> outcome, len(going.states), going.states[0].edges["a"].state
    ('found', 2, 1)
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.strings = self.since = self.left = 0
        self._stage, self._looks, self._next, self._settled = 1, 0, STEP, 0
        root = Suffixes(1, 0)
        root.state = 0
        self.states, self._nodes = [root], 1
        self._candidates: list[tuple[Suffixes, str, Suffixes]] = []  # source, symbol, candidate

    @property
    def until(self) -> int:
        """Strings to come until rare prefixes are forgotten, at each look and between looks that are far apart."""
        return min(self._next - self.since, CHUNK - self.since % CHUNK)

    def take(self, strings: Mapping[str, int], symbols: int) -> str | None:
        """Take in strings, no more than `until`.

        Parameters
        ----------
        strings : mapping of str to int
            How often each came.
        symbols : int
            Symbols that have come so far.

        Returns
        -------
        str or None
            How the round has ended, if it has.
        """
        for text, times in strings.items():
            self._follow(text, times)
        total = sum(strings.values())
        self.strings += total
        self.since += total
        looks = self.since >= self._next
        if looks or self.since % CHUNK == 0:  # whatever the parts are in which strings come
            self._forget()
        return self._look(symbols) if looks else None

    def _forget(self) -> None:
        self._settled = self.strings
        for node in (*self.states, *(candidate for _, _, candidate in self._candidates)):
            node.forget(LOST * self.terms.mu, int(MOST / self.terms.mu))

    def _follow(self, text: str, times: int) -> None:
        node, place, visited = self.states[0], 0, set()
        while True:
            if node.number not in visited:
                visited.add(node.number)
                node.add(text, place, times)
            if node.state < 0:
                self.left += times
                return
            symbol = text[place]
            if symbol == END:
                return
            known = node.edges.get(symbol)
            node, place = self._candidate(node, symbol) if known is None else known, place + 1

    def _candidate(self, source: Suffixes, symbol: str) -> Suffixes:
        self._nodes += 1
        found = source.edges[symbol] = Suffixes(self._nodes, self._settled)
        self._candidates.append((source, symbol, found))
        return found

    # --- decisions ------------------------------------------------------------------------------------------------

    def _look(self, symbols: int) -> str | None:
        self._looks += 1
        waiting = [one for one in self._candidates if not self._decide(*one, symbols)]
        if len(waiting) < len(self._candidates):
            self._candidates = waiting
            self._begin_stage()
            return TOO_MANY if len(self.states) > self.terms.states else None
        self._next = next_look(self.since)
        level = self.terms.leave_level(self._stage, self._looks)
        return FOUND if self.terms.leaves_little(self.left, self.since, level) else None

    def _begin_stage(self) -> None:
        self._stage += 1
        self.since = self.left = self._looks = 0
        self._next = STEP
        for node in (*self.states, *(candidate for _, _, candidate in self._candidates)):
            node.recent = 0

    def _decide(self, source: Suffixes, symbol: str, candidate: Suffixes, symbols: int) -> bool:
        """Decide about a candidate if that can be done; tell whether it was."""
        radius, differs, nearest = self._radius(candidate), True, (self.terms.mu, -1)
        if radius > 1:  # as of most that come seldom: nothing can be said of it
            return False
        for state in self.states:
            apart, slack = distance(candidate, state), radius + self._radius(state)
            slack += max(candidate.lost, state.lost)
            differs = differs and apart > slack
            if apart + slack < self.terms.mu:
                nearest = min(nearest, (apart, state.state))
        if nearest[1] >= 0:
            source.edges[symbol] = self.states[nearest[1]]
            return True
        if not differs or not self._heavy(candidate, symbols):
            return False
        candidate.state = len(self.states)
        self.states.append(candidate)
        return True

    def _radius(self, node: Suffixes) -> float:
        return prefix_radius(node.visits, self.terms.node_level(node.number))

    def _heavy(self, node: Suffixes, symbols: int) -> bool:
        """Tell whether a candidate comes often enough for a state, since it is one or since the last decision."""
        whole = self.terms.heavy(node.number, node.visits, self.strings - node.born, symbols)
        return whole or self.terms.heavy(node.number, node.recent, self.since, symbols, self._stage)
