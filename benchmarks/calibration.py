"""Do the stated levels hold?  Simulations from targets that are known.

    python benchmarks/calibration.py [--streams 1000] [--delta 0.1] [--looks 125,250] [--json OUT]

Streams from random targets are learned and reported on at several looks; a run counts as a miss if any statement of
any of its reports is false.  Statements refer to the target under the condition that the structure is right as far as
the sample has gone, so only such looks are held against the truth; the check of the condition is counted apart.  Then
the Hoeffding test is simulated at the sizes that the bounds ask for, with exact counts and with sketches.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from streams import random_target, sample_batch, table

from flexstream import PDFA, StreamLearner
from flexstream.batch import TraceBatch
from flexstream.pac import analysis as shares
from flexstream.pac.analysis import Analysis
from flexstream.pac.balle import look_share
from flexstream.pac.binomial import binomial_limits, clopper_pearson
from flexstream.pac.decision_rows import decision_rows
from flexstream.pac.hoeffding import (
    node_size,
    reject_level,
    sketched_node_size,
    sketched_threshold,
    threshold,
)
from flexstream.pac.intervals import confidence_sequence
from flexstream.pac.seen import with_evidence
from flexstream.pac.special import log_best, log_mixture
from flexstream.pac.words import Chances, distances

LOOKS = (125, 250, 500, 1000, 2000, 4000, 8000)
LEARNERS: dict[str, dict[str, Any]] = {
    "evidence": {},
    "css, sketches of 64": {"heuristic": "css", "options": {"alpha": 1e-12}},
    "css, sketches of 6": {"heuristic": "css", "options": {"alpha": 1e-12, "width": 6, "depth": 1}},
}
EVENTS = ("interval", "radius", "whole", "distance", "separation", "check")
SHARE = {
    "interval": shares.INTERVALS,
    "radius": shares.RADII,
    "whole": shares.WHOLE,
    "distance": shares.INTERVALS,
    "separation": shares.SEPARATIONS,
    "check": shares.CHECKS,
}


def homomorphism(learned: PDFA, target: PDFA) -> NDArray[np.int64] | None:
    """Return the state of the target behind each learned state, None if some learned state stands for several."""
    goal = table(target)[1]
    names = {symbol: number for number, symbol in enumerate(target.symbols)}
    image = np.full(len(learned), -1)
    image[0] = 0
    waiting = [0]
    rows: list[list[tuple[int, int]]] = [[] for _ in range(len(learned))]
    for edge in learned.transitions():
        rows[edge.source].append((names[edge.symbol], edge.target))
    while waiting:
        state = waiting.pop()
        for symbol, after in rows[state]:
            wanted = goal[image[state], 1 + symbol]
            if image[after] < 0:
                image[after] = wanted
                waiting.append(after)
            elif image[after] != wanted:
                return None
    return image if (image >= 0).all() else None


def members(learned: PDFA, target: PDFA) -> set[tuple[int, int]]:
    """Return all pairs of a learned state and a state of the target that one string leads to."""
    goal = table(target)[1]
    names = {symbol: number for number, symbol in enumerate(target.symbols)}
    found, waiting = {(0, 0)}, [(0, 0)]
    rows: list[list[tuple[int, int]]] = [[] for _ in range(len(learned))]
    for edge in learned.transitions():
        rows[edge.source].append((names[edge.symbol], edge.target))
    while waiting:
        state, true = waiting.pop()
        for symbol, after in rows[state]:
            pair = (after, int(goal[true, 1 + symbol]))
            if pair not in found:
                found.add(pair)
                waiting.append(pair)
    return found


def misses_a_member(analysis: Analysis, target: PDFA) -> bool:
    """Tell whether some interval does not hold the probability in some state of the target behind a learned state."""
    learned = analysis.automaton
    pairs = np.array(sorted(members(learned, target)))
    truth, _ = truths(learned, target, pairs[:, 1])
    least = np.zeros((len(learned), 1 + len(learned.symbols)))
    most = np.repeat(analysis.unseen[:, None], least.shape[1], 1)
    least[:, 0], most[:, 0] = analysis.stops
    cell = (learned.sources, 1 + learned.edge_symbols)
    least[cell], most[cell] = analysis.steps
    return bool(((truth < least[pairs[:, 0]]) | (truth > most[pairs[:, 0]])).any())


def truths(learned: PDFA, target: PDFA, image: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the true probabilities of the learned states' outcomes, the end first, in the learned order of symbols."""
    outcomes, goal = table(target)
    order = [0, *(1 + target.symbols.index(symbol) for symbol in learned.symbols)]
    return outcomes[image][:, order], goal[image][:, order]


