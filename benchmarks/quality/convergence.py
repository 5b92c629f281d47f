"""Claim: with more data the automaton comes nearer to a random target, and its states stop at the true number.

    python benchmarks/quality/convergence.py [--states 100,300] [--symbols 20] [--traces 1000000] [--seed 1]
                                             [--aalpy METHOD] [--limit SECONDS] [--json OUT] [--markdown OUT]
                                             [--plot OUT.png]

For each number of states a random deterministic target is made.  One learner reads its stream in one pass, and is asked
for its automaton after 1,000 traces and at every tenfold.  Reported are the states that have a partner in the target
(those that fewer than one trace in a thousand visits do not count), whether the automaton is that of the target
(outcomes that come less than once in a thousand traces do not count), and the Kullback-Leibler divergence from the
target in bits a trace, estimated on fresh traces of the target: its mean, and the median of the traces, which a few
that leave the known paths do not move.  Beside it AALpy's Alergia learns the same traces from
scratch at each size, until it takes longer than the limit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import METHODS
from shared.results import Result, finish, parser_of, result_of, write_json
from shared.runs import solve
from shared.tables import Table, pyplot

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.automata.compare import identify
from flexstream.targets import Problem, Recipe
from flexstream.targets.pautomac import strings_text

FRESH = 5000
BLOCK = 10_000
FIRST = 1000
RARE = 1e-3
Row = dict[str, Any]


class Judge:
    """Compares automata with a target."""

    def __init__(self, problem: Problem) -> None:
        self.target = problem.target
        self.truth = problem.target.to_pdfa()
        self.fresh = problem.target.sampler(problem.test_seed).batch(FRESH)
        self.own = problem.target.log2_probs(self.fresh)

    def __call__(self, automaton: PDFA) -> Row:
        """Return what is reported of an automaton."""
        ids = np.array([automaton.alphabet().ids.get(text, -1) for text in self.target.symbols], np.int32)
        bits = automaton.score_batch(TraceBatch(ids[self.fresh.symbols], self.fresh.offsets))[0]
        gaps, found = self.own - bits, identify(automaton, self.truth, RARE, RARE)
        return {
            "learned": found.learned,
            "matched": found.matched,
            "counted": found.counted,
            "isomorphic": found.isomorphic,
            "difference": found.difference,
            "kl": float(gaps.mean()),
            "kl_median": float(np.median(gaps)),
            "kl_error": float(gaps.std() / np.sqrt(FRESH)),
        }


def decades(most: int) -> list[int]:
    """Return 1,000 and its tenfolds.

    >>> decades(100_000)
    [1000, 10000, 100000]
    """
    return [FIRST * 10**power for power in range(12) if FIRST * 10**power <= most]


def in_one_pass(problem: Problem, judge: Judge, sizes: list[int]) -> Iterator[Row]:
    """Let one learner read the stream; yield a row at each size."""
    learner, source, seconds = StreamLearner(), problem.traces(), 0.0
    learner.alphabet.adopt(problem.target.alphabet())
    for size in sizes:
        started = time.process_time()
        while learner.traces < size:
            learner.learn_many(source.batch(min(BLOCK, size - learner.traces)))
        automaton = learner.automaton
        seconds += time.process_time() - started
        yield {"method": "flexstream", "traces": size, "seconds": seconds, **judge(automaton)}


def from_scratch(method: str, problem: Problem, judge: Judge, sizes: list[int], limit: float) -> Iterator[Row]:
    """Let a baseline learn the first traces of the stream anew at each size, until one takes too long."""
    with tempfile.TemporaryDirectory() as scratch:
        train, model = Path(scratch) / "train", Path(scratch) / "model.json"
        for size in sizes:
            train.write_text(strings_text(problem.traces().batch(size), len(problem.target.symbols)))
            done = solve(method, train, limit, model=model)
            if "failed" in done:
                print(f"{method} at {size:,} traces: {done['failed']}", flush=True)
                return
            yield {"method": method, "traces": size, "seconds": done["processor_seconds"], **judge(PDFA.load(model))}


def measure(args: argparse.Namespace) -> Iterator[Row]:
    """Measure all targets."""
    for states in map(int, args.states.split(",")):
        recipe = Recipe(states, args.symbols, args.symbol_sparsity, args.transition_sparsity, mean_length=args.length)
        problem = Problem.random("pdfa", recipe, args.seed)
        judge, sizes = Judge(problem), decades(args.traces)
        methods = [in_one_pass(problem, judge, sizes)]
        if args.aalpy:
            methods.append(from_scratch(args.aalpy, problem, judge, sizes, args.limit))
        for method in methods:
            for row in method:
                print("  ".join(cells(states, row)), flush=True)
                yield {"states": states, **row}


HEAD = [
    "target",
    "method",
    "traces",
    "learned",
    "matched/counted",
    "isomorphic",
    "KL, bits a trace",
    "median",
    "seconds",
]


def cells(states: int, row: Row) -> list[str]:
    """Return a row of the table."""
    return [
        f"{states} states",
        row["method"],
        f"{row['traces']:,}",
        str(row["learned"]),
        f"{row['matched']}/{row['counted']}",
        "yes" if row["isomorphic"] else "no",
        f"{row['kl']:.4f} ± {row['kl_error']:.4f}",
        f"{row['kl_median']:.4f}",
        f"{row['seconds']:.1f}",
    ]


def plot(measured: dict[str, Any], path: Path) -> None:
    """Draw divergence and states found against the number of traces."""
    rows: list[Row] = measured["rows"]
    figure, (left, right) = pyplot().subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for number, states in enumerate(sorted({row["states"] for row in rows})):
        for method in dict.fromkeys(row["method"] for row in rows):
            line = [row for row in rows if (row["states"], row["method"]) == (states, method)]
            look = dict(
                color=f"C{number}",
                linestyle="-" if method == "flexstream" else "--",
                marker="o",
                label=f"{states} states, {method}",
            )
            traces = [row["traces"] for row in line]
            left.plot(traces, [max(row["kl"], 1e-4) for row in line], **look)
            right.plot(traces, [row["matched"] / row["counted"] for row in line], **look)
    for axes, title in ((left, "KL divergence from the target, bits a trace"), (right, "share of states found")):
        axes.set_xscale("log")
        axes.set_xlabel("traces")
        axes.set_ylabel(title)
        axes.grid(alpha=0.3)
    left.set_yscale("log")
    left.legend()
    figure.savefig(path, dpi=120)


def tables(result: Result) -> dict[str, Table]:
    """Return ``sizes``, a row for each target, method and number of traces."""
    rows = [cells(row["states"], row) for row in result["measured"]["rows"]]
    return {"sizes": Table(HEAD, rows, "llrrrlrrr")}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--states", default="100,300")
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--symbol-sparsity", type=float, default=0.2)
    parser.add_argument("--transition-sparsity", type=float, default=1.0)
    parser.add_argument("--length", type=float, default=15.0)
    parser.add_argument("--traces", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--aalpy", default="aalpy-smm", choices=["", *(name for name in METHODS if "aalpy" in name)])
    parser.add_argument("--limit", type=float, default=300.0, help="processor seconds after which AALpy is given up")
    args = parser.parse_args()
    rows: list[Row] = []
    for row in measure(args):
        rows.append(row)
        write_json(args.json, result_of(__file__, args, {"rows": rows}))
    finish(__file__, args, {"rows": rows}, tables)
    if args.plot:
        plot({"rows": rows}, args.plot)


if __name__ == "__main__":
    main()
