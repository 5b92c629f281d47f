"""Expectation and scoring for automata whose transitions have several targets."""

from typing import NamedTuple

import numpy as np

from .columns import record
from .hints import Cube, Given, GivenCube, Matrix, NDArray
from .library import kernel

LANES = 8
"""States are filled up to a multiple of this number."""


@record
class SoftColumns(NamedTuple):
    """An automaton with a matrix from states to states for each symbol."""

    chances: GivenCube[np.float32]  # symbol, state, target
    stops: Given[np.float32]  # state
    initial: Given[np.float32]  # state


@record
class SoftCounts(NamedTuple):
    """What is expected to have happened; ``passed`` still has to be multiplied by the probabilities."""

    passed: Cube[np.float32]  # symbol, state, target
    ended: NDArray[np.float32]  # state
    begun: NDArray[np.float32]  # state


@record
class SoftRows(NamedTuple):
    """Room for where the chances are not zero: for each symbol and state a row, and for eight targets a number."""

    first: NDArray[np.int64]  # symbol: its first row; one more
    states: NDArray[np.int32]  # row
    lanes: NDArray[np.int64]  # row: its first targets; one more
    targets: NDArray[np.int32]  # the first of eight

    @classmethod
    def room(cls, symbols: int, width: int) -> "SoftRows":
        """Return room for an automaton, what is not filled of which takes no memory."""
        rows, targets = symbols * width, symbols * width * (width // LANES)
        sizes = np.empty(symbols + 1, np.int64), np.empty(rows, np.int32), np.empty(rows + 1, np.int64)
        return cls(*sizes, np.empty(targets, np.int32))


@record
class SoftScratch(NamedTuple):
    """What is known at each depth of a trace; ``backward`` is zero before and after."""

    forward: Matrix[np.float32]  # depth, state
    scales: NDArray[np.float32]  # depth
    bits: NDArray[np.float64]  # depth
    backward: Matrix[np.float32]  # depth, state


@record
class SoftenedColumns(NamedTuple):
    """An automaton laid out by state; the transitions of a state are in the order of their symbols."""

    initial: Given[np.float64]  # state
    stops: Given[np.float64]  # state
    escapes: Given[np.float64]  # state: what it shares out over all outcomes, whatever it has seen
    landing: Given[np.float64]  # state: probability of being there after an outcome that was shared out
    base: Given[np.float64]  # symbol: probability among what is shared out
    unknown: float  # that of symbols that are not in the alphabet
    offsets: Given[np.int64]  # state: its first transition; one more
    symbols: Given[np.int32]  # transition
    targets: Given[np.int32]  # transition
    probabilities: Given[np.float64]  # transition: of symbol and target together, given the state


@kernel
def expect_counts(
    columns: SoftColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    times: Given[np.float32],
    beam: float,
    rows: SoftRows,
    scratch: SoftScratch,
    counts: SoftCounts,
    bits: NDArray[np.float64],
) -> None:
    """Add what traces are expected to have counted, each so many times; fill the bits of each.

    The forward-backward algorithm (Rabiner, Proc. IEEE 77, 1989, section III); what a trace shares with the one before
    is walked once, both ways, so they should be in order.  States with a share below ``beam`` are left out.
    """


@kernel
def exp_digammas(values: Given[np.float32], prior: float, found: NDArray[np.float32]) -> None:
    """Fill exp(digamma(value + prior)): the geometric mean of a gamma distribution of that shape."""


@kernel
def softened_chances(
    columns: SoftenedColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    chances: NDArray[np.float64],
    share: NDArray[np.float64],
    after: NDArray[np.float64],
) -> None:
    """Fill the probability of each event and of each end, trace by trace, given scratch for two numbers a state."""
