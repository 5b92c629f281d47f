"""Probabilities with smoothing and without: what an automaton expects where it has too little evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..classes import dataclass
from ..errors import ModelError
from .arrays import column

if TYPE_CHECKING:
    from .pdfa import PDFA


LARGEST = 2.0**53
"""Largest number of observations that an automaton may speak of: up to there a double holds every whole number."""
ROUNDING = 1e-6
"""How far the shares of a base may sum from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Smoothing:
    """Pseudo-observations that each state shares out over all outcomes.

    A state with ``v`` visits, of which ``c`` went to an outcome, gives it (c + s·b) / (v + s), where b is the
    outcome's share in ``base`` and s = ``strength``.  A transition never observed leads to ``fallback``, where that
    symbol led most often elsewhere; after a symbol that is not in the alphabet the automaton stays where it is.

    Attributes
    ----------
    strength : float
        Pseudo-observations per state, >= 0.  With 0 an unseen outcome has probability 0.
    base : float64 array, shape (2 + alphabet,)
        Shares that sum to 1: of the end, of all symbols outside the alphabet together, of each symbol.
    fallback : int32 array, shape (alphabet,)
        State that a symbol leads to where it was never observed.
    """

    strength: float
    base: NDArray[np.float64]
    fallback: NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", column("base", self.base, np.float64))
        object.__setattr__(self, "fallback", column("fallback", self.fallback, np.int32))

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that their arrays cannot be changed either."""
        return type(self), (self.strength, self.base, self.fallback)

    @classmethod
    def none(cls, alphabet: int) -> Smoothing:
        """Return the smoothing that does nothing, for automata known exactly."""
        return cls(0.0, np.full(alphabet + 2, 1.0 / (alphabet + 2)), np.zeros(alphabet, np.int32))

    @classmethod
    def from_counts(
        cls, strength: float, ends: int, totals: NDArray[np.int64], fallback: NDArray[np.int32]
    ) -> Smoothing:
        """Take the base from the whole stream, see :func:`base_of`."""
        return cls(strength, base_of(ends, totals), fallback)

    def check(self, states: int, alphabet: int) -> None:
        """Raise ModelError if this cannot be the smoothing of an automaton of that size."""
        fits = (
            0 <= self.strength <= LARGEST
            and ((self.base >= 0) & (self.base <= 1)).all()
            and abs(self.base.sum() - 1) < ROUNDING
            and len(self.fallback) == alphabet
            and ((self.fallback >= 0) & (self.fallback < states)).all()
        )
        if not fits:
            raise ModelError("the smoothing of the automaton is not valid: negative, not normalised, or no state")


def base_of(ends: int, totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the shares of the end, of unknown symbols and of each symbol in the whole stream, shape (2 + alphabet,).

    Half an observation is added to all (Krichevsky & Trofimov 1981).
    """
    base = np.concatenate([[ends, 0], totals]) + 0.5
    return base / base.sum()


def unsmoothed(automaton: PDFA) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probabilities of the weights alone: of each state's end and of each transition.

    A state without any weight ends the trace.

    Returns
    -------
    stops : float64 array, shape (states,)
    probabilities : float64 array, shape (transitions,)

    Examples
    --------
    >>> from flexstream import PDFA
    >>> unsmoothed(PDFA(["a"], [4, 0], [1, 0], [0, 1, 1], [0], [1], [3]))
    (array([0.25, 1.  ]), array([0.75]))
    """
    totals = automaton.stops + np.bincount(automaton.sources, automaton.weights, len(automaton))
    divisors = np.where(totals > 0, totals, 1.0)
    stops = np.where(totals > 0, automaton.stops / divisors, 1.0)
    return stops, automaton.weights / divisors[automaton.sources]
