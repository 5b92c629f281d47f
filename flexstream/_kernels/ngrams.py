"""Which outcome came after which last symbols, and what an n-gram says of it.

A passage is an outcome after the last symbols of a trace, its context.  Both are one number, a code: the outcome is
its highest digit, then comes the last symbol, the one before it, and so on; so the passages of a shorter context stand
side by side in the order of the codes.  Digits of symbols begin at 2; 1 is the start of the trace, and 0, behind it, is
nothing.  As an outcome a symbol is itself, and the end the number after the last.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .columns import Given, record
from .growth import TreeColumns
from .library import kernel

AT_START, FIRST_SYMBOL = 1, 2
_BITS = 11  # sorted by at a time: the starts of so many numbers fit into the fastest cache


@record
class Digits(NamedTuple):
    """How contexts and outcomes become one number."""

    bits: int  # of a digit
    length: int  # digits of a context

    def outcomes(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the outcomes of passages."""
        return codes >> self.bits * self.length

    def at(self, codes: NDArray[np.int64], place: int) -> NDArray[np.int64]:
        """Return the digits of contexts at a place; that of the last symbol is 0."""
        return codes >> self.bits * (self.length - 1 - place) & (1 << self.bits) - 1


@kernel
def node_contexts(tree: TreeColumns, digits: Digits, contexts: NDArray[np.int64]) -> None:
    """Fill the context in which each node stands."""


@kernel
def tail_passages(
    tree: TreeColumns, digits: Digits, contexts: Given[np.int64], end: int, step: int, codes: NDArray[np.int64]
) -> int:
    """Fill the passages of every ``step``-th tail, given the nodes' contexts; return how many there are."""


@kernel
def trace_passages(
    symbols: Given[np.int32], starts: Given[np.int64], digits: Digits, end: int, codes: NDArray[np.int64]
) -> int:
    """Fill the passages of whole traces; return how many there are."""


@kernel
def tally_codes(
    codes: NDArray[np.int64],
    counts: Given[np.int64],
    sums: NDArray[np.int64],
    places: NDArray[np.int32],
    order: NDArray[np.int32],
    fresh_codes: NDArray[np.int64],
    fresh_order: NDArray[np.int32],
    starts: NDArray[np.int64],
) -> int:
    """Tally codes as :func:`tally` says, given scratch."""


def tally(codes: NDArray[np.int64], counts: NDArray[np.int64], places: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sort codes, each of which then stands once, at the front; return the sum of the counts of each.

    ``places`` is filled with where each of the codes given now stands.
    """
    order, fresh, fresh_order = np.empty_like(places), np.empty_like(codes), np.empty_like(places)
    sums, starts = np.empty_like(codes), np.empty(1 << _BITS, np.int64)
    return sums[: tally_codes(codes, counts, sums, places, order, fresh, fresh_order, starts)]


@record
class PassageRows(NamedTuple):
    """Passages whose contexts have one length; rows past those found are spare room."""

    row: NDArray[np.int32]  # code: its row, -1 where its context is shorter
    first: NDArray[np.int32]  # row: the first code
    down: NDArray[np.int32]  # row: that of the context without its first symbol
    context: NDArray[np.int32]  # row
    sums: NDArray[np.int64]  # row: how often it came
    slots: NDArray[np.int32]  # table from pair to context
    pairs: NDArray[np.int64]  # context: the one without its first symbol, and that symbol's digit; see table.py


@kernel
def widen_passages(
    codes: Given[np.int64],
    counts: Given[np.int64],
    bits: int,
    shift: int,
    shorter: Given[np.int32],
    rows: PassageRows,
    sizes: NDArray[np.int64],
) -> None:
    """Find the rows of contexts that are longer by a digit of so many bits, ``shift`` bits above the lowest.

    ``rows.row`` holds those of the shorter contexts, ``shorter`` their contexts; ``sizes`` says how many rows and
    contexts there are.
    """


@record
class PassageCounts(NamedTuple):
    """What an n-gram has counted after contexts of one length."""

    counts: Given[np.int64]  # row
    context: Given[np.int32]  # row
    down: Given[np.int32]  # row: that of the context without its first symbol
    totals: Given[np.int64]  # context: sum of its counts
    kinds: Given[np.int64]  # context: its rows
    discount: float


@kernel
def tell_passages(
    level: PassageCounts,
    below: Given[np.float64],
    below_less: Given[np.float64],
    plain: NDArray[np.float64],
    less: NDArray[np.float64],
) -> None:
    """Fill the probability of each row, and what it would be had the row's outcome come once less there.

    Where it would not have come at all the shorter context would have met it once less as well.  ``below`` and
    ``below_less`` are the same of the shorter contexts.
    """


@record
class ForetoldRows(NamedTuple):
    """Outcomes by state, and how likely they were."""

    starts: Given[np.int64]  # state: its first outcome; one more
    counts: Given[np.float64]  # outcome
    alone: Given[np.float64]  # outcome: probability in the state
    ngram: Given[np.float64]  # outcome: for the n-gram


@kernel
def likeliest_shares(
    rows: ForetoldRows, everywhere: float, prior: float, halvings: int, shares: NDArray[np.float64]
) -> None:
    """Fill the share of the n-gram in each state under which its outcomes are likeliest, by halving.

    The prior is that of ``prior`` outcomes, of which a share ``everywhere`` comes of the n-gram.
    """
