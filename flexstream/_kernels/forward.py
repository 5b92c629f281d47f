"""The forward algorithm on automata that need not be deterministic."""

from typing import NamedTuple

import numpy as np

from .columns import record
from .hints import Given, NDArray
from .library import kernel


@record
class ForwardColumns(NamedTuple):
    """An automaton laid out by state; the transitions of a state are in the order of their symbols."""

    starts: Given[np.int64]  # states in which a trace can start
    initial: Given[np.float64]  # state
    stops: Given[np.float64]  # state
    offsets: Given[np.int64]  # state: its first transition
    symbols: Given[np.int32]  # transition
    targets: Given[np.int32]  # transition
    probabilities: Given[np.float64]  # transition: of symbol and target together, given the state


@kernel
def forward_bits(
    columns: ForwardColumns,
    symbols: Given[np.int32],
    offsets: Given[np.int64],
    bits: NDArray[np.float64],
    share: NDArray[np.float64],
    after: NDArray[np.float64],
    active: NDArray[np.int64],
    fresh: NDArray[np.int64],
) -> None:
    """Fill the surprises of :func:`forward`, given scratch: two shares, zero, and two numbers of each state."""


def forward(
    columns: ForwardColumns, symbols: NDArray[np.int32], offsets: NDArray[np.int64], bits: NDArray[np.float64]
) -> None:
    """Fill the surprise of whole traces in bits, infinite where a trace is impossible.

    Shares are scaled to sum to 1 after each symbol, so that no length makes them vanish (Rabiner, Proc. IEEE 77,
    1989, section V.A); only states that have a share are looked at.
    """
    states = len(columns.stops)
    shares = np.zeros(states), np.zeros(states)
    forward_bits(columns, symbols, offsets, bits, *shares, np.empty(states, np.int64), np.empty(states, np.int64))
