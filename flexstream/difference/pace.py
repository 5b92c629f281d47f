"""Transitions that take longer, or less long, in the other automaton than chance explains."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..automata.timing import PAIRS
from ..stream.durations import BINS, bounds, seconds_of
from .alignment import Alignment, Group
from .holm import adjusted
from .mostly import Mostly, mostly

TAIL = 0.99
"""Share of the events that are shown to take less than so long."""
FREEDOM = PAIRS - 1
"""Degrees of freedom of how alike neighbours are found to be, at least."""


class Times(NamedTuple):
    """How long a symbol took in a group: how often that is known, as how many events they count, and two quantiles."""

    events: int
    worth: float
    median: float
    tail: float


@dataclass(frozen=True, slots=True)
class Pace:
    """A symbol that comes sooner, or later, after the event before it than chance explains.

    Attributes
    ----------
    group : Group
        Where it is taken.
    symbol : str
    one, other : Times
        Seconds since the event before.
    within : float
        Seconds within which the shares of the events that take no longer differ most.
    shares : tuple of two floats
        These shares.
    reached : tuple of two floats
        Seconds that a share in the middle between the two does not exceed.
    log_p : float
        Natural logarithm of the probability of such a difference between two samples of one law.
    p_value : float
        That, among all that was compared.
    mostly : Mostly or None
        After which earlier event it shows most, where both know one on which it hangs how long it takes.
    """

    group: Group
    symbol: str
    one: Times
    other: Times
    within: float
    shares: tuple[float, float]
    reached: tuple[float, float]
    log_p: float
    p_value: float = 1.0
    mostly: Mostly | None = None

    @property
    def distance(self) -> float:
        """The difference of the shares."""
        return abs(self.shares[0] - self.shares[1])

    @property
    def slower(self) -> bool:
        """Whether it takes longer in the other, where they differ most."""
        return self.shares[0] > self.shares[1]


def paces(one: PDFA, other: PDFA, alignment: Alignment) -> list[Pace]:
    """Return how the durations differ of each symbol of each group that both automata know the times of.

    The two are compared by the largest distance D of their distributions (Kolmogorov & Smirnov): of two samples that
    are worth n and m independent events its probability is at most ``e·exp(-2·D²·n·m/(n + m))`` (Wei & Dudley,
    Statistics & Probability Letters 82, 2012).  Events that are like their neighbours in the stream, as waits in one
    queue are, are worth less than their number, see `flexstream.automata.timing.counted`.  By how much is only
    estimated, so that the bound falls as the tails of Student's law do instead of as those of the normal law, with the
    degrees of freedom of the estimates (Welch, Biometrika 34, 1947).
    """
    if one.durations is None or other.durations is None:
        return []
    edges = tuple(
        {(edge.source, edge.symbol): place for place, edge in enumerate(model.transitions())} for model in (one, other)
    )
    found = []
    for group in alignment.groups:
        for symbol in dict.fromkeys([*group.one.counts, *group.other.counts]):
            if symbol is None:
                continue
            ones, others = (
                [own[state, symbol] for state in side.states if (state, symbol) in own]
                for own, side in zip(edges, (group.one, group.other), strict=True)
            )
            first, second = _counts(one, ones), _counts(other, others)
            if first[0].any() and second[0].any():
                where = mostly(one, ones, other, others)
                found.append(replace(_compared(group, symbol, first, second), mostly=where))
    return found


def beyond_chance(found: list[Pace], error: float) -> tuple[Pace, ...]:
    """Return those whose difference is beyond chance by Holm's rule, most certain first."""
    ordered = sorted(found, key=lambda pace: pace.log_p)
    levels = adjusted([math.exp(pace.log_p) for pace in ordered], error)
    return tuple(replace(pace, p_value=level) for pace, level in zip(ordered, levels, strict=False))


def _counts(automaton: PDFA, edges: list[int]) -> tuple[NDArray[np.int64], float]:
    """Return the counts of all bins over some transitions, and as how many events they count."""
    counts, worth, durations = np.zeros(BINS, np.int64), 0.0, automaton.durations
    if durations is not None:
        for edge in edges:
            bins, times = durations.of(edge)
            np.add.at(counts, bins, times)
            worth += float(times.sum()) / float(durations.dependence[edge])
    return counts, worth


def _compared(
    group: Group, symbol: str, one: tuple[NDArray[np.int64], float], other: tuple[NDArray[np.int64], float]
) -> Pace:
    shares = [np.cumsum(counts) / counts.sum() for counts, _ in (one, other)]
    apart = int(np.abs(shares[0] - shares[1]).argmax())
    told = float(shares[0][apart]), float(shares[1][apart])
    log_p = _log_p(told[0] - told[1], [(float(counts.sum()), worth) for counts, worth in (one, other)])
    within = float(bounds(apart)[1])
    first, second = (float(seconds_of(int(np.searchsorted(side, sum(told) / 2)))) for side in shares)
    return Pace(group, symbol, _times(*one), _times(*other), within, told, (first, second), log_p)


def _log_p(distance: float, sides: list[tuple[float, float]]) -> float:
    """Return the logarithm of the probability of a distance between samples of so many events, worth so many each."""
    variance = sum(1 / worth for _, worth in sides)
    exponent = 2.0 * distance**2 / variance
    guessed = sum((1 / worth) ** 2 / FREEDOM for events, worth in sides if worth < events)
    if guessed:
        freedom = variance**2 / guessed
        exponent = (freedom + 1) / 2 * math.log1p(2 * exponent / freedom)
    return min(0.0, 1.0 - exponent)


def _times(counts: NDArray[np.int64], worth: float) -> Times:
    rising = np.cumsum(counts)
    middle, tail = (int(np.searchsorted(rising, math.ceil(share * rising[-1]))) for share in (0.5, TAIL))
    return Times(int(rising[-1]), worth, float(seconds_of(middle)), float(seconds_of(tail)))
