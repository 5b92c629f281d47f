"""What is asked of a learner: the target's size and the error allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from ..arguments import check_fields
from ..defaults import FUTURES
from ..errors import UsageError

LARGEST_FUTURE = 64
"""Longest future that the sketches of a plan may keep."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A target and the error allowed; every theorem turns it into sample sizes.

    Parameters
    ----------
    states : int
        n, an upper bound of the target's number of states, >= 1.
    symbols : int
        The size of its alphabet, >= 1; the end of a string is not counted.
    mu : float
        Distinguishability: any two states differ by at least this much in the probability of some prefix (of a
        prefix followed by the end, where the prefix alone does not tell), 0 < mu <= 1.
    length : float
        L, an upper bound of the expected length of a string, in events, > 0.
    eps : float
        Error allowed, 0 < eps < 1: L1 distance of the distributions (Clark & Thollard: KL divergence, in nats).
    delta : float
        Probability with which a promise may fail, 0 < delta < 1.
    futures : int
        F, the length in events within which ``mu`` must be visible; only sketches need it.

    Raises
    ------
    UsageError
        If a value is out of range.

    Examples
    --------
    >>> Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05).edges
    30
    """

    states: int
    symbols: int
    mu: float
    length: float
    eps: float
    delta: float
    futures: int = FUTURES

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("states", "symbols", "futures"):
            value = getattr(self, name)
            if value < 1:
                raise UsageError(f"{name} must be a whole number of at least 1, not {value!r}")
        if self.futures > LARGEST_FUTURE:
            raise UsageError(f"futures must be at most {LARGEST_FUTURE}, not {self.futures}")
        self._check("mu", self.mu, 0 < self.mu <= 1, "above 0, at most 1")
        self._check("length", self.length, 0 < self.length < math.inf, "above 0 and finite")
        self._check("eps", self.eps, 0 < self.eps < 1, "above 0, below 1")
        self._check("delta", self.delta, 0 < self.delta < 1, "above 0, below 1")

    def _check(self, name: str, value: float, fits: bool, expected: str) -> None:
        if not fits:
            raise UsageError(f"{name} must be a number {expected}, not {str(value)[:20]}")

    @property
    def edges(self) -> int:
        """The largest possible number of transitions, states times symbols."""
        return self.states * self.symbols

    def with_(self, **changes: float) -> Demand:
        """Return the demand with some values changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def to_document(self) -> dict[str, Any]:
        """Return the demand as JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_document(cls, document: Any) -> Demand:
        """Read a demand; raises UsageError if a value is missing, unknown or out of range."""
        names = [field.name for field in fields(cls)]
        if not isinstance(document, dict) or set(document) != set(names):
            raise UsageError(f"not a demand (expected: an object with {', '.join(names)})")
        whole = ("states", "symbols", "futures")
        if not all(isinstance(document[name], int if name in whole else (int, float)) for name in names):
            raise UsageError("a demand holds numbers only, states, symbols and futures whole ones")
        return cls(**document)
