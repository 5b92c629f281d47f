"""Whether a state has the shape of one that a reading gives: the same names, and values of the same kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import UsageError


def check_like(state: Any, own: Any, place: str = "state") -> None:
    """Raise UsageError where a state lacks what another has, or has something else in its place.

    Lists may stand for arrays; where the other has None there may be a number or a text.

    Examples
    --------
    >>> check_like({"seen": 3, "size": 7, "times": [1.5]}, {"seen": 0, "size": None, "times": np.empty(0)})
    >>> check_like({"seen": "three"}, {"seen": 0})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    flexstream.errors.UsageError: the state of a reading is damaged: state.seen is no int (expected: ... written)
    """
    if isinstance(own, dict):
        fits = isinstance(state, Mapping)
    elif isinstance(own, np.ndarray):
        fits = _is_column(state, own)
    elif isinstance(own, list):
        fits = isinstance(state, list)
    elif own is None:
        fits = state is None or isinstance(state, int | float | str)
    else:
        fits = isinstance(state, int | float) if isinstance(own, float) else type(state) is type(own)
    if not fits:
        raise UsageError(
            f"the state of a reading is damaged: {place} is no {type(own).__name__} (expected: one as it was written)"
        )
    for name in own if isinstance(own, dict) else ():
        if name in state:
            check_like(state[name], own[name], f"{place}.{name}")


def _is_column(state: Any, own: np.ndarray[Any, Any]) -> bool:
    if isinstance(state, list):
        return True
    return isinstance(state, np.ndarray) and state.ndim == 1 and state.dtype == own.dtype
