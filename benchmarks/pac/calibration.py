"""Claim: what reports state is false no more often than they say, at all looks of a stream together.

    python benchmarks/pac/calibration.py [--streams 1000] [--delta 0.1] [--looks 125,250] [--learners evidence]
                                         [--first 0] [--json OUT] [--markdown OUT]

Streams from random targets are learned and reported on at several looks; a run counts as a miss if any statement of
any of its reports is false.  Statements refer to the target under the condition that the structure is right as far as
the sample has gone, so only such looks are held against the truth; the check of the condition is counted apart.
Of intervals watched all the time speaks calibration_watched.py, of the test of two nodes calibration_tests.py.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import Rate, cell, interval, rate
from shared.results import Result, finish, parser_of
from shared.streams import random_target, sample_batch, table, true_mu
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.pac.report import shares
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.decision_rows import decision_rows
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.statistics.state_distances import Chances, distances

LOOKS = (125, 250, 500, 1000, 2000, 4000, 8000)
LEARNERS: dict[str, dict[str, Any]] = {
    "evidence": {},
    "css, sketches of 64": {"heuristic": "css", "options": {"alpha": 1e-12}},
    "css, sketches of 6": {"heuristic": "css", "options": {"alpha": 1e-12, "width": 6, "depth": 1}},
}
SAID = (0.02, 0.1, 0.3, 0.6, 1.0)
"""Up to which probabilities that a structure is wrong looks are put together."""
EVENTS = ("interval", "radius", "whole", "distance", "separation", "check", "fit")
SHARE = {
    "interval": shares.INTERVALS,
    "radius": shares.RADII,
    "whole": shares.WHOLE,
    "distance": shares.INTERVALS,
    "separation": shares.SEPARATIONS,
    "check": shares.CHECKS,
    "fit": shares.FITS,
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
    unexplained = analysis.misfit is not None
    settled = not decided["close"] and not alarm and not unexplained and not analysis.left_out.any()
    supposed = settled and supposition_holds(decided["supposed"], target)
    said = said_to_be_wrong(decided)
    found: Counter[str] = Counter({"looks": 1, "settled": settled, "expected wrong": decided["expected_wrong"]})
    found["settled as supposed"] = supposed
    if image is None:
        found.update(as_said(said, wrong=True))
        left_out = bool(analysis.left_out.any())
        silent = settled and misses_a_member(analysis, target)
        return found + Counter(
            {
                "merged": 1,
                f"merged at {strings}": 1,
                "alarms": alarm,
                "unexplained": unexplained,
                "left out": left_out,
                "unsettled": bool(decided["close"]),
                "settled but wrong": settled,
                "settled as supposed but wrong": supposed,
                "silent": silent,
            }
        )
    same = (image[:, None] == image[None, :]) & ~np.eye(len(image), dtype=np.bool_)
    found.update(as_said(said, wrong=bool(same.any())))
    wrong = {"separation"} if (same & (analysis.pair_evidence >= analysis.pair_threshold)).any() else set()
    if same.any():
        found["split"] = 1
        found["settled but wrong"] = settled
        found["settled as supposed but wrong"] = supposed
    elif analysis.left_out.any():
        found["left_out"] = 1
    else:
        found["right"] = 1
        wrong |= wrong_statements(analysis, target, image)
        wrong |= {"check"} if alarm else set()
        wrong |= {"fit"} if unexplained else set()
    return found + Counter(dict.fromkeys(wrong, 1)) + Counter(any=1 if wrong else 0)


def said_to_be_wrong(decided: dict[str, Any]) -> float:
    """Return the probability that any decision is wrong, as a report has it of each."""
    return 1 - math.prod(1 - row["error"] for row in decided["rows"] if row["error"] is not None)


def as_said(said: float, wrong: bool) -> dict[str, float]:
    """Return what one look adds to how often structures are wrong of which so much was said."""
    stretch = next(high for high in SAID if said <= high)
    return {f"said {stretch:g}": 1, f"said {stretch:g}: sum": said, f"said {stretch:g}: wrong": wrong}


def supposition_holds(supposed: dict[str, Any] | None, target: PDFA) -> bool:
    """Tell whether no two states of the target are nearer than a test's merges suppose; true where nothing is."""
    return supposed is None or true_mu(target, supposed["futures"])[0] >= supposed["mu"]


