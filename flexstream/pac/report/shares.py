"""How δ is shared out over the kinds of statements, so that all of a report hold together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...tuples import NamedTuple

INTERVALS, RADII, WHOLE, SEPARATIONS = 1 / 2, 1 / 32, 1 / 8, 1 / 16
CHECKS, FITS, FORESIGHT, ORDER = 1 / 32, 1 / 16, 1 / 8, 1 / 16
PLANNED = 1 / 2
"""The part of the intervals' share that goes to those which hold at times fixed beforehand only."""

EARLY = 19
"""Reports declared from which on what holds at all times gets more than those; of one report it gets a 20th."""
AFTER = 1 / 10
"""The part of a share that goes to reports beyond those declared."""


class Declared(NamedTuple):
    """What was said beforehand of the reports of a stream.

    Attributes
    ----------
    reports : int
        How many there are to be.
    traces : int
        Of the stream when the last of them is made; fixed before anything was seen.
    """

    reports: int
    traces: int


def declared_in(evidence: Mapping[str, Any]) -> Declared | None:
    """Return what evidence says of the reports that were declared; None if nothing was.

    >>> declared_in({"declared": {"reports": 1, "traces": 500}}), declared_in({})
    (Declared(reports=1, traces=500), None)
    """
    found = evidence.get("declared")
    return None if found is None else Declared(**found)


def planned_part(declared: Declared | None) -> float:
    """Return the part of the intervals' share that goes to those which hold at times fixed beforehand.

    >>> planned_part(None), planned_part(Declared(1, 100)), planned_part(Declared(19, 100))
    (0.5, 0.95, 0.5)
    """
    return PLANNED if declared is None else EARLY / (EARLY + declared.reports)


def of_declared(share: float, report: int, declared: Declared | None) -> float:
    """Return the part of the i-th report: an even one of those declared, what is left for later ones.

    >>> all_declared = sum(of_declared(0.05, report, Declared(7, 100)) for report in range(1, 8))
    >>> round(all_declared, 6), of_declared(0.05, 8, Declared(7, 100)) < of_declared(0.05, 1, None)
    (0.045, True)
    """
    if declared is None:
        return of_report(share, report)
    if report <= declared.reports:
        return (1 - AFTER) * share / declared.reports
    return of_report(AFTER * share, report - declared.reports)


def of_report(share: float, report: int) -> float:
    """Return 6/(π²i²) of a share, the part of the i-th report: those of all reports together are the share.

    >>> round(sum(of_report(0.05, i) for i in range(1, 100_000)), 6)
    0.05
    """
    return 6 * share / (math.pi**2 * report**2)
