"""Balle's streaming learner under its own plan on the Reber grammar, beside the default learner.

    python benchmarks/reber_plan.py [--runs 500] [--seeds 3] [--strings 100000] [--every 1000]

Published for the former are 57,617 strings with the test of Vapnik & Chervonenkis and 23,844 with the bootstrap (Balle,
Castro & Gavaldà, ICGI 2012).  ``stable`` is the number of strings from which on every answer had the structure of the
grammar and no merge was left undecided.  For the default learner it is the share of runs that have the structure at 150
strings and at every later look.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import numpy as np
from calibration import rate
from streams import sample_batch

from flexstream import StreamLearner
from flexstream.comparison import largest_difference
from flexstream.journal import Stage
from flexstream.memory import format_memory
from flexstream.pac.demand import Demand
from flexstream.pac.plan import Plan
from flexstream.pac.run import PlannedLearner
from flexstream.targets import reber

DEMAND = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
FIRST, LOOKS = 150, (150, 200, 300, 500, 1000, 2000, 4000)


def balle(copies: int, seed: int, strings: int, every: int) -> tuple[float, float, int]:
    """Return strings until the structure was stable (infinity: not by the end), seconds, bytes of the tree."""
    plan = Plan.make(DEMAND, "balle-castro-gavalda")
    assert plan.run is not None
    if copies:
        learner: StreamLearner = StreamLearner(**{**plan.run, "options": {**plan.run["options"], "copies": copies}})
    else:
        learner = PlannedLearner(plan, seed=seed)
    target, stable = reber(), 0
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    batch = sample_batch(target, strings, np.random.default_rng(seed))
    started = time.perf_counter()
    for start in range(0, strings, every):
        learner.learn_many(batch.part(start, start + every))
        right = largest_difference(learner.automaton, target) is not None
        if not right or learner.journal.count(Stage.FORCED):
            stable = start + 2 * every
    seconds = time.perf_counter() - started
    return (float(stable) if stable <= strings else float("inf")), seconds, learner.tree.nbytes


def ours(seed: int) -> tuple[bool, bool, float, int]:
    """Return whether the structure was right at 150 strings, at every look, seconds to 150, bytes of the tree."""
    learner, target = StreamLearner(), reber()
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    batch = sample_batch(target, LOOKS[-1], np.random.default_rng(seed))
    right, seconds, size = [], 0.0, 0
    for start, stop in zip((0, *LOOKS), LOOKS, strict=False):
        started = time.perf_counter()
        learner.learn_many(batch.part(start, stop))
        automaton = learner.automaton
        if stop == FIRST:
            seconds, size = time.perf_counter() - started, learner.tree.nbytes
        right.append(largest_difference(automaton, target) is not None)
    return right[0], all(right), seconds, size


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=1000)
    args = parser.parse_args()
    rows = [ours(seed) for seed in range(args.runs)]
    print(f"default learner, right at {FIRST} strings: {rate(sum(row[0] for row in rows), len(rows))}")
    print(
        f"  and at each of {', '.join(f'{look:,}' for look in LOOKS[1:])}: {rate(sum(r[1] for r in rows), len(rows))}"
    )
    print(
        f"  to {FIRST} strings: {1000 * median(row[2] for row in rows):.1f} ms, tree of "
        f"{format_memory(median(row[3] for row in rows))} (medians)",
        flush=True,
    )
    for name, copies in (
        () if not args.seeds else (("test of Vapnik & Chervonenkis", 0), ("bootstrap, 10 resamples", 10))
    ):
        found = [balle(copies, seed, args.strings, args.every) for seed in range(args.seeds)]
        stable, seconds, size = (median(column) for column in zip(*found, strict=True))
        told = f"not by {args.strings:,}" if stable == float("inf") else f"{stable:,.0f} strings"
        print(
            f"planned, {name}: stable from {told}, {seconds:.1f} s for {args.strings:,} strings, tree of "
            f"{format_memory(size)} (medians of {args.seeds})",
            flush=True,
        )


if __name__ == "__main__":
    main()
