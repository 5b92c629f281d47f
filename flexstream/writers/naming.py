"""Names of states that people recognise: what came before, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from ..automata.pdfa import PDFA
from .labels import short_labels, shorten
from .ways import Ways

MOSTLY, SOME = 0.9, 0.05
"""Share of the ways in, or out, that a name must cover, and below which a symbol is left out of it."""
_MOST_SYMBOLS = 2
_LONGEST = 40
_MEMORY = 4
_FAR = 16
"""Events of a way that are looked at for one that tells its state from others."""


def labels_of(automaton: PDFA) -> dict[str, str]:
    """Return short texts of an automaton's symbols, each different from the others."""
    labels = short_labels(automaton.symbols)
    short = {symbol: shorten(label, _LONGEST) for symbol, label in labels.items()}
    return short if len(set(short.values())) == len(short) else labels


def state_names(automaton: PDFA) -> tuple[str, ...]:
    """Return a name for each state, no two alike.

    A state is named by the events that lead to it, if these are one or two (so is the start, where traces mostly come
    back to it), by what follows it where that tells it from others, or by the likeliest way to it: its last events, or
    the last and an earlier one that tells it apart.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (1, 1)}, 1: {"run": (0.9, 2), "stop": (0.1, 3)}, 2: {"stop": (1, 3)}, 3: {None: (1, 0)}}
    >>> state_names(from_rows(rows))
    ('start', 'after load', 'after run', 'end')
    """
    found = _Neighbours(automaton)
    ways, labels = Ways(automaton), labels_of(automaton)
    proposals = [list(_proposals(found, ways, labels, state)) for state in range(len(automaton))]
    names: dict[int, str] = {}
    used: set[str] = set()
    for rank in range(max(map(len, proposals))):
        open_states = [state for state in range(len(automaton)) if state not in names and rank < len(proposals[state])]
        tried = Counter(proposals[state][rank] for state in open_states)
        for state in open_states:
            name = proposals[state][rank]
            if name and tried[name] == 1 and name not in used:
                names[state] = name
                used.add(name)
    for state in range(len(automaton)):
        names.setdefault(state, f"{proposals[state][-1]} (state {state})")
    return tuple(names[state] for state in range(len(automaton)))


class _Neighbours:
    """What leads to each state, and what from it, loops left out."""

    def __init__(self, automaton: PDFA) -> None:
        self.into: list[dict[str, float]] = [{} for _ in range(len(automaton))]
        self.out: list[dict[str, float]] = [{} for _ in range(len(automaton))]
        self.ends = np.asarray(automaton.stops > 0) & np.asarray(automaton.stop_probabilities >= MOSTLY)
        for edge in automaton.transitions():
            if edge.source != edge.target and edge.weight > 0:
                into, out = self.into[edge.target], self.out[edge.source]
                into[edge.symbol] = into.get(edge.symbol, 0.0) + edge.weight
                out[edge.symbol] = out.get(edge.symbol, 0.0) + edge.weight
        self.returns = sum(self.into[0].values()) >= 0.5 * automaton.visits[0]


def _proposals(found: _Neighbours, ways: Ways, labels: Mapping[str, str], state: int) -> Iterator[str]:
    """Yield names for a state, the best first; empty where there is none of a kind."""
    before, after = (_said(side[state], labels) for side in (found.into, found.out))
    ends = bool(found.ends[state])
    again = f"start or after {before}" if before and found.returns else "start"
    yield again if state == 0 else "end" if ends else f"after {before}" if before else ""
    yield f"end after {before}" if ends and before else ""
    yield f"between {before} and {after}" if before and after else f"before {after}" if after else ""
    way = [labels[symbol] for symbol in ways.likeliest(state)]
    for length in range(1, _FAR + 1):
        near = way[-length:] if length <= 2 else [way[-length], "…", way[-1]] if length <= len(way) else []
        yield f"after {' '.join(near)}" if near else ""
    yield f"after {'… ' if len(way) > _MEMORY else ''}{' '.join(way[-_MEMORY:])}" if way else "start"


def _said(weights: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """Return the one or two symbols that cover nearly all of some weights; empty if it takes more."""
    total = sum(weights.values())
    common = sorted((symbol for symbol, weight in weights.items() if weight >= SOME * total), key=lambda s: -weights[s])
    covered = sum(weights[symbol] for symbol in common)
    if not common or len(common) > _MOST_SYMBOLS or covered < MOSTLY * total:
        return ""
    # Names that differ by the order of their symbols only would be one to their readers.
    return " or ".join(sorted(labels[symbol] for symbol in common))
