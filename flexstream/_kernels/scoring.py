"""Walking traces through an automaton."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Edge, Given, GivenMatrix, NDArray, Node, Tail
from .library import kernel


@record
class NGramColumns(NamedTuple):
    """An n-gram laid out for walking; the end is the symbol after the last, an unknown symbol the one after that.

    What a context says of outcomes that it has not met is looked for in shorter ones, unless each has a place.
    """

    first: Node[np.int32]  # context: its first row; one more
    parents: Node[np.int32]  # context: without its first symbol
    escapes: Node[np.float64]  # context: share that its parent shares out
    symbols: Edge[np.int32]  # row: in order within a context
    targets: Edge[np.int32]  # row: the next context
    chances: Edge[np.float64]  # row: probability
    whole: Tail[np.float64]  # context * width + outcome: probability
    next: Tail[np.int32]  # context * width + outcome: the next context
    lowest: float  # probability of any outcome below the empty context, which is context 0
    start: int  # context
    width: int  # outcomes; 0 where not each context and outcome have a place


@record
class ScoreColumns(NamedTuple):
    """An automaton laid out for walking: a row for each state and symbol, or where these are many for each transition.

    Probabilities are what is left of them beside the n-gram's share.
    """

    chances: Edge[np.float64]  # row: probability
    targets: Edge[np.int32]  # row
    known: Edge[np.int32]  # row: 1 where there is a transition
    each: bool  # whether each state and symbol have a row: that of state * symbols + symbol
    keys: Given[np.int64]  # transition: state and symbol, see table.py; of none where each have a row
    slots: Given[np.int32]  # table from key to transition
    stops: Given[np.float64]  # state: probability of the end
    rare: Given[np.float64]  # state: probability of the smoothing as a whole
    base: Given[np.float64]  # symbol: probability under the smoothing's base
    fallback: Given[np.int32]  # symbol: where a transition never seen leads
    unknown: float  # probability of an unknown symbol under the base
    shares: Given[np.float64]  # state: share of the n-gram; of no states where there is none
    ngram: NGramColumns


@kernel
def interpolate(ngram: NGramColumns) -> None:
    """Add what shorter contexts say to ``chances``, which hold what each context shares out itself.

    Contexts without their first symbol come before those with it.
    """


@kernel
def fill_outcomes(ngram: NGramColumns) -> None:
    """Fill ``whole`` and ``next``."""


@kernel
def score_traces(
    columns: ScoreColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.int64],
    worst_bits: NDArray[np.float64],
    unseen: NDArray[np.int64],
) -> None:
    """Score traces; fill bits in all, position of the most surprising event (the length: the end), its bits.

    ``unseen`` counts the events for which the automaton has no transition.
    """


@kernel
def event_bits(
    columns: ScoreColumns,
    trace: Given[np.int32],
    bits: NDArray[np.float64],
    ends: NDArray[np.float64],
    states: NDArray[np.int64],
) -> None:
    """Fill the surprise of each event and of the end, shape (length + 1,), that of an end there, and the state before.

    What the end would have surprised stands beside each event.
    """


@kernel
def walk_traces(
    columns: ScoreColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    bits: NDArray[np.float64],
    states: NDArray[np.int64],
) -> None:
    """Fill the surprise of each event and end, trace by trace, shape (events + traces,), and the state before."""


@kernel
def batch_chances(
    columns: ScoreColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    chances: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> None:
    """Fill the probability of each event and of each end, trace by trace, shape (events + traces,).

    ``known`` becomes true where the automaton has a transition, and at the ends; it is never made false.
    """


@kernel
def mix_traces(
    weights: Given[np.float64],
    chances: GivenMatrix[np.float64],
    known: Given[np.bool_],
    offsets: Given[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.int64],
    worst_bits: NDArray[np.float64],
    unseen: NDArray[np.int64],
    belief: NDArray[np.float64],
) -> None:
    """Score traces as :func:`mix_chances` says, given scratch for a number for each automaton."""


def mix_chances(
    weights: NDArray[np.float64],
    chances: NDArray[np.float64],
    known: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.int64],
    worst_bits: NDArray[np.float64],
    unseen: NDArray[np.int64],
) -> None:
    """Score traces by a mixture of automata from the probabilities that each gives, shape (automata, outcomes).

    Mixing the probabilities of whole traces means to mix those of the next outcome with weights that what came before
    has shifted towards the automata that expected it.
    """
    mix_traces(weights, chances, known, offsets, total, worst, worst_bits, unseen, np.empty(len(weights)))


@kernel
def share_credits(log2_prob: GivenMatrix[np.float64], credit: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    """Share credit as :func:`share_credit` says, given scratch for a number for each automaton."""


def share_credit(log2_prob: NDArray[np.float64], credit: NDArray[np.float64]) -> None:
    """Share one unit of credit among the automata for each trace, in proportion to how likely each held it.

    ``log2_prob`` has shape (automata, traces).  Trace by trace, so that batches do not change the sum.
    """
    share_credits(log2_prob, credit, np.empty(len(credit)))
