"""Claim: alarms come at the rate that was chosen, whatever the source; where the source drifts they come more often.

    python benchmarks/quality/calibration.py [--sources 1000] [--traces 2000] [--queues 300]
                                                [--json OUT] [--markdown OUT]

Each source is a random automaton.  A learner sees some of its traces, with defaults; as many more are judged.  Were n
traces set aside for the calibration, the alarms among m others would be distributed as a beta-binomial with
``a = floor(rate (n + 1))`` and ``n + 1 - a`` (Vovk, "Conditional validity of inductive conformal predictors", 2012).
The traces that calibrate a model are those that it was learned from, each left out again: they count for half as many,
see ``flexstream/monitoring/rate_test.py``.  Counted are the sources whose alarms lie in the central 95 %, and above,
beside what chance makes of as many sources, and by how much the variance of the numbers is larger; beside it the same
as if they counted in full, and where the same states are calibrated by as many traces that were set aside.

Queues: in a line what delays one trace holds up all that come until it is over, so that late traces come together.  A
stretch is learned and another judged, by how long each trace waits: counted are the stretches with more alarms than
the rate says, where traces are taken as independent and as a model takes them, with the dispersion that it knows.

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
from flexstream.automata.calibration import LATE, Calibration
from flexstream.automata.dispersion import dispersion
from flexstream.automata.strangeness import strangeness
from flexstream.automata.tallies import Tallies
from flexstream.monitoring.rate_test import LEFT_OUT
from flexstream.targets import Recipe, random_pdfa

DELAYS, DELAYED, QUEUE_RATES = (1.0, 2.0, 4.0), 1 / 12, (0.05, 0.01)
"""Delays of the queues on average, in traces; share of the traces that have one."""
RATES, SURE, STRETCHES, MOST_OTHERS = (0.1, 0.01, 0.005), 0.95, 10, 0.1
Traces = list[list[str]]


class Interval(NamedTuple):
    """Central interval of the alarms among some traces, and the chances to lie in it and above it."""

    low: int
    high: int
    within: float
    above: float


def interval(rate: float, calibrated: int, judged: int, worth: float = 1.0) -> Interval:
    """Return the central interval of the alarms among some traces, where each of the calibration counts for so much.

    >>> interval(0.1, 99, 100)[:2]
    (3, 19)
    """
    a = int(rate * (calibrated + 1) + 1e-9)
    b = calibrated + 1 - a
    chances = [exp(_log_chance(number, judged, a * worth, b * worth)) for number in range(judged + 1)]
    rising = np.cumsum(chances)
    tail = (1 - SURE) / 2
    low, high = int(np.searchsorted(rising, tail)), int(np.searchsorted(rising, 1 - tail))
    below = float(rising[low - 1]) if low else 0.0
    return Interval(low, high, float(rising[high]) - below, 1 - float(rising[high]))


def _log_chance(number: int, judged: int, a: float, b: float) -> float:
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


def queue(traces: int, delay: float, seed: int) -> NDArray[np.int64]:
    """Return how long traces of a line wait, shape (traces, 1)."""
    random = np.random.default_rng(seed)
    delays = np.where(random.random(traces) < DELAYED, random.exponential(delay, traces), 0.0)
    waits, now = [], 0.0
    for more in delays.tolist():
        now = max(0.0, now - 1) + more
        waits.append(now)
    return (100 * (np.array(waits) + random.random(traces))).astype(np.int64)[:, None]


def queued(delay: float, traces: int, pairs: int) -> dict[str, Any]:
    """Return shares of alarms in stretches of a line, at each rate, by calibrations that know the dispersion or not."""
    found: dict[str, Any] = {"delay": delay, "index": [], "alone": [], "together": []}
    for seed in range(pairs):
        usual, coming = queue(traces, delay, seed), queue(traces, delay, pairs + seed)
        index = dispersion(usual, np.arange(traces))
        found["index"].append(float(index[0]))
        for kind, known in (("alone", None), ("together", index if index[0] > 1 else None)):
            calibration = Calibration.of(usual, (LATE,), Tallies([], [], [], traces, 0), dispersion=known)
            p_values = calibration.judged(coming).p_values
            found[kind].append([float((p_values <= rate).mean()) for rate in QUEUE_RATES])
    return found


def kept(rate: float, traces: int, sources: list[dict[str, Any]]) -> list[str]:
    """Return a row of the table of rates."""
    expected, in_full = (interval(rate, traces, traces, worth) for worth in (LEFT_OUT, 1.0))
    alarms, apart = (np.array([found[kind][str(rate)] for found in sources]) for kind in ("alarms", "set_aside"))
    return [
        f"{rate:g}",
        f"{alarms.mean() / traces:.4f}",
        f"{expected.low} to {expected.high}",
        f"{_within(alarms, expected):.1%}",
        _spread(expected.within, len(sources)),
        f"{(alarms > expected.high).mean():.1%}",
        _spread(expected.above, len(sources)),
        f"{_variance(alarms, rate, traces, LEFT_OUT):.2f}",
        f"{_within(alarms, in_full):.1%}",
        f"{_variance(alarms, rate, traces):.2f}",
        f"{apart.mean() / traces:.4f}",
        f"{_within(apart, in_full):.1%}",
        f"{_variance(apart, rate, traces):.2f}",
    ]


def _within(alarms: NDArray[np.int64], expected: Interval) -> float:
    return float(((alarms >= expected.low) & (alarms <= expected.high)).mean())


def _variance(alarms: NDArray[np.int64], rate: float, traces: int, worth: float = 1.0) -> float:
    """Return how many times as large the mean square distance of numbers is as expected."""
    a = int(rate * (traces + 1) + 1e-9)
    mean, places = traces * a / (traces + 1), (traces + 1) * worth
    exact = mean * (1 - a / (traces + 1)) * (places + traces) / (places + 1)
    return float(((alarms - mean) ** 2).mean() / exact)


def _spread(chance: float, sources: int) -> str:
    """Return between which shares of so many sources 95 % of samples lie."""
    chances = np.cumsum([comb(sources, k) * chance**k * (1 - chance) ** (sources - k) for k in range(sources + 1)])
    low, high = (int(np.searchsorted(chances, share)) for share in (0.025, 0.975))
    return f"{low / sources:.1%} to {high / sources:.1%}"


def tables(result: Result) -> dict[str, Table]:
    """Return ``rates``: how they were kept; ``queues``: where traces come together; ``drift``: alarms by stretch."""
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
        "in full: within",
        "variance",
        "set aside: mean",
        "within",
        "variance",
    )
    rows = [kept(rate, traces, sources) for rate in RATES]
    shares = [fmean(column) for column in zip(*measured["drift"], strict=True)]
    edges = np.linspace(0, MOST_OTHERS, STRETCHES + 1)
    moved = [[f"{a:.0%} to {b:.0%}", f"{share:.4f}"] for a, b, share in zip(edges, edges[1:], shares, strict=False)]
    return {
        "queues": _queues(measured["queues"]),
        "rates": Table(head, rows, "r" * len(head)),
        "drift": Table(("traces of the other source", "alarms at 0.01"), moved, "rr"),
    }


def _queues(queues: list[dict[str, Any]]) -> Table:
    """Return in which share of stretches more traces alarm than a rate says, and how many do on average."""
    rows = []
    for found in queues:
        alone, together = np.array(found["alone"]), np.array(found["together"])
        for place, rate in enumerate(QUEUE_RATES):
            shares = [(part[:, place] > rate).mean() for part in (alone, together)]
            means = [part[:, place].mean() for part in (alone, together)]
            numbers = [f"{found['delay']:g}", f"{fmean(found['index']):.1f}", f"{rate:g}"]
            rows.append([*numbers, f"{shares[0]:.1%}", f"{shares[1]:.1%}", f"{means[0]:.4f}", f"{means[1]:.4f}"])
    head = ("delay", "dispersion", "rate chosen", "above it, as if independent", "above it", "mean, as if", "mean")
    return Table(head, rows, "r" * len(head))


def main() -> None:
    """Measure and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--drifting", type=int, default=20)
    parser.add_argument("--queues", type=int, default=300, help="pairs of stretches of a line")
    args = parser.parse_args()
    measured: dict[str, Any] = {"traces": args.traces}
    measured["sources"] = [source(seed, args.traces) for seed in range(args.sources)]
    measured["queues"] = [queued(delay, 2 * args.traces, args.queues) for delay in DELAYS]
    measured["drift"] = [drift(seed, args.traces) for seed in range(args.drifting)]
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