def wrong_statements(analysis: Analysis, target: PDFA, image: NDArray[np.int64]) -> set[str]:
    """Return the kinds of statements that are false at one look with a right structure."""
    learned = analysis.automaton
    truth, _ = truths(learned, target, image)
    cells = truth[learned.sources, 1 + learned.edge_symbols]
    unseen = np.ones(truth[:, 1:].shape, np.bool_)
    unseen[learned.sources, learned.edge_symbols] = False
    wrong = set()
    if (
        (truth[:, 0] < analysis.stops[0]).any()
        or (truth[:, 0] > analysis.stops[1]).any()
        or (cells < analysis.steps[0]).any()
        or (cells > analysis.steps[1]).any()
        or (np.where(unseen, truth[:, 1:], 0) > analysis.unseen[:, None]).any()
    ):
        wrong.add("interval")
    found = np.zeros_like(truth)
    found[:, 0] = learned.stops
    found[learned.sources, 1 + learned.edge_symbols] = learned.weights
    found /= np.maximum(found.sum(1, keepdims=True), 1e-300)
    if (np.abs(found - truth).sum(1) > analysis.radii + 1e-12).any():
        wrong.add("radius")
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = np.where(found > 0, found * np.log(found / truth), 0).sum(1)
    visits = analysis.expected_visits
    if visits is not None and visits @ divergence > analysis.divergence_bound:
        wrong.add("whole")
    apart = true_distances(learned, target, image, analysis.depth)
    if (apart < analysis.distances.least - 1e-12).any() or (apart > analysis.distances.most + 1e-12).any():
        wrong.add("distance")
    return wrong


def true_distances(learned: PDFA, target: PDFA, image: NDArray[np.int64], depth: int) -> NDArray[np.float64]:
    """Return the distances of the learned states' images, over words of the learned symbols."""
    outcomes, goal = table(target)
    order = [1 + target.symbols.index(symbol) for symbol in learned.symbols]
    exact = Chances(np.array([outcomes[:, 0]] * 3), np.array([outcomes[:, order]] * 3), goal[:, order])
    return distances(exact, depth).estimate[np.ix_(image, image)]


def stream(seed: int, params: dict[str, Any], delta: float, looks: tuple[int, ...] = LOOKS) -> Counter[str]:
    """Learn one stream, report at every look; return what happened, in runs (any look) and in looks."""
    random = np.random.default_rng(seed)
    target = random_target(random, int(random.integers(2, 6)), int(random.integers(2, 4)))
    batch = sample_batch(target, looks[-1], random)
    learner = StreamLearner(every=0, **params)
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    happened: Counter[str] = Counter()
    for start, stop in zip((0, *looks), looks, strict=False):
        learner.learn_many(batch.part(start, stop))
        happened.update(look(Analysis(with_evidence(learner), delta), target))
    runs = {f"run: {name}": 1 for name in (*EVENTS, "right", "any") if happened[name]}
    return happened + Counter(runs)


def look(analysis: Analysis, target: PDFA) -> Counter[str]:
    """Return what one look at a stream shows."""
    image = homomorphism(analysis.automaton, target)
    alarm = bool(analysis.contradicted.any())
    strings = int(analysis.automaton.provenance["traces"])
    decided = decision_rows(analysis, strings)
    settled = not decided["close"] and not alarm and not analysis.left_out.any()
    found: Counter[str] = Counter({"looks": 1, "settled": settled, "expected wrong": decided["expected_wrong"]})
    if image is None:
        left_out = bool(analysis.left_out.any())
        silent = settled and misses_a_member(analysis, target)
        return found + Counter(
            {
                "merged": 1,
                f"merged at {strings}": 1,
                "alarms": alarm,
                "left out": left_out,
                "unsettled": bool(decided["close"]),
                "settled but wrong": settled,
                "silent": silent,
            }
        )
    same = (image[:, None] == image[None, :]) & ~np.eye(len(image), dtype=np.bool_)
    wrong = {"separation"} if (same & (analysis.pair_evidence >= analysis.pair_threshold)).any() else set()
    if same.any():
        found["split"] = 1
        found["settled but wrong"] = settled
    elif analysis.left_out.any():
        found["left_out"] = 1
    else:
        found["right"] = 1
        wrong |= wrong_statements(analysis, target, image)
        wrong |= {"check"} if alarm else set()
    return found + Counter(dict.fromkeys(wrong, 1)) + Counter(any=1 if wrong else 0)


