"""Claim: a number of states is met within one, and no setting by hand foretells better with as few states.

    python benchmarks/quality/sizes.py [LOG...] [--hmms 3] [--traces 20000] [--limits 3,5,8,12,20,30]
                                       [--json OUT] [--markdown OUT] [--plot OUT]

Streams of random hidden Markov models, and the logs, cut into 70 and 30 % once they are shuffled, are learned once
each; ``--states`` asks for the sizes.  The frontier is held against fifty settings: ten margins times five strengths
of the prior.  For each number of states that one of them gives, its bits of a trace that is held out are compared with
those of the last point of the frontier that has no more states.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, TraceBatch, read_batches
from flexstream.learning.frontiers import Frontier
from flexstream.merging.heuristic import UNLIMITED
from flexstream.merging.heuristics import make
from flexstream.merging.search import Strategy, refine
from flexstream.targets import Recipe, random_hmm
from flexstream.writers.frontier import frontier_svg

Row = dict[str, Any]
STRENGTHS = (1.0, 2.5, 5.0, 10.0, 20.0)
MARGINS = 10
LARGEST = 0.05
"""Nats per event that the largest margin asks of a state."""


def streams(hmms: int, traces: int, logs: list[Path]) -> Iterator[tuple[str, Alphabet, TraceBatch, TraceBatch]]:
    """Yield name, alphabet, traces to learn and traces that are held out."""
    for seed in range(1, 1 + hmms):
        target = random_hmm(Recipe(states=10, symbols=8, mean_length=9), seed)
        source = target.sampler(seed)
        yield f"HMM {seed}", Alphabet(target.symbols), source.batch(traces), source.batch(traces // 2)
    for path in logs:
        alphabet = Alphabet()
        given = [trace for batch in read_batches(str(path), alphabet) for trace in batch]
        order = np.random.default_rng(1).permutation(len(given)).tolist()
        cut = round(0.7 * len(given))
        parts = ([given[number] for number in rows] for rows in (order[:cut], order[cut:]))
        yield path.name, alphabet, *(batch_of(part) for part in parts)


def batch_of(traces: list[Any]) -> TraceBatch:
    """Return traces of ids as a batch."""
    return TraceBatch(np.concatenate(traces), np.cumsum([0, *map(len, traces)]))


def learned(alphabet: Alphabet, batch: TraceBatch, states: int | None = None) -> StreamLearner:
    """Return a learner of a stream."""
    learner = StreamLearner(states=states)
    learner.alphabet.adopt(alphabet)
    learner.learn_many(batch)
    return learner


def by_hand(learner: StreamLearner, held_out: TraceBatch, margin: float, strength: float) -> tuple[int, float]:
    """Return the states that a setting gives, and the bits of a trace."""
    tree = learner.answer().tree.copy()
    heuristic = make("evidence", margin=margin, strength=strength)
    found = refine(tree, len(learner.alphabet), heuristic, Strategy.FRESH, most=UNLIMITED)
    automaton = found.automaton(tree, learner.alphabet)
    return len(automaton), float(-np.mean(automaton.score_batch(held_out)[0]))


def against_settings(learner: StreamLearner, frontier: Frontier, events: int, held_out: TraceBatch) -> list[Row]:
    """Return for each number of states the best setting, and what the frontier has with no more."""
    margins = [0.0, *(-np.geomspace(3.0, LARGEST * events, MARGINS - 1)).tolist()]
    best: dict[int, float] = {}
    for states, bits in (by_hand(learner, held_out, margin, size) for margin in margins for size in STRENGTHS):
        best[states] = min(bits, best.get(states, np.inf))
    own = [by_hand(learner, held_out, point.margin, point.strength) for point in frontier.points]
    rows = []
    for states, bits in sorted(best.items()):
        found = [one for one in own if one[0] <= states]
        if found:
            rows.append(
                {"states": states, "bits": bits, "frontier_states": found[-1][0], "frontier_bits": found[-1][1]}
            )
    return rows


def limited(alphabet: Alphabet, batch: TraceBatch, held_out: TraceBatch, limits: list[int], most: int) -> Iterator[Row]:
    """Yield what comes of asking for each number of states below those that the data speak for."""
    for states in limits:
        if states < most:
            started = time.process_time()
            automaton = learned(alphabet, batch, states).automaton
            seconds = time.process_time() - started
            bits = float(-np.mean(automaton.score_batch(held_out)[0]))
            yield {"asked": states, "states": len(automaton), "bits": bits, "seconds": seconds}


def measure(name: str, alphabet: Alphabet, batch: TraceBatch, held_out: TraceBatch, limits: list[int]) -> Row:
    """Return all that is measured of one stream."""
    learner = learned(alphabet, batch)
    started = time.process_time()
    frontier = learner.frontier()
    seconds = time.process_time() - started
    compared = against_settings(learner, frontier, batch.events + len(batch), held_out)
    ratios = [row["frontier_bits"] / row["bits"] for row in compared]
    return {
        "stream": name,
        "traces": len(batch),
        "states": len(learner.automaton),
        "frontier": frontier.to_document(),
        "seconds": seconds,
        "limits": list(limited(alphabet, batch, held_out, limits, len(learner.automaton))),
        "settings": compared,
        "mean_ratio": float(np.mean(ratios)),
        "worst_ratio": float(np.max(ratios)),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``frontiers`` and ``limits``."""
    rows = result["measured"]["streams"]
    head = ("stream", "traces", "states", "elbow", "points", "seconds", "bits over the best setting's", "at worst")
    return {
        "frontiers": Table(
            head,
            [frontier_cells(row) for row in rows],
            "lrrrrrrr",
        ),
        "limits": Table(
            ("stream", "asked for", "found", "bits a trace", "seconds"),
            [
                [row["stream"], str(one["asked"]), str(one["states"]), f"{one['bits']:.3f}", f"{one['seconds']:.2f}"]
                for row in rows
                for one in row["limits"]
            ],
            "lrrrr",
        ),
    }


def frontier_cells(row: Row) -> list[str]:
    """Return one row of the table of frontiers."""
    found = row["frontier"]
    sizes = [f"{row['traces']:,}", str(row["states"]), str(found["elbow"]), str(len(found["points"]))]
    return [row["stream"], *sizes, f"{row['seconds']:.1f}", f"{row['mean_ratio']:.3f}", f"{row['worst_ratio']:.3f}"]


def main() -> None:
    """Print the tables; draw the frontier of each stream into a folder."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("logs", type=Path, nargs="*")
    parser.add_argument("--hmms", type=int, default=3)
    parser.add_argument("--traces", type=int, default=20_000)
    parser.add_argument("--limits", default="3,5,8,12,20,30")
    args = parser.parse_args()
    limits = [int(one) for one in args.limits.split(",")]
    rows = []
    for name, alphabet, batch, held_out in streams(args.hmms, args.traces, args.logs):
        rows.append(measure(name, alphabet, batch, held_out, limits))
        print(name, rows[-1]["mean_ratio"], rows[-1]["worst_ratio"], flush=True)
        if args.plot:
            args.plot.mkdir(parents=True, exist_ok=True)
            points = learned(alphabet, batch).frontier()
            plot = args.plot / f"{name.partition('.')[0].replace(' ', '-').lower()}.svg"
            plot.write_text(frontier_svg(points))
    finish(__file__, args, {"streams": rows}, tables)


if __name__ == "__main__":
    main()
