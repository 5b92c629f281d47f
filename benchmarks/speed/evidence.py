"""Claim: routing is done once, and evidence of states and decisions takes no more time than the refinement.

    python benchmarks/speed/evidence.py [--traces 30000] [--states 40] [--symbols 20] [--runs 9] [--json OUT]
                                        [--markdown OUT]

Traces of a random automaton are counted, then refining, freezing, where tails are routed, and collecting the evidence
are timed one after the other, in processor seconds of this process, kernels warm; each run learns anew.  Two parts of
the evidence, whether the order of the traces tells anything and what is foretold of traces not learned, are timed once
more by themselves; the rest is that of states and decisions.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.pac.foresight.trial import tried
from flexstream.pac.report.evidence import collect
from flexstream.pac.statistics.order import dependence
from flexstream.stream.batch import TraceBatch
from flexstream.targets import Recipe, random_pdfa

MEAN_LENGTH = 16
STEPS: dict[str, Callable[[StreamLearner], object]] = {
    "refine": StreamLearner.refine,
    "freeze": lambda learner: learner.automaton,
    "evidence": collect,
    "of it, the order of the traces": lambda learner: dependence(learner.drawn.held(), learner.drawn.places()),
    "of it, what is foretold": tried,
}
REST = "of it, states and decisions"


def counted(batch: TraceBatch, symbols: list[str]) -> StreamLearner:
    """Return a learner that has counted some traces and refined nothing yet."""
    learner = StreamLearner(every=0)
    for symbol in symbols:
        learner.alphabet.id(symbol)
    learner.learn_many(batch)
    return learner


def timed(learner: StreamLearner) -> dict[str, float]:
    """Return the milliseconds of each step."""
    found = {}
    for name, step in STEPS.items():
        started = time.process_time()
        step(learner)
        found[name] = 1e3 * (time.process_time() - started)
    _, _, whole, *parts = found.values()
    return {**found, REST: whole - sum(parts)}


def measure(traces: int, states: int, symbols: int, runs: int) -> dict[str, Any]:
    """Return the milliseconds of all runs but the first, and what they come to beside those of refining."""
    target = random_pdfa(Recipe(states, symbols, mean_length=MEAN_LENGTH), 1)
    batch = target.sampler(1).batch(traces)
    learner, rows = StreamLearner(), []
    for _ in range(1 + runs):
        learner = counted(batch, list(target.symbols))
        rows.append(timed(learner))
    medians = {name: statistics.median(row[name] for row in rows[1:]) for name in rows[0]}
    return {
        "states": len(learner.automaton),
        "nodes": len(learner.tree),
        "milliseconds": rows[1:],
        "medians": medians,
        "ratios": {f"{name} / refine": medians[name] / medians["refine"] for name in list(medians)[1:]},
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``evidence``: the median of each step."""
    found = result["measured"]["medians"]
    rows = [[name, f"{value:.1f}", f"{value / found['refine']:.2f}"] for name, value in found.items()]
    return {"evidence": Table(("step", "ms", "× refining"), rows)}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=30_000)
    parser.add_argument("--states", type=int, default=40)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()
    finish(__file__, args, measure(args.traces, args.states, args.symbols, args.runs), tables)


if __name__ == "__main__":
    main()
