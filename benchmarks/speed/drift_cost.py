"""Claim: to watch for changes takes a fraction of a microsecond an event, with what changes slowly and without.

    python benchmarks/speed/drift_cost.py [--traces 200000] [--rounds 7] [--json OUT] [--markdown OUT]

Traces in memory are learned in three ways, in turn: nobody watches; changes are watched for, without the comparison of
newer with older traces (`flexstream.monitoring.gradual`); and with it.  Told are the least times of the processor.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.changing import Without, source
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift

WAYS = {"nobody watches": None, "watched, but for what changes slowly": Without, "watched": Drift}


def seconds(batch: TraceBatch, symbols: list[str], watcher: type[Drift] | None) -> float:
    """Return the processor's time for learning a batch."""
    learner = StreamLearner()
    learner.alphabet.encode(symbols)
    if watcher is not None:
        learner.observe(watcher(tell=lambda line: None))
    started = time.process_time()
    learner.learn_many(batch)
    return time.process_time() - started


def tables(result: Result) -> dict[str, Table]:
    """Return ``watching``."""
    found = result["measured"]
    plain = min(found["seconds"]["nobody watches"])
    rows = [
        [way, f"{1e9 * min(taken) / found['events']:.0f}", f"{min(taken) / plain:.1f}"]
        for way, taken in found["seconds"].items()
    ]
    return {"watching": Table(("", "ns an event", "times as much"), rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    target = source(7)
    batch, symbols = target.sampler(1).batch(args.traces), list(target.symbols)
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(args.rounds):
        for way, watcher in WAYS.items():
            taken[way].append(seconds(batch, symbols, watcher))
    finish(__file__, args, {"events": batch.events, "seconds": taken}, tables)


if __name__ == "__main__":
    main()
