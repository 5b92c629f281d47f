"""Long traces: a source like the system calls of a program, and traces of it that went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arguments import check_fields
from ..automata.sampling import Seed, check_number, check_seed
from ..errors import UsageError

Random = np.random.Generator


@dataclass(frozen=True)
class LongSource:
    """Traces in which the next event depends on the last three, with rare branches.

    After each symbol one of a few can come next; how likely each is, the last three symbols say, by weights drawn
    from a Dirichlet distribution for each context.  Now and then one of some rare successors comes
    instead.  Lengths are drawn evenly.

    Parameters
    ----------
    seed : int
        Of successors and weights.
    symbols : int
        How many there are, at least 2.
    branches, rare_branches : int
        Usual and rare successors of a symbol.
    rare : float
        Probability that a rare one comes.
    concentration : float
        Of the Dirichlet distribution: the smaller, the surer is what comes next.
    shortest, longest : int
        Events of a trace.

    Examples
    --------
    >>> source = LongSource(seed=1)
    >>> normal, altered = source.sample(2, seed=2), source.altered("drop", 2, seed=2)
    >>> [len(trace) for trace in normal], [len(trace) for trace in altered]
    ([903, 974], [893, 473])
    """

    seed: int
    symbols: int = 150
    branches: int = 3
    rare_branches: int = 5
    rare: float = 0.01
    concentration: float = 0.3
    shortest: int = 400
    longest: int = 1000

    def __post_init__(self) -> None:
        check_fields(self)
        check_seed(self.seed)
        if self.symbols < 2 or self.branches < 1 or self.rare_branches < 1 or not 0 < self.concentration < np.inf:
            raise UsageError("a source of long traces needs 2 symbols, successors, a concentration above 0")
        if not (0 <= self.rare <= 1 and 1 <= self.shortest <= self.longest):
            raise UsageError("a source of long traces needs a share of rare branches, and lengths from 1 on in order")

    @cached_property
    def _successors(self) -> NDArray[np.int64]:
        """Usual, then rare successors of each symbol, shape (symbols, branches + rare branches)."""
        random = np.random.default_rng([self.seed, 0])
        return random.integers(0, self.symbols, (self.symbols, self.branches + self.rare_branches))

    def _weights(self, context: tuple[int, int, int], program: int) -> NDArray[np.float64]:
        """Return how likely the usual successors are after three symbols, as a running sum."""
        known: dict[tuple[int, ...], NDArray[np.float64]] = self.__dict__.setdefault("_known", {})
        key = (*context, program)
        if key not in known:
            random = np.random.default_rng([self.seed, 1, *key])
            known[key] = np.cumsum(random.dirichlet(np.full(self.branches, self.concentration)))
        return known[key]

    def _walk(self, random: Random, length: int, begun: list[int], program: int = 0) -> list[int]:
        """Return so many symbols more, after those before; ``program`` chooses the weights."""
        trace = list(begun)
        usual, rare = random.random(length), random.random(length)
        other = random.integers(self.branches, self.branches + self.rare_branches, length)
        for place in range(length):
            context = (trace[-3], trace[-2], trace[-1])
            branch = int(np.searchsorted(self._weights(context, program), usual[place], side="right"))
            branch = int(other[place]) if rare[place] < self.rare else min(branch, self.branches - 1)
            trace.append(int(self._successors[trace[-1], branch]))
        return trace[len(begun) :]

    def _one(self, random: Random) -> list[int]:
        length = int(random.integers(self.shortest, self.longest + 1))
        return self._walk(random, length, [0, 0, 0])

    def sample(self, n: int, seed: Seed) -> list[list[str]]:
        """Draw ``n`` traces as they should be."""
        check_number(n)
        random = np.random.default_rng(check_seed(seed))
        return [_texts(self._one(random)) for _ in range(n)]

    def altered(self, kind: str, n: int, seed: Seed) -> list[list[str]]:
        """Draw ``n`` traces that went wrong in one of the ways of `ALTERATIONS`.

        Raises
        ------
        UsageError
            If there is no such way.
        """
        if kind not in ALTERATIONS:
            raise UsageError(f"no alteration {kind!r} (expected: {', '.join(ALTERATIONS)})")
        check_number(n)
        random = np.random.default_rng(check_seed(seed))
        return [_texts(ALTERATIONS[kind](self, random, self._one(random))) for _ in range(n)]


def _texts(trace: list[int]) -> list[str]:
    return [f"s{symbol}" for symbol in trace]


def _places(random: Random, trace: list[int], number: int) -> list[int]:
    """Return different places of a trace, in order; there is one more behind each."""
    return sorted(random.choice(len(trace) - 1, min(number, len(trace) - 1), replace=False).tolist())


def _foreign(source: LongSource, random: Random, trace: list[int]) -> list[int]:
    """For 30 events do what another program does: the same steps, chosen otherwise."""
    start = int(random.integers(3, max(4, len(trace) - 30)))
    return [*trace[:start], *source._walk(random, 30, trace[:start], program=1), *trace[start + 30 :]]


def _swap(source: LongSource, random: Random, trace: list[int]) -> list[int]:
    """Let five events change places with the next."""
    for place in _places(random, trace, 5):
        trace[place], trace[place + 1] = trace[place + 1], trace[place]
    return trace


def _drop(source: LongSource, random: Random, trace: list[int]) -> list[int]:
    """Lose ten events."""
    lost = set(_places(random, trace, 10))
    return [symbol for place, symbol in enumerate(trace) if place not in lost]


def _rare(source: LongSource, random: Random, trace: list[int]) -> list[int]:
    """Take eight rare branches more, and go on from there as the program does."""
    for place in _places(random, trace, 8):
        if place >= 3:
            branch = int(random.integers(source.branches, source.branches + source.rare_branches))
            taken = int(source._successors[trace[place - 1], branch])
            trace = [*trace[:place], taken, *source._walk(random, len(trace) - place - 1, [*trace[:place], taken])]
    return trace


ALTERATIONS: Mapping[str, Callable[[LongSource, Random, list[int]], list[int]]] = {
    "foreign": _foreign,
    "swap": _swap,
    "drop": _drop,
    "rare": _rare,
}
"""Ways in which a trace can go wrong."""
