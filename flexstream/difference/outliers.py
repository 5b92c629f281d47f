"""Outliers: which members of a fleet do not do as the others, and in what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..automata.fleet import Fleet, FleetMember
from ..automata.partial import rest_of
from ..defaults import CHANCE
from ..errors import UsageError
from ..tuples import NamedTuple
from ..writers.ways import Ways
from .changes import p_values


class Departure(NamedTuple):
    """An outcome that a member takes more, or less, often than the rest of the fleet, beyond chance.

    Attributes
    ----------
    state : int
        Of the fleet's automaton.
    path : tuple of str
        The likeliest way there.
    symbol : str or None
        None is the end.
    share, usual : float
        Of the visits of the member, and of those of the rest of the fleet, that take it.
    visits : int
        Of the member.
    p_value : float
        Probability of a difference like this where there is none, at most, among all outcomes of all members.
    """

    state: int
    path: tuple[str, ...]
    symbol: str | None
    share: float
    usual: float
    visits: int
    p_value: float


class Outlier(NamedTuple):
    """A member that does not do as the others.

    Attributes
    ----------
    name : str
    traces : int
    kind : str
        Which model it has.
    gain : float
        Bits that a trace of it takes less with its own probabilities.
    departures : tuple of Departure
        Those that are beyond chance, by how much the member is foretold worse for them first.
    """

    name: str
    traces: int
    kind: str
    gain: float
    departures: tuple[Departure, ...]


def outliers(fleet: Fleet, error: float = CHANCE) -> list[Outlier]:
    """Return the members that do not do as the rest of their fleet, beyond chance, the oddest first.

    What a member did in each state of the fleet's automaton is compared with what the rest of the fleet did there:
    given how often an outcome came in all, how often it came to the member is hypergeometric, as in
    :mod:`flexstream.difference.changes`; all outcomes of all members are judged at once (Bonferroni).  Where there are
    many traces members that truly differ a little are found as well, so that how much they do, ``gain``, says more.

    Parameters
    ----------
    fleet : Fleet
    error : float
        Probability that any member is named where all are alike.

    Raises
    ------
    UsageError
        If the error is none.

    Examples
    --------
    >>> from flexstream import FleetLearner
    >>> learner = FleetLearner()
    >>> for host, fixes in (("a", 20), ("b", 24), ("c", 90)):
    ...     traces = [["load", "fix", "run"]] * fixes + [["load", "run"]] * (200 - fixes)
    ...     learner.learn_many(traces, members=[host] * 200)
    >>> odd, *_ = outliers(learner.fleet())
    >>> odd.name, [(one.path, one.symbol, round(one.usual, 2), one.share) for one in odd.departures[:1]]
    ('c', [(('load',), 'fix', 0.11, 0.45)])
    """
    expect("fleet", fleet, Fleet)
    if not 0 < fitting("error", error, float) < 1:
        raise UsageError(f"the probability of an error must lie between 0 and 1, not at {error}")
    compared = sum(len(member.counts.outcomes) for member in fleet.members)
    ways, found = Ways(fleet.base), list[Outlier]()
    for member in fleet.members:
        departures = tuple(_departures(fleet, member, error / max(1, compared), ways))
        if departures:
            scaled = tuple(one._replace(p_value=min(1.0, one.p_value * compared)) for one in departures)
            found.append(Outlier(member.name, member.traces, member.kind, member.gain, scaled))
    return sorted(found, key=lambda one: (-one.gain, one.name))


def _departures(fleet: Fleet, member: FleetMember, level: float, ways: Ways) -> Iterator[Departure]:
    """Yield what a member does otherwise, the most telling first."""
    automaton, counted = fleet.base, member.counts
    states, hits, trials, usual, all_usual = _table(fleet, member)
    known = (trials > 0) & (all_usual > 0)
    table = np.stack((hits, trials, usual, all_usual), axis=1)
    values = np.where(known, p_values(table), 1.0)
    shares, rest = hits / np.maximum(trials, 1), usual / np.maximum(all_usual, 1)
    worth = hits * np.log2(np.maximum(shares, 1e-300) / np.maximum(rest, 0.5 / np.maximum(all_usual, 1)))
    for row in sorted(np.flatnonzero(values <= level).tolist(), key=lambda row: -abs(worth[row])):
        outcome, state = int(counted.outcomes[row]), int(states[row])
        edge = outcome < len(automaton.targets)
        yield Departure(
            state,
            ways.likeliest(state),
            automaton.symbols[automaton.edge_symbols[outcome]] if edge else None,
            float(shares[row]),
            float(rest[row]),
            int(trials[row]),
            float(values[row]),
        )


def _table(fleet: Fleet, member: FleetMember) -> tuple[NDArray[Any], ...]:
    """Return the state of each outcome that a member took, and how often it and the rest took it and were there."""
    automaton, counted = fleet.base, member.counts
    edges = len(automaton.targets)
    sources = np.concatenate((automaton.sources, np.arange(len(automaton))))
    states, hits = sources[counted.outcomes], counted.counts.astype(np.float64)
    visits = np.bincount(states, hits, len(automaton))
    rest = rest_of(automaton, counted)
    usual = np.concatenate((rest.weights, rest.stops))[counted.outcomes]
    assert edges == len(rest.weights)
    return states, hits, visits[states], usual, rest.mass[states]


def to_document(found: Sequence[Outlier]) -> list[dict[str, Any]]:
    """Return outliers as what JSON can hold."""
    return [
        {
            **one._asdict(),
            "gain": one.gain if math.isfinite(one.gain) else None,
            "departures": [{**part._asdict(), "path": list(part.path)} for part in one.departures],
        }
        for one in found
    ]


def text(fleet: Fleet, found: Sequence[Outlier], most: int = 30, each: int = 3) -> str:
    """Return outliers in words: of so many members, of each so many outcomes."""
    from ..visible import visible
    from ..writers.labels import counted
    from ..writers.naming import labels_of
    from .places import Places
    from .words import percent

    labels = labels_of(fleet.base)
    places = Places(labels, fleet.base)
    many = f"{counted(len(found), 'member')} of {len(fleet):,} by {visible(fleet.by)}"
    do = "does" if len(found) == 1 else "do"
    lines = [f"{many} {do} otherwise than the rest, beyond chance" + ("; the oddest first" if len(found) > 1 else "")]
    for one in found[:most]:
        lines += ["", f"{visible(one.name)}: {counted(one.traces, 'trace')}, {_by(one)}"]
        for part in one.departures[:each]:
            symbol = "the end" if part.symbol is None else labels[part.symbol]
            place = f"{places.where(part.path, [part.state])} (q{part.state}; {counted(part.visits, 'visit')})"
            lines.append(f"  {place}: {symbol}   {percent(part.usual)} elsewhere, {percent(part.share)} here")
        if len(one.departures) > each:
            lines.append(f"  ... and {counted(len(one.departures) - each, 'more outcome', 'more outcomes')}")
    if len(found) > most:
        lines += ["", f"... and {counted(len(found) - most, 'more member', 'more members')}"]
    return "\n".join(lines) + "\n"


def _by(one: Outlier) -> str:
    return f"{one.gain:.3g} bits a trace ({one.kind})"