def rate(hits: int, trials: int) -> str:
    """Return a rate with its 95 % interval."""
    if not trials:
        return "none"
    low, high = (float(value) for value in clopper_pearson(hits, trials, 0.05))
    return f"{hits:,} of {trials:,} = {hits / trials:.4f} ({low:.4f} to {high:.4f})"


def streams(name: str, number: int, delta: float, looks: tuple[int, ...] = LOOKS) -> dict[str, Any]:
    """Simulate all streams of one learner and print the table."""
    total: Counter[str] = Counter()
    for seed in range(number):
        total.update(stream(seed, LEARNERS[name], delta, looks))
    print(f"\n{name}: {number:,} streams, {len(looks)} looks each, delta {delta:g}")
    print(
        f"  looks: {total['looks']:,}; right {total['right']:,}, split {total['split']:,}, merged {total['merged']:,}"
    )
    print(f"  right but with visits left out: {total['left_out']:,}")
    print("  merged looks by strings: " + ", ".join(f"{size:,}: {total[f'merged at {size}']:,}" for size in looks))
    print(
        f"  merged looks with close decisions {total['unsettled']:,}, with an alarm {total['alarms']:,}, with visits "
        f"left out {total['left out']:,}; with none of them and a miss all the same {total['silent']:,}"
    )
    settled = total["settled"]
    print(f"  settled looks: {settled:,}; wrong, stated {delta:g}: {rate(total['settled but wrong'], settled)}")
    print(f"  runs with a right look: {total['run: right']:,}")
    for event in EVENTS:
        stated = SHARE[event] * delta
        hits = total[f"run: {event}"]
        print(f"  {event:<11} stated {stated:.4f}  missed {rate(hits, number)}  ratio {hits / number / stated:.2f}")
    hits = total["run: any"]
    print(
        f"  {'any':<11} stated {delta:.4f}  missed {rate(hits, number)}  ratio {hits / number / delta:.2f}", flush=True
    )
    return {"learner": name, "streams": number, "delta": delta, **total}


# --- intervals of a known structure, watched -------------------------------------------------------------------


def visits_of(target: PDFA, batch: TraceBatch) -> NDArray[np.float64]:
    """Return how often each string took each outcome of each state, in all and at its first visit.

    Returns
    -------
    float64 array, shape (2, strings, states, outcomes)
    """
    outcomes, goal = table(target)
    found = np.zeros((2, len(batch), *outcomes.shape))
    lengths = np.diff(batch.offsets)
    state, met = np.zeros(len(batch), np.int64), np.zeros((len(batch), len(target)), np.bool_)
    for position in range(int(lengths.max()) + 1):
        alive = np.flatnonzero(lengths >= position)
        ended = lengths[alive] == position
        symbols = np.where(ended, 0, batch.symbols[np.minimum(batch.offsets[alive] + position, batch.events - 1)] + 1)
        found[0, alive, state[alive], symbols] += 1
        found[1, alive, state[alive], symbols] += ~met[alive, state[alive]]
        met[alive, state[alive]] = True
        state[alive] = goal[state[alive], symbols]
    return found


