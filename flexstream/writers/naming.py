"""Names of states that people recognise: what came before, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..automata.pdfa import PDFA
from .labels import counted, short_labels
from .neighbours import Neighbours, StepBack, Weights
from .ways import Ways

MOSTLY, SOME = 0.95, 0.05
"""Share of the ways in, or out, that a name must cover, and below which a symbol is left out of it."""
_MOST_SYMBOLS, _MORE_SYMBOLS = 2, 3
_MEMORY = 4
_FAR = 16
"""Events before a state that are looked at for one that tells it from others."""
_LABELS: WeakKeyDictionary[PDFA, dict[str, str]] = WeakKeyDictionary()
"""Labels that were found, while their automata live: a page asks for them once a state."""


def labels_of(automaton: PDFA) -> dict[str, str]:
    """Return short texts of an automaton's symbols, each different from the others."""
    if automaton not in _LABELS:
        _LABELS[automaton] = short_labels(automaton.symbols)
    return _LABELS[automaton]


def state_names(automaton: PDFA, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return a name for each state, no two alike; symbols are called by labels, by default those of `labels_of`.

    A name says what is true of a state in at least `MOSTLY` of its visits: the one or two events that lead to it (so at
    the start, where traces mostly come back to it), what follows it, up to three events that lead to it, right before
    it or some steps earlier, or how many events ago one of them came.  Where nothing so short is true, it says which
    beginning of a trace leads there: "as after load run" is the state after exactly these events.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (1, 1)}, 1: {"run": (0.9, 2), "stop": (0.1, 3)}, 2: {"stop": (1, 3)}, 3: {None: (1, 0)}}
    >>> state_names(from_rows(rows))
    ('start', 'after load', 'after run', 'end')
    """
    found = Neighbours(automaton)
    ends = np.asarray(automaton.stops > 0) & np.asarray(automaton.stop_probabilities >= MOSTLY)
    ways, labels = Ways(automaton), labels_of(automaton) if labels is None else labels
    names = dict[int, str]()
    _settle(names, {state: _near(found, labels, state, bool(ends[state])) for state in range(len(automaton))})
    pasts = {state: _past(found, ways, labels, state) for state in range(len(automaton)) if state not in names}
    shared = Counter(name for past in pasts.values() for name in {*past.far})
    _settle(names, {state: _by_past(past, shared) for state, past in pasts.items()})
    left = [state for state in range(len(automaton)) if state not in names]
    _settle(names, {state: _by_way(ways, labels, state) for state in left})
    return tuple(names[state] for state in range(len(automaton)))


def _settle(names: dict[int, str], proposals: Mapping[int, Iterator[str]]) -> None:
    """Give each state the first name that is proposed for no other at that time and none has; take in those found."""
    used, waiting = set(names.values()), dict(proposals)
    while waiting:
        fresh = {state: next(proposed, None) for state, proposed in waiting.items()}
        tried = Counter(fresh.values())
        for state, name in fresh.items():
            if name is None:
                del waiting[state]
            elif name and tried[name] == 1 and name not in used:
                names[state] = name
                used.add(name)
                del waiting[state]


def _near(found: Neighbours, labels: Mapping[str, str], state: int, ends: bool) -> Iterator[str]:
    """Yield names by the events right before a state and right after it; empty where there is none of a kind."""
    into, out = found.into[state], found.out[state]
    first, then = _few(into), _few(out)
    before, after = _joined(first, labels), _joined(then, labels)
    again = f"start or after {before}" if before and found.returns else "start"
    yield again if state == 0 else "end" if ends else f"after {before}" if before else ""
    yield f"end after {before}" if ends and before else ""
    both = bool(before and after) and _share(into, first) * _share(out, then) >= MOSTLY
    yield f"between {before} and {after}" if both else f"before {after}" if after and not before else ""


class _Past(NamedTuple):
    """What is true of the events before a state: which came last, which so many events ago, which at some time."""

    last: str
    then: str
    far: tuple[str, ...]
    ago: tuple[str, ...]


def _past(found: Neighbours, ways: Ways, labels: Mapping[str, str], state: int) -> _Past:
    """Return all that can be said of a state by what came before it; empty what cannot."""
    every = list(islice(found.back(state), _FAR))
    one = _few(every[0].symbols, 1.0, _MORE_SYMBOLS)
    last, then, far = _joined(one, labels), "", []
    if one:
        earlier = [_of_step(step, labels) for step in islice(found.back(state, one), 1, _FAR)]
        if earlier and earlier[0]:
            then = f"after {earlier[0]}{', then' if ' or ' in earlier[0] + last else ''} {last}"
        far = [f"after {few} … {last}" if few else "" for few in earlier[1:]]
        for symbol in reversed(ways.likeliest(state, _FAR)[:-1]):
            true = found.seen(symbol, state, one) >= MOSTLY
            far.append(f"after {labels[symbol]} … {last}" if true else "")
    ago = []
    for more, step in enumerate(every):
        few = _of_step(step, labels)
        ago.append(f"after {few} and {counted(more, 'more event')}" if few and more else "")
        ago.append(f"after the first {counted(more, 'event')}" if step.begun >= MOSTLY and more > 1 else "")
    return _Past(f"after {last}" if last else "", then, (*far, *[""] * (2 * _FAR - len(far))), tuple(ago))


def _of_step(step: StepBack, labels: Mapping[str, str]) -> str:
    """Return the few symbols that nearly always came at a step back; empty if it takes more."""
    return _joined(_few(step.symbols, 1.0, _MORE_SYMBOLS), labels)


def _by_past(past: _Past, shared: Mapping[str, int]) -> Iterator[str]:
    """Yield names by what came before a state; of what came long ago only what is true of no other.

    It is known of how many states each such name is true.
    """
    yield past.last
    yield past.then
    yield from ("" if shared[name] > 1 else name for name in past.far)
    yield past.last  # which of several states it fits may by now be the only one without a name
    yield from past.ago


def _by_way(ways: Ways, labels: Mapping[str, str], state: int) -> Iterator[str]:
    """Yield the beginning of a trace that leads to a state, and that with its number."""
    way = ways.likeliest(state, _MEMORY + 1)
    if len(way) > _MEMORY:
        way = ways.shortest(state, _MEMORY + 1)
    said = " ".join([*(["…"] if len(way) > _MEMORY else []), *(labels[symbol] for symbol in way[-_MEMORY:])])
    name = f"as after {said}" if said else "start"
    yield name
    yield f"{name} (state {state})"


def _few(weights: Weights, total: float | None = None, most: int = _MOST_SYMBOLS) -> Collection[str | None]:
    """Return the few symbols that cover nearly all of some weights, or of a total; none if it takes more."""
    total = sum(weights.values()) if total is None else total
    common = [symbol for symbol, weight in weights.items() if weight >= SOME * total]
    covered = sum(weights[symbol] for symbol in common)
    return common if common and len(common) <= most and covered >= MOSTLY * total else ()


def _share(weights: Weights, symbols: Collection[str | None]) -> float:
    return sum(weights[symbol] for symbol in symbols) / sum(weights.values())


def _joined(symbols: Collection[str | None], labels: Mapping[str, str]) -> str:
    """Return symbols in one order whatever their weights: names that differ by that only would be one to readers."""
    return " or ".join([*sorted(labels[one] for one in symbols if one is not None), *["the end"] * (None in symbols)])
