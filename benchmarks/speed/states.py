"""Claim: the time to learn grows somewhat faster than the number of states and events, and far from its square.

    python benchmarks/speed/states.py [--states 200,1000,2000,5000] [--symbols 20] [--per-state 1500] [--full 1000]
                                      [--seed 3] [--runs 3] [--json OUT] [--markdown OUT] [--plot OUT.svg]

Random deterministic targets, with the same number of events for each state; the sizes take turns, and the ratio is the
median over the turns.  Up to ``--full`` states the same tree is
also searched without the shortlist, each blue node tried on every red one, to compare the automata and the time.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table, pyplot

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.merging.heuristics.evidence import Evidence
from flexstream.merging.search import Strategy, refine
from flexstream.targets import PFA, Recipe, random_pdfa

LENGTH, BLOCK, FRESH = 15, 20_000, 2000


class Full(Evidence):
    """The same heuristic without the shortlist."""

    narrow = False


def divergence(automaton: PDFA, target: PFA, fresh: TraceBatch) -> float:
    """Return the median gap to the target in bits a trace."""
    ids = np.array([automaton.alphabet().ids.get(text, -1) for text in target.symbols], np.int32)
    bits = automaton.score_batch(TraceBatch(ids[fresh.symbols], fresh.offsets))[0]
    return float(np.median(np.abs(target.log2_probs(fresh) - bits)))


def measure(states: int, args: argparse.Namespace, full: int = 0) -> dict[str, Any]:
    """Learn one target; with at most ``full`` states search its tree again with and without the shortlist."""
    recipe = Recipe(states, args.symbols, transition_sparsity=min(1.0, 6 / states + 0.01), mean_length=LENGTH)
    target = random_pdfa(recipe, args.seed)
    source, fresh = target.sampler(1), target.sampler(2).batch(FRESH)
    learner = StreamLearner()
    learner.alphabet.adopt(target.alphabet())
    seconds = 0.0
    while learner.traces < states * args.per_state // LENGTH:
        batch = source.batch(min(BLOCK, states * args.per_state // LENGTH - learner.traces))
        started = time.process_time()
        learner.learn_many(batch)
        seconds += time.process_time() - started
    started = time.process_time()
    automaton = learner.automaton
    seconds += time.process_time() - started
    row = {"true": states, "learned": len(automaton), "seconds": seconds}
    row["gap"] = divergence(automaton, target, fresh)
    for name, heuristic in (("short", Evidence()), ("full", Full())):
        if states <= full:
            started = time.process_time()
            found = refine(learner.tree, len(learner.alphabet), heuristic, Strategy.FRESH)
            row[f"{name}_search"] = time.process_time() - started
            frozen = found.automaton(learner.tree, learner.alphabet)
            row[f"{name}_states"], row[f"{name}_gap"] = len(frozen), divergence(frozen, target, fresh)
    return row


def turns(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure all sizes in turns; return for each the medians of its seconds and of the ratio to the first size."""
    sizes = [int(size) for size in args.states.split(",")]
    rows = [measure(size, args, args.full) for size in sizes]
    seconds = np.array(
        [[row["seconds"] for row in rows]]
        + [[measure(size, args)["seconds"] for size in sizes] for _ in range(args.runs - 1)]
    )
    ratios = np.median(seconds / seconds[:, :1], axis=0)
    for row, taken, ratio in zip(rows, np.median(seconds, axis=0), ratios, strict=True):
        row |= {"seconds": float(taken), "ratio": float(ratio)}
    return rows


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    searches = [
        f"{row[f'{name}_search']:.2f} s, {row[f'{name}_states']} states, gap {row[f'{name}_gap']:.3f}"
        if f"{name}_search" in row
        else ""
        for name in ("short", "full")
    ]
    return [
        str(row["true"]),
        str(row["learned"]),
        f"{row['seconds']:.2f}",
        f"{row['ratio']:.1f}",
        f"{row['gap']:.3f}",
        *searches,
    ]


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the time by the number of states, and what time in proportion to it would be."""
    states, seconds = [row["true"] for row in rows], [row["seconds"] for row in rows]
    figure, axis = pyplot().subplots(figsize=(5, 3.5), layout="constrained")
    axis.plot(states, seconds, "o-", label="measured")
    axis.plot(states, [seconds[0] * each / states[0] for each in states], "--", label="in proportion")
    axis.set(xscale="log", yscale="log", xlabel="states", ylabel="seconds")
    axis.legend()
    figure.savefig(path)


HEAD = ("states", "learned", "seconds", "ratio", "median gap, bits", "with the shortlist", "without")


def tables(result: Result) -> dict[str, Table]:
    """Return ``sizes``."""
    return {"sizes": Table(HEAD, [cells(row) for row in result["measured"]["rows"]], "rrrrrll")}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--states", default="200,1000,2000,5000")
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--per-state", type=int, default=1500, help="events for each state")
    parser.add_argument("--full", type=int, default=1000, help="most states for which the full search is made")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    measure(200, args)  # loads the kernels, which is not what is measured
    rows = turns(args)
    growth = {f"{row['true']} / {rows[0]['true']} states": row["ratio"] for row in rows[1:]}
    finish(__file__, args, {"ratios": growth, "rows": rows}, tables)
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()
