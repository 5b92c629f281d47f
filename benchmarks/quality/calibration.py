"""Claim: alarms come at the rate that was chosen, whatever the source; where the source drifts they come more often.

    python benchmarks/quality/calibration.py [--sources 200] [--traces 2000] [--json OUT] [--markdown OUT]

Each source is a random automaton.  A learner sees some of its traces, with defaults; as many more are judged.  Had the
rate been kept exactly, the alarms among m traces after n of calibration would be distributed as a beta-binomial with
``a = floor(rate (n + 1))`` and ``n + 1 - a`` (Vovk, "Conditional validity of inductive conformal predictors", 2012);
counted are the sources whose alarms lie in its central 95 %, and above, beside what chance makes of as many sources,
and by how much the variance of the numbers is larger.  Not exact is that the traces that calibrate a model are those
that it was learned from, each left out again; beside it the same states are calibrated by as many that were set aside.

Drift: a learner sees traces of one automaton; then each trace comes from another with a chance that rises from 0 to a
tenth, over ten stretches.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from math import comb, exp, lgamma
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from numpy.typing import NDArray
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, Judge, StreamLearner, TraceBatch
from flexstream.automata.calibration import Calibration
from flexstream.automata.strangeness import strangeness
from flexstream.targets import Recipe, random_pdfa

RATES, SURE, STRETCHES, MOST_OTHERS = (0.1, 0.01, 0.002), 0.95, 10, 0.1
Traces = list[list[str]]


class Interval(NamedTuple):
    """Central interval of the alarms among some traces, and the chances to lie in it and above it."""

    low: int
    high: int
    within: float
    above: float


def interval(rate: float, calibrated: int, judged: int) -> Interval:
    """Return the central interval of the alarms among some traces.

    >>> interval(0.1, 99, 100)[:2]
    (3, 19)
    """
    a = int(rate * (calibrated + 1) + 1e-9)
    b = calibrated + 1 - a
    chances = [exp(_log_chance(number, judged, a, b)) for number in range(judged + 1)]
    rising = np.cumsum(chances)
    tail = (1 - SURE) / 2
    low, high = int(np.searchsorted(rising, tail)), int(np.searchsorted(rising, 1 - tail))
    below = float(rising[low - 1]) if low else 0.0
    return Interval(low, high, float(rising[high]) - below, 1 - float(rising[high]))


def _log_chance(number: int, judged: int, a: int, b: int) -> float:
    ways = lgamma(judged + 1) - lgamma(number + 1) - lgamma(judged - number + 1)
    return ways + _log_beta(number + a, judged - number + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def recipe(seed: int) -> Recipe:
    """Return one of several kinds of sources."""
    sizes = ((5, 4), (10, 8), (20, 10), (40, 15))
    states, symbols = sizes[seed % len(sizes)]
    return Recipe(states=states, symbols=symbols, mean_length=(6.0, 10.0, 20.0)[seed % 3])


def alarms(traces: Traces, others: Traces, rates: Sequence[float] = RATES) -> list[NDArray[np.bool_]]:
    """Return which traces alarm for a model that has learned others, at each rate."""
    learner = StreamLearner()
    learner.learn_many(traces)
    model = learner.model
    batch = TraceBatch.from_traces(others, model.alphabet())
    return [Judge(model, rate).p_values(batch) <= rate for rate in rates]


def source(seed: int, traces: int) -> dict[str, dict[str, int]]:
    """Return the alarms at each rate, of a model as it is and of one calibrated by traces that were set aside."""
    drawn = random_pdfa(recipe(seed), seed).sample(3 * traces, seed + 1)
    learner = StreamLearner()
    learner.learn_many(drawn[:traces])
    model = learner.automaton.alone
    own, apart = (TraceBatch.from_traces(drawn[at : at + traces], model.alphabet()) for at in (traces, 2 * traces))
    return {"alarms": counted(model, own), "set_aside": counted(calibrated_by(model, apart), own)}


def counted(model: PDFA, batch: TraceBatch) -> dict[str, int]:
    """Return how many traces alarm at each rate."""
    return {str(rate): int(np.count_nonzero(Judge(model, rate).p_values(batch) <= rate)) for rate in RATES}


def calibrated_by(model: PDFA, apart: TraceBatch) -> PDFA:
    """Return a model that is calibrated by traces it was not learned from."""
    known = model.calibration
    assert known is not None and known.traces == len(apart)
    strange = strangeness(model, known.tallies, apart, known.statistics)
    return replace(model, calibration=Calibration.of(strange, known.statistics, known.tallies))


def drift(seed: int, traces: int) -> list[float]:
    """Return the share of alarms at 0.01 in each stretch while another source comes in."""
    random = np.random.default_rng(seed)
    ours, theirs = (random_pdfa(recipe(seed), number).sample(2 * traces, seed + 1) for number in (seed, seed + 1000))
    chance = np.linspace(0, MOST_OTHERS, traces)
    mixed = [theirs[row] if random.random() < chance[row] else ours[traces + row] for row in range(traces)]
    return [float(part.mean()) for part in np.array_split(alarms(ours[:traces], mixed, (0.01,))[0], STRETCHES)]


def kept(rate: float, traces: int, sources: list[dict[str, Any]]) -> list[str]:
    """Return a row of the table of rates."""
    expected = interval(rate, traces, traces)
    alarms, apart = (np.array([found[kind][str(rate)] for found in sources]) for kind in ("alarms", "set_aside"))
    within = float(((alarms >= expected.low) & (alarms <= expected.high)).mean())
    return [
        f"{rate:g}",
        f"{alarms.mean() / traces:.4f}",
        f"{expected.low} to {expected.high}",
        f"{within:.1%}",
        _spread(expected.within, len(sources)),
        f"{(alarms > expected.high).mean():.1%}",
        _spread(expected.above, len(sources)),
        f"{_variance(alarms, rate, traces):.2f}",
        f"{apart.mean() / traces:.4f}",
        f"{(apart > expected.high).mean():.1%}",
        f"{_variance(apart, rate, traces):.2f}",
    ]


def _variance(alarms: NDArray[np.int64], rate: float, traces: int) -> float:
    """Return how many times as large the mean square distance of numbers is as were the rate kept exactly."""
    a = int(rate * (traces + 1) + 1e-9)
    mean, places = traces * a / (traces + 1), traces + 1
    exact = mean * (1 - a / places) * (places + traces) / (places + 1)
    return float(((alarms - mean) ** 2).mean() / exact)


def _spread(chance: float, sources: int) -> str:
    """Return between which shares of so many sources 95 % of samples lie."""
    chances = np.cumsum([comb(sources, k) * chance**k * (1 - chance) ** (sources - k) for k in range(sources + 1)])
    low, high = (int(np.searchsorted(chances, share)) for share in (0.025, 0.975))
    return f"{low / sources:.1%} to {high / sources:.1%}"


def tables(result: Result) -> dict[str, Table]:
    """Return ``rates``: how the rates were kept; ``drift``: alarms at 0.01 by stretch."""
    measured = result["measured"]
    traces, sources = measured["traces"], measured["sources"]
    head = (
        "rate chosen",
        "rate found, mean",
        "95 % of sources",
        "within",
        "were it exact",
        "above",
        "were it exact",
        "variance, as a multiple",
        "mean, set aside",
        "above, set aside",
        "variance, set aside",
    )
    rows = [kept(rate, traces, sources) for rate in RATES]
    shares = [fmean(column) for column in zip(*measured["drift"], strict=True)]
    edges = np.linspace(0, MOST_OTHERS, STRETCHES + 1)
    moved = [[f"{a:.0%} to {b:.0%}", f"{share:.4f}"] for a, b, share in zip(edges, edges[1:], shares, strict=False)]
    return {
        "rates": Table(head, rows, "r" * len(head)),
        "drift": Table(("traces of the other source", "alarms at 0.01"), moved, "rr"),
    }


def main() -> None:
    """Measure and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--drifting", type=int, default=20)
    args = parser.parse_args()
    measured: dict[str, Any] = {"traces": args.traces}
    measured["sources"] = [source(seed, args.traces) for seed in range(args.sources)]
    measured["drift"] = [drift(seed, args.traces) for seed in range(args.drifting)]
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
