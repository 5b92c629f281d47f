"""Claim: shards of a sample add up to the automaton of the whole, by closing what was added up and by rounds.

    python benchmarks/quality/shards.py FOLDER [--problems 2,4] [--shards 1,8,64,512] [--memory 1MiB] [--orders 12]
                                        [--deals 3] [--kept FILE] [--json OUT] [--markdown OUT]

FOLDER holds problems in the formats of the PAutomaC competition.  Each sample is learned in one process, in several
orders of its traces, as the model hangs on that, and dealt out to shards, trace by trace, several times at random.
These are learned by themselves and added up: without closing, as `StreamLearner.merge` does, and closed; and they are
counted in rounds from a common skeleton, which double from 1,000 traces on.  All is repeated with little memory a
shard.  The error is the perplexity on the test strings minus the target's own; compared are means over orders and over
deals.  What is measured is kept in a file, line by line, and not measured again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import perplexity_error
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, read_batches
from flexstream.distributed.rounds import Rounds, combine, count
from flexstream.learning.additive import Summary

Traces = list[list[str]]
Rows = list[dict[str, Any]]
NEAR = 1.05
"""Times the mean error of one process that an error may be and still be as good."""
LEAST = 0.0002
"""Errors that differ by less are equal."""
SURE = 2.0
"""Standard errors by which a mean is above what it may be, beyond chance."""
MANY = 64
"""Shards above which there is one deal, which takes as long as all those of fewer shards."""


def traces_of(path: Path) -> Traces:
    """Return the traces of a file."""
    alphabet, found = Alphabet(), []
    for batch in read_batches(str(path), alphabet):
        found += [[alphabet.text(symbol) for symbol in trace.tolist()] for trace in batch]
    return found


def learned(traces: Traces, **params: Any) -> StreamLearner:
    """Return a learner of some traces; they are known to be a sample."""
    learner = StreamLearner(repeats=False, **params)
    learner.learn_many(traces)
    return learner


def added(traces: Traces, number: int, **params: Any) -> StreamLearner:
    """Add learners of shards up without closing."""
    total = learned(traces[::number], **params)
    for start in range(1, number):
        total.merge(learned(traces[start::number], **params))
    return total


def closed(traces: Traces, number: int, **params: Any) -> StreamLearner:
    """Add summaries of shards up, two by two, and close the sum."""
    parts = [Summary.of(learned(traces[start::number], **params)) for start in range(number)]
    while len(parts) > 1:
        parts = [parts[at].add(parts[at + 1]) if at + 1 < len(parts) else parts[at] for at in range(0, len(parts), 2)]
    return parts[0].close().learner()


def in_rounds(traces: Traces, number: int, **params: Any) -> StreamLearner:
    """Count in rounds that double."""
    rounds, done, size = Rounds(StreamLearner(repeats=False, **params)), 0, 1000
    while done < len(traces):
        part, begun = traces[done : done + size], rounds.begin()
        counted = [count(begun, [part[start::number]], start) for start in range(number) if part[start::number]]
        rounds.end(rounds.batch, combine(counted))
        done, size = done + len(part), done + size
    return rounds.learner()


WAYS = {"added": added, "closed": closed, "rounds": in_rounds}
ONE, LITTLE = "one process", ", little memory"


class Kept:
    """What was measured, in a file of lines: a run that was broken off goes on where it was."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: Rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        path.parent.mkdir(parents=True, exist_ok=True)

    def measure(self, named: dict[str, Any], measured: Callable[[], dict[str, float]]) -> None:
        """Measure what has such a name, unless it is there."""
        if not any(named.items() <= row.items() for row in self.rows):
            self.rows.append({**named, **measured()})
            with self._path.open("a") as file:
                file.write(json.dumps(self.rows[-1]) + "\n")
            print(self.rows[-1], flush=True)


class Problem:
    """A sample, and how far an automaton of it is from its target."""

    def __init__(self, folder: Path, name: str) -> None:
        self.train, self._test = (traces_of(folder / f"{name}.pautomac.{kind}") for kind in ("train", "test"))
        lines = (folder / f"{name}.pautomac_solution.txt").read_text().split()[1:]
        self._target = [float(line) for line in lines]

    def learn(self, way: Callable[..., StreamLearner], seed: int, *given: Any, **params: Any) -> dict[str, float]:
        """Learn the traces in an order drawn at random, 0: that of the file; return error and states."""
        traces = list(self.train)
        if seed:
            random.Random(seed).shuffle(traces)
        found = way(traces, *given, **params).automaton
        error = perplexity_error([found.log2_prob(trace) for trace in self._test], self._target)
        return {"error": error, "states": len(found)}


