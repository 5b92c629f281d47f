"""Which traces say once more what was said before, so that they count for probabilities but are no evidence of states.

Two things tell them.  *Copies* stand in the order of what came earlier: a trace is one where the trace that came
``lag`` traces before it is the same, and so many before it were foretold in that way that chance is out of the
question.  Each lag is a bet that is won when a foretold trace comes, by the more the rarer that trace, and lost bit by
bit otherwise (a martingale where traces are exchangeable: it reaches 2^b with probability at most 2^-b; Ville, 1939).
*Traces beyond expectation* came more often, as evidence, than 2 + λ + 3·√(λ·(1 + t/n)), with λ what the automaton of
the first n traces lets expect among the t so far; they are held back only while many of the last traces are such.
A trace that is more than an eighth of all is neither, nor is any as long as there are fewer than six different ones:
a handful that take turns are what a process has to say.
"""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, Matrix, NDArray
from .library import kernel
from .scoring import ScoreColumns

TRACE_HASH, CAME = range(2)
LAST_BITS, SURPRISE_BITS = 24, 16
"""Bits of the parts of `CAME`, the lowest first; above them stands how often a trace came."""
(
    LOOKED_AT,
    REPEATED,
    REPEATED_EVENTS,
    ENTRIES,
    HELD_ROWS,
    HELD_STORED,
    SAMPLED,
    SAMPLE_STORED,
    LIMIT,
    GATE,
    STORE_FULL,
    TABLE_FULL,
    LOST_REPEATS,
) = range(13)
NO_ROOM_FOR = 13
SIZES = 14
THIRD, BEYOND = range(2)
WAYS, MOST_LAGS = 4, 2


@record
class RepeatColumns(NamedTuple):
    """What is known of the traces that came, and those that are held back; all in bounded memory."""

    entries: Matrix[np.int64]  # slot: hash of a trace; how often it came, its surprise, when.  A bucket is a cache line
    row: NDArray[np.int32]  # slot: 1 + where it is held, 0 if it is not
    ring: NDArray[np.int64]  # hash of each of the last traces; a power of two
    lags: NDArray[np.int64]  # how many traces before the present one a copy is looked for, 0: nowhere
    gains: NDArray[np.float64]  # lag: what was won by it, in bits
    shares: NDArray[np.float64]  # fading share of traces that came a third time, of those beyond expectation
    held_start: NDArray[np.int64]  # held trace: its first symbol in the store; one more
    held_count: NDArray[np.int64]  # held trace: how often it was held
    held_beyond: NDArray[np.int64]  # held trace: how often of these it was beyond expectation, and no copy
    held_store: NDArray[np.int32]  # symbols of the held traces
    sample_hash: NDArray[np.int64]  # sampled trace: its hash, below the limit
    sample_start: NDArray[np.int64]  # sampled trace: its first symbol in the store; one more
    sample_store: NDArray[np.int32]  # symbols of the sampled traces
    size: NDArray[np.int64]  # as named above: traces seen and held, rows in use, limit of the sample, what has no room


@kernel
def find_repeats(
    known: RepeatColumns,
    automaton: ScoreColumns,
    learned: int,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    start: int,
    held: NDArray[np.bool_],
) -> int:
    """Look at traces from ``start`` on and say which are held back; return the first for which there was no room.

    ``automaton`` is that of the first ``learned`` traces, 0: there is none yet.  ``size[NO_ROOM_FOR]`` says where room
    is wanted: 1 among what is held, 2 in the table, 3 in the sample.
    """
