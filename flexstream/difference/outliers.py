"""Outliers: which members of a fleet do not do as the others, and in what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..automata.fleet import Fleet, FleetMember
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
        Of the visits of the member, and of those of the rest of the fleet, odd ones not counted, that take it.
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

    The rest is those that are not odd themselves: beside one that is far off all others would seem so.  The oddest
    are therefore taken out, and the others compared anew, until none is odd or little more than half is left (as by
    backward identification of outliers: Rosner, "Percentage points for a generalized ESD many-outlier procedure",
    Technometrics 25, 1983).  In the end all are compared with those that were left.

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
    >>> odd, *others = outliers(learner.fleet())
    >>> odd.name, [(one.path, one.symbol, round(one.usual, 2), one.share) for one in odd.departures[:1]], others
    ('c', [(('load',), 'fix', 0.11, 0.45)], [])
    """
    expect("fleet", fleet, Fleet)
    if not 0 < fitting("error", error, float) < 1:
        raise UsageError(f"the probability of an error must lie between 0 and 1, not at {error}")
    compared = max(1, sum(len(member.counts.outcomes) for member in fleet.members))
    rest, ways, found = _rest_of(fleet, error / compared), Ways(fleet.base), list[Outlier]()
    for member in fleet.members:
        if departures := tuple(_departures(fleet, _table(rest, member), compared, error, ways)):
            found.append(Outlier(member.name, member.traces, member.kind, member.gain, departures))
    return sorted(found, key=lambda one: (-one.gain, one.name))


class _Rest:
    """What the members of a fleet did that count as the rest of it, each as much as was kept of it.

    An automaton's own counts leave out what may have been counted in the wrong state; what a member did is counted
    along the automaton, so that it has to be compared with what others did, counted alike.
    """

    def __init__(self, fleet: Fleet) -> None:
        automaton = fleet.base
        self.sources = np.concatenate((automaton.sources, np.arange(len(automaton))))
        self.counts, self.visits = np.zeros(len(self.sources)), np.zeros(len(automaton))
        self.odd: set[str] = set()
        for member in fleet.members:
            self._count(member, 1)

    def _count(self, member: FleetMember, times: int) -> None:
        outcomes, many = member.counts.outcomes, times * member.counts.counts
        self.counts[outcomes] += many
        np.add.at(self.visits, self.sources[outcomes], many)

    def take_out(self, member: FleetMember) -> None:
        """Let a member count no longer."""
        self.odd.add(member.name)
        self._count(member, -1)


class _Table(NamedTuple):
    """Of each outcome that a member took: its state, how often it and the rest took it, and were there."""

    outcomes: NDArray[np.int64]
    states: NDArray[np.int64]
    hits: NDArray[np.float64]
    trials: NDArray[np.float64]
    usual: NDArray[np.float64]
    all_usual: NDArray[np.float64]

    def p_values(self) -> NDArray[np.float64]:
        """Return how probable differences like these are where there are none, at most."""
        known = (self.trials > 0) & (self.all_usual > 0)
        return np.where(known, p_values(np.stack(self[2:], axis=1)), 1.0)

    def far(self, level: float) -> NDArray[np.bool_]:
        """Tell which differences are beyond chance."""
        return np.asarray(self.p_values() <= level)

    def worth(self) -> NDArray[np.float64]:
        """Return the bits by which what the member took is foretold worse by the rest than by itself."""
        shares, rest = self.hits / np.maximum(self.trials, 1), self.usual / np.maximum(self.all_usual, 1)
        least = 0.5 / np.maximum(self.all_usual, 1)
        return np.asarray(self.hits * np.log2(np.maximum(shares, 1e-300) / np.maximum(rest, least)))


def _rest_of(fleet: Fleet, level: float) -> _Rest:
    """Return the rest of a fleet without those that are odd beside it, as long as it is more than half of it."""
    rest, most = _Rest(fleet), (len(fleet) - 1) // 2
    while len(rest.odd) < most:
        apart = {}
        for member in (one for one in fleet.members if one.name not in rest.odd):
            table = _table(rest, member)
            if (far := table.far(level)).any():
                apart[member.name] = float(np.abs(table.worth()[far]).sum()) / max(1, member.traces)
        oddest = sorted(apart, key=lambda name: (-apart[name], name))
        oddest = [name for name in oddest if apart[name] >= apart[oddest[0]] / 2]  # others may be so beside these alone
        if not oddest:
            break
        for name in oddest[: most - len(rest.odd)]:
            rest.take_out(fleet[name])
    return rest


def _table(rest: _Rest, member: FleetMember) -> _Table:
    """Return what a member and the rest without it did."""
    counted = member.counts
    states, hits = rest.sources[counted.outcomes], counted.counts.astype(np.float64)
    trials = np.bincount(states, hits, len(rest.visits))[states]
    usual, all_usual = rest.counts[counted.outcomes], rest.visits[states]
    if member.name not in rest.odd:
        usual, all_usual = usual - hits, all_usual - trials
    return _Table(counted.outcomes, states, hits, np.asarray(trials), usual, all_usual)


def _departures(fleet: Fleet, table: _Table, compared: int, error: float, ways: Ways) -> Iterator[Departure]:
    """Yield what a member does otherwise, the most telling first."""
    automaton, scaled, worth = fleet.base, table.p_values() * compared, table.worth()
    for row in sorted(np.flatnonzero(scaled <= error).tolist(), key=lambda row: -abs(worth[row])):
        outcome, state = int(table.outcomes[row]), int(table.states[row])
        edge = outcome < len(automaton.targets)
        yield Departure(
            state,
            ways.likeliest(state),
            automaton.symbols[automaton.edge_symbols[outcome]] if edge else None,
            float(table.hits[row] / table.trials[row]),
            float(table.usual[row] / table.all_usual[row]),
            int(table.trials[row]),
            float(scaled[row]),
        )


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
