"""PFA: probabilistic finite automata that need not be deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import expect
from ..automata.arrays import frozen
from ..automata.chain import Chain, expected_visits, reachable, summed, visit_probabilities
from ..automata.pdfa import PDFA
from ..automata.sampling import Sampler, Seed, texts
from ..automata.smoothing import unsmoothed
from ..errors import ModelError
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.traces import as_symbols

if TYPE_CHECKING:
    from .._kernels.forward import ForwardColumns

ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class PFA:
    """A probabilistic finite automaton; hidden Markov models and deterministic automata are special cases.

    A trace starts in a state drawn from ``initial``.  In state q it ends with probability ``stops[q]`` or takes one of
    the transitions, rows ``offsets[q]:offsets[q + 1]``, ordered by symbol, then by target.  See Vidal, Thollard,
    de la Higuera, Casacuberta & Carrasco, Probabilistic finite-state machines, IEEE PAMI 27, 2005.

    Parameters
    ----------
    symbols : sequence of str
        The alphabet; a symbol's id is its position.
    initial, stops : float64 arrays, shape (states,)
    offsets : int64 array, shape (states + 1,)
    edge_symbols, targets : int32 arrays, shape (transitions,)
    probabilities : float64 array, shape (transitions,)
        Of symbol and target together, given the state; with the end they sum to 1.

    Raises
    ------
    ModelError
        If probabilities do not sum to 1 or the arrays do not fit together.

    Examples
    --------
    >>> two_coins = PFA.from_edges(["h", "t"], [0.5, 0.5], [0.5, 0.5], [0, 1], [0, 1], [0, 1], [0.5, 0.5])
    >>> two_coins
    PFA(2 states, 2 transitions, 2 symbols)
    >>> two_coins.log2_prob([]), two_coins.log2_prob(["h"]), two_coins.log2_prob(["h", "t"])
    (-1.0, -3.0, -inf)
    >>> round(two_coins.mean_length(), 9)
    1.0
    """

    symbols: Sequence[str]
    initial: NDArray[np.float64]
    stops: NDArray[np.float64]
    offsets: NDArray[np.int64]
    edge_symbols: NDArray[np.int32]
    targets: NDArray[np.int32]
    probabilities: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbols", tuple(as_symbols(self.symbols)))
        kinds: dict[str, type] = dict(initial=np.float64, stops=np.float64, offsets=np.int64, edge_symbols=np.int32)
        for name, kind in {**kinds, "targets": np.int32, "probabilities": np.float64}.items():
            object.__setattr__(self, name, frozen(getattr(self, name), kind))
        self._check()

    def _check(self) -> None:
        states, edges = len(self.stops), len(self.targets)
        if {len(self.edge_symbols), len(self.probabilities), int(self.offsets[-1])} != {edges}:
            raise ModelError("the arrays of the automaton do not fit together: their lengths differ")
        if len(self.initial) != states or len(self.offsets) != states + 1 or not states:
            raise ModelError("the arrays of the automaton do not fit together: sizes differ, or there is no state")
        for numbers, end in ((self.targets, states), (self.edge_symbols, len(self.symbols))):
            if edges and not (numbers.min() >= 0 and numbers.max() < end):
                raise ModelError("a transition of the automaton has a state or symbol out of range")
        values = np.concatenate([self.initial, self.stops, self.probabilities])
        if not np.isfinite(values).all() or (values < 0).any():
            raise ModelError("a probability of the automaton is negative or no number")
        if abs(self.initial.sum() - 1) > ROUNDING:
            raise ModelError(f"the initial probabilities sum to {self.initial.sum():.9g} (expected: 1)")
        sums = self.stops + np.bincount(self.sources, self.probabilities, states)
        wrong = np.flatnonzero(np.abs(sums - 1) > ROUNDING)
        if len(wrong):
            raise ModelError(f"the probabilities of state {wrong[0]} sum to {sums[wrong[0]]:.9g} (expected: 1)")

    @classmethod
    def from_edges(
        cls,
        symbols: Sequence[str],
        initial: ArrayLike,
        stops: ArrayLike,
        sources: ArrayLike,
        edge_symbols: ArrayLike,
        targets: ArrayLike,
        probabilities: ArrayLike,
    ) -> PFA:
        """Make an automaton of transitions in any order; those that stand twice add up, those of 0 are left out."""
        first, ends, shares = (np.asarray(values, np.float64) for values in (initial, stops, probabilities))
        rows = sources, edge_symbols, targets
        source, symbol, target = (np.asarray(row, np.int64)[shares > 0] for row in rows)
        keys, which = np.unique((source * len(symbols) + symbol) * len(ends) + target, return_inverse=True)
        offsets = np.searchsorted(keys, np.arange(len(ends) + 1) * len(symbols) * len(ends))
        symbol, target = keys // len(ends) % max(1, len(symbols)), keys % len(ends)
        edges = symbol.astype(np.int32), target.astype(np.int32)
        return cls(symbols, first, ends, offsets, *edges, summed(which, shares[shares > 0], len(keys)))

    @classmethod
    def from_pdfa(cls, automaton: PDFA) -> PFA:
        """Take over a deterministic automaton without its smoothing; a state that shows nothing ends the trace.

        >>> from flexstream.targets import reber
        >>> round(PFA.from_pdfa(reber()).mean_length(), 9)
        6.0
        """
        stops, shares = unsmoothed(automaton)
        edges = automaton.sources, automaton.edge_symbols, automaton.targets
        return cls.from_edges(automaton.symbols, np.eye(1, len(automaton))[0], stops, *edges, shares)

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.stops)

    def __repr__(self) -> str:
        return f"PFA({len(self)} states, {len(self.targets)} transitions, {len(self.symbols)} symbols)"

    # --- traces ------------------------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> NDArray[np.int64]:
        """State that each transition leaves, shape (transitions,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @cached_property
    def _columns(self) -> ForwardColumns:
        from .._kernels.forward import ForwardColumns

        edges = self.offsets, self.edge_symbols, self.targets, self.probabilities
        return ForwardColumns(np.flatnonzero(self.initial), self.initial, self.stops, *edges)

    def alphabet(self) -> Alphabet:
        """Return a fresh alphabet with this automaton's symbols under its ids."""
        return Alphabet(self.symbols)

    def log2_prob(self, trace: Sequence[str | int]) -> float:
        """Return the base-2 logarithm of the probability of a trace, -inf if it is impossible."""
        ids = self.alphabet().find(trace)
        return float(self.log2_probs(TraceBatch(ids, np.array([0, len(ids)], np.int64)))[0])

    def log2_probs(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the base-2 logarithms of the probabilities of traces encoded with this automaton's ids, shape (n,)."""
        from .._kernels.forward import forward

        bits = np.empty(len(expect("batch", batch, TraceBatch)))
        forward(self._columns, batch.symbols, batch.offsets, bits)
        return -bits

    def sampler(self, seed: Seed, max_length: int = 10_000) -> Sampler:
        """Return an endless source of traces; the same seed gives the same traces."""
        edges = self.offsets, self.edge_symbols, self.targets, self.probabilities
        return Sampler(self.stops, *edges, self.initial, seed, max_length)

    def sample(self, n: int, seed: int, max_length: int = 10_000) -> list[list[str]]:
        """Draw ``n`` traces; those that have not ended after ``max_length`` events are cut."""
        return texts(self.sampler(seed, max_length).batch(n), tuple(self.symbols))

    # --- the chain of states -----------------------------------------------------------------------------------

    @cached_property
    def chain(self) -> Chain:
        """The steps between states, whatever the symbol."""
        return Chain.of(len(self), self.sources, self.targets.astype(np.int64), self.probabilities)

    def expected_visits(self) -> NDArray[np.float64]:
        """Return how often a trace visits each state on average, shape (states,)."""
        return expected_visits(self.chain, self.initial)

    def visit_probabilities(self) -> NDArray[np.float64]:
        """Return the probability that a trace passes through each state at least once, shape (states,)."""
        return visit_probabilities(self.chain, self.initial)

    def mean_length(self) -> float:
        """Return the mean number of events of a trace."""
        return float(self.expected_visits() @ (1.0 - self.stops))

    # --- determinism -------------------------------------------------------------------------------------------

    @property
    def deterministic(self) -> bool:
        """Whether there is one initial state and no state has two transitions with one symbol."""
        return self._choice() is None

    def _choice(self) -> str | None:
        """Say where the automaton has a choice, None if nowhere."""
        starts = np.flatnonzero(self.initial)
        if len(starts) > 1:
            return f"a trace can start in state {starts[0]} or {starts[1]}"
        again = np.flatnonzero((np.diff(self.sources) == 0) & (np.diff(self.edge_symbols) == 0))
        if not len(again):
            return None
        edge = int(again[0])
        where = f"from state {self.sources[edge]} symbol {self.symbols[self.edge_symbols[edge]]!r}"
        return f"{where} leads to state {self.targets[edge]} or {self.targets[edge + 1]}"

    def to_pdfa(self) -> PDFA:
        """Return the same automaton as a PDFA: states are renumbered breadth first, those never reached left out.

        Raises
        ------
        ModelError
            If the automaton is not deterministic; the text says where.
        """
        choice = self._choice()
        if choice is not None:
            raise ModelError(f"the automaton is not deterministic: {choice}")
        first = int(np.flatnonzero(self.initial)[0])
        order = np.array(reachable(len(self), self.sources, self.targets, [first]), np.int64)
        number = np.full(len(self), -1)
        number[order] = np.arange(len(order))
        edges = np.concatenate([np.arange(self.offsets[state], self.offsets[state + 1]) for state in order])
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets)[order])])
        symbols, targets = self.edge_symbols[edges], number[self.targets[edges]]
        kept = np.ones(len(order)), self.stops[order], offsets
        return PDFA(self.symbols, *kept, symbols, targets, self.probabilities[edges])
