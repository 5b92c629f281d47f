"""Routing the tails of a tree through the automaton that its grown part became."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .folding import FoldColumns
from .growth import TreeColumns
from .hints import Given, NDArray
from .library import kernel


@record
class RouteColumns(NamedTuple):
    """The transitions of an automaton, small and close together, and what the tails add to them; states are numbered.

    The first are those of the fold, in any order; those that only tails take join them as they are met.
    """

    states: Given[np.int32]  # node of the tree: its state
    fallback: Given[np.int32]  # symbol: state it leads to where nothing is known
    keys: NDArray[np.int64]  # transition: state and symbol
    targets: NDArray[np.int32]  # transition: the next state
    counts: NDArray[np.int64]  # transition: events in tails
    ends: NDArray[np.int64]  # state: tails that ended there
    repeats: NDArray[np.int64]  # transition: events in traces that the stream repeated
    repeat_ends: NDArray[np.int64]  # state: such traces that ended there
    slots: NDArray[np.int32]  # table from key to transition, or a slot for each pair of state and symbol
    size: NDArray[np.int64]  # transitions; 1 if there is a slot for each pair, which are searched otherwise


@kernel
def place_states(
    tree: TreeColumns,
    fold: FoldColumns,
    reds: Given[np.int32],
    number: NDArray[np.int32],
    states: NDArray[np.int32],
) -> None:
    """Find the state of every node of the tree: its parent's state, one transition further."""


@kernel
def enter_transitions(route: RouteColumns) -> None:
    """Let the slots lead to the transitions that there are."""


@kernel
def route_tails(route: RouteColumns, tree: TreeColumns) -> bool:
    """Route all tails; return False if there was no capacity for all new transitions."""


@kernel
def route_repeats(
    route: RouteColumns, symbols: Given[np.int32], starts: Given[np.int64], times: Given[np.int64]
) -> bool:
    """Route repeated traces, each so many times; return False if there was no capacity for all new transitions.

    Trace ``i`` is ``symbols[starts[i]:starts[i + 1]]``.
    """


@kernel
def weigh_agreement(
    strength: float,
    source: Given[np.int64],
    shares: Given[np.float64],
    counts: Given[np.int64],
    others: Given[np.int64],
    stops: Given[np.int64],
    other_stops: Given[np.int64],
    stop_share: float,
    evidence: NDArray[np.float64],
    total: NDArray[np.int64],
    more: NDArray[np.int64],
) -> None:
    """Fill the evidence of :func:`agreement`, given scratch for two numbers a state."""


def agreement(
    strength: float,
    source: NDArray[np.int64],
    shares: NDArray[np.float64],
    counts: NDArray[np.int64],
    others: NDArray[np.int64],
    stops: NDArray[np.int64],
    other_stops: NDArray[np.int64],
    stop_share: float,
    evidence: NDArray[np.float64],
) -> None:
    """Fill, for each state, the log Bayes factor of one distribution for two sets of counts against two.

    The counts are those of transitions, of which ``source`` is the state, and of the ends.
    """
    scratch = np.empty(len(stops), np.int64), np.empty(len(stops), np.int64)
    weigh_agreement(strength, source, shares, counts, others, stops, other_stops, stop_share, evidence, *scratch)
