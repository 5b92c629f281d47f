"""Outcomes whose law has changed beyond chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..pac.statistics.special import incomplete_beta
from .alignment import Alignment, Edge, Group, Side
from .holm import adjusted
from .spread import Spread


@dataclass(frozen=True, slots=True)
class Change:
    """An outcome that is more, or less, likely in the other automaton than chance explains.

    Attributes
    ----------
    group : Group
        Where it is taken.
    symbol : str or None
        None is the end.
    one, other : float
        Its share of the outcomes there.
    p_value : float
        Probability of a difference like this between two samples of one law, at most, among all outcomes compared.
    """

    group: Group
    symbol: str | None
    one: float
    other: float
    p_value: float

    @property
    def kind(self) -> str:
        """``appeared``, ``vanished`` or ``changed``."""
        return "appeared" if not self.one else "changed" if self.other else "vanished"


def changes(
    one: PDFA, other: PDFA, alignment: Alignment, error: float, rows: list[Row] | None = None
) -> tuple[list[Change], int]:
    """Return the changes, most certain first, and how many outcomes were compared.

    Of two samples of one source a change is found with at most the probability ``error``: given how often an outcome
    came in all, how often it came in one of two samples of one law is hypergeometric, whose tails are below those of
    the binomial law (Uhlmann, Metrika 10, 1966) from a hit more than expected on; all outcomes are judged at once by
    Holm's rule (Scandinavian Journal of Statistics 6, 1979).  Visits that strayed into a group are left out in the
    way that speaks most against a change, but for those by ways that are new or gone themselves, which are no chance.
    What `compared_rows` returns may be known.
    """
    rows = compared_rows(one, other, alignment) if rows is None else rows
    sure = _found(rows, error, None)
    believed = tuple(
        beyond(model, alone, sure, side)
        for side, (model, alone) in enumerate(((one, alignment.only_one), (other, alignment.only_other)))
    )
    return _found(rows, error, believed), len(rows)


class Row(NamedTuple):
    """An outcome of a group, and the design effect of its counts: by how much their variances are larger."""

    group: Group
    symbol: str | None
    effect: float


def compared_rows(one: PDFA, other: PDFA, alignment: Alignment) -> list[Row]:
    """Return all that is compared; the automaton in which outcomes come in the longer runs is believed."""
    rows: list[Row] = []
    spreads = Spread(one), Spread(other)
    for group in alignment.groups:
        symbols = list(dict.fromkeys([*group.one.counts, *group.other.counts]))
        effects = [
            spread.effects(side, symbols) for spread, side in zip(spreads, (group.one, group.other), strict=True)
        ]
        rows += [Row(group, symbol, max(pair)) for symbol, *pair in zip(symbols, *effects, strict=True)]
    return rows


def beyond(automaton: PDFA, alone: frozenset[int], found: Sequence[Change], side: int) -> tuple[set[Edge], set[int]]:
    """Return the transitions that only one of the two automata has, and the states that only they lead to.

    Where a transition leads is believed only if there is evidence for it: rare ones are put anywhere.

    Parameters
    ----------
    automaton : PDFA
        The one that has them.
    alone : frozenset of int
        Its states that stand for none of the other.
    found : sequence of Change
    side : int
        0 for the first automaton, 1 for the other.
    """
    own = {
        (state, change.symbol)
        for change in found
        if (change.one, change.other)[1 - side] == 0 and change.symbol is not None
        for state in (change.group.one, change.group.other)[side].states
    }
    edges = [
        (edge.source, edge.symbol, edge.target)
        for edge in automaton.transitions()
        if edge.weight > 0 and not edge.guessed
    ]
    own &= {edge[:2] for edge in edges}
    states: set[int] = set()
    waiting = [target for source, symbol, target in edges if (source, symbol) in own and target in alone]
    following = defaultdict[int, list[int]](list)
    for source, _, target in edges:
        if target in alone:
            following[source].append(target)
    while waiting:
        state = waiting.pop()
        if state not in states:
            states.add(state)
            waiting += following[state]
    return own | {(source, symbol) for source, symbol, _ in edges if source in states}, states


def _found(rows: list[Row], error: float, believed: tuple[tuple[set[Edge], set[int]], ...] | None) -> list[Change]:
    """Return the changes where some ways are believed to be new, or gone; None: all that only one has."""
    if not rows:
        return []
    groups = {id(group): group for group, _, _ in rows}
    strayed = {name: _strayed(group, believed) for name, group in groups.items()}
    tables = np.array([_cautious(group, symbol, strayed[id(group)]) for group, symbol, _ in rows])
    values = p_values(tables / np.array([[row.effect] for row in rows]))
    order = np.argsort(values, kind="stable")
    levels = adjusted(values[order].tolist(), error)
    found = []
    for place, level in zip(order.tolist(), levels, strict=False):
        group, symbol, _ = rows[place]
        found.append(Change(group, symbol, _share(group.one, symbol), _share(group.other, symbol), level))
    return found


def _strayed(group: Group, believed: tuple[tuple[set[Edge], set[int]], ...] | None) -> tuple[float, float]:
    """Return the visits of a group, in both automata, by ways of which nobody knows where they lead in the other."""
    if believed is None:
        return 0.0, 0.0
    one, other = (
        sum(weight for edge, weight in side.strays.items() if edge not in edges)
        for side, (edges, _) in zip((group.one, group.other), believed, strict=True)
    )
    return one, other


def _share(side: Side, symbol: str | None) -> float:
    return side.counts.get(symbol, 0.0) / side.visits if side.visits else 0.0


def _cautious(group: Group, symbol: str | None, strayed: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return hits and trials in both, without the visits that strayed where they speak for a change.

    Of visits that were not followed it is unknown from which states of a group they are.  Where there are several, all
    of them are taken to speak against a change.
    """
    sides = group.one, group.other
    hits, trials = [side.counts.get(symbol, 0.0) for side in sides], [side.visits for side in sides]
    higher = int(_share(group.other, symbol) > _share(group.one, symbol))
    for number in range(2):
        surely = hits[number] if number == higher else trials[number] - hits[number]  # what speaks for a change
        lost = min(strayed[number], surely)
        trials[number] -= lost
        hits[number] -= lost if number == higher else 0.0
        if max(len(side.states) for side in sides) > 1:
            trials[number] += sides[number].lost
            hits[number] += sides[number].lost if number != higher else 0.0
    if _ratio(hits[higher], trials[higher]) <= _ratio(hits[1 - higher], trials[1 - higher]):
        return 0.0, trials[0], 0.0, trials[1]
    return hits[0], trials[0], hits[1], trials[1]


def _ratio(hits: float, trials: float) -> float:
    return hits / trials if trials else 0.0


def p_values(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for rows of (hits, trials, hits, trials) how probable differences like theirs are under one law, at most.

    Examples
    --------
    >>> p_values(np.array([[50.0, 100, 50, 100], [70, 100, 40, 100], [5, 10, 0, 0]])).round(6).tolist()
    [1.0, 0.00206, 1.0]
    """
    hits, trials, others, trials_too = table.T
    common = hits + others > (trials + trials_too) / 2  # then what did not come is the rarer outcome, which says more
    hits, others = np.where(common, trials - hits, hits), np.where(common, trials_too - others, others)
    known = (trials > 0) & (trials_too > 0) & (hits + others > 0)
    share = np.where(known, trials / np.maximum(trials + trials_too, 1e-300), 0.5)
    ones, twos = np.where(known, hits, 0.0), np.where(known, others, 0.0)
    above = np.where(ones > 0, incomplete_beta(np.maximum(ones, 0.5), twos + 1, share), 1.0)
    below = np.where(twos > 0, incomplete_beta(np.maximum(twos, 0.5), ones + 1, 1 - share), 1.0)
    return np.where(known, np.minimum(1.0, 2 * np.minimum(above, below)), 1.0)
