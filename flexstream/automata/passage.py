"""How long a trace still takes: the time that its transitions take until its end, added up along all ways there.

Where a model knows how long traces were seen to go on (:mod:`.time_left`), both are mixed, each by its counts.

The first event of a trace takes no time: what is to come counts from it on.

The time of each transition is drawn anew from those that were counted for it, whatever came before (a semi-Markov
process).  Its mean follows from linear equations.  Its distribution is found on a grid of time by generating functions:
at z the function of a state is Σ p·ψ(z) times that of the state that follows, where ψ is that of the transition's time;
values on a circle of a radius below 1 give the probabilities back (Abate & Whitt, "The Fourier-series method for
inverting transforms of probability distributions", Queueing Systems 10, 1992).  Nothing is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting, fitting_share
from ..stream.durations import seconds_of
from .arrays import read_only
from .chain import summed

if TYPE_CHECKING:
    from .absorption import Absorption
    from .remaining import Part

CELLS = 256
"""Of the grid of time; a quantile lies in its second half, so that a cell is 0.8 % of it at most."""
ALIASING = 1e-8
"""Share of what lies beyond the grid that is taken for what lies on it."""
SHORTEST, LONGEST = -16, 40
"""Powers of two, in seconds, between which grids end."""
SOLVED = 64
"""States up to which equations are solved for each value of z; for more, step after step is summed up."""
STEPS, NEGLIGIBLE = 5000, 1e-9
QUICK = 20_000
"""Transitions and states, times the mean number of events to come, up to which a grid of a larger automaton takes some
seconds."""


class Passage:
    """The times from the states of an automaton to its end.

    A transition of which no time is known takes as long as any.

    Parameters
    ----------
    absorption : Absorption
        Of an automaton with durations.
    """

    def __init__(self, absorption: Absorption) -> None:
        self._steps, automaton = absorption.steps, absorption.steps.automaton
        durations = automaton.durations
        assert durations is not None
        self._certain, self._grids = absorption.certain, dict[int, NDArray[np.float64]]()
        self._edges, transitions = durations.edges.astype(np.int64), len(automaton.targets)
        self._seconds, self._counts = seconds_of(durations.bins), durations.counts.astype(np.float64)
        self._totals = summed(self._edges, self._counts, transitions)
        self._known = self._totals > 0
        self._seen = None if automaton.calibration is None else automaton.calibration.time_left

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """Mean seconds until the end, shape (states,); infinite where some traces never end."""
        steps, automaton = self._steps, self._steps.automaton
        usual = float(self._seconds @ self._counts / self._counts.sum())
        own = summed(self._edges, self._seconds * self._counts, len(self._totals)) / np.where(
            self._known, self._totals, 1
        )
        more = np.where(self._known, own, usual) - usual
        rewards = (1 - steps.stops) * usual + summed(automaton.sources, automaton.probabilities * more, steps.states)
        return read_only(np.where(self._certain, np.maximum(steps.solved(rewards), 0.0), np.inf))

    def quick(self, mean: float) -> bool:
        """Tell whether a distribution is found in seconds, where so many events are to come on average."""
        entries = 3 * len(self._totals) + self._steps.states
        return self._steps.states <= SOLVED or entries * mean <= QUICK

    def within(self, end: int) -> NDArray[np.float64]:
        """Return the probability that a trace ends within each part of 2^end seconds, shape (states, CELLS + 1)."""
        if end not in self._grids:
            self._grids[end] = self._summed_up(2.0**end / CELLS)
        return self._grids[end]

    def mean_from(self, state: int) -> float:
        """Return the mean seconds until the end from a state on, by transitions and by what was seen together."""
        share, mean = self._share(state), float(self.means[state])
        return mean if self._seen is None or not share else (1 - share) * mean + share * float(self._seen.means[state])

    def within_from(self, state: int, end: int) -> NDArray[np.float64]:
        """Return `within` from a state on, by transitions and by what was seen together, shape (CELLS + 1,)."""
        share, found = self._share(state), self.within(end)[state]
        if self._seen is None or not share:
            return found
        return (1 - share) * found + share * self._seen.within(
            state, np.arange(CELLS + 1, dtype=np.float64) * (2.0**end / CELLS)
        )

    def mean_from_first(self, start: int) -> float:
        """Return the mean seconds from the first event of a trace to its end: no step leads to that event."""
        return sum(share * self.mean_from(state) for state, share in self._after_first(start))

    def within_from_first(self, start: int, end: int) -> NDArray[np.float64]:
        """Return `within` for a trace that has yet to begin, since its first event, shape (CELLS + 1,)."""
        found = np.full(CELLS + 1, float(self._steps.stops[start]))  # a trace without any event takes no time
        for state, share in self._after_first(start):
            found += share * self.within_from(state, end)
        return np.clip(found, 0.0, 1.0)

    def _after_first(self, start: int) -> Iterator[tuple[int, float]]:
        """Return the states that the first event of a trace leads to, with their probabilities."""
        begun = np.zeros(self._steps.states)
        begun[start] = 1.0
        shares = self._steps.before(begun)
        return ((state, float(shares[state])) for state in np.flatnonzero(shares > 0).tolist())

    def _share(self, state: int) -> float:
        """Return how much is made of how long traces were seen to go on; nothing where some never end."""
        return 0.0 if self._seen is None or not self._certain[state] else self._seen.share(state)

    def _summed_up(self, cell: float) -> NDArray[np.float64]:
        cells = 2 * CELLS  # the half that is not looked at takes what the damping leaves of what lies beyond
        damping = ALIASING ** (np.arange(cells) / cells)
        own, usual = self._transforms(cell, damping)
        values = self._solved(own, usual) if self._steps.states <= SOLVED else self._iterated(own, usual)
        parts = np.fft.irfft(values, cells, axis=1)[:, : CELLS + 1] / damping[: CELLS + 1]
        return np.clip(np.cumsum(parts, axis=1), 0.0, 1.0)

    def _transforms(self, cell: float, damping: NDArray[np.float64]) -> tuple[NDArray[np.complex128], ...]:
        """Return the generating functions of each transition's time and of any, at the values of z.

        A time between two cells is shared between them, so that means stay what they are; what lies beyond the grid
        is left out, since it cannot be over before.
        """
        place = self._seconds / cell
        inside = place < len(damping) - 1
        low = place[inside].astype(np.int64)
        upper, counts = place[inside] - low, self._counts[inside]
        size = len(self._totals) * len(damping)
        at = self._edges[inside] * len(damping) + low
        grid = summed(at, counts * (1 - upper), size + 1) + summed(at + 1, counts * upper, size + 1)
        grid = grid[:size].reshape(len(self._totals), -1).astype(np.float64)
        total = grid.sum(0) / self._counts.sum()
        grid[self._known] /= self._totals[self._known, None]
        grid[~self._known] = total
        return np.fft.rfft(grid * damping, axis=1), np.fft.rfft(total * damping)

    def _solved(self, own: NDArray[np.complex128], usual: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return the functions of the states by linear equations, shape (states, values)."""
        steps, automaton = self._steps, self._steps.automaton
        kept = np.flatnonzero(steps.kept)
        more = np.zeros((steps.states * steps.states, len(usual)), np.complex128)
        places = automaton.sources * steps.states + automaton.targets
        np.add.at(more, places, automaton.probabilities[:, None] * (own - usual))
        unusual = more.T.reshape(len(usual), steps.states, steps.states)
        whole = steps.matrix() * usual[:, None, None] + unusual
        left = np.eye(len(kept)) - whole[:, kept[:, None], kept[None, :]]
        right = np.broadcast_to(steps.stops[kept, None].astype(np.complex128), (len(usual), len(kept), 1))
        found = np.zeros((steps.states, len(usual)), np.complex128)
        found[kept] = np.linalg.solve(left, right)[:, :, 0].T
        return found

    def _iterated(self, own: NDArray[np.complex128], usual: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return the functions of the states by summing up steps."""
        steps, automaton = self._steps, self._steps.automaton
        more = automaton.probabilities[:, None] * (own - usual)
        some = np.flatnonzero(np.diff(automaton.offsets))
        total = np.repeat(steps.stops[:, None].astype(np.complex128), len(usual), axis=1)
        now = total.copy()
        for _ in range(STEPS):
            after = steps.after_all(now) * usual
            after[some] += np.add.reduceat(more * now[automaton.targets], automaton.offsets[some], axis=0)
            now = np.where(steps.kept[:, None], after, 0.0)
            total += now
            if np.abs(now).max() < NEGLIGIBLE:
                break
        return total


class RemainingTime:
    """Seconds until a trace ends, as a random variable; what :class:`~flexstream.automata.remaining.Remaining` has.

    Attributes
    ----------
    mean : float
        Infinite if the trace need not end.
    quick : bool
        Whether quantiles are found in seconds; of automata of hundreds of states they may take minutes.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from flexstream.automata.timing import Durations
    >>> from flexstream.targets import from_rows
    >>> half = Durations([0], [1281], [9], [1.0])  # of a second
    >>> loop = replace(from_rows({0: {"a": (50, 0), None: (50, 0)}}), durations=half)
    >>> time = loop.remaining(["a"]).time
    >>> round(time.mean, 2), round(time.quantile(0.75)), round(time.within(2.5), 3)
    (1.01, 1, 0.875)
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._passages = [part.absorption.passage for part in parts]
        self._ends = sum(part.share * float(part.absorption.ends[part.state]) for part in parts)
        pairs = zip(self._passages, parts, strict=True)
        self.mean = float(sum(part.share * _mean(passage, part) for passage, part in pairs))
        pairs = zip(self._passages, parts, strict=True)
        self.quick = all(passage.quick(float(part.absorption.means[part.state])) for passage, part in pairs)

    def __repr__(self) -> str:
        return f"RemainingTime(mean={self.mean:.4g})"

    def _within(self, end: int) -> NDArray[np.float64]:
        pairs = zip(self._passages, self._parts, strict=True)
        return np.asarray(sum(part.share * _within(passage, part, end) for passage, part in pairs))

    def within(self, seconds: float) -> float:
        """Return the probability that the trace ends within so many seconds since its last event, or since its first
        if it has yet to begin."""
        if fitting("seconds", seconds, float) < 0:
            return 0.0
        end = min(LONGEST, max(SHORTEST, math.ceil(math.log2(max(seconds, 1e-9)))))
        return float(np.interp(seconds / 2.0**end * CELLS, np.arange(CELLS + 1), self._within(end)))

    def quantile(self, share: float) -> float:
        """Return the seconds within which the trace ends with such a probability, to about a hundredth.

        It is infinite where traces that never end are more than what is left.

        Raises
        ------
        UsageError
            If the share is none.
        """
        share = fitting_share(share)
        if share > self._ends + 1e-9 or self._within(LONGEST)[-1] < share - 1e-6:
            return math.inf
        low, high = SHORTEST, LONGEST
        while low < high:  # the shortest grid on which such a share ends
            middle = (low + high) // 2
            low, high = (low, middle) if self._within(middle)[-1] >= share - 1e-6 else (middle + 1, high)
        rising = np.maximum.accumulate(self._within(low))
        place = int(np.searchsorted(rising, share - 1e-6))
        before = rising[place - 1] if place else 0.0
        part = (share - before) / (rising[place] - before) if place and rising[place] > before else 0.0
        return max(0.0, place - 1 + min(max(part, 0.0), 1.0)) * 2.0**low / CELLS


def _mean(passage: Passage, part: Part) -> float:
    """Return the mean seconds to come in one automaton of a model."""
    return (passage.mean_from if part.begun else passage.mean_from_first)(part.state)


def _within(passage: Passage, part: Part, end: int) -> NDArray[np.float64]:
    """Return the probability that a trace ends within each part of 2^end seconds in one automaton of a model."""
    return (passage.within_from if part.begun else passage.within_from_first)(part.state, end)
