"""How strange an event, or a wait, is at least that alarms whatever else its trace brings."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..automata.calibration import Calibration
from ..automata.strangeness import FINE
from ..ordered import distinct


def p_values_of(calibration: Calibration, statistic: str, values: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the p-values of traces of which one statistic is known alone."""
    rows = np.full((len(values), len(calibration.statistics)), -1, np.int32)
    rows[:, calibration.statistics.index(statistic)] = values
    return calibration.judged(rows).p_values


def least_alarming(calibration: Calibration, statistic: str, rate: float) -> int | None:
    """Return the smallest value of a statistic with which a trace alarms whatever else is known; None if there is none.

    Examples
    --------
    >>> from flexstream.automata.tallies import Tallies
    >>> usual = Calibration.of(np.arange(99)[:, None], ("worst",), Tallies([], [], [], 99, 0))
    >>> least_alarming(usual, "worst", 0.05), least_alarming(usual, "late", 0.05)
    (95, None)
    """
    if statistic not in calibration.statistics:
        return None
    values = calibration.scores[calibration.statistics.index(statistic)].values
    tried = distinct(np.concatenate((values, values + 1)))
    found = np.flatnonzero(p_values_of(calibration, statistic, tried.astype(np.int32)) <= rate)
    return int(tried[found[0]]) if len(found) else None


def least_bits(calibration: Calibration, statistic: str, rate: float) -> float:
    """Return the bits from which on a trace alarms by a statistic alone; infinity if it never does.

    >>> from flexstream.automata.tallies import Tallies
    >>> usual = Calibration.of(np.arange(99)[:, None] * FINE, ("worst",), Tallies([], [], [], 99, 0))
    >>> round(least_bits(usual, "worst", 0.05), 2)
    94.01
    """
    least = least_alarming(calibration, statistic, rate)
    return math.inf if least is None else (least - 0.5) / FINE
