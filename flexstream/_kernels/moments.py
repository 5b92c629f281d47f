"""Times in the usual shape of ISO 8601, from bytes to seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .columns import Given, GivenMatrix
from .library import kernel


@kernel
def tell_times(
    buffer: Given[np.uint8], spans: GivenMatrix[np.int64], column: int, seconds: NDArray[np.float64]
) -> None:
    """Fill in the seconds since 1970 of the times that a column of spans marks, NaN where one is in no usual shape.

    The usual shape is ``2026-01-31T23:59:00`` of the years 1900 to 2199, with a blank for the T, up to six digits
    behind a point or comma, ``Z`` or ``+01:00``, or without.
    """