def streams(name: str, seeds: range, delta: float, looks: tuple[int, ...] = LOOKS) -> dict[str, Any]:
    """Simulate all streams of one learner; return what happened and the rates of what is stated."""
    total: Counter[str] = Counter()
    for seed in seeds:
        total.update(stream(seed, LEARNERS[name], delta, looks))
    number = len(seeds)
    missed = {event: rate(total[f"run: {event}"], number) for event in (*EVENTS, "any")}
    return {
        "learner": name,
        "streams": number,
        "reports": len(looks),
        "right_runs": total["run: right"],
        "stated": {**{event: SHARE[event] * delta for event in EVENTS}, "any": delta},
        "missed": missed,
        "settled": rate(total["settled but wrong"], total["settled"]),
        "settled_as_supposed": rate(total["settled as supposed but wrong"], total["settled as supposed"]),
        "merged_by_strings": {str(size): total[f"merged at {size}"] for size in looks},
        "happened": dict(sorted(total.items())),
    }


def ratio(row: dict[str, Any], event: str) -> str:
    """Return a rate over what is stated."""
    return f"{row['missed'][event]['share'] / row['stated'][event]:.2f}"


CONDITION = (
    "learner",
    "looks",
    "a state stands for several",
    "of these: close decisions told",
    "visits left out told",
    "contradiction proven",
    "not explained",
)


def tables(result: Result) -> dict[str, Table]:
    """Return ``reports``, ``statements``, ``condition``, ``settled`` and ``errors``."""
    rows, delta = result["measured"]["learners"], result["arguments"]["delta"]
    head = ("learner", "streams", "reports", "with a right one")
    stated = [f"{rows[0]['stated'][event]:g}" for event in ("interval", "any")]
    return {
        "reports": Table(
            (*head, f"an interval misses, stated {stated[0]}", f"any statement false, stated {stated[1]}"),
            [
                [f"`{row['learner']}`", f"{row['streams']:,}", str(row["reports"]), f"{row['right_runs']:,}"]
                + [cell(row["missed"][event]) for event in ("interval", "any")]
                for row in rows
            ],
        ),
        "statements": Table(
            ("statement", "stated", *(f"`{row['learner']}`: missed and ratio" for row in rows)),
            [
                [event, f"{rows[0]['stated'][event]:g}"]
                + [f"{row['missed'][event]['hits']} and {ratio(row, event)}" for row in rows]
                for event in (*EVENTS, "any")
            ],
        ),
        "condition": Table(
            CONDITION,
            [
                [f"`{row['learner']}`"]
                + [
                    f"{row['happened'].get(n, 0):,}"
                    for n in ("looks", "merged", "unsettled", "left out", "alarms", "unexplained")
                ]
                for row in rows
            ],
        ),
        "settled": Table(
            ("learner", "no warning", f"wrong, stated {delta:g}", "of these targets as supposed", "wrong"),
            [[f"`{row['learner']}`", *_settled(row["settled"]), *_settled(row["settled_as_supposed"])] for row in rows],
        ),
        "errors": Table(
            ("learner", "said to be wrong with probability", "looks", "in the mean", "were wrong"),
            [[f"`{row['learner']}`", *told] for row in rows for told in _errors(row["happened"])],
        ),
    }


def _errors(happened: dict[str, float]) -> list[list[str]]:
    """Return for each stretch of what is said how often it was said, what in the mean, and how often it was so."""
    rows, least = [], 0.0
    for high in SAID:
        if looks := int(happened.get(f"said {high:g}", 0)):
            found = rate(int(happened.get(f"said {high:g}: wrong", 0)), looks)
            said = happened[f"said {high:g}: sum"] / looks
            rows.append([f"{least:g} to {high:g}", f"{looks:,}", f"{said:.3f}", cell(found)])
        least = high
    return rows


def _settled(found: Rate) -> list[str]:
    return [f"{found['trials']:,}", f"{found['hits']:,}: {interval(found)}"]


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first stream.")
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--learners", default=";".join(LEARNERS))
    parser.add_argument("--looks", default=",".join(map(str, LOOKS)), help="After how many strings a report is made.")
    args = parser.parse_args()
    looks = tuple(int(size) for size in args.looks.split(","))
    seeds = range(args.first, args.first + args.streams)
    found = [streams(name, seeds, args.delta, looks) for name in args.learners.split(";")]
    finish(__file__, args, {"learners": found}, tables)


if __name__ == "__main__":
    main()
