"""Settings: the parameters of a learner, checked before anything is made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from ..arguments import check_fields, fitting, written
from ..budget import Budget
from ..classes import dataclass
from ..defaults import GROW_AT, HEURISTIC, MEMORY
from ..errors import UsageError, WrongTypeError, parameter
from ..merging.search import Strategy

LARGEST = 2**62
"""Largest number of visits, levels or nodes: sums of a few are numbers that compiled loops can count to."""
MOST_MEMBERS = 1000
SEEDS = 2**511
"""Seeds and their negatives are below this: they key a hash by at most 64 bytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What :class:`~flexstream.learning.learner.StreamLearner` was made with; the fields are described there.

    Raises
    ------
    WrongTypeError
        If a value is of a type that cannot be meant.
    UsageError
        If a value is out of range.

    Examples
    --------
    >>> Settings(every=100).to_dict()["every"]
    100
    >>> Settings(every="100")
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: `every` is '100' (expected: a whole number or None)
    """

    heuristic: str = HEURISTIC
    options: Mapping[str, float] | None = None
    strategy: str | None = None
    grow_at: int = GROW_AT
    reach: int | None = None
    memory: str | int | Budget = MEMORY
    nodes: int | None = None
    tails: bool = True
    every: int | None = None
    thin: bool = True
    ensemble: int = 1
    smoothing: float | None = None
    seed: int = 0
    states: int | None = None
    repeats: bool = True

    @property
    def coarse(self) -> tuple[str, ...]:
        """The settings that were given and let the tree know less than the memory would let it.

        What an automaton of such a tree lets expect is no measure of what the stream repeats.
        """
        given = {"nodes": self.nodes is not None, "reach": self.reach is not None, "tails": not self.tails}
        return tuple(name for name, is_given in given.items() if is_given)

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "options", dict(self._options()))
        if self.strategy is not None and self.strategy not in tuple(Strategy):
            raise UsageError(f"no strategy {self.strategy!r} (expected: one of {', '.join(Strategy)})")
        if self.every is not None and self.every < 0:
            raise UsageError(f"{parameter('every')} is {self.every} (expected: 0 or more, or None)")
        if self.smoothing is not None and not 0 < self.smoothing < math.inf:
            raise UsageError(
                f"{parameter('smoothing')} is {self.smoothing:g} (expected: a finite number above 0, or None)"
            )
        if not 1 <= self.ensemble <= MOST_MEMBERS:
            what = "at least one member" if self.ensemble < 1 else f"at most {MOST_MEMBERS:,} members"
            raise UsageError(f"{parameter('ensemble')} is {self.ensemble} (expected: {what})")
        if self.states is not None and self.states < 1:
            raise UsageError(f"{parameter('states')} is {self.states} (expected: at least 1)")
        for name in ("grow_at", "reach", "nodes", "states"):
            if (getattr(self, name) or 0) > LARGEST:
                raise UsageError(f"{parameter(name)} is {getattr(self, name)} (expected: at most {LARGEST:,})")
        if abs(self.seed) >= SEEDS:
            raise UsageError(f"{parameter('seed')} is {self.seed} (expected: a number of at most 511 bits)")

    def _options(self) -> Iterator[tuple[str, float]]:
        for name, value in (self.options or {}).items():
            if not isinstance(name, str):
                raise WrongTypeError(f"{parameter('options')} has a key {written(name)} (expected: names and numbers)")
            yield str(name), fitting(name, value, float)

    def check_same(self, other: Settings) -> None:
        """Raise UsageError that names the first parameter, but for the memory, in which another learner's differ."""
        own, theirs = self.to_dict(), other.to_dict()
        for name in (name for name in own if name != "memory" and own[name] != theirs[name]):
            raise UsageError(
                f"what was learned with {parameter(name)} {own[name]!r} and with {theirs[name]!r} does not add up "
                f"(expected: the same)"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the values by name, as JSON values and copies."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        memory = self.memory.total if isinstance(self.memory, Budget) else self.memory
        return {**given, "options": dict(self.options or {}), "memory": memory}
