"""Waits: how long it takes until the next event comes, how rare it is that it takes longer, and whether one comes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..automata.beyond import Beyond
from ..stream.durations import UNKNOWN, bins_of, seconds_of

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA

_OfBins = Callable[[NDArray[np.int16]], NDArray[np.float64]]

USUAL = 0.999
"""Share of waits that are said to last less than so long."""


class Tail:
    """How rare it is that an event takes so long or longer, or never comes.

    Parameters
    ----------
    bins, counts : arrays
        Durations that were counted.
    never : float
        Probability that no event comes.

    Examples
    --------
    >>> tail = Tail(np.array([1281, 1345], np.int16), np.array([98, 1]), 0.0)
    >>> tail.rarity(0.5), tail.rarity(2.0), tail.rarity(60.0), round(tail.usual)
    (1.0, 0.02, 0.01, 2)
    >>> Tail(np.array([1281], np.int16), np.array([99]), 0.25).rarity(60.0)
    0.2575
    """

    def __init__(self, bins: NDArray[np.int16], counts: NDArray[np.int64], never: float) -> None:
        order = np.argsort(bins, kind="stable")
        self._bins, self.total = bins[order].astype(np.int64), int(counts.sum())
        self._above = np.append(np.cumsum(counts[order][::-1])[::-1], 0)
        self._never, self._tail = never, Beyond(np.array([0, len(bins)]), self._bins, counts[order])
        self._longest = float(seconds_of(self._bins[-1])) if len(bins) else math.inf
        rank = np.searchsorted(-self._above[:-1], -(1 - USUAL) * self.total) if len(bins) else 0
        self.usual = float(seconds_of(self._bins[min(int(rank), len(bins) - 1)])) if len(bins) else math.nan

    def rarity(self, seconds: float) -> float:
        """Return the conformal p-value of a duration, with the chance that nothing comes any more."""
        if not self.total:
            return 1.0
        number = int(bins_of(seconds))
        above = int(self._above[np.searchsorted(self._bins, number)]) if number != UNKNOWN else self.total
        return self._never + (1.0 - self._never) * (1.0 + above) / (1.0 + self.total)

    def bits(self, seconds: float, beyond: bool = True) -> float:
        """Return `rarity` in bits; with ``beyond`` more for what is further beyond all that was counted.

        >>> tail = Tail(np.array([1281], np.int16), np.array([99]), 0.0)
        >>> [round(tail.bits(seconds), 1) for seconds in (1.0, 2.0, 60.0)]
        [0.0, 33.6, 69.1]
        """
        rarity = self.rarity(seconds)
        if beyond and self.total:
            comes = (rarity - self._never) * 2.0 ** -self._beyond(bins_of([seconds]))
            rarity = self._never + comes
        return max(0.0, -math.log2(rarity)) if rarity > 0 else math.inf

    def _beyond(self, bins: NDArray[np.int16]) -> float:
        """Return how far a duration is beyond all that were counted, in bits."""
        return float(self._tail.bits(np.zeros(1, np.int64), bins)[0])

    def over(self, seconds: float) -> float:
        """Return how likely it is that no event comes any more, after so long without one.

        >>> tail = Tail(np.array([1281], np.int16), np.array([99]), 0.25)
        >>> round(tail.over(0.5), 2), round(tail.over(60.0), 2)
        (0.25, 0.97)
        """
        rarity = self.rarity(seconds) if seconds > 0 else 1.0
        return min(1.0, self._never / rarity) if rarity > 0 else 0.0


def waits_in(automaton: PDFA, state: int) -> Tail:
    """Return how long traces wait in a state for whatever event comes; for an automaton that knows durations."""
    durations = automaton.durations
    assert durations is not None
    edges = np.arange(int(automaton.offsets[state]), int(automaton.offsets[state + 1]))
    parts = [durations.of(edge) for edge in edges.tolist()]
    bins = np.concatenate([np.empty(0, np.int16), *(part[0] for part in parts)])
    counts = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    return Tail(bins, counts, float(automaton.stop_probabilities[state]))


def waits_along(automaton: PDFA, place: int) -> Tail:
    """Return how long the events of one transition take, or of a context; for an automaton that knows durations."""
    assert automaton.durations is not None
    durations = automaton.durations
    tail = Tail(*durations.by_context.of(place), 0.0)
    if place < len(durations.dependence):
        return tail
    return _Ranked(tail, *(partial(of, np.array([place])) for of in (durations.rarity, durations.beyond)))


class _Ranked(Tail):
    """How rare it is that an event of a context takes so long, among all contexts of its transition."""

    def __init__(self, tail: Tail, rarity: _OfBins, beyond: _OfBins) -> None:
        self.__dict__.update(tail.__dict__)
        self._rarity, self._far = rarity, beyond

    def rarity(self, seconds: float) -> float:
        """Return the conformal p-value of a duration."""
        number = bins_of([seconds])
        return 1.0 if number[0] == UNKNOWN else float(self._rarity(number)[0])

    def _beyond(self, bins: NDArray[np.int16]) -> float:
        return float(self._far(bins)[0])
