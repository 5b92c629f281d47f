"""What an automaton expects where it has seen too little: small probabilities, never zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Smoothing:
    """Pseudo-observations that each state shares out over all outcomes.

    A state with ``v`` visits, of which ``c`` went to an outcome, gives it (c + s·b) / (v + s), where b is the
    outcome's share in ``base`` and s = ``strength``.  A transition never seen leads to ``fallback``, where that
    symbol led most often elsewhere; after a symbol that is not in the alphabet the automaton stays where it is.

    Attributes
    ----------
    strength : float
        Pseudo-observations per state, >= 0.  With 0 an unseen outcome has probability 0.
    base : float64 array, shape (2 + alphabet,)
        Shares that sum to 1: of the end, of all symbols outside the alphabet together, of each symbol.
    fallback : int32 array, shape (alphabet,)
        State that a symbol leads to where it has never been seen.
    """

    strength: float
    base: NDArray[np.float64]
    fallback: NDArray[np.int32]

    @classmethod
    def none(cls, alphabet: int) -> Smoothing:
        """Return the smoothing that does nothing, for automata known exactly."""
        return cls(0.0, np.full(alphabet + 2, 1.0 / (alphabet + 2)), np.zeros(alphabet, np.int32))

    @classmethod
    def from_counts(
        cls, strength: float, ends: int, totals: NDArray[np.int64], fallback: NDArray[np.int32]
    ) -> Smoothing:
        """Take the base from the whole stream, half an observation added to all (Krichevsky & Trofimov 1981)."""
        base = np.concatenate([[ends, 0], totals]) + 0.5
        return cls(strength, base / base.sum(), fallback)
