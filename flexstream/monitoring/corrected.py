"""Forecasts that are corrected as cases end: what came in those lately is added to what the model was learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..pac.statistics.binomial import binomial_limits
from ..stream.traces import as_trace
from .chances import Chance
from .predict import Forecast, Forecaster

Floats = NDArray[np.float64]
LATELY = 128
"""Outcomes of a state that are remembered at most; then each counts for half: the newest have most of the say."""
BEGINNINGS = 256
"""Events of a case after which nothing is counted any more: where each leads is found anew."""
LEAST = 0.1
"""What an outcome counts for at least; below that it is forgotten."""
STATES = 10_000
"""States, with what else forecasts hang on, of which outcomes are remembered; those that came first give way."""


class Corrected:
    """Foretells what comes next by a model and by what came in cases that have ended since.

    Where a source changes intervals hold less often than they say, as they were learned before it did.  So what came in
    a state lately is counted.  Probabilities are worth as many observations as intervals like theirs take; to these are
    added those of cases that have ended, the last hundred or so of each state: where its shares moved while they were
    learned, or these say something else by more than chance, and then an interval covers both.  It is a Bayesian
    forecast whose past is discounted (West & Harrison, "Bayesian Forecasting and Dynamic Models", 1989).  What is said
    of the time and the events to come is left as it is.

    Parameters
    ----------
    forecaster : Forecaster
        Of one automaton; what an ensemble says hangs on all events before, and is left as it is.
    most : int, optional
        Next and last events that are named, of those that the forecaster names; None: all.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner().fit([["load", "run"], ["load", "fix", "run"]] * 100)
    >>> corrected = Corrected(Forecaster(learner.model))
    >>> for _ in range(100):
    ...     corrected.ended(["load", "fix", "run"])
    >>> [(one.symbol, round(one.probability, 1)) for one in corrected.after(["load"]).outcomes[:2]]
    [('fix', 0.7), ('run', 0.3)]
    """

    def __init__(self, forecaster: Forecaster, most: int | None = None) -> None:
        self.forecaster, self.most = forecaster, most
        self._came: dict[Any, dict[str | None, float]] = {}
        self._told: dict[Any, list[Chance]] = {}  # until more comes there

    def ended(self, trace: Sequence[str]) -> None:
        """Take a case that has ended: count what came after each of its beginnings."""
        events = as_trace(trace)
        for place, outcome in enumerate([*events, None][:BEGINNINGS]):
            key = self.forecaster.key(events[:place])
            if key is None:
                continue
            self._told.pop(key, None)
            counts = self._came.setdefault(key, {})
            counts[outcome] = counts.get(outcome, 0.0) + 1.0
            if sum(counts.values()) > LATELY:
                self._came[key] = {one: many / 2 for one, many in counts.items() if many > LEAST}
            if len(self._came) > STATES:
                oldest = next(iter(self._came))
                del self._came[oldest]
                self._told.pop(oldest, None)

    def after(self, prefix: Sequence[str]) -> Forecast:
        """Return what is to be expected after the beginning of a trace, see `Forecaster.after`."""
        found, key = self.forecaster.after(prefix), self.forecaster.key(as_trace(prefix))
        came = None if key is None else self._came.get(key)
        if came and key not in self._told:
            self._told[key] = self._outcomes(found, came)
        told = self._told[key] if came else found.outcomes
        told = sorted(told, key=lambda one: -one.probability)[: self.most]
        return found._replace(outcomes=told, last=dict(list(found.last.items())[: self.most]))

    @property
    def model(self) -> PDFA | Ensemble:
        """The model that foretells."""
        return self.forecaster.model

    def over(self, state: int, silence: float) -> float | None:
        """Return how likely a trace has ended, see `Forecaster.over`."""
        return self.forecaster.over(state, silence)

    def _outcomes(self, found: Forecast, came: dict[str | None, float]) -> list[Chance]:
        told = found.outcomes
        if any(one.low is None for one in told):  # known exactly
            return told
        alpha = 1 - self.forecaster.confidence
        p, low, high = np.array([[one.probability, one.low, one.high] for one in told], float).T
        hits, many = np.array([came.get(one.symbol, 0.0) for one in told]), sum(came.values())
        if not self._moves(found.state) and not _apart(low, high, *_limits(hits, many, alpha / len(told))).any():
            return told
        worth = _worth(p, low, high, alpha)
        total = worth + many
        p = (p * worth + hits) / total
        new_low, new_high = _limits(p * total, total, alpha)
        new_low[(low <= 0) & (hits == 0)] = 0.0  # what smoothing lends is no count
        new_high[(high >= 1) & (hits == many)] = 1.0
        least, most = _limits(hits, many, alpha)
        apart = _apart(low, high, least, most)
        new_low = np.minimum(np.where(apart, np.minimum(new_low, least), new_low), p)
        new_high = np.maximum(np.where(apart, np.maximum(new_high, most), new_high), p)
        rows = zip(told, p.tolist(), new_low.tolist(), new_high.tolist(), strict=True)
        return [Chance(one.symbol, *limits) for one, *limits in rows]

    def _moves(self, state: int) -> bool:
        """Tell whether shares of a state moved in what was learned; elsewhere it knows enough by itself."""
        model = self.forecaster.model
        known = None if isinstance(model, Ensemble) else model.calibration
        return known is not None and known.unrest is not None and bool(known.unrest[state] > 0)


def _limits(hits: Floats, trials: float, alpha: float) -> tuple[Floats, Floats]:
    low, high = binomial_limits(hits, np.full(len(hits), trials), alpha)
    return np.array(low), np.array(high)


def _apart(low: Floats, high: Floats, least: Floats, most: Floats) -> NDArray[np.bool_]:
    """Tell which intervals have no value in common."""
    return np.asarray((least > high) | (most < low))


def _worth(p: Floats, low: Floats, high: Floats, alpha: float) -> float:
    """Return as how many observations the intervals of a state's outcomes count.

    >>> half = np.full(2, 0.5)
    >>> round(_worth(half, half - 0.098, half + 0.098, 0.05))
    100
    """
    from statistics import NormalDist

    widths = float(((high - low) ** 2).sum())
    spread = float((p * (1 - p)).sum()) * (2 * NormalDist().inv_cdf(1 - alpha / 2)) ** 2
    return max(1.0, spread / widths) if widths > 0 else 1.0
