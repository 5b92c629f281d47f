"""Lineage: which state of an automaton is which of the one before, though their numbers say nothing of it.

The same traces are led through both at once.  Two states are one where most of what comes to either comes to both.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from ..automata.pdfa import PDFA

STEPS, MOST = 60, 200_000
"""Events of the traces that are led through both, and transitions that are taken for that, at most."""
SEEN = 1e-4
"""Share of the traces below which a pair of states is not followed."""

Pair = tuple[int, int]


class News(NamedTuple):
    """What has become of a state: ``kind`` is appeared, apart, merged or gone.

    Attributes
    ----------
    kind : str
    key : int
        Of the state.
    other : int or None
        Key of the state that it came apart from, or was merged into.
    """

    kind: str
    key: int
    other: int | None


class Lineage:
    """Gives the states of one automaton after the other keys that stay with them.

    Attributes
    ----------
    keys : list of int
        Of the states of the newest automaton.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> lineage = Lineage()
    >>> lineage.follow(from_rows({0: {"a": (50, 0), None: (50, 0)}}))
    [News(kind='appeared', key=0, other=None)]
    >>> apart = from_rows({0: {"a": (90, 1), None: (10, 0)}, 1: {"a": (25, 1), None: (75, 0)}})
    >>> lineage.follow(apart), lineage.keys
    ([News(kind='apart', key=1, other=0)], [0, 1])
    """

    def __init__(self) -> None:
        self.keys: list[int] = []
        self._next = 0
        self._last: PDFA | None = None

    def follow(self, automaton: PDFA) -> list[News]:
        """Take the next automaton; return what has become of the states."""
        before, last, self._last = self.keys, self._last, automaton
        shared = {} if last is None else together(last, automaton)
        ones, others = _best(shared, 0), _best(shared, 1)
        self.keys, news = [], []
        for state in range(len(automaton)):
            origin = others.get(state, -1) if state or not before else 0  # the start is the start
            stays = origin >= 0 and (origin == 0) == (state == 0) and (state == 0 or ones.get(origin) == state)
            self.keys.append(before[origin] if stays else self._fresh())
            if not stays:
                parent = before[origin] if origin >= 0 else None
                news.append(News("appeared" if parent is None else "apart", self.keys[-1], parent))
        here = set(self.keys)
        for state, key in enumerate(before):
            if key not in here:
                into = ones.get(state)
                news.append(News("gone" if into is None else "merged", key, None if into is None else self.keys[into]))
        return news

    def _fresh(self) -> int:
        self._next += 1
        return self._next - 1


def together(one: PDFA, other: PDFA) -> dict[Pair, float]:
    """Return how often a trace of the second automaton is in each pair of states, led through both.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    >>> found = together(loop, from_rows({0: {"a": (50, 1), None: (50, 0)}, 1: {None: (9, 0)}}))
    >>> {pair: round(share, 2) for pair, share in found.items()}
    {(0, 0): 1.0, (0, 1): 0.5}
    """
    ways = _Ways(one, other)
    found: defaultdict[Pair, float] = defaultdict(float)
    now: dict[Pair, float] = {(0, 0): 1.0}
    taken = 0
    for _ in range(STEPS):
        coming: defaultdict[Pair, float] = defaultdict(float)
        for pair, share in now.items():
            found[pair] += share
            for target, chance in ways.leaving(pair):
                coming[target] += share * chance
                taken += 1
        now = {pair: share for pair, share in coming.items() if share >= SEEN or pair not in found}
        if not now or taken > MOST:
            break
    return dict(found)


class _Ways:
    """Where pairs of states lead."""

    def __init__(self, one: PDFA, other: PDFA) -> None:
        self._one, self._other = _rows(one), _rows(other)
        self._known: dict[Pair, list[tuple[Pair, float]]] = {}

    def leaving(self, pair: Pair) -> list[tuple[Pair, float]]:
        if pair not in self._known:
            row, other = self._one[pair[0]], self._other[pair[1]]
            steps = [((row[symbol][0], target), chance) for symbol, (target, chance) in other.items() if symbol in row]
            self._known[pair] = steps
        return self._known[pair]


def _rows(automaton: PDFA) -> list[dict[str, tuple[int, float]]]:
    """Return where each symbol leads from each state, and how often, by counts alone."""
    seen = automaton.stops + np.bincount(automaton.sources, automaton.weights, len(automaton))
    chances = automaton.weights / np.where(seen > 0, seen, 1.0)[automaton.sources]
    found: list[dict[str, tuple[int, float]]] = [{} for _ in range(len(automaton))]
    for row, chance in zip(automaton.transitions(), chances.tolist(), strict=True):
        found[row.source][row.symbol] = row.target, chance
    return found


def _best(shared: dict[Pair, float], side: int) -> dict[int, int]:
    """Return for each state of one automaton that of the other with which it has most in common."""
    found: dict[int, tuple[float, int]] = {}
    for pair, share in shared.items():
        rank = share, -pair[1 - side]
        if pair[side] not in found or rank > found[pair[side]]:
            found[pair[side]] = rank
    return {state: -other for state, (_, other) in found.items()}
