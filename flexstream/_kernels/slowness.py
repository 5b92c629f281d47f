"""How late the steps of traces are, and how long it takes from there to their ends."""

import numpy as np

from .hints import Given, NDArray
from .library import kernel


@kernel
def find_slowest(
    places: Given[np.int64],
    bins: Given[np.int16],
    offsets: Given[np.int64],
    starts: Given[np.int64],
    row_bins: Given[np.int16],
    rising: Given[np.int64],
    least: NDArray[np.float64],
    steps: NDArray[np.int64],
    rest: NDArray[np.int32],
) -> int:
    """Fill the smallest conformal p-value of the steps of each trace; return how many events are left to the caller.

    Parameters
    ----------
    places, bins : arrays, shape (events,)
        The transition of each event, and how long it took; -1 where one is not known.
    offsets : int64 array, shape (traces + 1,)
    starts, row_bins, rising : arrays
        The durations of transitions, as `flexstream._kernels.timed.rank_durations` takes them.
    least : float64 array, shape (traces,)
        1 where there is no step.
    steps : int64 array, shape (traces,)
        Is filled with how many steps were compared.
    rest : int32 array, shape (events,)
        Is filled with the events that were not, of traces in their order: those that took longer than all durations of
        their transition, and those whose place is behind the last transition.  A transition without any compares none.
    """


@kernel
def sort_times_left(
    edges: Given[np.int64],
    bins: Given[np.int16],
    offsets: Given[np.int64],
    targets: Given[np.int32],
    seconds: Given[np.float64],
    came: NDArray[np.float64],
    whole: NDArray[np.int8],
    starts: NDArray[np.int64],
    sorted: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> int:
    """Sort the seconds from events to the ends of their traces by the states they lead to; return how many there are.

    Parameters
    ----------
    edges, bins : arrays, shape (events,)
        The transition of each event, and how long it took; -1 where one is not known.  A trace of which one is not
        says nothing; its first event took no time.
    offsets : int64 array, shape (traces + 1,)
        From 0.
    targets : int32 array, shape (transitions,)
    seconds : float64 array, shape (bins,)
        What each bin stands for.
    came, whole : float64 array, shape (events,), and int8 array, shape (traces,)
        Scratch.
    starts : int64 array, shape (states + 2,)
        Zeros; is filled with where the times of each state begin.
    sorted : float64 array, shape (events,)
        Is filled with the times of each state in the order in which they came.
    sums : float64 array, shape (states,)
        Zeros; is filled with the sum of each state's.
    """
