"""What a trial must look like where it is read from a model file."""

from __future__ import annotations

from typing import Any

from ..statistics.betting import CELLS

LARGEST = 2**53
LARGEST_VALUE = 1e9
MOST_HALVINGS = 64
NAMES = {"learned", "tested", "states", "halvings", "bits", "saved", "others"}


def is_trial(value: Any) -> bool:
    """Tell whether a value is what `flexstream.pac.foresight.trial.tried` returns.

    Examples
    --------
    >>> is_trial({"learned": 3}), is_trial(None)
    (False, False)
    """
    if not isinstance(value, dict) or set(value) != NAMES or not isinstance(value["others"], list):
        return False
    counts = all(_count(value[name], 1) for name in ("learned", "tested", "states"))
    return (
        counts
        and _count(value["halvings"], 0, MOST_HALVINGS)
        and all(_spread(value[name]) for name in ("bits", "saved"))
        and all(map(_other, value["others"]))
    )


def _other(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"states", "behind"}
        and _count(value["states"], 1)
        and _spread(value["behind"])
    )


def _spread(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"least", "most", "variance", "masses"}:
        return False
    if not all(_number(value[name]) for name in ("least", "most", "variance")) or not isinstance(value["masses"], list):
        return False
    return value["least"] < value["most"] and value["variance"] >= 0 and all(map(_mass, value["masses"]))


def _mass(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    cell, mass = value
    return _count(cell, 0, CELLS) and _number(mass) and mass >= 0


def _count(value: Any, least: int, most: int = LARGEST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < LARGEST_VALUE
