"""The difference of two models: what changed beyond chance, where, and how far it is from one to the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..arguments import fitting
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..automata.sampling import sample_batch
from ..automata.shortest import BestWays, Cost
from ..automata.smoothing import unsmoothed
from ..defaults import CHANCE
from ..display import Displayed
from ..errors import UsageError
from ..stream.batch import TraceBatch
from .alignment import Alignment, align
from .changes import Change, Row, beyond, changes, compared_rows
from .pace import Pace, beyond_chance, paces
from .sensitivity import least_change

_DRAWN, _LONGEST = 2000, 1000
_END = -1
LikelySteps = dict[int, list[tuple[Cost, str, int]]]
"""Of each state the steps that leave it, and the end of the trace, with how unlikely each is (see `BestWays`)."""


class Divergence(NamedTuple):
    """Bits that a symbol of one model's traces costs more under the other, on average, and the standard error.

    Infinite bits, without an error, where a trace was drawn that is impossible under the other.
    """

    bits: float
    error: float


class Telling(NamedTuple):
    """A trace that tells two models apart, and its base-2 log-probability under each."""

    trace: tuple[str, ...]
    one: float
    other: float


@dataclass(frozen=True, eq=False)
class Difference(Displayed):
    """What `diff` found.

    Attributes
    ----------
    one, other : PDFA
        What was compared.
    error : float
        Probability of any change where there is none.
    alignment : Alignment
        Which states stand for each other.
    changes : tuple of Change
        Most certain first.
    compared : int
        Outcomes, and durations of transitions, that were compared.
    paces : tuple of Pace
        What takes longer, or less long, where both models know times; most certain first.
    """

    one: PDFA
    other: PDFA
    error: float
    alignment: Alignment
    changes: tuple[Change, ...]
    compared: int
    paces: tuple[Pace, ...] = ()
    rows: tuple[Row, ...] | None = field(default=None, repr=False)
    """What was compared, outcome by outcome, if it is known: see `compared_rows`."""

    @property
    def same(self) -> bool:
        """Whether nothing changed beyond chance."""
        return not (self.changes or self.paces)

    @property
    def timed(self) -> bool:
        """Whether both models know how long transitions take."""
        return self.one.durations is not None and self.other.durations is not None

    @cached_property
    def vanished(self) -> tuple[int, ...]:
        """States of the first that stand for none of the other, and that a vanished transition leads to."""
        return tuple(sorted(beyond(self.one, self.alignment.only_one, self.changes, 0)[1]))

    @cached_property
    def appeared(self) -> tuple[int, ...]:
        """States of the other that stand for none of the first, and that a new transition leads to."""
        return tuple(sorted(beyond(self.other, self.alignment.only_other, self.changes, 1)[1]))

    @cached_property
    def visible(self) -> float:
        """The least difference of two probabilities that 19 of 20 samples would have shown, in the state seen most."""
        return least_change(self.one, self.other, self.alignment, self.error / max(1, self.compared), self.rows)

    @cached_property
    def divergence(self) -> tuple[Divergence, Divergence]:
        """Of the first's traces under the other, and of the other's under the first, from 2,000 traces each."""
        return _divergence(self.one, self.other), _divergence(self.other, self.one)

    @cached_property
    def telling(self) -> Telling | None:
        """Of the shortest traces through a change the one that is likelier by most under one of the two."""
        steps = tuple(map(_likely_steps, (self.one, self.other) if self.changes else ()))
        found = [self._through(change, steps) for change in self.changes]
        return max(found, key=lambda told: (abs(told.one - told.other), -len(told.trace)), default=None)

    def _through(self, change: Change, steps: tuple[LikelySteps, ...]) -> Telling:
        """Return the shortest trace that takes a changed outcome, with the likeliest end where that is likelier."""
        likelier = self.one if change.one > change.other else self.other
        ways = steps[0 if change.one > change.other else 1]
        trace = list(change.group.shortest)
        if change.symbol is not None:
            trace.append(change.symbol)
            trace += _ending(ways, likelier.state_after(trace))
        return Telling(tuple(trace), self.one.log2_prob(trace), self.other.log2_prob(trace))

    def to_document(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold; None is what is infinite: the bits of what is impossible."""
        there, back = self.divergence
        return {
            "format": "flexstream-difference",
            "version": 1,
            "same": self.same,
            "error": self.error,
            "compared": self.compared,
            "visible": self.visible,
            "states": {"one": len(self.one), "other": len(self.other)},
            "vanished": list(self.vanished),
            "appeared": list(self.appeared),
            "changes": [_document(change) for change in self.changes],
            **({"paces": [_pace_document(pace) for pace in self.paces]} if self.timed else {}),
            "divergence": {"one_to_other": _finite(there), "other_to_one": _finite(back)},
            "telling": None if self.telling is None else _finite(self.telling),
        }


