"""Times of events that stand in a list of one object: how long after the one before each of them was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...stream.durations import spans_of
from .json_values import cell_of
from .times import Clock


def spans_in(rows: Iterable[Mapping[str, Any]], field: str, clock: Clock) -> NDArray[np.int16] | None:
    """Return the bins of the durations of events by a field of each, unknown where it holds no time; None if none does.

    >>> spans_in([{"at": "2026-01-31 10:00:00"}, {}, {"at": None}], "at", Clock()).tolist()
    [-1, -1, -1]
    >>> spans_in([{"at": None}], "at", Clock()) is None
    True
    """
    moments = [clock.seconds_or_nan(cell_of(row.get(field))) for row in rows]
    return None if all(map(math.isnan, moments)) else spans_of(moments)
