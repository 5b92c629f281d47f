"""What does the evidence of a report cost beside the search it speaks of?

    python benchmarks/speed/evidence.py [--traces 30000] [--states 40] [--symbols 20] [--runs 9] [--json OUT]

Claim: routing is done once, when the automaton is frozen, and the evidence of a report takes about a third of the time
of the refinement.  Traces of a random automaton are counted, then refining, freezing and collecting the evidence are
timed one after the other, in processor seconds of this process, kernels warm; each run learns anew.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from flexstream import StreamLearner, __version__
from flexstream.pac.report.evidence import collect
from flexstream.stream.batch import TraceBatch
from flexstream.targets import Recipe, random_pdfa

MEAN_LENGTH = 16
STEPS: dict[str, Callable[[StreamLearner], object]] = {
    "refine": StreamLearner.refine,
    "freeze": lambda learner: learner.automaton,
    "evidence": collect,
}


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
    return found


def measure(traces: int, states: int, symbols: int, runs: int) -> dict[str, Any]:
    """Return the milliseconds of all runs but the first, and what they come to beside those of refining."""
    target = random_pdfa(Recipe(states, symbols, mean_length=MEAN_LENGTH), 1)
    batch = target.sampler(1).batch(traces)
    learner, rows = StreamLearner(), []
    for _ in range(1 + runs):
        learner = counted(batch, list(target.symbols))
        rows.append(timed(learner))
    medians = {name: statistics.median(row[name] for row in rows[1:]) for name in STEPS}
    return {
        "flexstream": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "traces": traces,
        "states": len(learner.automaton),
        "nodes": len(learner.tree),
        "milliseconds": rows[1:],
        "medians": medians,
        "ratios": {f"{name} / refine": medians[name] / medians["refine"] for name in list(STEPS)[1:]},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=30_000)
    parser.add_argument("--states", type=int, default=40)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    result = measure(args.traces, args.states, args.symbols, args.runs)
    print(f"{result['traces']:,} traces, {result['nodes']:,} nodes, {result['states']} states")
    for name, value in result["medians"].items():
        print(f"{name:10s} {value:7.1f} ms  {value / result['medians']['refine']:5.2f}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
