"""Claim: the default learner has the Reber grammar at 150 strings, where Balle's planned learner needs thousands.

    python benchmarks/pac/reber_plan.py [0:250000:1000:20 10:190000:2500:20 ...] [--runs 500] [--json OUT]
                                        [--markdown OUT]

Each setting of Balle's learner is COPIES:STRINGS:EVERY:RUNS; copies are the resamples of the bootstrap, with 0 the test
of Vapnik & Chervonenkis is made.  Published are 57,617 strings with that test and 23,844 with the bootstrap (Balle,
Castro & Gavaldà, ICGI 2012).  ``right`` is the number of strings from which on every answer had the structure of the
grammar, ``sure`` the number from which on also no merge was left undecided.  It refines every so many strings
instead of the plan's 128, so that these numbers are known to within so many.  For the default learner the share of runs
counts that have the structure at 150 strings and at every later look.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import rate, told
from shared.results import Result, finish, parser_of
from shared.streams import sample_batch
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.automata.compare import largest_difference
from flexstream.budget import format_memory
from flexstream.merging.journal import Stage
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
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
    started = time.process_time()
    for start in range(0, strings, every):
        learner.learn_many(batch.part(start, min(strings, start + every)))
        right = largest_difference(learner.automaton, target) is not None
        for place, holds in enumerate((right, right and not learner.journal.count(Stage.FORCED))):
            since[place] = since[place] if holds else start + 2 * every
    seconds = time.process_time() - started
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
        started = time.process_time()
        learner.learn_many(batch.part(start, stop))
        automaton = learner.automaton
        if stop == FIRST:
            seconds, size = time.process_time() - started, learner.tree.nbytes
        right.append(largest_difference(automaton, target) is not None)
    return right[0], all(right), seconds, size


def spread(values: list[float]) -> dict[str, float] | None:
    """Return mean, deviation, least and most of the runs that ended; None if none has."""
    ended = [value for value in values if value != float("inf")]
    if not ended:
        return None
    deviation = stdev(ended) if len(ended) > 1 else 0.0
    return {"ended": len(ended), "mean": mean(ended), "stdev": deviation, "least": min(ended), "most": max(ended)}


def balle_runs(setting: str) -> dict[str, Any]:
    """Return what a setting of Balle's learner does in all its runs."""
    copies, strings, every, runs = map(int, setting.split(":"))
    rows = [balle(copies, seed, strings, every) for seed in range(runs)]
    right, sure, seconds, size = (list(column) for column in zip(*rows, strict=True))
    return {
        "test": f"bootstrap, {copies} resamples" if copies else "Vapnik & Chervonenkis",
        "published": 23_844 if copies else 57_617,
        "strings": strings,
        "every": every,
        "runs": runs,
        "right": spread(right),
        "sure": spread(sure),
        "seconds": mean(seconds),
        "tree_bytes": int(median(size)),
    }


def our_runs(runs: int) -> dict[str, Any]:
    """Return what the default learner does in so many runs."""
    first, every, seconds, size = zip(*[ours(seed) for seed in range(runs)], strict=True)
    return {
        "first": FIRST,
        "looks": LOOKS,
        "right_at_first": rate(sum(first), runs),
        "right_at_all": rate(sum(every), runs),
        "milliseconds": 1000 * median(seconds),
        "tree_bytes": int(median(size)),
    }


def _told(found: dict[str, float] | None, runs: int) -> str:
    if found is None:
        return "none by the end"
    words = f"{found['mean']:,.0f} ± {found['stdev']:,.0f} ({found['least']:,.0f} to {found['most']:,.0f})"
    return words if found["ended"] == runs else f"{words}, {found['ended']} of {runs}"


def _cells(row: dict[str, Any]) -> list[str]:
    counts = [str(row["runs"]), f"{row['strings']:,}", f"{row['every']:,}"]
    found = [_told(row["right"], row["runs"]), _told(row["sure"], row["runs"])]
    size = [f"{row['seconds']:.1f}", format_memory(row["tree_bytes"])]
    return [row["test"], *counts, *found, *size, f"{row['published']:,}"]


def tables(result: Result) -> dict[str, Table]:
    """Return ``balle`` and ``default``."""
    rows = [_cells(row) for row in result["measured"]["balle"]]
    head = ("test", "runs", "strings", "asked every", "right structure from", "no node undecided from", "seconds")
    found = result["measured"]["default"]
    default = [
        [f"right at {found['first']} strings", told(found["right_at_first"])],
        [f"and at {', '.join(f'{look:,}' for look in found['looks'][1:])}", told(found["right_at_all"])],
        [f"to {found['first']} strings", f"{found['milliseconds']:.1f} ms"],
        ["tree", format_memory(found["tree_bytes"])],
    ]
    return {"balle": Table((*head, "tree", "published"), rows), "default": Table(("default learner", ""), default)}


def main() -> None:
    """Print both."""
    parser = parser_of(__doc__)
    parser.add_argument("settings", nargs="*", default=["0:60000:1000:5", "10:60000:1000:5"], metavar="SETTING")
    parser.add_argument("--runs", type=int, default=500, help="of the default learner")
    args = parser.parse_args()
    default = our_runs(args.runs)
    finish(__file__, args, {"default": default, "balle": [balle_runs(one) for one in args.settings]}, tables)


if __name__ == "__main__":
    main()
