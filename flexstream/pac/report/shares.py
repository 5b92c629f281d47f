"""How δ is shared out over the kinds of statements, so that all of a report hold together."""

from __future__ import annotations

import math

INTERVALS, RADII, WHOLE, SEPARATIONS = 1 / 2, 1 / 16, 1 / 8, 1 / 16
CHECKS, FITS, FORESIGHT, ORDER = 1 / 32, 1 / 32, 1 / 8, 1 / 16
PLANNED = 1 / 2
"""The part of the intervals' share that goes to those from first visits, which hold at times fixed beforehand only."""


def of_report(share: float, report: int) -> float:
    """Return 6/(π²i²) of a share, the part of the i-th report: those of all reports together are the share.

    >>> round(sum(of_report(0.05, i) for i in range(1, 100_000)), 6)
    0.05
    """
    return 6 * share / (math.pi**2 * report**2)
