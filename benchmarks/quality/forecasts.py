"""Claim: how many events are still to come is foretold better than by the mean, or the median, of the past.

    python benchmarks/quality/forecasts.py FILE... [--sources 100] [--traces 2000] [--json OUT] [--markdown OUT]

Beside it: how often intervals hold, of what comes next and of what is to come.

Of half of the sources, random automata, and of the other half, hidden Markov models, a model is learned from some
traces.  Of fresh traces every beginning is foretold: an interval of 95 % of an outcome holds if the true probability,
which is known, lies within; outcomes are weighted by it.  An interval of 80 % of the events to come holds if the true
number is not below the quantile of 0.1 and not above that of 0.9.

Of each log the first 70 per cent of the cases by their start are learned, and the others foretold.  The true
probabilities are not known: an interval holds if it has a value in common with the 95 % interval of what came after the
same forecast, so that chance alone breaks fewer than one in twenty.

Baseline for what is to come: its mean and its median over the traces learned from, after as many events.  MAE is over
all beginnings, the empty and the whole trace included.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, ReadOptions, StreamLearner, TraceBatch
from flexstream.monitoring.predict import Forecast, Forecaster
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.readers.reading import Reading
from flexstream.stream.durations import UNKNOWN, seconds_of
from flexstream.targets import Recipe, random_hmm, random_pdfa
from flexstream.targets.pfa import PFA

LEARNED = 0.7
FRESH = 20
KINDS = {"automata": random_pdfa, "hidden Markov models": random_hmm}
Row = dict[str, float]


def following(source: PFA, prefix: list[str]) -> dict[str | None, float]:
    """Return the true probabilities after the beginning of a trace: shares of states, step by step."""
    shares = source.initial.copy()
    for symbol in prefix:
        edges = source.edge_symbols == source.symbols.index(symbol)
        flows = shares[source.sources[edges]] * source.probabilities[edges]
        shares = np.bincount(source.targets[edges], flows, len(shares))
    flows = np.bincount(source.edge_symbols, shares[source.sources] * source.probabilities, len(source.symbols))
    found = np.append(flows, shares @ source.stops) / shares.sum()
    return dict(zip([*source.symbols, None], found.tolist(), strict=True))


class Past:
    """Mean and median of what was still to come after as many events; after more than ever came, as after the most."""

    def __init__(self, coming: list[NDArray[np.float64]]) -> None:
        by_place = defaultdict(list)
        for trace in coming:
            for place, value in enumerate(trace.tolist()):
                by_place[place].append(value)
        values = [by_place[place] for place in range(len(by_place))]
        self.pairs = [(float(np.mean(one)), float(np.median(one))) for one in values]

    def after(self, place: int) -> tuple[float, float]:
        return self.pairs[min(place, len(self.pairs) - 1)]


class Errors:
    """What is foretold of numbers to come, beside what came."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    def add(self, truth: float, past: tuple[float, float], mean: float, quantiles: dict[float, float]) -> None:
        self.rows.append((truth, *past, mean, quantiles[0.5], quantiles[0.1], quantiles[0.9]))

    def told(self) -> Row:
        truth, past, usual, mean, median, low, high = np.array(self.rows).T
        inside = (low <= truth * (1 + 1e-2) + 1e-9) & (truth <= high * (1 + 1e-2) + 1e-9)
        return {
            "past": float(np.abs(past - truth).mean()),
            "past_median": float(np.abs(usual - truth).mean()),
            "mean": float(np.abs(mean - truth).mean()),
            "median": float(np.abs(median - truth).mean()),
            "within": float(inside.mean()),
            "width": float((high - low).mean()),
        }


def lengths_to_come(traces: list[list[str]]) -> list[NDArray[np.float64]]:
    return [np.arange(len(trace), -1, -1.0) for trace in traces]


def simulated(kind: str, seed: int, traces: int) -> tuple[Row, Errors]:
    """Return how often intervals of one source hold, and what was foretold of its traces."""
    recipe = Recipe(states=20, symbols=5, mean_length=10)
    source = KINDS[kind](recipe, seed)
    learned, fresh = source.sample(traces, 1), source.sample(FRESH, 2)
    learner, errors, past = StreamLearner().fit(learned), Errors(), Past(lengths_to_come(learned))
    forecaster = Forecaster(learner.model, most=len(source.symbols) + 1)
    mass = inside = width = 0.0
    for trace in fresh:
        for place in range(len(trace) + 1):
            found, truth = forecaster.after(trace[:place]), following(source, trace[:place])
            for one in found.outcomes:
                p = truth[one.symbol]
                mass += p
                inside += p * (one.low <= p <= one.high)
                width += p * (one.high - one.low)
            errors.add(len(trace) - place, past.after(place), found.events.mean, found.events.quantiles)
    share = learner.automaton.ngram_share
    return {"held": inside / mass, "width": width / mass, "ngram_share": share}, errors


