"""Partial pooling: the states of a fleet's automaton, with what one member of the fleet does in them.

A member of which little is known is best foretold by all members together, one of which much is known by what itself
did.  Between the two is a Dirichlet prior for each state whose mean is what the rest of the fleet does there, and whose
weight, the concentration, says how alike the members are: as so many visits of the state by the member the fleet counts
(Gelman & Hill, "Data Analysis Using Regression and Multilevel/Hierarchical Models", 2007, ch. 12; MacKay & Peto,
Natural Language Engineering 1, 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .arrays import column
from .timing import edges_of

if TYPE_CHECKING:
    from ..stream.batch import TraceBatch
    from .pdfa import PDFA
    from .timing import Durations


@dataclass(frozen=True, eq=False)
class MemberCounts:
    """How often a member took which outcomes of an automaton's states.

    Parameters
    ----------
    outcomes : int64 array, shape (rows,)
        Ascending: the number of a transition, or that of all transitions plus the state, for its end.
    counts : int64 array, shape (rows,)
        At least 1.
    one_in : int
        Of how many traces of the member one was counted.

    Raises
    ------
    ModelError
        If they do not fit together.

    Examples
    --------
    >>> from flexstream import TraceBatch
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (3, 0), None: (3, 0)}})
    >>> counted = MemberCounts.of(loop, TraceBatch(np.zeros(3, np.int64), np.array([0, 1, 3])))
    >>> counted.outcomes.tolist(), counted.counts.tolist()
    ([0, 1], [3, 2])
    """

    outcomes: NDArray[np.int64]
    counts: NDArray[np.int64]
    one_in: int = 1

    def __post_init__(self) -> None:
        for name in ("outcomes", "counts"):
            object.__setattr__(self, name, column(name, getattr(self, name), np.int64))
        fits = len(self.outcomes) == len(self.counts) and type(self.one_in) is int and self.one_in >= 1
        if not fits or not bool((np.diff(self.outcomes) > 0).all() and (self.counts > 0).all()):
            raise ModelError("the counts of a member of the fleet are not valid: they do not fit together")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.outcomes, self.counts, self.one_in)

    @classmethod
    def of(cls, automaton: PDFA, batch: TraceBatch, one_in: int = 1) -> MemberCounts:
        """Count the outcomes that traces take; what comes after a trace has left the automaton is not counted."""
        edges = edges_of(automaton, batch)
        starts, stops = batch.offsets[:-1], batch.offsets[1:]
        states = np.zeros(len(batch), np.int64)
        filled = stops > starts
        last = edges[stops[filled] - 1]
        states[filled] = np.where(last >= 0, automaton.targets[last] if len(automaton.targets) else 0, -1)
        taken = np.concatenate((edges[edges >= 0], len(automaton.targets) + states[states >= 0]))
        outcomes, counts = np.unique(taken, return_counts=True)
        return cls(outcomes, counts, one_in)

    def check(self, automaton: PDFA) -> None:
        """Raise ModelError unless these can be counts along an automaton."""
        most = len(automaton.targets) + len(automaton)
        if len(self.outcomes) and not 0 <= self.outcomes[0] <= self.outcomes[-1] < most:
            raise ModelError("the counts of a member of the fleet are not valid: an outcome does not exist")

    def dense(self, automaton: PDFA) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the counts of all transitions, and those of the ends of all states."""
        found = np.zeros(len(automaton.targets) + len(automaton))
        found[self.outcomes] = self.counts
        return found[: len(automaton.targets)], found[len(automaton.targets) :]


class Rest(NamedTuple):
    """What the rest of a fleet did, as observations.

    Attributes
    ----------
    weights : float64 array, shape (transitions,)
    stops : float64 array, shape (states,)
    lost : float64 array, shape (states,)
        Of which nobody knows which outcome they were.
    mass : float64 array, shape (states,)
        All of each state.
    """

    weights: NDArray[np.float64]
    stops: NDArray[np.float64]
    lost: NDArray[np.float64]
    mass: NDArray[np.float64]

    def scale(self, most: float) -> NDArray[np.float64]:
        """Return what the observations of each state are multiplied by so that they weigh so many visits at most."""
        return np.asarray(np.minimum(1.0, most / np.maximum(self.mass, 1e-300)))


def rest_of(automaton: PDFA, counted: MemberCounts) -> Rest:
    """Return what is left of the counts of a fleet's automaton without those of one member.

    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (30, 0), None: (30, 0)}})
    >>> rest = rest_of(loop, MemberCounts([0, 1], [10, 5]))
    >>> rest.weights.tolist(), rest.stops.tolist(), rest.mass.tolist()
    ([20.0], [25.0], [45.0])
    """
    edges, ends = counted.dense(automaton)
    weights = np.maximum(automaton.weights - counted.one_in * edges, 0.0)
    stops = np.maximum(automaton.stops - counted.one_in * ends, 0.0)
    lost = np.maximum(automaton.rest - automaton.smoothing.strength, 0.0)
    mass = stops + np.bincount(automaton.sources, weights, len(automaton)) + lost
    return Rest(weights, stops, lost, np.asarray(mass, np.float64))


def partially_pooled(
    automaton: PDFA, counted: MemberCounts, concentration: float, durations: Durations | None = None
) -> PDFA:
    """Return the automaton of one member: the fleet's states, the member's counts, the rest of the fleet as the prior.

    Parameters
    ----------
    automaton : PDFA
        The fleet's, the member included.
    counted : MemberCounts
    concentration : float
        Visits of each state for which what the rest of the fleet does there counts, if it has so many; above 0.
    durations : Durations, optional
        How long transitions take the member; None: as long as the fleet.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> pool = from_rows({0: {"run": (900, 1), "fix": (100, 1)}, 1: {None: (1000, 0)}})
    >>> member = partially_pooled(pool, MemberCounts([0, 1, 3], [50, 50, 100]), 10)
    >>> [round(float(p), 2) for p in member.probabilities], round(float(member.stop_probabilities[1]), 2)
    ([0.46, 0.54], 1.0)
    """
    counted.check(automaton)
    made = pooled_with(automaton, rest_of(automaton, counted), counted, concentration)
    return made if durations is None else replace(made, durations=durations)


def pooled_with(automaton: PDFA, rest: Rest, counted: MemberCounts, concentration: float) -> PDFA:
    """Return the automaton of a member that did what was counted, with the rest of the fleet as the prior."""
    edges, ends = counted.dense(automaton)
    scale = rest.scale(concentration)
    weights, stops = edges + scale[automaton.sources] * rest.weights, ends + scale * rest.stops
    visits = stops + np.bincount(automaton.sources, weights, len(automaton)) + scale * rest.lost
    return replace(automaton, weights=weights, stops=stops, visits=visits, evidence={}, calibration=None)
