"""Forecasts: what comes next in traces that are still running, how many events and how long until they end, and how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from ..arguments import fitting, fitting_share
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..automata.remaining import Remaining, known_number
from ..errors import UsageError, parameter
from ..stream.traces import as_trace
from .chances import Chance, chances
from .waits import waits_in

QUANTILES = (0.1, 0.5, 0.9)
HELD = 10_000
"""States and last events of which forecasts are kept, to be given again."""


class Spread(NamedTuple):
    """A number that is not known yet: its mean, and the quantiles that were asked for; infinite where it may be."""

    mean: float
    quantiles: dict[float, float]


class Forecast(NamedTuple):
    """What a model says of a trace whose beginning is known.

    Attributes
    ----------
    state : int
        That the beginning leads to, in an ensemble's best automaton.
    unseen : int
        Events of the beginning for which the automaton has no transition: the more, the less this is worth.
    outcomes : list of Chance
        The likeliest next ones, with intervals; said by the whole model.
    ends : float
        Probability that the trace ever ends; this, like all that follows, is said by the automaton alone.
    events : Spread
        Events to come.
    seconds : Spread or None
        Seconds to come since the last event, or since the first of a trace that has yet to begin; None where the model
        knows no durations.  Without quantiles where these would take minutes, as of automata of hundreds of states.
    last : dict
        The likeliest last events with their probabilities.
    reaches : dict
        Of the events that were asked for, the probability that they come before the end.
    """

    state: int
    unseen: int
    outcomes: list[Chance]
    ends: float
    events: Spread
    seconds: Spread | None
    last: dict[str, float]
    reaches: dict[str, float]


class Forecaster:
    """Foretells traces with a model; what states have in common is worked out once.

    Parameters
    ----------
    model : PDFA or Ensemble
    reach : sequence of str
        Events of which the probability is wanted that they come before the end.
    confidence : float
        Of the intervals, each by itself.
    quantiles : sequence of float
        Of the numbers of events and seconds to come.
    most : int
        Next and last events that are named.

    Raises
    ------
    UsageError
        If a number is out of its range, or the model does not know an event.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner().fit([["load", "run"], ["load", "fix", "run"]] * 100)
    >>> found = Forecaster(learner.model, reach=["fix"]).after(["load"])
    >>> [one.symbol for one in found.outcomes[:2]], round(found.events.mean, 1), found.events.quantiles[0.9]
    (['run', 'fix'], 1.5, 2)
    >>> round(found.reaches["fix"], 1), found.seconds
    (0.5, None)
    """

    def __init__(
        self,
        model: PDFA | Ensemble,
        reach: Sequence[str] = (),
        confidence: float = 0.95,
        quantiles: Sequence[float] = QUANTILES,
        most: int = 5,
    ) -> None:
        self.model: PDFA | Ensemble = fitting("model", model, PDFA | Ensemble)
        if not 0 < fitting("confidence", confidence, float) < 1:
            raise UsageError(f"{parameter('confidence')} is {confidence} (expected: above 0 and below 1)")
        for share in quantiles:
            fitting_share(share, "quantiles")
        self.reach, self.confidence = tuple(as_trace(reach)), confidence
        for symbol in self.reach:
            known_number(model.symbols, symbol)
        self.quantiles, self.most = tuple(quantiles), fitting("most", most, int)
        self._best = model.best if isinstance(model, Ensemble) else model
        self._held: dict[Any, Forecast] = {}
        self._waits = cache(partial(waits_in, self._best))

    def over(self, state: int, silence: float) -> float | None:
        """Return how likely a trace has ended that is in a state, after so many seconds without an event.

        That it ends there is as likely as the automaton says, before anything is known of the wait; that it goes on
        is the less so the fewer events took so long (Bayes).  None for an automaton that knows no durations.

        Examples
        --------
        >>> from flexstream import StreamLearner, TraceBatch
        >>> from flexstream.stream.durations import bins_of
        >>> import numpy as np
        >>> learner = StreamLearner()
        >>> traces = TraceBatch.from_traces([["load", "run"], ["load"]] * 500, learner.alphabet)
        >>> spans = bins_of([np.nan, 60.0, np.nan] * 500)
        >>> learner.learn_many(TraceBatch(traces.symbols, traces.offsets, durations=spans))
        >>> forecaster = Forecaster(learner.model)
        >>> [round(forecaster.over(forecaster.after(["load"]).state, silence), 2) for silence in (0.0, 30.0, 600.0)]
        [0.5, 0.5, 1.0]
        """
        return None if self._best.durations is None else self._waits(state).over(silence)

    def after(self, prefix: Sequence[str | int]) -> Forecast:
        """Return what is to be expected after the beginning of a trace; empty: of a trace that has yet to begin.

        Raises
        ------
        UsageError
            If the model calls the beginning impossible, as only one without smoothing does.
        """
        plain = as_trace(prefix)
        state, unseen = self._best.state_after(plain), self._best.score_one(plain).unseen
        key = self._key(plain, state)
        if key is None or key not in self._held:
            found = self._made(plain, state)
            if key is None:
                return found._replace(unseen=unseen)
            if len(self._held) >= HELD:
                self._held.clear()
            self._held[key] = found
        return self._held[key]._replace(unseen=unseen)

    def key(self, prefix: list[str]) -> Any:
        """Return what all that is said after a beginning hangs on, to be compared; None if on all of its events."""
        return self._key(prefix, self._best.state_after(prefix))

    def _key(self, prefix: list[str], state: int) -> Any:
        """Return what all that is said hangs on: state, context of the n-gram, last event; None if on more."""
        if isinstance(self.model, Ensemble) or math.isinf(self._best.surprises(prefix)[0][:-1].max(initial=0.0)):
            return None
        ngram = self._best.ngram
        context = 0 if ngram is None else ngram.after_all(self._best.encode(prefix).tolist())
        return state, context, prefix[-1] if prefix else None

    def _made(self, prefix: list[str], state: int) -> Forecast:
        coming, time = self.model.remaining(prefix), None
        if (clock := coming.time) is not None:
            shares = self.quantiles if clock.quick else ()
            time = Spread(clock.mean, {share: clock.quantile(share) for share in shares})
        return Forecast(
            state,
            0,
            chances(self.model, prefix, self.confidence)[: self.most],
            coming.ends,
            Spread(coming.mean, {share: coming.quantile(share) for share in self.quantiles}),
            time,
            dict(list(coming.ends_with().items())[: self.most]),
            self._reached(coming),
        )

    def _reached(self, coming: Remaining) -> dict[str, float]:
        return {symbol: coming.reaches(symbol) for symbol in self.reach}
