"""Words of a trace as events, where names of events hold blanks: the way to part them that a model finds likeliest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA


class Split(NamedTuple):
    """Events, how many of them the model does not know, and how many ways part the words into known ones only."""

    events: list[str]
    unknown: int
    ways: int


class _Cost(NamedTuple):
    """What is compared, first to last: events and transitions that the model does not know, and bits of the rest."""

    unknown: int
    missing: int
    bits: float


class Splitter:
    """Parts words into events by their names, then by the transitions of an automaton.

    Parameters
    ----------
    automaton : PDFA
    named : callable
        Returns the event that a text names; a text that names none is its own.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"door": (1, 1)}, 1: {"door open": (1, 2)}, 2: {None: (1, 0), "open": (0, 2)}}
    >>> splitter = Splitter(from_rows(rows), str)
    >>> splitter.split([["door", "door", "open"]])
    Split(events=['door', 'door open'], unknown=0, ways=2)
    """

    def __init__(self, automaton: PDFA, named: Callable[[str], str]) -> None:
        self._automaton, self._named = automaton, named
        self._edges = {(edge.source, edge.symbol): edge for edge in automaton.transitions()}
        self._known = frozenset(automaton.symbols)
        self._longest = max((len(symbol.split()) for symbol in self._known), default=1)

    def split(self, parts: Sequence[Sequence[str]], ended: bool = False) -> Split:
        """Return the likeliest events that words are; none of them reaches from one part into the next.

        Parameters
        ----------
        parts : sequence of sequences of str
            Words.
        ended : bool
            Whether the trace ends behind them.
        """
        words = [word for part in parts for word in part]
        limits: list[int] = []  # where the part of each word ends
        for part in parts:
            limits += [len(limits) + len(part)] * len(part)
        best: list[dict[int, tuple[_Cost, list[str]]]] = [{} for _ in range(len(words) + 1)]
        best[0][0] = _Cost(0, 0, 0.0), []
        ways = [1] + [0] * len(words)
        for place, limit in enumerate(limits):
            for size in range(1, min(self._longest, limit - place) + 1):
                event = self._named(" ".join(words[place : place + size]))
                if event in self._known or size == 1:
                    ways[place + size] += ways[place] * (event in self._known)
                    self._go_on(best[place], event, best[place + size])
        found = best[-1].items()
        cost, events = min(
            ((cost._replace(bits=cost.bits + self._end(state) * ended), events) for state, (cost, events) in found),
            key=lambda one: one[0],
        )
        return Split(events, cost.unknown, ways[-1])

    def _go_on(
        self,
        from_here: dict[int, tuple[_Cost, list[str]]],
        event: str,
        there: dict[int, tuple[_Cost, list[str]]],
    ) -> None:
        """Keep the best way to each state that an event leads to."""
        for state, (cost, before) in from_here.items():
            edge, events = self._edges.get((state, event)), [*before, event]
            if edge is not None and edge.probability > 0:
                target, bits = edge.target, -math.log2(edge.probability)
                fresh = cost._replace(bits=cost.bits + bits)
            else:
                target = self._automaton.state_after(events)
                fresh = cost._replace(unknown=cost.unknown + (event not in self._known), missing=cost.missing + 1)
            if target not in there or fresh < there[target][0]:
                there[target] = fresh, events

    def _end(self, state: int) -> float:
        share = float(self._automaton.stop_probabilities[state])
        return -math.log2(share) if share > 0 else math.inf
