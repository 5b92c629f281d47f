"""Which step of a trace took rarest long, and how rare that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.durations import UNKNOWN, seconds_of
from ..tuples import NamedTuple
from .calibration import LATE
from .lateness import lateness
from .mixture import Ensemble
from .pdfa import PDFA
from .strangeness import rounded
from .timing import edges_of

USUAL = 0.999
"""Share of a transition's events that are said to take less than so long."""


class Slow(NamedTuple):
    """A step that took long.

    Attributes
    ----------
    position : int
        From 0.
    seconds : float
        It took, within 0.78 %.
    usual : float
        Seconds that 99.9 % of the events of its transition do not exceed, those after the same earlier event where its
        duration hangs on one.
    p_value : float
        At most such a share of the traces to come has a step that is as rare, if they are as those learned from: by
        those that the model is calibrated by.  Of a model that is not, the conformal p-value of the step times the
        number of steps whose durations can be judged (Bonferroni).
    """

    position: int
    seconds: float
    usual: float
    p_value: float


def slowest(model: PDFA | Ensemble, batch: TraceBatch) -> list[Slow | None]:
    """Return the slowest step of each trace; None where the model or the batch knows no durations of any.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.stream.durations import bins_of
    >>> learner = StreamLearner()
    >>> traces = TraceBatch.from_traces([["load", "run"]] * 500, learner.alphabet)
    >>> usual = bins_of([np.nan, 60.0] * 500)
    >>> learner.learn_many(TraceBatch(traces.symbols, traces.offsets, durations=usual))
    >>> late = TraceBatch(np.array([0, 1]), np.array([0, 2]), durations=bins_of([np.nan, 3180.0]))
    >>> [(slow.position, round(slow.usual), round(slow.p_value, 3)) for slow in slowest(learner.automaton, late)]
    [(1, 60, 0.002)]
    """
    automaton = model.best if isinstance(model, Ensemble) else model
    found: list[Slow | None] = [None] * len(batch)
    if batch.durations is None or automaton.durations is None:
        return found
    durations, bins = automaton.durations, batch.durations
    edges = durations.places(edges_of(automaton, batch), batch)
    timed = np.flatnonzero((edges >= 0) & (bins != UNKNOWN))
    rare = durations.rarity(edges[timed], bins[timed])
    known = rare <= 1.0  # NaN where a transition's times are not known
    timed, rare = timed[known], rare[known]
    rows = np.searchsorted(batch.offsets, timed, side="right") - 1
    order = np.lexsort((timed, -durations.beyond(edges[timed], bins[timed]), rare, rows))
    shares = _shares(automaton, batch, rows, rare)
    for at in order[np.diff(rows[order], prepend=-1) > 0].tolist():
        event, row = int(timed[at]), int(rows[at])
        usual = durations.by_context.quantile(int(edges[event]), USUAL)
        found[row] = Slow(event - int(batch.offsets[row]), float(seconds_of(bins[event])), usual, float(shares[row]))
    return found


def _shares(
    automaton: PDFA, batch: TraceBatch, rows: NDArray[np.int64], rare: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the p-value of the slowest step of each trace, shape (traces,), given the steps' rows and p-values."""
    known = automaton.calibration
    if known is not None and LATE in known.statistics:
        return known.share(LATE, rounded(lateness(automaton, batch, shared=known.shared, beyond=known.beyond)))
    least = np.ones(len(batch))
    np.minimum.at(least, rows, rare)
    return np.minimum(1.0, least * np.bincount(rows, minlength=len(batch)))
