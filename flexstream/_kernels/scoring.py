"""Walking traces through an automaton."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .columns import Given, GivenMatrix, record
from .library import kernel


@record
class NGramColumns(NamedTuple):
    """An n-gram laid out for walking; the end is the symbol after the last."""

    keys: Given[np.int64]  # row: context and symbol, see table.py
    targets: Given[np.int32]  # row: the next context
    chances: Given[np.float64]  # row: probability
    slots: Given[np.int32]  # table from key to row
    parents: Given[np.int32]  # context: without its first symbol
    escapes: Given[np.float64]  # context: share that its parent shares out
    lowest: float  # probability of any outcome below the empty context, which is context 0
    start: int  # context


@record
class ScoreColumns(NamedTuple):
    """An automaton laid out for walking."""

    keys: Given[np.int64]  # transition: state and symbol, see table.py
    targets: Given[np.int32]  # transition
    bits: Given[np.float64]  # transition: surprise
    slots: Given[np.int32]  # table from key to transition
    stop_bits: Given[np.float64]  # state: surprise of the end
    rare_bits: Given[np.float64]  # state: surprise of the smoothing as a whole
    base_bits: Given[np.float64]  # symbol: surprise under the smoothing's base
    fallback: Given[np.int32]  # symbol: where a transition never seen leads
    unknown_bits: Given[np.float64]  # one cell: surprise of an unknown symbol under the base
    shares: Given[np.float64]  # state: share of the n-gram; of no states where there is none
    ngram: NGramColumns


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
def batch_bits(
    columns: ScoreColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    bits: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> None:
    """Fill the surprise of each event and of each end, trace by trace, shape (events + traces,).

    ``known`` becomes true where the automaton has a transition, and at the ends; it is never made false.
    """


@kernel
def mix_traces(
    weights: Given[np.float64],
    bits: GivenMatrix[np.float64],
    known: Given[np.bool_],
    offsets: Given[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.int64],
    worst_bits: NDArray[np.float64],
    unseen: NDArray[np.int64],
    belief: NDArray[np.float64],
) -> None:
    """Score traces as :func:`mix_bits` says, given scratch for a number for each automaton."""


def mix_bits(
    weights: NDArray[np.float64],
    bits: NDArray[np.float64],
    known: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    total: NDArray[np.float64],
    worst: NDArray[np.int64],
    worst_bits: NDArray[np.float64],
    unseen: NDArray[np.int64],
) -> None:
    """Score traces by a mixture of automata from the surprises that each of them feels, shape (automata, outcomes).

    Mixing the probabilities of whole traces means to mix those of the next outcome with weights that what came before
    has shifted towards the automata that expected it.
    """
    mix_traces(weights, bits, known, offsets, total, worst, worst_bits, unseen, np.empty(len(weights)))


@kernel
def share_credits(log2_prob: GivenMatrix[np.float64], credit: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    """Share credit as :func:`share_credit` says, given scratch for a number for each automaton."""


def share_credit(log2_prob: NDArray[np.float64], credit: NDArray[np.float64]) -> None:
    """Share one unit of credit among the automata for each trace, in proportion to how likely each held it.

    ``log2_prob`` has shape (automata, traces).  Trace by trace, so that batches do not change the sum.
    """
    share_credits(log2_prob, credit, np.empty(len(credit)))
