"""Claim: what a round costs beside counting, and so how many workers and events a second a driver can have.

    python benchmarks/speed/rounds.py [--events 250000,1000000,2000000] [--workers 1000] [--rate 1000000000]
                                      [--json OUT] [--markdown OUT]

Parts of a stream of an automaton of 40 states are counted from the skeleton of as many events, sent, read, added and
closed as in `flexstream.distributed.rounds`, each step timed by the processor, beside the counting of a million events.
From these follows by arithmetic what workers that share so many events a second would send and wait for.
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream.distributed.rounds import Rounds
from flexstream.distributed.spark import FAN
from flexstream.learning.additive import Summary
from flexstream.learning.shard import Shard
from flexstream.targets.generate import Recipe, random_pdfa

T = TypeVar("T")
STEPS = ("take up the skeleton", "count", "make what is sent", "read what was sent", "add", "close and refine")
SHARE = 0.05
"""Of the time of a round that everything but counting may take."""


class Clock:
    """Times steps by the processor, several of one name together."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STEPS, 0.0)

    def __call__(self, step: str, work: Callable[[], T]) -> T:
        """Do a piece of a step."""
        began = time.process_time()
        found = work()
        self.seconds[step] += time.process_time() - began
        return found


def counted(clock: Clock, begun: bytes, batch: TraceBatch, alphabet: Alphabet, number: int) -> bytes:
    """Count a part as a worker does."""
    shard = clock("take up the skeleton", lambda: Shard(Summary.from_bytes(begun), number))
    ids = np.array([shard.learner.alphabet.id(text) for text in alphabet.texts], np.int32)
    own = TraceBatch(ids[batch.symbols], batch.offsets, None, 0)
    clock("count", lambda: shard.learner.learn_many(own))
    return clock("make what is sent", lambda: shard.delta().to_bytes())


def steps(events: int) -> dict[str, Any]:
    """Return what a second round of two parts of so many events takes, in seconds a part, and what is sent."""
    lots = random_pdfa(Recipe(states=40, symbols=20), seed=3).sample(events // 3, seed=1)
    alphabet, rounds = Alphabet(), Rounds(StreamLearner(repeats=False))
    whole = TraceBatch.from_traces(lots, alphabet)
    bounds = np.searchsorted(whole.offsets, [0, events, 2 * events, 3 * events, 4 * events])
    parts = [whole.part(int(start), int(stop)) for start, stop in itertools.pairwise(bounds)]
    for pair in (parts[:2], parts[2:]):
        clock, begun = Clock(), rounds.begin()
        sent = [counted(clock, begun, part, alphabet, number) for number, part in enumerate(pair)]
        first, second = (clock("read what was sent", lambda data=data: Summary.from_bytes(data)) for data in sent)
        clock("add", lambda first=first, second=second: first.add(second))
        clock("close and refine", lambda total=first: rounds.add(rounds.batch, total))
    seconds = {step: taken / (1 if step in {"add", "close and refine"} else 2) for step, taken in clock.seconds.items()}
    counted_events = sum(map(len, pair[0])) + sum(map(len, pair[1]))
    return {
        "events": counted_events / 2,
        "nodes": len(rounds.total.tree),
        "sent": sum(map(len, sent)) / 2,
        "skeleton": len(begun),
        "seconds": seconds,
    }


def arithmetic(row: dict[str, Any], workers: int, rate: float) -> dict[str, float]:
    """Return what a round takes of so many workers that share so many events a second, by the steps measured.

    Sums are added in places of `FAN`, level by level, each waiting for the one before.
    """
    seconds, levels, left = row["seconds"], 0, workers
    waits = seconds["take up the skeleton"] + seconds["make what is sent"] + seconds["close and refine"]
    while left > 1:
        waits += min(left, FAN) * (seconds["read what was sent"] + seconds["add"])
        left, levels = math.ceil(left / FAN), levels + 1
    return {
        "levels": levels,
        "waits": waits,
        "round": waits / SHARE,
        "sent": workers * row["sent"],
        "events": rate * waits / SHARE,
        "busy": rate / workers * seconds["count"] / row["events"],
    }


def measure(numbers: list[int], workers: int, rate: float) -> dict[str, Any]:
    """Return the steps for parts of each size, and what follows from the last."""
    steps(10_000)  # so that everything is imported
    rows = [steps(number) for number in numbers]
    return {"rows": rows, "at_scale": arithmetic(rows[-1], workers, rate), "workers": workers, "rate": rate}


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    rows, scale = result["measured"]["rows"], result["measured"]["at_scale"]
    heads = ["", *(f"{row['events'] / 1e6:.2f} million events" for row in rows)]
    million = [row["seconds"]["count"] / row["events"] * 1e6 for row in rows]
    lines = [
        [step, *(f"{row['seconds'][step] / one:.2f}" for row, one in zip(rows, million, strict=True))] for step in STEPS
    ]
    lines.append(["sent, MB", *(f"{row['sent'] / 1e6:.1f}" for row in rows)])
    lines.append(["skeleton, MB", *(f"{row['skeleton'] / 1e6:.1f}" for row in rows)])
    unit = million[-1]
    at_scale = [
        ("workers; events a second of all", f"{result['measured']['workers']:,}; {result['measured']['rate']:.0e}"),
        ("of its time a worker counts", f"{100 * scale['busy']:.0f} %"),
        ("levels of adding, so many at once", f"{scale['levels']}; {FAN}"),
        ("a round waits, in countings of a million events", f"{scale['waits'] / unit:.0f}"),
        ("a round lasts, for waits of 5 %", f"{scale['round']:.0f} s"),
        ("sent in a round", f"{scale['sent'] / 1e9:.1f} GB"),
        ("sent a second", f"{scale['sent'] / scale['round'] / 1e6:.0f} MB"),
    ]
    return {"steps": Table(heads, lines), "scale": Table(["what", "by arithmetic"], at_scale)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", default="250000,1000000,2000000", help="of a part")
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=1e9, help="events a second of all workers")
    args = parser.parse_args()
    finish(__file__, args, measure([int(n) for n in args.events.split(",")], args.workers, args.rate), tables)


if __name__ == "__main__":
    main()
