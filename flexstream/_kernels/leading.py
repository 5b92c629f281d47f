"""Where transitions lead of which the tree says nothing: to the state from which what followed is likeliest."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .growth import TreeColumns
from .hints import Given, GivenMatrix, Matrix, NDArray
from .library import kernel
from .routing import RouteColumns


@record
class LeadingColumns(NamedTuple):
    """What is known of an automaton; probabilities by their natural logarithms."""

    known: Given[np.int8]  # transition: 1 where it is known where it leads
    logs: Given[np.float64]  # transition
    missing: Given[np.float64]  # state: of all transitions together that were never taken
    shares: Given[np.float64]  # symbol: its part of that
    ends: Given[np.float64]  # state: of the end of a trace
    candidates: Given[np.int32]  # states to which a transition may lead, in the order in which equals are preferred


@kernel
def find_departures(
    route: RouteColumns,
    tree: TreeColumns,
    known: Given[np.int8],
    most: int,
    first: Given[np.int64],
    counts: NDArray[np.int64],
    followers: Matrix[np.int64],
) -> None:
    """Find the first transition of each tail that leads nowhere yet, and what follows it: of each at most so many.

    ``counts`` gets how many there are of each transition, and ``followers``, as far as there are rows, from the row
    ``first`` of the transition on, where in the store what follows begins and ends.
    """


@kernel
def lead_on(
    route: RouteColumns,
    tree: TreeColumns,
    by: LeadingColumns,
    first: Given[np.int64],
    followers: GivenMatrix[np.int64],
    leads: NDArray[np.int32],
) -> None:
    """Fill where some transitions lead; what followed transition ``i`` are the rows ``first[i]`` to ``first[i + 1]``.

    Of all candidates the 8 to which the next event fits best are looked at over up to 32 events.
    """
