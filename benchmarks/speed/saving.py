"""Claim: to save a whole learner takes less time than a refinement of its tree; to load it, checked throughout, a few.

    python benchmarks/speed/saving.py [--traces 200000] [--symbols 40] [--memory 64MiB] [--runs 7]
                                      [--json OUT] [--markdown OUT]

A learner whose tree is full, of traces drawn at random, refines, is saved (state, hashes, file and folder synchronised
to the disc) and loaded, in turns.  Of each the median of processor time is told, and how large the file is; ``record``
is what of a refinement goes into sealing what was counted and decided.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner, TraceBatch
from flexstream.learning.journal_chain import Chain

WORK = ("refine", "record", "save", "load")


def filled(args: argparse.Namespace) -> StreamLearner:
    """Return a learner that had to give up some of its tree."""
    numbers = np.random.default_rng(7)
    learner = StreamLearner(memory=args.memory, every=0, repeats=False)
    learner.alphabet.encode([f"s{number}" for number in range(args.symbols)])
    lengths = numbers.geometric(0.08, args.traces)
    weights = 1 / np.arange(1, args.symbols + 1)
    symbols = numbers.choice(args.symbols, lengths.sum(), p=weights / weights.sum()).astype(np.int32)
    learner.learn_many(TraceBatch(symbols, np.concatenate([[0], np.cumsum(lengths)])))
    return learner


def record(learner: StreamLearner) -> Chain:
    """Seal what was counted and decided."""
    return learner.chain.plus((0, 0, 0), learner.tree.columns, [learner.journal])


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes; how long the disc takes is its own affair."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Return the seconds of each work, and the size of the file."""
    learner = filled(args)
    found: dict[str, list[float]] = {name: [] for name in WORK}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learner"
        for _ in range(args.runs):
            learner.learn_many([["s0"]])  # a refinement is made once only
            found["refine"].append(seconds(learner.refine))
            found["record"].append(seconds(partial(record, learner)))
            found["save"].append(seconds(lambda: learner.save(path)))
            found["load"].append(seconds(lambda: StreamLearner.load(path)))
        size = path.stat().st_size
    return {
        "seconds": {name: statistics.median(times) for name, times in found.items()},
        "mib": size / (1 << 20),
        "nodes": len(learner.tree),
        "edges": learner.tree.edges,
        "given_up_nodes": learner.tree.evicted_nodes,
        "states": learner.states,
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``work``."""
    times = result["measured"]["seconds"]
    rows = [[name, f"{1000 * times[name]:.1f}", f"{times[name] / times['refine']:.2f}"] for name in WORK]
    return {"work": Table(("work", "ms", "of a refinement"), rows)}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=200_000)
    parser.add_argument("--symbols", type=int, default=40)
    parser.add_argument("--memory", default="64MiB")
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    finish(__file__, args, measure(args), tables)


if __name__ == "__main__":
    main()
