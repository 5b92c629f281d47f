"""Balle's streaming learner under its own plan on the Reber grammar, beside the default learner.

    python benchmarks/reber_plan.py [--runs 500] [--copies 0,10] [--seeds 20] [--strings 60000] [--every 1000]

Published for the former are 57,617 strings with the test of Vapnik & Chervonenkis and 23,844 with the bootstrap (Balle,
Castro & Gavaldà, ICGI 2012).  ``right`` is the number of strings from which on every answer had the structure of the
grammar, ``sure`` the number from which on also no merge was left undecided.  It refines every ``--every`` strings
instead of the plan's 128, so that these numbers are known to within so many.  For the default learner the share of runs
counts that have the structure at 150 strings and at every later look.
"""

from __future__ import annotations

import argparse
import time
from statistics import mean, median, stdev

import numpy as np
from calibration import rate
from shared.streams import sample_batch

from flexstream import StreamLearner
from flexstream.comparison import largest_difference
from flexstream.journal import Stage
from flexstream.memory import format_memory
from flexstream.pac.demand import Demand
from flexstream.pac.plan import Plan
from flexstream.targets import reber

DEMAND = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
FIRST, LOOKS = 150, (150, 200, 300, 500, 1000, 2000, 4000)


def balle(copies: int, seed: int, strings: int, every: int) -> tuple[float, float, float, int]:
    """Return strings until right and until sure (infinity: not by the end), seconds, bytes of the tree."""
    plan = Plan.make(DEMAND, "balle-castro-gavalda")
    assert plan.run is not None
    options = {**plan.run["options"], "copies": copies}
    learner = StreamLearner(**{**plan.run, "options": options, "every": every}, seed=seed)
    target, since = reber(), [0.0, 0.0]
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    batch = sample_batch(target, strings, np.random.default_rng(seed))
    started = time.perf_counter()
    for start in range(0, strings, every):
        learner.learn_many(batch.part(start, min(strings, start + every)))
        right = largest_difference(learner.automaton, target) is not None
        for place, holds in enumerate((right, right and not learner.journal.count(Stage.FORCED))):
            since[place] = since[place] if holds else start + 2 * every
    seconds = time.perf_counter() - started
    right_from, sure_from = (max(value, every) if value <= strings else float("inf") for value in since)
    return right_from, sure_from, seconds, learner.tree.nbytes


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
    parser.add_argument("--copies", default="0,10", help="Resamples of the bootstrap; 0: the other test; empty: none.")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--strings", type=int, default=60_000)
    parser.add_argument("--every", type=int, default=1000)
    args = parser.parse_args()
    if args.runs:
        _print_ours([ours(seed) for seed in range(args.runs)])
    for copies in [int(part) for part in args.copies.split(",") if part]:
        _print_balle(
            copies, [balle(copies, seed, args.strings, args.every) for seed in range(args.seeds)], args.strings
        )


def _print_balle(copies: int, rows: list[tuple[float, float, float, int]], strings: int) -> None:
    name = f"bootstrap, {copies} resamples" if copies else "test of Vapnik & Chervonenkis"
    right, sure, seconds, size = zip(*rows, strict=True)
    print(f"planned, {name}, {len(rows)} runs of {strings:,} strings:")
    for what, values in (("right", right), ("sure", sure)):
        ended = [value for value in values if value != float("inf")]
        spread = f", standard deviation {stdev(ended):,.0f}" if len(ended) > 1 else ""
        told = f"mean {mean(ended):,.0f}{spread}, {min(ended):,.0f} to {max(ended):,.0f}" if ended else "none"
        print(f"  {what} from: {told}; in {len(ended)} of {len(rows)} runs")
    print(f"  {mean(seconds):.1f} s a run, tree of {format_memory(median(size))} (median)", flush=True)


def _print_ours(rows: list[tuple[bool, bool, float, int]]) -> None:
    print(f"default learner, right at {FIRST} strings: {rate(sum(row[0] for row in rows), len(rows))}")
    print(
        f"  and at each of {', '.join(f'{look:,}' for look in LOOKS[1:])}: {rate(sum(r[1] for r in rows), len(rows))}"
    )
    print(
        f"  to {FIRST} strings: {1000 * median(row[2] for row in rows):.1f} ms, tree of "
        f"{format_memory(median(row[3] for row in rows))} (medians)",
        flush=True,
    )


if __name__ == "__main__":
    main()
