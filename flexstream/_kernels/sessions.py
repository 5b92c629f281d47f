"""From interleaved events to cases: which are open, and when one ends."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, GivenMatrix, Matrix, NDArray
from .library import kernel

NUMBER, BEGAN, EVENTS, FIRST, LAST, BEFORE, AFTER, BYTES, CASE_COLUMNS = range(9)
"""Columns of an open case: its number, which case it is since the beginning, its events and the blocks that hold them,
its neighbours in the list by last event, its bytes beside the events."""
FRONT, BACK, FREE_CASE, FREE_BLOCK, USED_CASES, USED_BLOCKS, OPEN, HELD, NAMED, BEGUN, SIZES = range(11)
MOST_CASES, MOST_EVENTS, MOST_BYTES, EVENT_COST, MOST_EACH, STARTING = range(6)
"""What may be open: cases, events and bytes, where an event costs so many; events of one case, and the symbol (or -1)
that starts a case anew."""
NEWEST, IDLE = 0, 1
PUT, PENDING, ENDED, COPIED, STATES = range(5)
LENGTH, EARLY, ENDED_COLUMNS = 1, 2, 3
"""Columns of a case that has ended, behind its number."""
NOBODY = -1
BLOCK_COLUMNS = 8
"""The next block, and seven events."""
ORIGIN_COLUMNS = 2 * BLOCK_COLUMNS


@record
class SessionColumns(NamedTuple):
    """Open cases, those that are free, and the limits.

    A number from 0 on is one of a list, and one below stands for ``-1 - number`` in a list of others.
    """

    cases: Matrix[np.int64]  # slot: see above
    touched: NDArray[np.float64]  # slot: the newest time when its last event came
    moments: NDArray[np.float64]  # slot: the newest of its own times; of no slots where no times are known
    blocks: Matrix[np.int32]  # block: the next one of the case, events
    bins: Matrix[np.int16]  # block: nothing, bins of the events' durations; of no blocks where no times are known
    origins: Matrix[np.int64]  # block: nothing twice, place and time of each event; of no blocks where not wanted
    listed: NDArray[np.int32]  # number: slot, or NOBODY
    listed_bytes: NDArray[np.int64]  # number: what the case takes beside its events
    others: NDArray[np.int32]  # the same for numbers below zero
    others_bytes: NDArray[np.int64]
    size: NDArray[np.int64]  # the slot first to close and the last one, what is free, how much is used and open
    limits: NDArray[np.int64]  # see above
    clock: NDArray[np.float64]  # the newest time, and for how long a case may be silent


@kernel
def put_events(
    sessions: SessionColumns,
    numbers: Given[np.int32],
    symbols: Given[np.int32],
    times: Given[np.float64],
    moments: Given[np.float64],
    origins: GivenMatrix[np.int64],
    ended: Matrix[np.int64],
    copied: NDArray[np.int32],
    copied_bins: NDArray[np.int16],
    copied_origins: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Give events to their cases, from where ``state`` says, until what ends has no more room.

    Before an event end the cases that have been silent for too long, and its own if that is full or the event starts it
    anew; behind it the first ones until no limit is passed.

    Parameters
    ----------
    sessions : SessionColumns
        With room for a case and a block more for each event.
    numbers, symbols : int32 arrays, shape (k,)
        Cases and symbols.
    times : float64 array, shape (k,) or (0,)
        Seconds; none where no case ends by being silent.
    moments : float64 array, shape (k,) or (0,)
        Seconds; none where durations are not kept.
    origins : int64 array, shape (k, 2) or (0, 2)
        See :mod:`flexstream.stream.origins`; none where nobody asks for them.
    ended : int64 array, shape (rows, 3)
        Is filled with number, events and whether it was cut short of each case that ends.
    copied : int32 array
        Is filled with their events, one behind the other.
    copied_bins : int16 array
        Is filled with the bins of their durations, unless it has no place.
    copied_origins : int64 array, shape (events, 2)
        Is filled with their origins, unless it has no place.
    state : int64 array, shape (4,)
        Events put so far, whether cases are still to end behind the last one; cases ended and events copied this time.
    """


@kernel
def end_cases(
    sessions: SessionColumns,
    slots: Given[np.int64],
    enough: int,
    ended: Matrix[np.int64],
    copied: NDArray[np.int32],
    copied_bins: NDArray[np.int16],
    copied_origins: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """End the cases in some slots, from where ``state`` says, until what ends has no more room or events enough.

    Parameters
    ----------
    sessions, ended, copied, copied_bins, copied_origins
        As for `put_events`.
    slots : int64 array
        Of open cases, in the order in which they end.
    enough : int
        With so many events no more cases end.
    state : int64 array, shape (4,)
        Cases ended so far in place of the events put.
    """


@kernel
def list_cases(
    sessions: SessionColumns, slots: NDArray[np.int64], symbols: NDArray[np.int32], bins: NDArray[np.int16]
) -> None:
    """Fill in the slots of the open cases, the first to close in front, and their events, if there is room for any."""
