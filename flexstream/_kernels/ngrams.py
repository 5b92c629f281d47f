"""Which outcome came after which last symbols, and what an n-gram says of it.

A passage is an outcome after the last symbols of a trace, its context.  Both are one number, a code: its highest digit
is the last symbol, then comes the one before it, and so on; the lowest is the outcome.  So what came after
contexts that end alike stands side by side in the order of the codes.  Digits of symbols begin at 2; 1 is the start of
the trace, and 0, behind it, is nothing.  As an outcome a symbol is itself, and the end the number after the last.
"""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .growth import TreeColumns
from .hints import Cube, Given, Matrix, NDArray
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


@record
class NodePassages(NamedTuple):
    """What nodes of a tree have counted; rows past those found are spare room."""

    contexts: Given[np.int64]  # node: as `node_contexts` fills it
    nodes: NDArray[np.int32]  # passage
    outcomes: NDArray[np.int32]  # passage
    times: NDArray[np.int64]  # passage
    codes: NDArray[np.int64]  # passage


@kernel
def node_passages(tree: TreeColumns, end: int, step: int, into: NodePassages) -> int:
    """Fill what nodes have counted of every ``step``-th event, edges first, then ends; return how many there are.

    Events are taken one by one, not node by node: what came together would foretell itself.  There must be room for
    all edges and nodes, and for one more.
    """


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
    fresh_order: NDArray[np.int32],
    packed: int,
    starts: Matrix[np.int64],
) -> int:
    """Sort codes, each of which then stands once, at the front, and sum the counts of each; return how many there are.

    Only the first codes have counts, all others came once.  ``places`` is filled with where each of the first codes
    given now stands.  The rest is scratch; ``starts``, all zeros, has a row for each round of sorting, from the lowest
    bits up, with a place for each value of the bits that are sorted by in one.  Where codes leave room for a number up
    to that of the counts, ``packed`` says how many bits it takes, and ``order`` and ``fresh_order`` are not needed;
    else it is 0.
    """


@record
class PassageRows(NamedTuple):
    """Passages by context, level by level: that of contexts without a symbol, of those with one, and so on.

    Rows and contexts past those found are spare room.
    """

    row: NDArray[np.int32]  # code: its row on the level of its longest context
    depth: NDArray[np.int8]  # code: that level
    outcome: NDArray[np.int32]  # row
    down: NDArray[np.int32]  # row: that of the context without its first symbol, one level down
    context: NDArray[np.int32]  # row
    sums: NDArray[np.int64]  # row: how often it came
    shorter: NDArray[np.int32]  # context: the one without its first symbol
    digit: NDArray[np.int32]  # context: its first symbol
    newest: Cube[np.int32]  # level, outcome: the last context it came after, and the row
    begins: NDArray[np.int64]  # level: where its rows and contexts begin


@kernel
def widen_passages(
    codes: Given[np.int64],
    counts: Given[np.int64],
    digits: Digits,
    first: int,
    last: int,
    rows: PassageRows,
    sizes: Matrix[np.int64],
) -> None:
    """Find the rows of contexts from ``first`` to ``last`` digits, given those of all shorter ones.

    ``sizes`` says how many rows and contexts each level has, shape (levels, 2).
    """


@kernel
def place_passages(
    rows: NDArray[np.int32], depth: Given[np.int8], level: int, down: Given[np.int32], places: NDArray[np.int32]
) -> None:
    """Fill where passages are on a level, given their rows there, -1 where they do not reach it by their depth.

    Rows become those one level down, unless ``down`` is empty.
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
    """How an n-gram counts the passages of one level."""

    counts: NDArray[np.int64]  # row
    context: Given[np.int32]  # row
    totals: NDArray[np.int64]  # context
    kinds: NDArray[np.int32]  # context: how many rows
    discount: float


@kernel
def tell_passages(
    level: PassageCounts,
    rows: Given[np.int32],
    below: Given[np.float64],
    below_less: Given[np.float64],
    plain: NDArray[np.float64],
    less: NDArray[np.float64],
) -> None:
    """Fill the probability of some rows, and what it would be had the row's outcome come once less there.

    Where it would not have come at all the shorter context would have met it once less as well.  ``below`` and
    ``below_less`` are the same of the shorter contexts, which may be filled anew; they stand where a row is -1.
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