def _pace_document(pace: Pace) -> dict[str, Any]:
    sides = {"one": (pace.group.one, pace.one), "other": (pace.group.other, pace.other)}
    return {
        "path": list(pace.group.path),
        "symbol": pace.symbol,
        "p_value": pace.p_value,
        "within": pace.within,
        **({} if pace.mostly is None else {"mostly": pace.mostly._asdict()}),
        **{
            name: {
                "states": list(side.states),
                "count": times.events,
                "share": share,
                "median": times.median,
                "p99": times.tail,
            }
            for (name, (side, times)), share in zip(sides.items(), pace.shares, strict=True)
        },
    }


def _finite(found: Divergence | Telling) -> dict[str, Any]:
    """Return fields by name, those that are infinite as None."""
    return {
        name: None if isinstance(value, float) and math.isinf(value) else value
        for name, value in found._asdict().items()
    }


def _document(change: Change) -> dict[str, Any]:
    sides = {"one": change.group.one, "other": change.group.other}
    return {
        "kind": change.kind,
        "path": list(change.group.path),
        "symbol": change.symbol,
        "p_value": change.p_value,
        **{
            name: {
                "states": list(side.states),
                "visits": side.visits,
                "count": side.counts.get(change.symbol, 0.0),
                "probability": getattr(change, name),
            }
            for name, side in sides.items()
        },
    }


def diff(one: PDFA | Ensemble, other: PDFA | Ensemble, error: float = CHANCE) -> Difference:
    """Tell what has changed from one model to another, beyond chance.

    Parameters
    ----------
    one, other : PDFA or Ensemble
        Of an ensemble its best member.  Symbols are compared as texts, the names of states mean nothing.
    error : float
        Probability with which any change may be told of two samples of one source.

    Raises
    ------
    UsageError
        If the error is none, or the models have no symbol in common.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> old = from_rows({0: {"load": (900, 1), "setup": (100, 0)}, 1: {None: (900, 0)}})
    >>> new = from_rows({0: {"load": (700, 1), "setup": (300, 0)}, 1: {None: (700, 0)}})
    >>> found = diff(old, new)
    >>> [(change.symbol, round(change.one, 3), round(change.other, 3)) for change in found.changes]
    [('load', 0.9, 0.7), ('setup', 0.1, 0.3)]
    >>> diff(old, old).same
    True
    """
    fitting("error", error, float)
    if not 0 < error < 1:
        raise UsageError(f"the probability of an error must lie between 0 and 1, not at {error}")
    first, second = (fitting(name, model, PDFA | Ensemble) for name, model in (("one", one), ("other", other)))
    first, second = (model.best if isinstance(model, Ensemble) else model for model in (first, second))
    if first.symbols and second.symbols and not set(first.symbols) & set(second.symbols):
        raise UsageError("the models have no symbol in common (expected: models of the same events, read alike)")
    alignment = align(first, second)
    timed = paces(first, second, alignment)
    outcomes = sum(len({*group.one.counts, *group.other.counts}) for group in alignment.groups)
    risk = error * len(timed) / max(1, len(timed) + outcomes)  # shared out, so that both together keep the error
    rows = compared_rows(first, second, alignment)
    found, compared = changes(first, second, alignment, error - risk, rows)
    slower = beyond_chance(timed, risk) if timed else ()
    return Difference(first, second, error, alignment, tuple(found), compared + len(timed), slower, tuple(rows))


def _divergence(one: PDFA, other: PDFA) -> Divergence:
    drawn = sample_batch(one, _DRAWN, seed=0, max_length=_LONGEST)
    theirs = TraceBatch(other.encode(one.symbols)[drawn.symbols], drawn.offsets)
    bits = one.score_batch(drawn)[0] - other.score_batch(theirs)[0]
    if np.isinf(bits).any():
        return Divergence(math.inf, 0.0)
    sizes = np.diff(drawn.offsets) + 1.0
    ratio = float(bits.sum() / sizes.sum())
    spread = float(np.sqrt(np.mean((bits - ratio * sizes) ** 2) / len(drawn)) / sizes.mean())
    return Divergence(ratio, spread)


def _likely_steps(automaton: PDFA) -> LikelySteps:
    stops, shares = unsmoothed(automaton)
    steps: LikelySteps = {state: [((-math.log(stop), 1), "", _END)] for state, stop in enumerate(stops) if stop > 0}
    for edge, share in zip(automaton.transitions(), shares.tolist(), strict=True):
        if share > 0:
            steps.setdefault(edge.source, []).append(((-math.log(share), 1), edge.symbol, edge.target))
    return steps


def _ending(steps: LikelySteps, state: int) -> tuple[str, ...]:
    """Return the likeliest way from a state to the end of a trace, its symbols; empty if there is none."""
    return BestWays(state, lambda at: steps.get(at, ())).to(_END)[:-1]
