"""Time left: how long traces went on from each state, as they were seen to.

What follows from the times of single transitions supposes that each is drawn by itself (:mod:`.passage`).  In most
logs they hang on each other: a case that was slow stays slow.  So the times from a state to the end are counted too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.slowness import sort_times_left
from ..classes import dataclass
from ..errors import ModelError
from ..stream.durations import BINS, seconds_of
from .arrays import column, read_only
from .timing import edges_of

if TYPE_CHECKING:
    from ..stream.batch import TraceBatch
    from .pdfa import PDFA

POINTS = 32
"""Parts of equal probability into which the times of a state are cut."""
DOUBTED = 10.0
"""Traces that the times of single transitions count for, beside those that were seen to go on from a state."""


@dataclass(frozen=True, eq=False)
class TimeLeft:
    """Seconds that traces went on from each state until their ends.

    Parameters
    ----------
    points : float64 array, shape (states, POINTS + 1)
        Quantiles of 0, 1/32, 2/32, … 1, ascending.
    means : float64 array, shape (states,)
    traces : int64 array, shape (states,)
        Times that these were made of, 0 where none is known.

    Raises
    ------
    ModelError
        If they do not fit together.

    Examples
    --------
    >>> known = TimeLeft([[0.0] * 17 + [60.0] * 16], [29.1], [99])
    >>> known.within(0, np.array([0.0, 30.0, 60.0])).tolist()
    [0.5, 0.515625, 1.0]
    """

    points: NDArray[np.float64]
    means: NDArray[np.float64]
    traces: NDArray[np.int64]

    def __post_init__(self) -> None:
        points = _rows(self.points)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "means", column("means", self.means, np.float64))
        object.__setattr__(self, "traces", column("traces", self.traces, np.int64))
        parts = points, self.means, self.traces
        amounts = all(bool((np.isfinite(part) & (part >= 0)).all()) for part in parts)
        if not (amounts and len({len(part) for part in parts}) == 1 and bool((np.diff(points) >= 0).all())):
            raise ModelError("the times until the end of the model are not valid: they do not fit together")

    def __len__(self) -> int:
        return len(self.traces)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.points, self.means, self.traces)

    def share(self, state: int) -> float:
        """Return how much is to be made of what was seen in a state, beside what follows from single transitions."""
        return float(self.traces[state] / (self.traces[state] + DOUBTED))

    def within(self, state: int, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that a trace ends within so many seconds."""
        return np.interp(seconds, self.points[state], np.arange(POINTS + 1) / POINTS, left=0.0, right=1.0)

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return {"points": self.points.tolist(), "means": self.means.tolist(), "traces": self.traces.tolist()}

    @classmethod
    def from_document(cls, values: Mapping[str, Any]) -> TimeLeft:
        """Return what JSON values stand for; raises KeyError or ModelError where they stand for nothing."""
        return cls(values["points"], values["means"], values["traces"])


def _rows(values: Any) -> NDArray[np.float64]:
    """Return rows of a model as one array that cannot be written to, shape (rows, POINTS + 1)."""
    given: list[Any] = list(values) if isinstance(values, list | tuple | np.ndarray) else [None]
    rows = [column("points", row, np.float64) for row in given]
    if any(len(row) != POINTS + 1 for row in rows):
        raise ModelError(f"points: not rows of {POINTS + 1} numbers")
    return read_only(np.array(rows, np.float64).reshape(-1, POINTS + 1))


def time_left(automaton: PDFA, drawn: TraceBatch, edges: NDArray[np.int64] | None = None) -> TimeLeft | None:
    """Return how long traces went on from the states of an automaton; None if no times are known.

    A trace of which some time is not known, or that leaves the automaton, says nothing.

    Parameters
    ----------
    automaton : PDFA
    drawn : TraceBatch
        Traces that it was learned from.
    edges : int64 array, shape (events,), optional
        The transition of each event, as `edges_of` finds them.

    Examples
    --------
    >>> from flexstream import StreamLearner, TraceBatch
    >>> from flexstream.stream.durations import bins_of
    >>> learner = StreamLearner()
    >>> traces = TraceBatch.from_traces([["load", "run"]] * 64, learner.alphabet)
    >>> batch = TraceBatch(traces.symbols, traces.offsets, durations=bins_of([np.nan, 60.0] * 64))
    >>> learner.learn_many(batch)
    >>> found = time_left(learner.automaton, batch)
    >>> found.means.round().tolist(), found.traces.tolist()
    ([0.0, 60.0, 0.0], [0, 64, 64])
    """
    if automaton.durations is None or drawn.durations is None:
        return None
    number = len(automaton)
    starts, sums = np.zeros(number + 2, np.int64), np.zeros(number)
    came, rising = np.empty((2, len(drawn.symbols)))
    bins, whole, seconds = np.asarray(drawn.durations, np.int16), np.empty(len(drawn), np.int8), seconds_of(range(BINS))
    taken = edges_of(automaton, drawn) if edges is None else edges
    sort_times_left(taken, bins, drawn.offsets, automaton.targets, seconds, came, whole, starts, rising, sums)
    first, traces = starts[:number], np.diff(starts[: number + 1])
    some = np.flatnonzero(traces)
    for low, high in zip(first[some].tolist(), (first + traces)[some].tolist(), strict=True):
        rising[low:high].sort()
    places = np.ceil(np.arange(POINTS + 1) / POINTS * traces[some, None] - 1e-9).astype(np.int64) - 1
    points, means = np.zeros((number, POINTS + 1)), np.zeros(number)
    points[some] = rising[first[some, None] + np.maximum(places, 0)] if len(some) else 0.0
    means[some] = sums[some] / traces[some]
    return TimeLeft(_short(points), _short(means), traces)


def _short(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers with five digits, so that a model is not longer than it need be."""
    return np.array([float(f"{value:.5g}") for value in values.ravel().tolist()]).reshape(values.shape)