def sources(number: int, traces: int) -> dict[str, Any]:
    """Measure sources of each kind."""
    found = {}
    for kind in KINDS:
        rows, errors = [], Errors()
        for seed in range(number // len(KINDS)):
            row, own = simulated(kind, seed, traces)
            rows.append(row)
            errors.rows += own.rows
        held = [row["held"] for row in rows]
        mixed = sum(row["ngram_share"] > 0 for row in rows)
        worst = float(np.quantile(held, 0.1))
        means = {name: float(np.mean([row[name] for row in rows])) for name in ("held", "width", "ngram_share")}
        found[kind] = {
            "sources": len(rows),
            "mixed": mixed,
            **means,
            "held_worst_tenth": worst,
            "events": errors.told(),
        }
        print(kind, found[kind], flush=True)
    return found


def whole(path: Path) -> tuple[TraceBatch, Alphabet]:
    """Return all cases of a log in one batch, in the order of the log."""
    alphabet = Alphabet()
    batches = list(Reading(str(path), alphabet, ReadOptions(cut=False)))
    lengths = np.concatenate([np.diff(batch.offsets) for batch in batches])
    spans = [batch.durations for batch in batches if batch.durations is not None]
    timed = np.concatenate(spans) if len(spans) == len(batches) else None
    symbols = np.concatenate([batch.symbols for batch in batches])
    return TraceBatch(symbols, np.append(0, np.cumsum(lengths)), durations=timed), alphabet


def times_to_come(batch: TraceBatch) -> list[NDArray[np.float64]]:
    """Return the seconds still to come after each event of each trace; of an empty beginning nothing is known."""
    assert batch.durations is not None
    took = np.where(batch.durations == UNKNOWN, 0.0, seconds_of(np.maximum(batch.durations, 0)))
    spans = np.split(took, batch.offsets[1:-1])
    return [np.cumsum(np.append(0.0, span[:0:-1]))[::-1] for span in spans]


class States:
    """What came after the same forecast in fresh traces, beside the intervals of what was foretold."""

    def __init__(self) -> None:
        self.came: dict[int, Counter[str | None]] = defaultdict(Counter)
        self.told: dict[int, Forecast] = {}  # by the number of the outcomes, which are the same object while held

    def add(self, found: Forecast, symbol: str | None) -> None:
        self.came[id(found.outcomes)][symbol] += 1
        self.told.setdefault(id(found.outcomes), found)

    def held(self) -> Row:
        mass = inside = width = 0.0
        for state, counts in self.came.items():
            total = sum(counts.values())
            for one in self.told[state].outcomes:
                low, high = binomial_limits(counts[one.symbol], total, 0.05)
                mass += counts[one.symbol]
                inside += counts[one.symbol] * (one.low <= high and low <= one.high)
                width += counts[one.symbol] * (one.high - one.low)
        return {"held": inside / mass, "width": width / mass}


def log(path: Path) -> dict[str, Any]:
    """Measure a log, split by time."""
    batch, alphabet = whole(path)
    cut = round(LEARNED * len(batch))
    first, last = batch.part(0, cut), batch.part(cut, len(batch))
    texts = [[alphabet.texts[symbol] for symbol in trace.tolist()] for trace in batch]
    learner = StreamLearner()
    learner.learn_many(first, alphabet)
    forecaster = Forecaster(learner.model, most=len(alphabet) + 1)
    states = States()
    events, seconds, past = Errors(), Errors(), Past(lengths_to_come(texts[:cut]))
    before, times = Past(times_to_come(first)), times_to_come(last)
    for number, trace in enumerate(texts[cut:]):
        for place in range(len(trace) + 1):
            found = forecaster.after(trace[:place])
            states.add(found, trace[place] if place < len(trace) else None)
            events.add(len(trace) - place, past.after(place), found.events.mean, found.events.quantiles)
            if place and found.seconds is not None:
                truth = float(times[number][place - 1])
                seconds.add(truth, before.after(place - 1), found.seconds.mean, found.seconds.quantiles)
    model = learner.automaton
    share = model.ngram_share
    measured = {"traces": len(batch), "states": len(model), "ngram_share": share, **states.held()}
    print(path.name, measured, events.told(), seconds.told(), flush=True)
    return {**measured, "events": events.told(), "seconds": seconds.told()}


def tables(result: Result) -> dict[str, Table]:
    """Return ``intervals`` of what comes next, ``events`` and ``times`` to come."""
    found = result["measured"]
    rows = {**found["sources"], **{f"`{name}`": one for name, one in found["logs"].items()}}
    share = [
        [name, f"{one['held']:.3f}", f"{one['width']:.3f}", f"{one['ngram_share']:.0%}"] for name, one in rows.items()
    ]
    head = ("of", "mean of the past", "mean", "median of the past", "median", "80 % interval holds", "its width")
    days = {f"`{name}`": scaled(one["seconds"]) for name, one in found["logs"].items()}
    return {
        "intervals": Table(("of", "95 % interval holds", "its width", "the n-gram's share"), share),
        "events": Table(head, [cells(name, one["events"]) for name, one in rows.items()]),
        "times": Table(head, [cells(name, one) for name, one in days.items()]),
    }


def scaled(row: Row) -> Row:
    """Return seconds as days."""
    return {name: value if name == "within" else value / 86_400 for name, value in row.items()}


def cells(name: str, row: Row) -> list[str]:
    """Return a row of a table of errors."""
    return [name, *(f"{row[key]:.2f}" for key in ("past", "mean", "past_median", "median", "within", "width"))]


def main() -> None:
    """Measure and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--traces", type=int, default=2000)
    args = parser.parse_args()
    logs = {path.name: log(path) for path in args.files}
    finish(__file__, args, {"logs": logs, "sources": sources(args.sources, args.traces)}, tables)


if __name__ == "__main__":
    main()
