"""Evaluation: how well alarms tell traces that are known to be wrong from others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError

ALL = "all"
"""What the rule is called that asks all statistics."""


class Figures(NamedTuple):
    """How well a rule tells wrong traces from others.

    Attributes
    ----------
    alarms, right : int
        Alarms, and those of wrong traces among them.
    precision, recall, f1 : float
        Share of the alarms that are right, and of the wrong traces that alarm, NaN where there are none; their harmonic
        mean, ``2 right / (alarms + wrong)``.
    false_alarm_rate : float
        Share of the other traces that alarm, NaN where there are none.
    auc : float
        Chance that of two traces the wrong one has the smaller p-value, ties counted half: the area under the ROC curve
        (Hanley & McNeil, Radiology 143, 1982); NaN where there are none of one kind.
    """

    alarms: int
    right: int
    precision: float
    recall: float
    f1: float
    false_alarm_rate: float
    auc: float


def figures(p_values: NDArray[np.float64], wrong: NDArray[np.bool_], rate: float) -> Figures:
    """Return how well alarms at a rate tell wrong traces from others.

    Parameters
    ----------
    p_values : float64 array, shape (traces,)
    wrong : bool array, shape (traces,)
    rate : float
        P-value up to which a trace alarms.

    Raises
    ------
    UsageError
        If there are not as many labels as traces.

    Examples
    --------
    >>> found = figures(np.array([0.001, 0.004, 0.5, 0.9]), np.array([True, False, True, False]), 0.01)
    >>> found.precision, found.recall, found.f1, found.false_alarm_rate, found.auc
    (0.5, 0.5, 0.5, 0.5, 0.75)
    """
    if len(p_values) != len(wrong):
        raise UsageError(f"{len(wrong)} labels of {len(p_values)} traces (expected: one each)")
    alarm = p_values <= rate
    alarms, right, bad = int(alarm.sum()), int((alarm & wrong).sum()), int(wrong.sum())
    shares = _share(right, alarms), _share(right, bad), _share(2 * right, alarms + bad)
    return Figures(alarms, right, *shares, _share(alarms - right, len(wrong) - bad), area(p_values, wrong))


def area(p_values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve, NaN where there are no two kinds.

    >>> area(np.array([0.4, 0.3, 0.3, 0.1]), np.array([False, False, True, True]))
    0.875
    """
    others = np.sort(p_values[~wrong])
    ours = p_values[wrong]
    if not len(others) or not len(ours):
        return float("nan")
    above = len(others) - (np.searchsorted(others, ours, "left") + np.searchsorted(others, ours, "right")) / 2
    return float(above.mean() / len(others))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
