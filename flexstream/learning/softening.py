"""Softening: automata that are in several states at once, made from a deterministic one and the traces behind it.

Where the source is not deterministic, no automaton with finitely many states that is deterministic is right.  So a
share of each transition's mass is spread over all states at random, and expectation maximisation finds out which of
that explains the traces (Baum, Petrie, Soules & Weiss, Ann. Math. Statist. 41, 1970); it is variational, with a
Dirichlet prior on what each state does, so that what is not needed vanishes (MacKay, "Ensemble learning for hidden
Markov models", 1997).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._kernels.softening import LANES, SoftColumns, SoftCounts, SoftRows, SoftScratch, exp_digammas, expect_counts
from ..automata.softened import Softened, sparse
from ..merging.halt import Halt

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from ..summary.held_traces import HeldTraces

PRIOR = 0.05
"""Observations that the prior of each state holds for each target, shared out over the outcomes by their frequency."""
BEAM = 1e-4
"""States with a smaller share are left out of a step."""


@dataclass
class _Counts:
    """Expected counts: symbol x state x target, of ends and of beginnings."""

    passed: NDArray[np.float32]
    ended: NDArray[np.float32]
    begun: NDArray[np.float32]


class Softening:
    """Variational expectation maximisation on some traces, begun from a deterministic automaton.

    Parameters
    ----------
    automaton : PDFA
        What to begin from.
    share : float
        Of each transition's mass that is spread over all states at random.
    seed : int
        Of that.
    copies : int
        How many states stand for each of the automaton's.
    most : int, optional
        States of the automaton that are taken, the first and those that were visited most; what led to others is spread
        over all.
    """

    def __init__(self, automaton: PDFA, share: float, seed: int, copies: int = 1, most: int | None = None) -> None:
        self.automaton = automaton
        order = 1 + np.argsort(-automaton.visits[1:], kind="stable")
        kept = np.sort(np.concatenate([[0], order[: len(order) if most is None else most - 1]]))
        self.states = copies * len(kept)
        occupied = np.repeat(np.maximum(automaton.visits[kept], 1e-9), copies)
        self.landing = occupied / occupied.sum()
        width = -(-self.states // LANES) * LANES
        random = np.random.default_rng(seed)
        passed = self._passed(kept, share, copies, width, random)
        ended, begun = (np.zeros(width, np.float32) for _ in range(2))
        ended[: self.states] = np.repeat(automaton.stops[kept], copies) / copies
        traces = max(float(automaton.stops.sum()), 1.0)
        begun[: self.states] = share * traces * self.landing * random.gamma(1.0, 1.0, self.states)
        begun[:copies] += (1 - share) * traces / copies
        self._counts = _Counts(passed, ended, begun)

    def _passed(
        self, kept: NDArray[np.int64], share: float, copies: int, width: int, random: np.random.Generator
    ) -> NDArray[np.float32]:
        """Return the counts of the automaton's transitions, of each so large a share spread over all states."""
        automaton, number = self.automaton, np.full(len(self.automaton), -1)
        number[kept] = np.arange(len(kept))
        found, each = np.zeros((len(automaton.symbols), width, width), np.float32), np.arange(copies)
        columns = number[automaton.sources], automaton.edge_symbols, number[automaton.targets], automaton.weights
        for source, symbol, target, weight in zip(*columns, strict=True):
            for copy in each if source >= 0 else ():
                row, part = found[symbol, copies * source + copy], weight / copies
                spread = share if target >= 0 else 1.0
                row[: self.states] = spread * part * random.gamma(1.0, 1.0, self.states) * self.landing
                if target >= 0:
                    noise = random.gamma(1.0, 1.0, copies) if copies > 1 else np.ones(1)
                    row[copies * target + each] += (1 - share) * part * noise / noise.sum()
        return found

    def run(self, held: HeldTraces, rounds: int, halt: Halt | None = None) -> float:
        """Maximise so many times; return the bits of all traces before the last."""
        depth = int(np.diff(held.offsets).max(initial=0)) + 1
        width = len(self._counts.ended)
        scratch = SoftScratch(
            np.zeros((depth, width), np.float32),
            np.zeros(depth, np.float32),
            np.zeros(depth),
            np.zeros((depth, width), np.float32),
        )
        rows = SoftRows.room(len(self._counts.passed), width)
        bits, times = np.empty(len(held.times)), held.times.astype(np.float32)
        for _ in range(rounds):
            if halt is not None:
                halt.check()
            columns = self._variational()
            found = SoftCounts(*(np.zeros_like(part) for part in columns))
            expect_counts(columns, held.symbols, held.offsets, times, BEAM, rows, scratch, found, bits)
            np.multiply(found.passed, columns.chances, out=found.passed)
            self._counts = _Counts(*found)
        return float(bits @ held.times)

    def _priors(self) -> NDArray[np.float64]:
        """Return what the prior gives each target: of the end, of unknown symbols, of each symbol."""
        return PRIOR * self.automaton.smoothing.base

    def _totals(self) -> NDArray[np.float64]:
        counts = self._counts
        return np.asarray(counts.passed.sum((0, 2), dtype=np.float64) + counts.ended + PRIOR * self.states)

    def _variational(self) -> SoftColumns:
        """Return the geometric means of the probabilities under their posterior."""
        counts, priors, states = self._counts, self._priors(), self.states
        scale = np.reciprocal(_exp_digamma(self._totals().astype(np.float32), 0.0))
        chances = np.empty_like(counts.passed)
        for symbol, rows in enumerate(counts.passed):
            exp_digammas(rows.ravel(), float(priors[symbol + 2]), chances[symbol].reshape(-1))
        chances *= scale[:, np.newaxis]
        chances[:, states:], chances[:, :, states:] = 0, 0
        stops = _exp_digamma(counts.ended, float(priors[0]) * states) * scale
        initial = _exp_digamma(counts.begun, PRIOR) / _exp_digamma(counts.begun.sum(keepdims=True), PRIOR * states)
        stops[states:] = initial[states:] = 0
        return SoftColumns(chances, stops, initial)

    def softened(self) -> Softened:
        """Return the automaton of the posterior's means."""
        counts, states = self._counts, self.states
        totals, begun = self._totals()[:states], counts.begun[:states] + PRIOR
        return sparse(
            self.automaton.symbols,
            begun / begun.sum(dtype=np.float64),
            counts.ended[:states] / totals,
            PRIOR * states / totals,
            self.landing,
            np.divide(counts.passed[:, :states, :states], totals[:, np.newaxis], dtype=np.float32),
            self.automaton.smoothing.base,
        )


def _exp_digamma(values: NDArray[np.float32], prior: float) -> NDArray[np.float32]:
    found = np.empty_like(values)
    exp_digammas(values, prior, found)
    return found