def watched(seed: int, delta: float, looks: int, strings: int = 3000) -> Counter[str]:
    """Watch one stream through its true structure; return what was false at any look, and the mean widths."""
    random = np.random.default_rng(seed)
    target = random_target(random, int(random.integers(2, 6)), int(random.integers(2, 4)))
    truth = table(target)[0]
    times = np.unique(np.geomspace(strings / 2 ** (looks - 1) if looks < 10 else 1, strings, looks).astype(int)) - 1
    counts, firsts = visits_of(target, sample_batch(target, strings, random)).cumsum(1)[:, times]
    share = shares.INTERVALS * delta / truth.size
    visits, trials = counts.sum(2, keepdims=True), firsts.sum(2, keepdims=True)

    def always(level: float) -> NDArray[np.float64]:
        return np.array(confidence_sequence(counts, visits, level))

    def planned(level: float) -> NDArray[np.float64]:
        levels = look_share(level, np.arange(1, len(times) + 1))  # type: ignore[arg-type]
        return np.array(binomial_limits(firsts, trials, np.reshape(levels, (-1, 1, 1))))

    half = always((1 - shares.PLANNED) * share), planned(shares.PLANNED * share)
    both = np.array([np.maximum(half[0][0], half[1][0]), np.minimum(half[0][1], half[1][1])])
    seen: Counter[str] = Counter()
    for name, (low, high) in (("always", always(share)), ("planned", planned(share)), ("both", both)):
        seen[name] = int(((truth < low) | (truth > high)).any())
        seen[f"{name}, width"] = float((high - low)[-1].mean())  # type: ignore[assignment]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(counts > 0, counts * np.log(counts / visits / truth), 0).sum((1, 2))
    cost = (log_best(counts) - log_mixture(counts, truth.shape[1])).sum(1)
    seen["whole"] = int((lost > math.log(1 / (shares.WHOLE * delta)) + cost).any())
    return seen


METHODS = {
    "always": "all visits, at all times",
    "planned": "first visits, at times fixed beforehand",
    "both": "both, half of the level each, as in reports",
    "whole": "bound of the whole",
}


def watching(number: int, delta: float, looks: int) -> dict[str, Any]:
    """Simulate and print the rates at which anything is ever false."""
    total: Counter[str] = Counter()
    for seed in range(number):
        total.update(watched(10**6 + seed, delta, looks))
    print(f"\n{looks} looks up to the 3,000th string, structure known: {number:,} streams")
    for name, words in METHODS.items():
        stated = SHARE["whole" if name == "whole" else "interval"] * delta
        width = f"  mean width at the end {total[f'{name}, width'] / number:.4f}" if name != "whole" else ""
        print(
            f"  {words:<44} stated {stated:.4f}  missed {rate(total[name], number)}  "
            f"ratio {total[name] / number / stated:.2f}{width}",
            flush=True,
        )
    return {"watched": number, "looks": looks, **total}


# --- the test of two nodes -------------------------------------------------------------------------------------


def futures(random: np.random.Generator, mu: float, number: int = 60) -> NDArray[np.float64]:
    """Draw two distributions of futures that differ by ``mu`` in the first, the hardest case: a share around one half.

    Returns
    -------
    float64 array, shape (2, futures)
    """
    rest = random.dirichlet(np.full(number - 1, 0.3), 2)
    first = 0.5 + np.array([[mu / 2], [-mu / 2]])
    return np.hstack([first, (1 - first) * rest])


def estimates(random: np.random.Generator, counts: NDArray[np.int64], width: int, depth: int) -> NDArray[np.float64]:
    """Return the count-min estimates of all shares of two nodes under the same hash functions."""
    least = np.full(counts.shape, np.inf)
    for _ in range(depth):
        cells = random.integers(0, width, counts.shape[1])
        rows = np.array([np.bincount(cells, row, width)[cells] for row in counts])
        least = np.minimum(least, rows)
    return least / counts.sum(1, keepdims=True)


