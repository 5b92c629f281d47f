"""After which earlier event a transition's durations differ most, where they hang on one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..stream.durations import BINS, seconds_of

Counts = NDArray[np.int64]
"""Events by the bin of how long they took."""


class Mostly(NamedTuple):
    """An earlier event, and the seconds that half of the events behind it, and 99 % of them, do not exceed.

    Attributes
    ----------
    symbol : str
        The earlier event.
    medians, tails : tuple of two floats
        In the one automaton, and in the other.
    """

    symbol: str
    medians: tuple[float, float]
    tails: tuple[float, float]


def mostly(one: PDFA, ones: Sequence[int], other: PDFA, others: Sequence[int]) -> Mostly | None:
    """Return after which earlier event the durations of some transitions of either automaton differ most.

    None where they hang on none that both know.  It is where the distance of the distributions is largest, in standard
    errors; nothing is tested by that.
    """
    first, second = _by_earlier(one, ones), _by_earlier(other, others)
    best, told = 0.0, None
    for key in first:
        if key not in second:
            continue
        sides = first[key], second[key]
        shares = [np.cumsum(counts) / counts.sum() for counts in sides]
        apart = float(np.abs(shares[0] - shares[1]).max()) / np.sqrt(sum(1 / counts.sum() for counts in sides))
        if apart > best:
            medians, tails = ([_quantile(share, at) for share in shares] for at in (0.5, 0.99))
            best, told = apart, Mostly(key[1], (medians[0], medians[1]), (tails[0], tails[1]))
    return told


def _by_earlier(automaton: PDFA, edges: Sequence[int]) -> dict[tuple[int, str], Counts]:
    """Return the durations of transitions by how far back the event is on which they hang, and which it is."""
    found: dict[tuple[int, str], Counts] = {}
    known = None if automaton.durations is None else automaton.durations.contexts
    if known is None:
        return found
    for row in np.flatnonzero(np.isin(known.edges, edges)).tolist():
        key = int(known.back[known.edges[row]]), automaton.symbols[known.symbols[row]]
        rows = known.rows == row
        np.add.at(found.setdefault(key, np.zeros(BINS, np.int64)), known.bins[rows], known.counts[rows])
    return found


def _quantile(shares: NDArray[np.float64], at: float) -> float:
    return float(seconds_of(int(np.searchsorted(shares, at * (1 - 1e-12)))))
