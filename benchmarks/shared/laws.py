"""Two long samples of traces beside each other: after which prefixes which symbols are more, or less, likely.

Nothing is learned here: a state is a prefix.  Traces of one source need not be independent (a machine that has just
been set up is not set up again), so the variance of a share is taken from blocks of consecutive traces, and is at least
that of independent draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCKS = 50
Prefix = tuple[str, ...]
Blocks = NDArray[np.float64]
"""How often something came, block by block."""


class Law(NamedTuple):
    """How often each outcome came after each prefix; None is the end."""

    outcomes: dict[Prefix, dict[str | None, Blocks]]
    visits: dict[Prefix, Blocks]


def law(kinds: Sequence[Sequence[str]], order: Sequence[int]) -> Law:
    """Count traces, given as the different ones and the number of each in the order of their beginning.

    >>> law([["a"], ["a", "b"]], [0, 1, 0, 1]).visits[("a",)].sum()
    np.float64(4.0)
    """
    numbers = np.asarray(order)
    counts = np.zeros((len(kinds), BLOCKS))
    np.add.at(counts, (numbers, np.arange(len(numbers)) * BLOCKS // max(1, len(numbers))), 1.0)
    found = Law({}, {})
    for trace, row in zip(kinds, counts, strict=True):
        for at, symbol in enumerate((*trace, None)):
            prefix = tuple(trace[:at])
            outcomes = found.outcomes.setdefault(prefix, {})
            outcomes[symbol] = outcomes.get(symbol, 0.0) + row
            found.visits[prefix] = found.visits.get(prefix, 0.0) + row
    return found


def shared(one: Law, other: Law) -> Iterator[tuple[Prefix, str | None]]:
    """Yield what can be compared: every outcome of every prefix that both have."""
    for prefix in one.outcomes.keys() & other.outcomes.keys():
        for symbol in one.outcomes[prefix] | other.outcomes[prefix]:
            yield prefix, symbol


def change(one: Law, other: Law, prefixes: Iterable[Prefix], symbol: str | None) -> float:
    """Return by how many standard errors an outcome is likelier in the other, prefix by prefix and then taken together.

    The prefixes are strata, weighted as Cochran does (Biometrics 10, 1954), so that it does not matter which of them
    come more often than before.

    >>> rare, frequent = (law([["a"], ["b"]], [0, *[1] * n] * 100) for n in (3, 1))
    >>> round(change(rare, frequent, [()], "a"), 1), change(rare, rare, [()], "a")
    (6.1, 0.0)
    """
    total, blocks, independent = 0.0, np.zeros((2, BLOCKS)), 0.0
    for prefix in prefixes:
        sides = [(_hits(each, prefix, symbol), each.visits[prefix]) for each in (one, other) if prefix in each.visits]
        if len(sides) < 2:
            continue
        trials = [float(visits.sum()) for _, visits in sides]
        shares = [float(hits.sum()) / number for (hits, _), number in zip(sides, trials, strict=True)]
        weight = trials[0] * trials[1] / sum(trials)
        pooled = sum(share * number for share, number in zip(shares, trials, strict=True)) / sum(trials)
        total += weight * (shares[1] - shares[0])
        independent += weight * pooled * (1 - pooled)
        blocks += [
            weight / number * (hits - share * visits)
            for (hits, visits), share, number in zip(sides, shares, trials, strict=True)
        ]
    spread = float((blocks**2).sum()) * BLOCKS / (BLOCKS - 1)
    return total / float(np.sqrt(max(spread, independent))) if total else 0.0


def _hits(one: Law, prefix: Prefix, symbol: str | None) -> Blocks:
    rows: Mapping[str | None, Blocks] = one.outcomes[prefix]
    return rows[symbol] if symbol in rows else np.zeros(BLOCKS)
