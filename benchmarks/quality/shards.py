"""Claim: shards of a sample add up to the automaton of the whole, by closing what was added up and by rounds.

    python benchmarks/quality/shards.py FOLDER [--problems 2,4] [--shards 1,8,64,512] [--memory 1MiB] [--orders 8]
                                        [--json OUT] [--markdown OUT]

FOLDER holds problems in the formats of the PAutomaC competition.  Each sample is learned in one process, in several
orders of its traces, as the model hangs on that, and dealt out to shards, trace by trace.  These are learned by
themselves and added up: without closing, as `StreamLearner.merge` does, and closed; and they are counted in rounds from
a common skeleton, which double from 1,000 traces on.  All rounds are repeated with little memory a shard.  The error is
the perplexity on the test strings minus the target's own.
"""

from __future__ import annotations

import random
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import perplexity_error
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, read_batches
from flexstream.distributed.rounds import Rounds, combine, count
from flexstream.learning.additive import Summary

Traces = list[list[str]]
WAYS = ("added", "closed", "rounds", "rounds, little memory")
NEAR = 1.05
"""Times the mean error of one process that an error may be and still be as good, unless an order gives a larger one."""
LEAST = 0.002
"""Errors that differ by less are equal."""


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


def added(shards: list[Traces]) -> StreamLearner:
    """Add learners up without closing."""
    total = learned(shards[0])
    for shard in shards[1:]:
        total.merge(learned(shard))
    return total


def closed(shards: list[Traces]) -> StreamLearner:
    """Add summaries up, two by two, and close the sum."""
    parts = [Summary.of(learned(shard)) for shard in shards]
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


def outcome(learner: StreamLearner, test: Traces, target: list[float]) -> dict[str, float]:
    """Return error and states."""
    automaton = learner.automaton
    return {"error": perplexity_error([automaton.log2_prob(trace) for trace in test], target), "states": len(automaton)}


def alone(train: Traces, test: Traces, target: list[float], orders: int, **params: Any) -> dict[str, Any]:
    """Return the mean outcome of one process over orders of the traces, the one of the file first, and the worst."""
    found = []
    for number in range(orders):
        traces = list(train)
        if number:
            random.Random(number).shuffle(traces)
        found.append(outcome(learned(traces, **params), test, target))
    errors = [one["error"] for one in found]
    return {
        "error": statistics.fmean(errors),
        "worst": max(errors),
        "errors": errors,
        "states": statistics.fmean(one["states"] for one in found),
    }


def measure(folder: Path, names: list[str], numbers: list[int], memory: str, orders: int) -> list[dict[str, Any]]:
    """Return the outcomes of all problems, ways and numbers of shards."""
    rows = []
    for name in names:
        train, test = (traces_of(folder / f"{name}.pautomac.{kind}") for kind in ("train", "test"))
        target = [float(line) for line in (folder / f"{name}.pautomac_solution.txt").read_text().split()[1:]]
        row: dict[str, Any] = {"problem": name, "traces": len(train), "one": alone(train, test, target, orders)}
        row["one, little memory"] = alone(train, test, target, orders, memory=memory)
        for number in numbers:
            shards = [train[start::number] for start in range(number)]
            found = (added(shards), closed(shards), in_rounds(train, number), in_rounds(train, number, memory=memory))
            row[str(number)] = {way: outcome(one, test, target) for way, one in zip(WAYS, found, strict=True)}
        print(name, {key: value for key, value in row.items() if key != "problem"}, flush=True)
        rows.append(row)
    return rows


def tables(result: Result) -> dict[str, Table]:
    """Return mean errors, and how many problems are within 5 % of one process, by way and number of shards."""
    rows, lines = result["measured"], []
    numbers = [key for key in rows[0] if key.isdigit()]
    for way in WAYS:
        one = "one, little memory" if way.endswith("memory") else "one"
        base = statistics.fmean(row[one]["error"] for row in rows)
        cells = [way, f"{base:.4f}"]
        for number in numbers:
            errors = [row[number][way]["error"] for row in rows]
            bounds = [max(NEAR * row[one]["error"], row[one]["error"] + LEAST, row[one]["worst"]) for row in rows]
            near = sum(error <= bound for error, bound in zip(errors, bounds, strict=True))
            cells.append(f"{statistics.fmean(errors):.4f} ({near})")
        lines.append(cells)
    return {"errors": Table(["way", "one process", *numbers], lines)}


def main() -> None:
    """Measure and write."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default=",".join(map(str, range(2, 49, 2))))
    parser.add_argument("--shards", default="1,8,64,512")
    parser.add_argument("--memory", default="1MiB")
    parser.add_argument("--orders", type=int, default=8)
    args = parser.parse_args()
    numbers = [int(number) for number in args.shards.split(",")]
    finish(__file__, args, measure(args.folder, args.problems.split(","), numbers, args.memory, args.orders), tables)


if __name__ == "__main__":
    main()
