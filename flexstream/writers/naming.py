"""Names of states that people recognise: what came before, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, repeat
from weakref import WeakKeyDictionary

import numpy as np

from ..automata.pdfa import PDFA
from .labels import short_labels
from .ways import Ways

MOSTLY, SOME = 0.95, 0.05
"""Share of the ways in, or out, that a name must cover, and below which a symbol is left out of it."""
_MOST_SYMBOLS, _MORE_SYMBOLS = 2, 3
_MEMORY = 4
_MOST_STATES = 50
_FAR = 16
"""Events of a way that are looked at for one that tells its state from others."""
_LABELS: WeakKeyDictionary[PDFA, dict[str, str]] = WeakKeyDictionary()
"""Labels that were found, while their automata live: a page asks for them once a state."""


def labels_of(automaton: PDFA) -> dict[str, str]:
    """Return short texts of an automaton's symbols, each different from the others."""
    if automaton not in _LABELS:
        _LABELS[automaton] = short_labels(automaton.symbols)
    return _LABELS[automaton]


def state_names(automaton: PDFA, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return a name for each state, no two alike; symbols are called by labels, by default those of `labels_of`.

    A state is named by the events that lead to it, if these are one or two (so is the start, where traces mostly come
    back to it), by what follows it where that tells it from others, by up to three events that lead to it, right
    before it or some steps earlier, or by the likeliest way to it: its last events, or the last and an earlier one that
    tells it apart.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (1, 1)}, 1: {"run": (0.9, 2), "stop": (0.1, 3)}, 2: {"stop": (1, 3)}, 3: {None: (1, 0)}}
    >>> state_names(from_rows(rows))
    ('start', 'after load', 'after run', 'end')
    """
    found = _Neighbours(automaton)
    ways, labels = Ways(automaton), labels_of(automaton) if labels is None else labels
    proposals = [_proposals(found, ways, labels, state) for state in range(len(automaton))]
    names, last, used = dict[int, str](), dict[int, str](), set[str]()
    while open_states := [state for state in range(len(automaton)) if state not in names]:
        fresh = {state: next(proposals[state], None) for state in open_states}
        tried = Counter(fresh.values())
        for state, name in fresh.items():
            if name is None:
                names[state] = f"{last[state]} (state {state})"
            elif name and tried[name] == 1 and name not in used:
                names[state] = name
                used.add(name)
            last[state] = name or last.get(state, "")
    return tuple(names[state] for state in range(len(automaton)))


class _Neighbours:
    """What leads to each state, and what from it to others."""

    def __init__(self, automaton: PDFA) -> None:
        self.into: list[dict[str, float]] = [{} for _ in range(len(automaton))]
        self.out: list[dict[str, float]] = [{} for _ in range(len(automaton))]
        self.ends = np.asarray(automaton.stops > 0) & np.asarray(automaton.stop_probabilities >= MOSTLY)
        for edge in automaton.transitions():
            loop = edge.source == edge.target
            if edge.weight > 0 and not (loop and edge.target == 0):  # the start is where traces start
                into = self.into[edge.target]
                into[edge.symbol] = into.get(edge.symbol, 0.0) + edge.weight
            if edge.weight > 0 and not loop:
                out = self.out[edge.source]
                out[edge.symbol] = out.get(edge.symbol, 0.0) + edge.weight
        self._back: list[list[tuple[str, int, float]]] = [[] for _ in range(len(automaton))]
        for edge in automaton.transitions():
            if edge.weight > 0:
                self._back[edge.target].append((edge.symbol, edge.source, edge.weight))
        self._begun = max(0.0, float(automaton.visits[0]) - sum(weight for _, _, weight in self._back[0]))
        self._before = [frozenset(source for _, source, _ in back) for back in self._back]
        self._total = [sum(weight for _, _, weight in back) for back in self._back]
        self._total[0] += self._begun
        self.returns = sum(self.into[0].values()) >= 0.5 * automaton.visits[0]

    def earlier(self, state: int) -> Iterator[dict[str, float]]:
        """Yield the probability of each symbol to be the last before a state, the one before that, and so on.

        They add up to less than one where some traces have not been going on for so long.
        """
        mass = {state: 1.0}
        while 0 < len(mass) <= _MOST_STATES:
            symbols, before = dict[str, float](), dict[int, float]()
            for target, share in mass.items():
                total = self._total[target]
                for symbol, source, weight in self._back[target]:
                    symbols[symbol] = symbols.get(symbol, 0.0) + share * weight / total
                    before[source] = before.get(source, 0.0) + share * weight / total
            yield symbols
            mass = before

    def steps(self, state: int, most: int) -> int:
        """Return how many steps `earlier` goes back, at most so many."""
        near, found = frozenset((state,)), 0
        while found < most and 0 < len(near) <= _MOST_STATES:
            near, found = frozenset().union(*(self._before[one] for one in near)), found + 1
        return found


def _proposals(found: _Neighbours, ways: Ways, labels: Mapping[str, str], state: int) -> Iterator[str]:
    """Yield names for a state, the best first; empty where there is none of a kind."""
    before, after = (_said(side[state], labels) for side in (found.into, found.out))
    ends = bool(found.ends[state])
    again = f"start or after {before}" if before and found.returns else "start"
    yield again if state == 0 else "end" if ends else f"after {before}" if before else ""
    yield f"end after {before}" if ends and before else ""
    yield f"between {before} and {after}" if before and after else f"before {after}" if after else ""
    yield from _by_steps_back(found, labels, state)
    way = [labels[symbol] for symbol in ways.likeliest(state)]
    for length in range(1, _FAR + 1):
        near = way[-length:] if length <= 2 else [way[-length], "…", way[-1]] if length <= len(way) else []
        yield f"after {' '.join(near)}" if near else ""
    yield f"after {'… ' if len(way) > _MEMORY else ''}{' '.join(way[-_MEMORY:])}" if way else "start"


def _by_steps_back(found: _Neighbours, labels: Mapping[str, str], state: int) -> Iterator[str]:
    """Yield names by the symbols that nearly always came last, or so many steps before the one that did."""
    last = ""
    for steps, weights in enumerate(islice(found.earlier(state), _FAR), start=1):
        few = _said(weights, labels, 1.0, _MORE_SYMBOLS)
        if steps == 1:
            last = few
            yield f"after {few}" if few else ""
            if not few:  # then nothing further back makes a name: so many steps have none
                yield from repeat("", found.steps(state, _FAR) - 1)
                break
        else:
            then = ", then" if " or " in few + last else ""
            yield f"after {few}{then if steps == 2 else ' …'} {last}" if few and last else ""
    yield f"after {last}" if last else ""  # which of several states it fits may by now be the only one without a name


def _said(
    weights: Mapping[str, float],
    labels: Mapping[str, str],
    total: float | None = None,
    most: int = _MOST_SYMBOLS,
) -> str:
    """Return the few symbols that cover nearly all of some weights, or of a total; empty if it takes more."""
    total = sum(weights.values()) if total is None else total
    common = sorted((symbol for symbol, weight in weights.items() if weight >= SOME * total), key=lambda s: -weights[s])
    covered = sum(weights[symbol] for symbol in common)
    if not common or len(common) > most or covered < MOSTLY * total:
        return ""
    # Names that differ by the order of their symbols only would be one to their readers.
    return " or ".join(sorted(labels[symbol] for symbol in common))
