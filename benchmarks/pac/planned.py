"""Does a planned run keep its promise?

    python benchmarks/planned.py [--runs 200] [--target reber] [--theorem flexstream] [--eps 0.9] [--delta 0.1]
    python benchmarks/planned.py --pautomac FOLDER/24.pautomac_model.txt --eps 0.5 --futures 1

Draws the planned sample again and again, all batches of it, learns it under the plan, and compares: structure equal up
to the names of states, and L1 distance of the distributions at most eps.  The distance is estimated on strings of both.

Most strings of a small target come many times.  How often each comes is drawn, not one string after the other, and
equal strings of a batch are counted one behind the other: that is the same sample, and several times as fast.  With
``--shuffle`` they come in random order.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from calibration import rate
from numpy.typing import NDArray
from shared.streams import pautomac_target, sample_batch, table, true_mu

from flexstream import PDFA
from flexstream.batch import TraceBatch
from flexstream.comparison import largest_difference
from flexstream.pac.demand import Demand
from flexstream.pac.plan import THEOREMS, Plan
from flexstream.pac.run import PlannedLearner
from flexstream.targets import reber, reentrant_line

TARGETS = {"reber": reber, "line": reentrant_line}
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
    started = time.perf_counter()
    for _ in range(int(plan.sizes[plan.theorem].batches)):
        learner.learn_many(draw(target, plan.run["every"], random, shuffle))
    automaton = learner.automaton
    seconds = time.perf_counter() - started
    difference = largest_difference(automaton, target)
    return {
        "right": difference is not None,
        "difference": difference,
        "l1": l1_distance(automaton, target, random) if len(automaton.symbols) == len(target.symbols) else 2.0,
        "seconds": seconds,
        "given_up": learner.tree.given_up_nodes + learner.tree.given_up_events,
        "states": len(automaton),
    }


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first run.")
    parser.add_argument("--target", choices=TARGETS, default="reber")
    parser.add_argument("--pautomac", type=Path)
    parser.add_argument("--theorem", choices=THEOREMS, default="flexstream")
    parser.add_argument("--eps", type=float, default=0.9)
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--mu", type=float, default=0.0, help="Default: the target's own, a little less.")
    parser.add_argument("--futures", type=int, default=2)
    parser.add_argument("--memory", default="2GiB")
    parser.add_argument("--shuffle", action="store_true", help="Equal strings do not come one behind the other.")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    target = pautomac_target(args.pautomac) if args.pautomac else TARGETS[args.target]()
    mu, length = true_mu(target, args.futures)
    demand = Demand(
        states=len(target),
        symbols=len(target.symbols),
        mu=args.mu or 0.999 * mu,
        length=1.001 * length,
        eps=args.eps,
        delta=args.delta,
        futures=args.futures,
    )
    plan = Plan.make(demand, args.theorem, args.memory)
    assert plan.run is not None
    sizes = plan.sizes[args.theorem]
    told = f"{sizes.batches:,.0f} x {sizes.batch:,.0f} strings a run"
    print(f"{args.pautomac or args.target}, {args.theorem}: {told}; {demand}", flush=True)
    rows = [run(target, plan, seed, args.shuffle) for seed in range(args.first, args.first + args.runs)]
    print(f"  right structure: {rate(sum(row['right'] for row in rows), len(rows))}, stated {1 - args.delta:g}")
    print(f"  L1 at most eps: {rate(sum(row['l1'] <= args.eps for row in rows), len(rows))}")
    l1, seconds = ([row[name] for row in rows] for name in ("l1", "seconds"))
    print(f"  L1: mean {np.mean(l1):.4f}, largest {max(l1):.4f}; {np.mean(seconds):.2f} s a run")
    print(f"  runs that gave counts up: {sum(row['given_up'] > 0 for row in rows)}", flush=True)
    if args.json:
        args.json.write_text(json.dumps({"demand": demand.to_document(), "runs": rows}, indent=1))


if __name__ == "__main__":
    main()
