"""Sensitivity: how large a change would have shown, where nothing was found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..pac.statistics.special import bisected
from .alignment import Alignment, Group
from .changes import Row, compared_rows, p_values

ALIKE = 0.99
"""States that were seen at least this share as often as the one seen most count as seen most, too."""
POWER = 1.645
"""Standard errors below what is expected that 19 of 20 samples stay above."""
STEPS = 30
"""Halvings of the change that is looked for."""


def least_change(
    one: PDFA, other: PDFA, alignment: Alignment, level: float, rows: Sequence[Row] | None = None
) -> float:
    """Return the least change of an outcome's probability that would have shown in 19 of 20 samples.

    It is that of the outcome for which it is largest, of the states whose visits, as independent ones, are the most in
    both automata: what the test itself would say where the counts are the expected ones less what chance takes away.
    Of the two directions the one counts in which more is needed, if any change shows there.

    Parameters
    ----------
    one, other : PDFA
    alignment : Alignment
    level : float
        Of the test of an outcome.
    rows : sequence of Row, optional
        What `compared_rows` returns, if it is known.

    Returns
    -------
    float
        A difference of probabilities; 1 where no change would have shown.

    Examples
    --------
    >>> from flexstream.difference.alignment import align
    >>> from flexstream.targets import from_rows
    >>> coin = from_rows({0: {"a": (100, 0), None: (100, 0)}})
    >>> rare = from_rows({0: {"a": (10, 0), None: (190, 0)}})
    >>> [round(least_change(model, model, align(model, model), 0.01), 2) for model in (coin, rare)]
    [0.25, 0.13]
    """
    rows = compared_rows(one, other, alignment) if rows is None else rows
    worth: dict[int, float] = {}  # of each group, by that of its outcomes which comes in the longest runs
    for group, _, effect in rows:
        visits = min(group.one.visits, group.other.visits) / effect
        worth[id(group)] = min(visits, worth.get(id(group), visits))
    most = max(worth.values(), default=0.0)
    if not most:
        return 1.0
    table = np.array(
        [
            (_share(group, symbol), group.one.visits / effect, group.other.visits / effect)
            for group, symbol, effect in rows
            if worth[id(group)] >= ALIKE * most
        ]
    )
    share, visits_of_one, visits_of_other = table.T
    up, down = (_least(share, visits_of_one, visits_of_other, sign, level) for sign in (1.0, -1.0))
    return float(np.where(np.maximum(up, down) < 1, np.maximum(up, down), np.minimum(up, down)).max())


def _share(group: Group, symbol: str | None) -> float:
    sides = group.one, group.other
    return sum(side.counts.get(symbol, 0.0) for side in sides) / max(sum(side.visits for side in sides), 1e-300)


def _least(
    share: NDArray[np.float64], visits: NDArray[np.float64], others: NDArray[np.float64], sign: float, level: float
) -> NDArray[np.float64]:
    """Return the least change upwards, or downwards, of each outcome; 1 where even the largest would not have shown."""

    def hidden(change: NDArray[np.float64]) -> NDArray[np.bool_]:
        return ~_shows(share, visits, others, sign * change, level)

    largest = np.where(sign > 0, 1 - share, share)
    return np.where(hidden(largest), 1.0, bisected(np.zeros(len(share)), largest, hidden, STEPS))


def _shows(
    share: NDArray[np.float64],
    visits: NDArray[np.float64],
    others: NDArray[np.float64],
    change: NDArray[np.float64],
    level: float,
) -> NDArray[np.bool_]:
    changed = np.clip(share + change, 0.0, 1.0)
    chance = POWER * np.sqrt(share * (1 - share) / visits + changed * (1 - changed) / others)
    seen = np.clip(changed - np.sign(change) * chance, 0.0, 1.0)
    right_way = np.sign(change) * (seen - share) > 0
    table = np.column_stack([share * visits, visits, seen * others, others])
    return np.asarray(right_way & (p_values(table) <= level))
