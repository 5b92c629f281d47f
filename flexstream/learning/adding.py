"""Adding up what learners have seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .learner import StreamLearner


def lost_symbols(learner: StreamLearner, symbol_map: NDArray[np.int32], other: StreamLearner) -> int:
    """Return how many events, as far as the tree of another learner holds them, lose their symbol here.

    Parameters
    ----------
    learner : StreamLearner
        What the other is added to.
    symbol_map : int32 array, shape (the other's alphabet,)
        Ids of its symbols here.
    other : StreamLearner
    """
    if learner.alphabet.other is None:
        return 0
    lost = symbol_map == learner.alphabet.other
    if other.alphabet.other is not None:
        lost[other.alphabet.other] = False  # they had lost theirs before
    return int(other.tree.occurrences(len(lost))[lost].sum())
