"""Forecasts as JSON values, and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ..automata.mixture import Ensemble
from ..explanation.explanation import Explainer
from ..stream.durations import in_words
from ..writers.labels import counted, percent, probability
from ..writers.naming import labels_of
from .predict import Forecast, Forecaster, Spread

DIGITS = 6
SHOWN = 0.005
"""Probability from which on outcomes are named in words; those below are mostly smoothing."""


def document(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as JSON values; what is infinite is null.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> coin = from_rows({0: {"a": (75, 0), None: (25, 0)}})
    >>> document(Forecaster(coin, quantiles=[0.5]).after(["a"]))["events"]
    {'mean': 3.0, 'quantiles': {'0.5': 2}}
    """
    outcomes = [
        {"event": one.symbol, "probability": _short(one.probability), **_limits(one.low, one.high)}
        for one in forecast.outcomes
    ]
    timed = {} if forecast.seconds is None else {"seconds": _spread(forecast.seconds)}
    return {
        "state": forecast.state,
        "unseen": forecast.unseen,
        "next": outcomes,
        "ends": _short(forecast.ends),
        "events": _spread(forecast.events),
        **timed,
        "last": {symbol: _short(p) for symbol, p in forecast.last.items()},
        **({"reach": {symbol: _short(p) for symbol, p in forecast.reaches.items()}} if forecast.reaches else {}),
    }


def _limits(low: float | None, high: float | None) -> dict[str, float | None]:
    return {} if low is None or high is None else {"low": _short(low), "high": _short(high)}


def _short(value: float) -> float | None:
    return None if math.isinf(value) else float(f"{value:.{DIGITS}g}")


def _spread(spread: Spread) -> dict[str, Any]:
    rounded = {f"{share:g}": _whole(value) for share, value in spread.quantiles.items()}
    return {"mean": _short(spread.mean), "quantiles": rounded}


def _whole(value: float) -> float | int | None:
    return value if isinstance(value, int) else _short(value)


def text(forecaster: Forecaster, prefix: Sequence[str], forecast: Forecast) -> str:
    """Return a forecast in words."""
    return "\n".join(_lines(forecaster, prefix, forecast)) + "\n"


def _lines(forecaster: Forecaster, prefix: Sequence[str], forecast: Forecast) -> Iterator[str]:
    explainer = Explainer(forecaster.model)
    labels = labels_of(explainer.automaton)
    where = f"state q{forecast.state}, {explainer.names[forecast.state]}"
    yield f"after {counted(len(prefix), 'event')}: {where}{_mixed(forecaster)}"
    if forecast.unseen:
        unseen = counted(forecast.unseen, "event")
        yield f"  for {unseen} of them the model has no transition: where they lead is a guess"
    yield from _next(forecaster, forecast, labels)
    yield f"  events to come:  {_events(forecast)}"
    if forecast.seconds is not None:
        since = "since the last event" if prefix else "since its first event"
        yield f"  time to come:    {_number(forecast.seconds, in_words)}, {since}"
    last = ", ".join(f"{labels[symbol]} {probability(p)}" for symbol, p in forecast.last.items() if p >= SHOWN)
    yield f"  last event:      {last or 'none'}"
    alone = " (by the states alone, without the n-gram)" if explainer.automaton.ngram is not None else ""
    for symbol, p in forecast.reaches.items():
        yield f"  {labels[symbol]} comes with probability {probability(p)}{alone}"


def _mixed(forecaster: Forecaster) -> str:
    """Say what the next events are foretold by, where that is not the state alone."""
    model = forecaster.model
    if isinstance(model, Ensemble):
        return f" of the best of {len(model)} automata, which are mixed"
    if model.ngram is None:
        return ""
    return "; next events mixed with an n-gram, all else by the automaton alone"


def _next(forecaster: Forecaster, forecast: Forecast, labels: dict[str, str]) -> Iterator[str]:
    bounded = any(one.low is not None for one in forecast.outcomes)
    note = f" ({percent(forecaster.confidence)} interval of each)" if bounded else ""
    yield f"  what comes next{note}:"
    for one in [*forecast.outcomes[:1], *(one for one in forecast.outcomes[1:] if one.probability >= SHOWN)]:
        within = "" if one.low is None or one.high is None else f" ({probability(one.low)} to {probability(one.high)})"
        yield f"    {probability(one.probability)}{within}  {'the end' if one.symbol is None else labels[one.symbol]}"


def _events(forecast: Forecast) -> str:
    if forecast.ends < 1:
        rest = percent(1 - forecast.ends)
        return f"{_number(forecast.events, _several)}; with {rest} it never ends"
    return _number(forecast.events, _several)


def _several(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:.3g}"


def _number(spread: Spread, told: Any) -> str:
    """Return the mean, and the quantiles by their shares."""

    def said(value: float) -> str:
        return "no end in sight" if math.isinf(value) else str(told(value))

    quantiles = "".join(f", {percent(share)} at most {said(value)}" for share, value in spread.quantiles.items())
    mean = "no mean, some traces never end" if math.isinf(spread.mean) else f"{said(spread.mean)} on average"
    return f"{mean}{quantiles}"
