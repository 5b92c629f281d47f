"""How far a learned automaton agrees with the true state machine: its language, then its probabilities."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..automata.compare import Row, SideBySide
from ..automata.pdfa import PDFA

END = None


class Compared(NamedTuple):
    """One outcome of one state, as learned and as true; the symbol None is the end.

    ``z`` is the difference of the two shares in standard errors, pooled as in the two-sample test of proportions.
    """

    after: tuple[str, ...]
    symbol: str | None
    learned: float
    true: float
    z: float


class Agreement(NamedTuple):
    """What a comparison found.

    Attributes
    ----------
    difference : tuple of (str or None), or None
        The shortest trace, or start of a trace, that one automaton has and the other has not; it ends in None if
        only one of the two may end there.  None where no trace up to the length tells them apart.
    outcomes : list of Compared
        Every outcome of every pair of states that both can be in after the same events.
    """

    difference: tuple[str | None, ...] | None
    outcomes: list[Compared]

    @property
    def largest_z(self) -> float:
        """The largest difference in standard errors."""
        return max((abs(one.z) for one in self.outcomes), default=0.0)

    def critical_z(self, level: float = 0.99) -> float:
        """Return the z that no outcome of the whole table passes with this probability (Bonferroni 1936)."""
        from statistics import NormalDist

        return NormalDist().inv_cdf(1 - (1 - level) / 2 / max(1, len(self.outcomes)))


def compare(learned: PDFA, truth: PDFA, length: int) -> Agreement:
    """Walk two automata side by side over all traces up to a length, by transitions that have a weight.

    Parameters
    ----------
    learned, truth : PDFA
        Weights are counts; the two must come from different data for ``z`` to mean something.
    length : int
        Events up to which the two languages are compared.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> one = from_rows({0: {"a": (90, 1), "b": (10, 1)}, 1: {None: (100, 0)}})
    >>> two = from_rows({0: {"a": (95, 1)}, 1: {None: (95, 0)}})
    >>> compare(one, two, 5).difference, compare(one, one, 5).difference
    (('b',), None)
    """
    walk = SideBySide(learned, truth)
    met: set[tuple[int, int]] = set()
    outcomes: list[Compared] = []
    difference: tuple[str | None, ...] | None = None
    for step in walk:  # the shortest paths first
        if (step.one, step.other) in met:
            continue
        met.add((step.one, step.other))
        row, other = walk.at(step)
        if difference is None and row.keys() != other.keys():
            differing = sorted(row.keys() ^ other.keys(), key=lambda symbol: (symbol is not END, symbol or ""))
            difference = (*step.path, differing[0])
        outcomes += _compared(step.path, row, other)
        if step.length < length:
            walk.enter(step)
    return Agreement(difference, sorted(outcomes, key=lambda one: -abs(one.z)))


def _compared(path: tuple[str, ...], row: Row, other: Row) -> list[Compared]:
    totals = [sum(share.weight for share in side.values()) for side in (row, other)]
    if not all(totals):
        return []
    found = []
    for symbol in row | other:
        counts = [side[symbol].weight if symbol in side else 0.0 for side in (row, other)]
        shares = [count / total for count, total in zip(counts, totals, strict=True)]
        pooled = sum(counts) / sum(totals)
        error = math.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
        z = (shares[0] - shares[1]) / error if error else 0.0
        found.append(Compared(path, symbol, shares[0], shares[1], z))
    return found
