"""Copying the events of some traces, one trace behind the other."""

import numpy as np

from .hints import Given, NDArray
from .library import kernel


@kernel
def gather_events(
    symbols: Given[np.int32],
    bins: Given[np.int16],
    starts: Given[np.int64],
    lengths: Given[np.int64],
    own_symbols: NDArray[np.int32],
    own_bins: NDArray[np.int16],
) -> int:
    """Copy the symbols of some traces, and the bins of their durations unless there are none; return how many events.

    Parameters
    ----------
    symbols, bins : arrays, shape (events,)
        Bins may be empty; then ``own_bins`` is left as it is.
    starts, lengths : int64 arrays, shape (traces,)
    own_symbols, own_bins : arrays
        Are filled from the start, with room for all events of the traces.
    """
