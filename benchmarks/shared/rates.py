"""Rates from simulations, with their intervals."""

from __future__ import annotations

from typing import TypedDict

from flexstream.pac.statistics.binomial import clopper_pearson


class Rate(TypedDict):
    """How often something happened, the share, and its 95 % interval (Clopper & Pearson 1934)."""

    hits: int
    trials: int
    share: float | None
    low: float
    high: float


def rate(hits: int, trials: int) -> Rate:
    """Return a rate with its interval.

    >>> rate(0, 20)["high"] < 0.17
    True
    """
    if not trials:
        return Rate(hits=0, trials=0, share=None, low=0.0, high=1.0)
    low, high = (float(value) for value in clopper_pearson(hits, trials, 0.05))
    return Rate(hits=hits, trials=trials, share=hits / trials, low=low, high=high)


def told(found: Rate) -> str:
    """Say a rate in full."""
    return "none" if found["share"] is None else f"{found['hits']:,} of {found['trials']:,}, {interval(found)}"


def interval(found: Rate) -> str:
    """Say share and interval."""
    if found["share"] is None:
        return "-"
    return f"{found['share']:.4f} ({found['low']:.4f} to {found['high']:.4f})"


def cell(found: Rate) -> str:
    """Say hits and interval, for a table in which the number of trials stands beside it."""
    return f"{found['hits']:,} ({found['low']:.4f} to {found['high']:.4f})" if found["trials"] else "-"