def measure(args: argparse.Namespace) -> Rows:
    """Return the outcomes of all problems, ways, numbers of shards and orders."""
    kept, numbers = Kept(args.kept), [int(number) for number in args.shards.split(",")]
    wanted = set()
    for name in args.problems.split(","):
        if not (args.folder / f"{name}.pautomac.train").exists():
            print(f"problem {name} is not there", flush=True)
            continue
        wanted.add(name)
        problem = Problem(args.folder, name)
        memories: dict[str, dict[str, Any]] = {"": {}, LITTLE: {"memory": args.memory}}
        for which, params in memories.items():
            for seed in range(args.orders):
                named = {"problem": name, "way": ONE + which, "shards": 1, "seed": seed}
                kept.measure(named, partial(problem.learn, learned, seed, **params))
        for number, (way, learn), which in itertools.product(numbers, WAYS.items(), memories):
            for seed in range(1 if number > MANY else args.deals):
                named = {"problem": name, "way": way + which, "shards": number, "seed": seed}
                kept.measure(named, partial(problem.learn, learn, seed, number, **memories[which]))
    return gathered([row for row in kept.rows if row["problem"] in wanted and _is_asked_for(row, numbers, args)])


def _is_asked_for(row: dict[str, Any], numbers: list[int], args: argparse.Namespace) -> bool:
    """Tell whether this run would have measured what is kept."""
    alone = row["way"].startswith(ONE)
    return row["seed"] < (args.orders if alone else args.deals) and (alone or row["shards"] in numbers)


def gathered(rows: Rows) -> Rows:
    """Return the errors of all orders or deals of a problem, way and number of shards in one row."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in rows:
        named = {name: row[name] for name in ("problem", "way", "shards")}
        one = found.setdefault(tuple(named.values()), {**named, "errors": [], "states": []})  # type: ignore[arg-type]
        one["errors"].append(float(f"{row['error']:.6g}"))
        one["states"].append(row["states"])
    return [{**one, "states": round(statistics.fmean(one["states"]), 1)} for one in found.values()]


class Compared(NamedTuple):
    """The mean error of a way over deals beside that of one process over orders, with the standard error of each."""

    problem: str
    way: str
    shards: int
    error: float
    error_se: float
    one: float
    one_se: float

    @property
    def ratio(self) -> float:
        """How many times as large the error is."""
        return self.error / self.one

    @property
    def near(self) -> bool:
        """Whether it is within 5 % of that of one process."""
        return self.error <= max(NEAR * self.one, self.one + LEAST)

    @property
    def beyond_chance(self) -> bool:
        """Whether orders and deals do not make up for what it is above these."""
        return not self.near and self.error - NEAR * self.one > SURE * math.hypot(self.error_se, NEAR * self.one_se)


def compared(rows: Rows) -> list[Compared]:
    """Compare all ways with one process of as much memory.

    Deals that end in the same model are one draw among those that orders are: rows of a closed sum lie in an order of
    their own.  The spread of orders then stands for theirs.
    """
    errors = {(row["problem"], row["way"], row["shards"]): row["errors"] for row in rows}
    found = []
    for (problem, way, shards), mine in errors.items():
        if way.startswith(ONE):
            continue
        others = errors[problem, ONE + (LITTLE if way.endswith(LITTLE) else ""), 1]
        draws = len(set(mine))
        spread = statistics.stdev(mine if draws > 2 else others)
        means = statistics.fmean(mine), spread / math.sqrt(draws)
        alone = statistics.fmean(others), statistics.stdev(others) / math.sqrt(len(others))
        found.append(Compared(problem, way, shards, *means, *alone))
    return found


def tables(result: Result) -> dict[str, Table]:
    """Return how the errors compare by way and number of shards, and those that are above by more than chance."""
    found = compared(result["measured"])
    numbers = sorted({one.shards for one in found})
    lines, above = [], []
    for way in dict.fromkeys(one.way for one in sorted(found, key=lambda one: one.way.endswith(LITTLE))):
        cells = [way]
        for number in numbers:
            some = [one for one in found if (one.way, one.shards) == (way, number)]
            ratio = math.exp(statistics.fmean(math.log(one.ratio) for one in some)) if some else math.nan
            cells.append(f"{ratio:.2f}; {sum(one.near for one in some)} of {len(some)}" if some else "")
        lines.append(cells)
    for one in sorted(found, key=lambda one: (one.way, int(one.problem), one.shards)):
        if not one.way.startswith("added") and one.beyond_chance:
            told = one.way, one.problem, f"{one.shards}"
            above.append([*told, f"{one.error:.4f} ± {one.error_se:.4f}", f"{one.one:.4f} ± {one.one_se:.4f}"])
    return {
        "errors": Table(["", *(f"{number:,}" for number in numbers)], lines),
        "above": Table(["way", "problem", "shards", "error", ONE], above),
    }


def main() -> None:
    """Measure and write."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default=",".join(map(str, range(2, 49, 2))))
    parser.add_argument("--shards", default="1,8,64,512")
    parser.add_argument("--memory", default="1MiB")
    parser.add_argument("--orders", type=int, default=12)
    parser.add_argument("--deals", type=int, default=3)
    parser.add_argument("--kept", type=Path, default=Path("build/shards.jsonl"))
    args = parser.parse_args()
    finish(__file__, args, measure(args), tables)


if __name__ == "__main__":
    main()
