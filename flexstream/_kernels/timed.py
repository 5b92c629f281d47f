"""Traces with durations: which transitions they take, and how long these take."""

import numpy as np

from .hints import Given, Matrix, NDArray
from .library import kernel


@kernel
def follow_traces(
    firsts: Given[np.int64],
    edge_symbols: Given[np.int32],
    targets: Given[np.int32],
    table: Given[np.int32],
    width: int,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    edges: NDArray[np.int64],
) -> None:
    """Fill in which transition each event takes, -1 from where a trace leaves the automaton on.

    Parameters
    ----------
    firsts : int64 array, shape (states + 1,)
        The first transition of each state.
    edge_symbols, targets : int32 arrays, shape (transitions,)
        Those of a state in the order of their symbols.
    table : int32 array, shape (states · width,) or (0,)
        The transition of each state by each of ``width`` symbols, -1 where there is none; empty: it is searched.
    symbols, offsets : arrays
        Of the traces.
    edges : int64 array, shape (events,)
    """


@kernel
def sort_durations(
    edges: Given[np.int64],
    bins: Given[np.int16],
    offsets: Given[np.int64],
    counts: Given[np.int64],
    starts: NDArray[np.int64],
    sorted_bins: NDArray[np.int16],
    sorted_counts: NDArray[np.int64],
    events: NDArray[np.int32],
) -> int:
    """Sort the durations that are known by transition; return how many there are.

    Parameters
    ----------
    edges, bins : arrays, shape (events,)
        -1 where a transition, or a duration, is not known.
    offsets, counts : int64 arrays, shapes (traces + 1,) and (traces,)
        How often each trace came.
    starts : int64 array, shape (transitions + 2,)
        Zeros; is filled with where the durations of each transition begin.
    sorted_bins, sorted_counts : arrays, shape (events,)
        Are filled with the durations of each transition in the order in which they came, and how often they did.
    events : int32 array, shape (events,)
        Is filled with which events these are.
    """


@kernel
def tally_durations(
    starts: Given[np.int64],
    bins: Given[np.int16],
    counts: Given[np.int64],
    cells: NDArray[np.int64],
    totals: NDArray[np.int64],
    pairs: int,
    least: int,
    row_edges: NDArray[np.int32],
    row_bins: NDArray[np.int16],
    row_counts: NDArray[np.int64],
    dependence: NDArray[np.float64],
) -> int:
    """Count how often each transition took how long, and tell how alike neighbours are; return the number of rows.

    Parameters
    ----------
    starts, bins, counts : arrays
        As `sort_durations` leaves them.
    cells, totals : int64 arrays, shape (bins,)
        Zeros, before and after.
    pairs, least : int
        Into how many pairs of blocks the durations of a transition are cut, two at least, and of so many events a block
        at least.
    row_edges, row_bins, row_counts : arrays, shape (durations,)
        Are filled with a row for each transition and bin that is not empty, in order.
    dependence : float64 array, shape (transitions,)
        Is filled with how much more the mean ranks of blocks, or those of pairs of them, vary than they do where
        neighbours are not alike; 1 where there are too few, or all are the same.
    """


@kernel
def rank_durations(
    edges: Given[np.int64],
    bins: Given[np.int16],
    starts: Given[np.int64],
    row_bins: Given[np.int16],
    rising: Given[np.int64],
    tails: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    """Fill how many durations of its transition are as long as that of each event or longer, and how many there are.

    Parameters
    ----------
    edges, bins : arrays, shape (events,)
    starts : int64 array, shape (transitions + 1,)
        The first row of each transition.
    row_bins : int16 array, shape (rows,)
        Ascending for each transition.
    rising : int64 array, shape (rows + 1,)
        How many durations the rows before each hold.
    tails, totals : int64 arrays, shape (events,)
    """


@kernel
def explain_durations(
    starts: Given[np.int64],
    bins: Given[np.int16],
    counts: Given[np.int64],
    events: Given[np.int32],
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    near: NDArray[np.int8],
    cells: NDArray[np.float64],
    sizes: Matrix[np.float64],
    sums: Matrix[np.float64],
    met: Matrix[np.int32],
    kinds: NDArray[np.int64],
    shares: Matrix[np.float64],
) -> None:
    """Fill which share of the variance of the ranks of a transition's durations earlier symbols explain.

    Parameters
    ----------
    starts, bins, counts, events : arrays
        As `sort_durations` fills them.
    symbols, offsets : arrays
        Of the traces.
    near : int8 array, shape (events,)
        Scratch.
    cells : float64 array, shape (bins,)
        Zeros, before and after.
    sizes, sums : float64 arrays, shape (events that are looked back, symbols + 1)
        Zeros, before and after.
    met : int32 array, shape (events that are looked back, symbols + 1)
        Scratch.
    kinds : int64 array, shape (events that are looked back,)
        Zeros, before and after.
    shares : float64 array, shape (events that are looked back, transitions)
        Less what chance would explain.
    """


@kernel
def split_durations(
    starts: Given[np.int64],
    bins: Given[np.int16],
    counts: Given[np.int64],
    events: Given[np.int32],
    symbols: Given[np.int32],
    near: Given[np.int8],
    back: Given[np.int8],
    fewest: int,
    often: NDArray[np.int64],
    places: NDArray[np.int64],
    met: NDArray[np.int32],
    group_bins: NDArray[np.int16],
    group_counts: NDArray[np.int64],
    totals: NDArray[np.int64],
    context_edges: NDArray[np.int32],
    context_symbols: NDArray[np.int32],
    row_contexts: NDArray[np.int32],
    row_bins: NDArray[np.int16],
    row_counts: NDArray[np.int64],
) -> int:
    """Count the durations of transitions by the symbol so many events before; return the number of rows.

    Parameters
    ----------
    starts, bins, counts, events : arrays
        As `sort_durations` fills them.
    symbols : int32 array
        Of the traces.
    near : int8 array, shape (events,)
        How many events of its trace are before each, 127 of more.
    back : int8 array, shape (transitions,)
        So many events before; 0: not to be counted.
    fewest : int
        How often the durations of a context came, at least.
    often, places : int64 arrays, shape (symbols,)
        Zeros, before and after.
    met : int32 array, shape (symbols,)
        Scratch.
    group_bins, group_counts : arrays, shape (durations of one transition,)
        Scratch.
    totals : int64 array, shape (bins,)
        Zeros, before and after.
    context_edges, context_symbols : int32 arrays, shape (durations,)
        Are filled with a transition and a symbol for each context, in order.
    row_contexts, row_bins, row_counts : arrays, shape (durations,)
        Are filled with a row for each context and bin that is not empty, in order.
    """
