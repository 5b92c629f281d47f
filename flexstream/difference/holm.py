"""Holm's rule: what is beyond chance where many things are compared at once."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(p_values: Sequence[float], error: float) -> list[float]:
    """Return the adjusted p-values of those that are beyond chance, the first of some that rise.

    That any of them is in truth no difference has at most the probability ``error`` (Holm, Scandinavian Journal of
    Statistics 6, 1979).

    Examples
    --------
    >>> adjusted([0.01, 0.02, 0.03, 0.5], 0.1)
    [0.04, 0.06, 0.06]
    """
    found, level = [], 0.0
    for rank, value in enumerate(p_values):
        level = max(level, value * (len(p_values) - rank))
        if level > error:
            break
        found.append(min(1.0, level))
    return found
