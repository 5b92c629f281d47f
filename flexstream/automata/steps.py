"""Steps of an automaton from state to state, those that only its smoothing allows included."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .arrays import read_only
from .chain import MOST_DENSE, NEGLIGIBLE, PATIENCE, reachable, summed

if TYPE_CHECKING:
    from .pdfa import PDFA

DENSE = 1500
"""States up to which equations are solved by an inverse matrix; of more, step after step is summed up."""


class Steps:
    """The matrix P of a step between states: S + r·fᵀ.

    S has an entry for each transition.  Smoothing sends a share r of each state on by symbols never seen there, each
    to where it leads elsewhere: f.  What it must not send on by symbols that were seen there is taken off S, and what
    stays where it is after an unknown symbol stands on the diagonal.  So a step costs as much as there are
    transitions, not as many as there are pairs of states and symbols.

    Parameters
    ----------
    automaton : PDFA
        Its n-gram has no say.
    without : int, optional
        A symbol by which no step is taken.

    Attributes
    ----------
    states : int
    stops : float64 array, shape (states,)
        Probability that a trace ends; 1 in a state without any weight.
    kept : bool array, shape (states,)
        From which states a trace can end, or come to the symbol left out; of no others equations are solved.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> steps = Steps(from_rows({0: {"a": (50, 1), None: (50, 0)}, 1: {"b": (25, 0), None: (75, 0)}}))
    >>> steps.after(np.array([1.0, 2.0])).tolist(), steps.before(np.array([1.0, 0.0])).tolist()
    ([1.0, 0.25], [0.0, 0.5])
    """

    def __init__(self, automaton: PDFA, without: int | None = None) -> None:
        self.automaton, self.states, self._without = automaton, len(automaton), without
        self._lacking = automaton.rest / automaton.mass
        base, edges = automaton.smoothing.base[2:], automaton.edge_symbols
        own = np.arange(self.states)
        self._sources = np.concatenate([automaton.sources, automaton.sources, own])
        self._targets = np.concatenate([automaton.targets, automaton.smoothing.fallback[edges], own]).astype(np.int64)
        taken, stays = -self._lacking[automaton.sources] * base[edges], self._lacking * automaton.smoothing.base[1]
        self._shares = np.concatenate([automaton.probabilities, taken, stays])
        self._fallback = summed(automaton.smoothing.fallback.astype(np.int64), base, self.states)
        if without is not None:
            self._leave_out(without)

    def _leave_out(self, symbol: int) -> None:
        """Take off the steps by a symbol."""
        self._sources = np.concatenate([self._sources, np.arange(self.states)])
        self._targets = np.concatenate([self._targets, self.led_to(symbol)])
        self._shares = np.concatenate([self._shares, -self.chances(symbol)])

    @cached_property
    def stops(self) -> NDArray[np.float64]:
        """Probability that a trace ends in each state."""
        automaton = self.automaton
        going = summed(automaton.sources, automaton.weights, self.states) + automaton.rest
        return read_only(np.where(automaton.stops + going > 0, automaton.stop_probabilities, 1.0))

    def _edges(self, symbol: int) -> NDArray[np.int64]:
        return np.flatnonzero(self.automaton.edge_symbols == symbol)

    def chances(self, symbol: int) -> NDArray[np.float64]:
        """Return the probability of a symbol in each state."""
        found, edges = self._lacking * self.automaton.smoothing.base[2 + symbol], self._edges(symbol)
        found[self.automaton.sources[edges]] = self.automaton.probabilities[edges]
        return found

    def led_to(self, symbol: int) -> NDArray[np.int64]:
        """Return the state that a symbol leads to from each state."""
        found = np.full(self.states, self.automaton.smoothing.fallback[symbol], np.int64)
        edges = self._edges(symbol)
        found[self.automaton.sources[edges]] = self.automaton.targets[edges]
        return found

    def last(self, visits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how often a trace that visits states so often has each symbol as its last, shape (symbols + 1,).

        Behind those of the alphabet stand all others together.
        """
        automaton, ends, smoothing = self.automaton, self.stops, self.automaton.smoothing
        base, edges, from_ = smoothing.base[2:], automaton.edge_symbols, visits[automaton.sources]
        seen = from_ * automaton.probabilities * ends[automaton.targets]
        taken = from_ * self._lacking[automaton.sources] * base[edges] * ends[smoothing.fallback[edges]]
        unseen = float(visits @ self._lacking) * base * ends[smoothing.fallback]
        known = np.asarray(unseen + summed(edges.astype(np.int64), seen - taken, len(base)))
        return np.maximum(np.append(known, (visits * self._lacking * ends).sum() * smoothing.base[1]), 0.0)

    def after(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return P·x: what the states that follow are worth on average."""
        seen = summed(self._sources, self._shares * values[self._targets], self.states)
        return seen + self._lacking * float(self._fallback @ values)

    def after_all(self, values: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return P·X of many columns at once."""
        order = self._by_source
        found = np.add.reduceat(self._shares[order, None] * values[self._targets[order]], self._begins, axis=0)
        return np.asarray(found + self._lacking[:, None] * (self._fallback @ values))

    @cached_property
    def _by_source(self) -> NDArray[np.int64]:
        return np.argsort(self._sources, kind="stable")

    @cached_property
    def _begins(self) -> NDArray[np.int64]:
        """Where the entries of each state begin; each has one on the diagonal."""
        return np.searchsorted(self._sources[self._by_source], np.arange(self.states))

    def before(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return Pᵀ·v: where shares of traces are one step later."""
        seen = summed(self._targets, self._shares * shares[self._sources], self.states)
        return seen + self._fallback * float(self._lacking @ shares)

    def matrix(self) -> NDArray[np.float64]:
        """Return P, shape (states, states)."""
        dense = np.outer(self._lacking, self._fallback)
        np.add.at(dense, (self._sources, self._targets), self._shares)
        return np.asarray(np.maximum(dense, 0.0))

    @cached_property
    def inverse(self) -> NDArray[np.float64]:
        """(I - P)⁻¹, with rows and columns of zeros where states are not kept; for small automata."""
        kept = np.flatnonzero(self.kept)
        found = np.zeros((self.states, self.states))
        found[np.ix_(kept, kept)] = np.linalg.inv(np.eye(len(kept)) - self.matrix()[np.ix_(kept, kept)])
        return found

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """From which states a trace can end, or come to the symbol left out."""
        return self.can_reach((self.stops if self._without is None else self.chances(self._without)) > 0)

    def can_reach(self, goals: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return from which states steps lead to one of some states, those included."""
        if goals.all() or not goals.any():
            return goals.copy()
        automaton, found = self.automaton, goals.copy()
        seen = (automaton.probabilities > 0) & (automaton.edge_symbols != self._without)
        ways = automaton.targets[seen], automaton.sources[seen]
        while True:
            found[reachable(self.states, *ways, np.flatnonzero(found).tolist())] = True
            more = self._by_smoothing(found) & ~found
            if not more.any():
                return found
            found |= more

    def _by_smoothing(self, goals: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return from which states a symbol that was not seen there leads to one of some states."""
        automaton, smoothing = self.automaton, self.automaton.smoothing
        leading = (smoothing.base[2:] > 0) & goals[smoothing.fallback]
        if self._without is not None:
            leading[self._without] = False
        # There are as many such symbols as lead there at all, but for those that were seen: pairs need not be listed.
        seen = np.bincount(automaton.sources, leading[automaton.edge_symbols], self.states)
        return np.asarray((self._lacking > 0) & (leading.sum() > seen))

    def solved(self, rewards: NDArray[np.float64], forward: bool = False) -> NDArray[np.float64]:
        """Return what a trace collects from each state on, if each visit is worth its reward: x = P·x + rewards.

        ``forward``: return how often each state is visited, if traces start so often in each: v = Pᵀ·v + rewards.
        States that are not kept count nothing.

        Raises
        ------
        ModelError
            If the automaton is so large, and its traces so long, that this cannot be worked out.
        """
        given = np.where(self.kept, rewards, 0.0)
        if self.states <= DENSE:
            return np.asarray(self.inverse.T @ given if forward else self.inverse @ given)
        step, total, now = self.before if forward else self.after, given.copy(), given
        least = NEGLIGIBLE * max(float(np.abs(given).max()), 1e-300)
        for _ in range(PATIENCE):
            now = np.where(self.kept, step(now), 0.0)
            total += now
            if np.abs(now).max() <= least:
                return total
        return self._by_matrix(given, forward)

    def _by_matrix(self, given: NDArray[np.float64], forward: bool) -> NDArray[np.float64]:
        if self.states > MOST_DENSE:
            raise ModelError(
                f"traces of the automaton, of {self.states:,} states, are so long that what follows cannot be worked "
                f"out (expected: a mean length of some hundreds of events, or at most {MOST_DENSE:,} states)"
            )
        kept = np.flatnonzero(self.kept)
        stays = np.eye(len(kept)) - self.matrix()[np.ix_(kept, kept)]
        found = np.zeros(self.states)
        found[kept] = np.linalg.solve(stays.T if forward else stays, given[kept])
        return found
