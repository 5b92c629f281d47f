"""What a round has found: an automaton, and under which supposition it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...automata.pdfa import PDFA
from ...automata.smoothing import Smoothing
from ...classes import dataclass
from ...writers.labels import counted
from ..theorems.guesses import Guess
from .suffixes import END, Suffixes

STRENGTH = 1.0
"""Observations that a state shares out over what it has not seen."""


@dataclass(frozen=True)
class Found:
    """The structure that a round has found.

    Attributes
    ----------
    number : int
        Of the round, 1, 2, …
    guess : Guess
        Of n and of μ: the structure is right if no two states of the source are nearer than μ.
    eps : float
        What leaves the automaton by transitions not decided is at most so probable.
    strings, since : int
        Strings of the round, and of the stream before it.
    edges : list of dict of str to int
        Of each state its transitions, by the character that stands for the symbol.
    model : PDFA
        The automaton, without provenance.
    """

    number: int
    guess: Guess
    eps: float
    strings: int
    since: int
    edges: Sequence[dict[str, int]]
    model: PDFA

    def visited(self, text: str) -> Iterator[int]:
        """Yield the states that a string comes to, each once; and how many states there are if it leaves.

        Examples
        --------
        >>> found = Found(1, Guess(2, 0.5), 0.1, 1000, 0, [{"a": 1}, {}], None)
        >>> list(found.visited("aa" + END))
        [0, 1, 2]
        """
        state, seen = 0, {0}
        yield 0
        for symbol in text:
            if symbol == END:
                return
            state = self.edges[state].get(symbol, len(self.edges))
            if state not in seen:
                seen.add(state)
                yield state
            if state == len(self.edges):
                return

    def to_document(self) -> dict[str, Any]:
        """Return what models and people are told of it."""
        return {
            "round": self.number,
            "most_states": int(self.guess.states),
            "mu": self.guess.mu,
            "eps": self.eps,
            "traces": self.strings,
            "after": self.since,
            "states": len(self.edges),
            "transitions": sum(map(len, self.edges)),
        }

    @property
    def text(self) -> str:
        """What is claimed, in one sentence."""
        states, edges, mu = len(self.edges), sum(map(len, self.edges)), f"{self.guess.mu:g}"
        return (
            f"{counted(states, 'state')}, {counted(edges, 'transition')} from {counted(self.strings, 'trace')} "
            f"(round {self.number}: n {self.guess.states:,.0f}, mu {mu}): right, if no two states of the source are "
            f"nearer than {mu}, but for what leaves it, at most {100 * self.eps:g} % of the traces"
        )


def model_of(states: Sequence[Suffixes], symbols: Sequence[str]) -> PDFA:
    """Return the automaton of states, probabilities from their first visits.

    Parameters
    ----------
    states : sequence of Suffixes
        The initial one first.
    symbols : sequence of str
        The character ``chr(i + 1)`` stands for the i-th one.
    """
    rows = [
        (node.state, ord(symbol) - 1, target.state, node.counts.get(symbol, 0))
        for node in states
        for symbol, target in sorted(node.edges.items())
        if target.state >= 0
    ]
    table = np.array(rows, np.int64).reshape(-1, 4)
    offsets = np.searchsorted(table[:, 0], np.arange(len(states) + 1))
    stops = np.array([node.counts.get(END, 0) for node in states], np.float64)
    visits = np.array([node.visits for node in states], np.float64)
    smoothing = Smoothing.from_counts(
        STRENGTH,
        int(stops.sum()),
        np.bincount(table[:, 1], table[:, 3], minlength=len(symbols)).astype(np.int64),
        _usual_targets(table.tolist(), len(symbols)),
    )
    ids, targets = table[:, 1].astype(np.int32), table[:, 2].astype(np.int32)
    return PDFA(symbols, visits, stops, offsets, ids, targets, table[:, 3].astype(np.float64), smoothing=smoothing)


def _usual_targets(rows: Sequence[Sequence[int]], symbols: int) -> Any:
    """Return where each symbol leads most often."""
    counts: list[Counter[int]] = [Counter() for _ in range(symbols)]
    for _, symbol, target, count in rows:
        counts[symbol][target] += count
    return np.array([each.most_common(1)[0][0] if each else 0 for each in counts], np.int32)