def test_rates(trials: int, mu: float, alpha: float, failure: float) -> dict[str, Any]:
    """Simulate the test at the sizes that the bounds ask for."""
    beta = mu / 4
    width, depth = int(np.ceil(np.e / beta)), 4
    gamma = float(np.exp(-depth))
    sizes = {"exact": int(node_size(mu, alpha, failure)), "sketch": int(sketched_node_size(mu, beta, alpha, failure))}
    limits = {
        "exact": threshold(sizes["exact"], sizes["exact"], alpha),
        "sketch": sketched_threshold(sizes["sketch"], sizes["sketch"], alpha, beta),
        "narrowed": threshold(sizes["sketch"], sizes["sketch"], alpha) - beta,
    }
    seen: Counter[str] = Counter()
    random = np.random.default_rng(1)
    for _ in range(trials):
        pair = futures(random, mu)
        for kind, chances in (("same", pair[[0, 0]]), ("apart", pair)):
            exact = np.array([random.multinomial(sizes["exact"], row) for row in chances])
            large = np.array([random.multinomial(sizes["sketch"], row) for row in chances])
            gaps = {"exact": np.abs(np.diff(exact / sizes["exact"], axis=0))[0]}
            gaps["sketch"] = np.abs(np.diff(estimates(random, large, width, depth), axis=0))[0]
            gaps["narrowed"] = gaps["sketch"]
            for name, gap in gaps.items():
                seen[f"{name} {kind} first"] += bool(gap[0] > limits[name])
                seen[f"{name} {kind}"] += bool((gap > limits[name]).any())
    print(f"\ntest of two nodes: mu {mu}, alpha {alpha}, failure {failure}, {trials:,} trials, sketch {width}x{depth}")
    print(f"  sizes: {sizes['exact']:,} exact, {sizes['sketch']:,} with sketches")
    sharp = reject_level(sizes["exact"], sizes["exact"], alpha)
    print(f"  false rejects of a share, exact:   stated {2 * alpha:.4f}  {rate(seen['exact same first'], trials)}")
    print(f"    sharper, for equal sizes:        stated {sharp:.4f}")
    stated = 2 * alpha + 2 * gamma
    print(f"  false rejects of a share, sketch:  stated {stated:.4f}  {rate(seen['sketch same first'], trials)}")
    print(f"  false accepts of a pair, exact:    stated {failure:.4f}  {rate(trials - seen['exact apart'], trials)}")
    stated = failure + 2 * gamma
    print(f"  false accepts of a pair, sketch:   stated {stated:.4f}  {rate(trials - seen['sketch apart'], trials)}")
    print(f"  false rejects of a pair, threshold narrowed by beta instead: {rate(seen['narrowed same'], trials)}")
    return {"mu": mu, "alpha": alpha, "failure": failure, "trials": trials, **seen}


def cell_rates(trials: int, mu: float, failure: float, depth: int = 4, masked: float = 0.25) -> dict[str, Any]:
    """Simulate the test of counters row by row, at the size of docs/pac.md, theorem 4, for one pair of nodes."""
    width = math.ceil(2 * math.e / (masked * mu))
    alpha = failure / (2 * depth * width)  # two nodes, each in every counter
    size = math.ceil(8 / ((1 - masked) * mu) ** 2 * math.log(2 / alpha))
    limit = threshold(size, size, alpha)
    seen: Counter[str] = Counter()
    random = np.random.default_rng(2)
    for _ in range(trials):
        pair = futures(random, mu)
        cells = random.integers(0, width, (depth, pair.shape[1]))
        for kind, chances in (("same", pair[[0, 0]]), ("apart", pair)):
            counts = [random.multinomial(size, row) for row in chances]
            rows = [[np.bincount(row, node, width) for row in cells] for node in counts]
            seen[kind] += bool((np.abs(np.subtract(*rows)) / size > limit).any())
    print(f"\ncounters row by row: mu {mu}, sketch {width}x{depth}, {size:,} visits a node, {trials:,} trials")
    print(f"  false rejects of a pair: stated {failure:.4f}  {rate(seen['same'], trials)}")
    stated = failure + math.exp(-depth)
    print(f"  false accepts of a pair: stated {stated:.4f}  {rate(trials - seen['apart'], trials)}", flush=True)
    return {"cells": size, "trials": trials, **seen}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--learners", default=";".join(LEARNERS))
    parser.add_argument("--looks", default=",".join(map(str, LOOKS)), help="After how many strings a report is made.")
    parser.add_argument("--watch", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--tests", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    looks = tuple(int(size) for size in args.looks.split(","))
    results = [streams(name, args.streams, args.delta, looks) for name in args.learners.split(";") if name]
    results += [watching(args.streams, args.delta, looks) for looks in (1, 7, 400) if args.watch]
    if args.tests:
        results.append(test_rates(10 * args.streams, mu=0.2, alpha=0.05, failure=0.05))
        results.append(cell_rates(10 * args.streams, mu=0.2, failure=0.05))
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
