"""Walking traces through an automaton as it would be without them."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, NDArray
from .library import kernel


@record
class CountedColumns(NamedTuple):
    """An automaton laid out with its counts; what is ``own`` is scratch, zeros before and after."""

    keys: Given[np.int64]  # transition: state and symbol, see table.py
    targets: Given[np.int32]  # transition
    slots: Given[np.int32]  # table from key to transition
    weights: Given[np.float64]  # transition
    stops: Given[np.float64]  # state
    mass: Given[np.float64]  # state: what its weights are divided by
    rest: Given[np.float64]  # state: how much of that is left to the smoothing
    base: Given[np.float64]  # share of the end, of unknown symbols and of each symbol in the smoothing
    fallback: Given[np.int32]  # symbol: where a transition never seen leads
    totals: Given[np.float64]  # symbol: weights of all its transitions
    edge_parts: Given[np.float64]  # transition: how much of an event that took it counts
    end_parts: Given[np.float64]  # state: how much of a trace that ended there counts
    own_edges: NDArray[np.float64]  # transition
    own_states: NDArray[np.float64]  # state
    own_symbols: NDArray[np.float64]  # symbol
    edge_bits: NDArray[np.float64]  # transition: its surprise by all that was counted, -1 until it is worked out
    end_bits: NDArray[np.float64]  # state: that of its end


@kernel
def leave_out(
    columns: CountedColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    edges: Given[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.float64],
) -> None:
    """Fill for each trace its bits in all and those of its most surprising outcome, had it not been counted.

    Its own counts are taken from those of the automaton; a transition that nobody else took is none, a symbol that
    nobody else has is unknown.  ``edges`` has the transition of each event as far as it is known, and -1.
    """
