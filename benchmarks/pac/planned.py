"""Claim: a planned run keeps its promise: the right structure with probability 1 - delta, and L1 at most epsilon.

    python benchmarks/pac/planned.py [reber:flexstream:0.25:20 ...] [--pautomac FOLDER] [--delta 0.1] [--json OUT]

Each setting is TARGET:THEOREM:EPSILON:RUNS; the target is ``reber``, ``line``, or the number of a problem with a
deterministic target in FOLDER.  Draws the planned sample again and again, all batches of it, learns it under the plan,
and compares: structure equal up to the names of states, and L1 distance of the distributions at most eps.  The distance
is estimated on strings of both.

Most strings of a small target come many times.  How often each comes is drawn, not one string after the other, and
equal strings of a batch are counted one behind the other: that is the same sample, and several times as fast.  With
``--shuffle`` they come in random order.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import interval, rate, told
from shared.results import Result, finish, parser_of
from shared.streams import pautomac_target, sample_batch, table, true_mu
from shared.tables import Table

from flexstream import PDFA
from flexstream.automata.compare import largest_difference
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.stream.batch import TraceBatch
from flexstream.targets import reber, reentrant_line

TARGETS = {"reber": reber, "line": reentrant_line}
WORDS = {"reber": "Reber grammar", "line": "re-entrant line"}
THEOREM_WORDS = {"flexstream": "FlexStream", "baumgartner-verwer": "Baumgartner & Verwer"}
PROBES = 4000


def log_probabilities(automaton: PDFA, batch: TraceBatch, symbols: list[str]) -> NDArray[np.float64]:
    """Return the log-probability of each string without smoothing; symbols are ids of ``symbols``."""
    outcomes, goal = table(automaton)
    order = [automaton.symbols.index(symbol) for symbol in symbols]
    with np.errstate(divide="ignore"):
        step, stop = np.log(outcomes[:, 1:][:, order]), np.log(outcomes[:, 0])
    goal = goal[:, 1:][:, order]
    lengths = np.diff(batch.offsets)
    state, result = np.zeros(len(batch), np.int64), np.zeros(len(batch))
    for position in range(int(lengths.max(initial=0))):
        alive = np.flatnonzero(lengths > position)
        symbol = batch.symbols[batch.offsets[alive] + position]
        result[alive] += step[state[alive], symbol]
        state[alive] = goal[state[alive], symbol]
    return result + stop[state]


def l1_distance(learned: PDFA, target: PDFA, random: np.random.Generator) -> float:
    """Estimate the L1 distance: the mean of 2 |p - q| / (p + q) over strings of which half come from either."""
    symbols, total = list(target.symbols), 0.0
    names = [target.symbols.index(symbol) for symbol in learned.symbols]
    for source, rename in ((target, None), (learned, np.array(names, np.int32))):
        batch = sample_batch(source, PROBES, random)
        if rename is not None:
            batch = TraceBatch(rename[batch.symbols], batch.offsets)
        p, q = (np.exp(log_probabilities(automaton, batch, symbols)) for automaton in (learned, target))
        total += float((2 * np.abs(p - q) / (p + q)).mean()) / 2
    return total


def draw(target: PDFA, strings: int, random: np.random.Generator, shuffle: bool = False) -> TraceBatch:
    """Draw strings by how often each comes; symbols have the target's ids.

    The strings that share a prefix are shared out over its next outcomes, a multinomial number each, level by level.
    """
    outcomes, goal = table(target)
    states, counts = np.zeros(1, np.int64), np.array([strings])
    words = np.empty((1, 0), np.int32)
    parts: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = []  # words of one length, and how often each comes
    while len(counts):
        drawn = random.multinomial(counts, outcomes[states])
        ended = drawn[:, 0] > 0
        parts.append((words[ended], drawn[ended, 0]))
        rows, symbols = np.nonzero(drawn[:, 1:])
        words = np.hstack([words[rows], symbols[:, None].astype(np.int32)])
        states, counts = goal[states[rows], 1 + symbols], drawn[rows, 1 + symbols]
    lengths = np.concatenate([np.repeat(words.shape[1], times.sum()) for words, times in parts])
    symbols = np.concatenate([np.repeat(words, times, axis=0).ravel() for words, times in parts])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return _shuffled(symbols, offsets, random) if shuffle else TraceBatch(symbols, offsets)


def _shuffled(symbols: NDArray[np.int32], offsets: NDArray[np.int64], random: np.random.Generator) -> TraceBatch:
    order = random.permutation(len(offsets) - 1)
    lengths = np.diff(offsets)[order]
    after = np.concatenate([[0], np.cumsum(lengths)])
    return TraceBatch(symbols[np.arange(after[-1]) + np.repeat(offsets[:-1][order] - after[:-1], lengths)], after)


def run(target: PDFA, plan: Plan, seed: int, shuffle: bool) -> dict[str, Any]:
    """Learn one planned sample, batch by batch."""
    assert plan.run is not None
    random = np.random.default_rng(seed)
    learner = PlannedLearner(plan, seed=seed)
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    started = time.process_time()
    for _ in range(int(plan.sizes[plan.theorem].batches)):
        learner.learn_many(draw(target, plan.run["every"], random, shuffle))
    automaton = learner.automaton
    seconds = time.process_time() - started
    difference = largest_difference(automaton, target)
    return {
        "right": difference is not None,
        "difference": difference,
        "l1": l1_distance(automaton, target, random) if len(automaton.symbols) == len(target.symbols) else 2.0,
        "seconds": seconds,
        "given_up": learner.tree.evicted_nodes + learner.tree.evicted_events,
        "states": len(automaton),
    }


def planned(args: argparse.Namespace, setting: str) -> dict[str, Any]:
    """Learn a setting as many times as it says; return rates and distances."""
    name, theorem, eps, runs = setting.split(":")
    if name in TARGETS:
        target, futures, called = TARGETS[name](), 2, WORDS[name]
    else:
        target, futures = pautomac_target(args.pautomac / f"{name}.pautomac_model.txt"), 1
        called = f"PAutomaC {name}"
    mu, length = true_mu(target, futures)
    demand = Demand(
        states=len(target),
        symbols=len(target.symbols),
        mu=args.mu or 0.999 * mu,
        length=1.001 * length,
        eps=float(eps),
        delta=args.delta,
        futures=futures,
    )
    plan = Plan.make(demand, theorem, args.memory)
    sizes = plan.sizes[theorem]
    print(f"{setting}: {sizes.batches:,.0f} x {sizes.batch:,.0f} strings a run", flush=True)
    rows = [run(target, plan, seed, args.shuffle) for seed in range(args.first, args.first + int(runs))]
    right = rate(sum(row["right"] for row in rows), len(rows))
    within = rate(sum(row["l1"] <= demand.eps for row in rows), len(rows))
    l1 = [row["l1"] for row in rows]
    print(f"  right structure: {told(right)}; L1 at most eps: {told(within)}", flush=True)
    return {
        "target": called,
        "theorem": theorem,
        "batches": int(sizes.batches),
        "strings": int(sizes.batches) * int(sizes.batch),
        "demand": demand.to_document(),
        "right": right,
        "within": within,
        "l1_mean": float(np.mean(l1)),
        "l1_largest": max(l1),
        "seconds_a_run": float(np.mean([row["seconds"] for row in rows])),
        "gave_up": sum(row["given_up"] > 0 for row in rows),
        "runs": rows,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    theorem = THEOREM_WORDS.get(row["theorem"], row["theorem"])
    theorem += f", {row['batches']} batches" if row["batches"] > 1 else ""
    right = row["right"]
    return [
        row["target"],
        theorem,
        f"{row['demand']['eps']:g}",
        f"{row['strings']:,}",
        str(right["trials"]),
        f"{right['hits']}: {interval(right)}",
        f"{row['within']['hits']}",
        f"{row['l1_mean']:.4f}, {row['l1_largest']:.4f}",
    ]


def tables(result: Result) -> dict[str, Table]:
    """Return ``runs``."""
    stated = 1 - result["arguments"]["delta"]
    head = ("target", "theorem", "ε", "strings", "runs", f"right structure, stated {stated:g}", "L1 at most ε")
    rows = [cells(row) for row in result["measured"]["settings"]]
    return {"runs": Table((*head, "L1: mean, largest"), rows, "llrrrrrr")}


def main() -> None:
    """Print the rates."""
    parser = parser_of(__doc__)
    parser.add_argument("settings", nargs="*", default=["reber:flexstream:0.25:20"], metavar="SETTING")
    parser.add_argument("--first", type=int, default=0, help="Seed of the first run.")
    parser.add_argument("--pautomac", type=Path, metavar="FOLDER")
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--mu", type=float, default=0.0, help="Default: the target's own, a little less.")
    parser.add_argument("--memory", default="2GiB")
    parser.add_argument("--shuffle", action="store_true", help="Equal strings do not come one behind the other.")
    args = parser.parse_args()
    found = [planned(args, setting) for setting in args.settings]
    finish(__file__, args, {"settings": found}, tables)


if __name__ == "__main__":
    main()
