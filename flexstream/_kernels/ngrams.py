"""Which outcome came after which last symbols, and what an n-gram says of it.

A passage is an outcome after the last symbols of a trace, its context.  Both are one number, a code: its highest digit
is the last symbol, then comes the one before it, and so on; the lowest is the outcome.  So what came after
contexts that end alike stands side by side in the order of the codes.  Digits of symbols begin at 2; 1 is the start of
the trace, and 0, behind it, is nothing.  As an outcome a symbol is itself, and the end the number after the last.
"""

import numpy as np
from numpy.typing import NDArray

from ..tuples import NamedTuple
from .columns import Given, Matrix, record
from .growth import TreeColumns
from .library import kernel

AT_START, FIRST_SYMBOL = 1, 2


@record
class Digits(NamedTuple):
    """How contexts and outcomes become one number."""

    bits: int  # of a digit
    length: int  # digits of a context

    def outcomes(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the outcomes of passages."""
        return codes & (1 << self.bits) - 1

    def at(self, codes: NDArray[np.int64], place: int) -> NDArray[np.int64]:
        """Return the digits of contexts at a place; that of the last symbol is 0."""
        return codes >> self.bits * (self.length - place) & (1 << self.bits) - 1


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
    """Sort codes, each of which then stands once, at the front, and sum the counts of each; return how many there are.

    ``places`` is filled with where each of the codes given now stands.  The rest is scratch; ``starts`` has a place for
    each value of as many bits as are sorted by at a time.
    """


@record
class PassageRows(NamedTuple):
    """Passages whose contexts have one length, by context; rows and contexts past those found are spare room."""

    row: NDArray[np.int32]  # code: its row, -1 where its context is shorter
    outcome: NDArray[np.int32]  # row
    down: NDArray[np.int32]  # row: that of the context without its first symbol
    context: NDArray[np.int32]  # row
    sums: NDArray[np.int64]  # row: how often it came
    shorter: NDArray[np.int32]  # context: the one without its first symbol
    digit: NDArray[np.int32]  # context: its first symbol
    newest: Matrix[np.int32]  # outcome: the last context it came after, and the row


@kernel
def widen_passages(
    codes: Given[np.int64],
    counts: Given[np.int64],
    digits: Digits,
    length: int,
    below: Given[np.int32],
    rows: PassageRows,
    sizes: NDArray[np.int64],
) -> None:
    """Find the rows of contexts of so many digits, given those of contexts that are shorter by one.

    ``rows.row`` holds these, ``below`` their contexts; ``sizes`` says how many rows and contexts there are.
    """


@kernel
def count_passages(
    longer: Given[np.int32],
    sums: Given[np.int64],
    context: Given[np.int32],
    digit: Given[np.int32],
    counts: NDArray[np.int64],
    totals: NDArray[np.int64],
    kinds: NDArray[np.int32],
    seldom: NDArray[np.int64],
) -> None:
    """Fill how often each row counts, and add up contexts, and rows that count once and twice, from zero.

    A row counts as often as it came if there are no longer contexts, or the trace began with its own; else once for
    each row of longer contexts, of which ``longer`` says which it is without the first symbol.  ``counts`` may be
    ``sums`` where there are no longer contexts.
    """


@kernel
def weigh_contexts(
    shorter: Given[np.int32],
    kinds: Given[np.int32],
    worth: Given[np.int64],
    below: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> None:
    """Let contexts without their first symbol, ``below``, be worth no less than those with it.

    Of nothing there is none.  The rows of contexts are added to ``rows`` by their worth, of those above the last to it.
    """


@record
class PassageCounts(NamedTuple):
    """What an n-gram has counted after contexts of one length."""

    counts: Given[np.int64]  # row
    context: Given[np.int32]  # row
    down: Given[np.int32]  # row: that of the context without its first symbol
    totals: Given[np.int64]  # context: sum of its counts
    kinds: Given[np.int32]  # context: its rows
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
