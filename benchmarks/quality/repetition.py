"""Claim: however a stream repeats itself, its automaton has the states of one copy and foretells nearly as well.

    python benchmarks/quality/repetition.py PAUTOMAC [LOG...] [--problem 18] [--copies 34] [--traces 40000]
                                            [--quiet 100] [--json OUT] [--markdown OUT]

The training traces of a problem are repeated in many ways, whole and of a sample of so many; others of its traces are
held out.  ``error`` is the perplexity error on the problem's test strings, as in quality.py.  Each log, cut into 70 and
30 % by the order of its traces and once more shuffled, is learned with the rule and without.  Of as many streams of
random automata as ``--quiet`` says the model must be that without the rule, byte for byte.  As many streams change
halfway from one small random automaton to another, so that nothing is repeated: all has to be evidence in the end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import perplexity_error
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, TraceBatch, read_batches
from flexstream.learning.repetition import Repeats
from flexstream.targets import Recipe, random_hmm, random_pdfa

Row = dict[str, Any]
PART = 20_000
"""Traces of a batch."""


class AllEvidence(Repeats):
    """What a learner is without the rule: every trace is evidence."""

    def evidence_of(self, batch: TraceBatch, veiled: NDArray[np.bool_] | None = None) -> TraceBatch:
        """Return the batch."""
        return batch


def traces_of(path: Path, alphabet: Alphabet) -> TraceBatch:
    """Return all traces of a file as one batch."""
    batches = list(read_batches(str(path), alphabet))
    symbols = np.concatenate([batch.symbols[batch.offsets[0] : batch.offsets[-1]] for batch in batches])
    lengths = np.concatenate([np.diff(batch.offsets) for batch in batches])
    return TraceBatch(symbols, np.concatenate([[0], np.cumsum(lengths)]))


def chosen(batch: TraceBatch, which: np.ndarray) -> TraceBatch:
    """Return some traces of a batch, in the order given."""
    lengths = np.diff(batch.offsets)[which]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.repeat(batch.offsets[which] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return TraceBatch(batch.symbols[places], offsets)


def learned(batch: TraceBatch, which: np.ndarray, alphabet: Alphabet, rule: bool = True) -> tuple[StreamLearner, float]:
    """Return a learner of some traces of a batch, in the order given, and the seconds until its automaton was there."""
    learner = StreamLearner()
    learner.alphabet.adopt(alphabet)
    if not rule:
        learner.repeats = AllEvidence(1 << 20)
    parts = [chosen(batch, which[start : start + PART]) for start in range(0, len(which), PART)]
    started = time.process_time()
    for part in parts:
        learner.learn_many(part)
    _ = learner.automaton
    return learner, time.process_time() - started


def bits(learner: StreamLearner, batch: TraceBatch) -> float:
    """Return the bits of a trace."""
    return float(-np.mean(learner.automaton.score_batch(batch)[0]))


def ways(traces: int, copies: int, random: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and orders of streams that repeat a sample of so many traces."""
    base, tenth, block = (np.arange(size) for size in (traces, traces // 10, traces // 40))
    again = np.concatenate([base, np.tile(tenth, 49)])
    yield "once", base
    yield f"{copies} times", np.tile(base, copies)
    yield "each 8 times in a row", np.repeat(base, 8)
    yield "a tenth 50 times", again
    yield "a tenth 50 times, each in a row", np.repeat(base, np.where(base < len(tenth), 50, 1))
    yield "a tenth 50 times, shuffled", random.permutation(again)
    yield f"a block of {len(block):,} 40 times", np.concatenate([base, np.tile(block, 40)])
    yield f"a block of {len(block):,} 40 times, first", np.concatenate([np.tile(block, 40), base])
    for times in (copies, 5, 2):
        yield f"{times} times, shuffled", random.permutation(np.tile(base, times))


def row_of(name: str, learner: StreamLearner, seconds: float, held_out: TraceBatch) -> Row:
    """Return what there is to say of one stream."""
    tree = learner.answer().tree
    found = {"stream": name, "traces": learner.traces, "held_back": tree.repeated.traces}
    rate = learner.repeats.multiplicity(learner.automaton, tree.traces)
    return {
        **found,
        "multiplicity": rate,
        "states": len(learner.automaton),
        "bits": bits(learner, held_out),
        "seconds": seconds,
    }


def problem_rows(folder: Path, problem: str, traces: int, copies: int) -> Iterator[Row]:
    """Yield what is found of each way to repeat a problem's traces; the first of each group is the one copy."""
    alphabet, random = Alphabet(), np.random.default_rng(5)
    batch = traces_of(folder / f"{problem}.pautomac.train", alphabet)
    test = traces_of(folder / f"{problem}.pautomac.test", alphabet)
    solution = (folder / f"{problem}.pautomac_solution.txt").read_text().split()[1:]
    truth = [float(value) for value in solution]
    order = random.permutation(len(batch))
    held_out = chosen(batch, order[traces : 2 * traces])

    def row(name: str, which: np.ndarray, out: TraceBatch) -> Row:
        learner, seconds = learned(batch, which, alphabet)
        error = perplexity_error(learner.automaton.score_batch(test)[0].tolist(), truth)
        return {**row_of(name, learner, seconds, out), "error": error}

    for name, which in ways(traces, 16, random):
        yield row(name, order[which], held_out)
    yield row("all, once", np.arange(len(batch)), test)
    yield row(f"all, {copies} times", np.tile(np.arange(len(batch)), copies), test)


def small_rows(folder: Path, problem: str) -> Iterator[Row]:
    """Yield what is found of small files in a loop, beside one copy of each."""
    alphabet = Alphabet()
    batch = traces_of(folder / f"{problem}.pautomac.train", alphabet)
    held_out = chosen(batch, np.arange(50_000, 60_000))
    for size in (60, 200, 1000):
        for name, copies in (("once", 1), ("100 times", 100)):
            learner, seconds = learned(batch, np.tile(np.arange(size), copies), alphabet)
            yield row_of(f"{size:,} traces, {name}", learner, seconds, held_out)


def log_rows(paths: list[Path]) -> Iterator[Row]:
    """Yield what is found of each log with the rule and without."""
    for path in paths:
        alphabet = Alphabet()
        batch = traces_of(path, alphabet)
        shuffled = np.random.default_rng(3).permutation(len(batch))
        for order, which in (("as it is", np.arange(len(batch))), ("shuffled", shuffled)):
            cut = round(0.7 * len(batch))
            rows = [learned(batch, which[:cut], alphabet, rule)[0] for rule in (True, False)]
            held_out = chosen(batch, which[cut:])
            yield {
                "log": path.name,
                "order": order,
                "traces": cut,
                "held_back": rows[0].repeats.traces,
                "states": len(rows[0].automaton),
                "states_without": len(rows[1].automaton),
                "bits": bits(rows[0], held_out),
                "bits_without": bits(rows[1], held_out),
            }


def quiet(streams: int) -> Row:
    """Return of how many streams in which nothing is repeated the model changes, and the largest multiplicity."""
    changed, largest = 0, 1.0
    for seed in range(streams):
        random = np.random.default_rng(seed)
        states, symbols = int(random.integers(2, 60)), int(random.integers(2, 20))
        make: Callable[..., Any] = random_pdfa if seed % 3 else random_hmm
        target = make(Recipe(states=states, symbols=symbols, mean_length=float(random.uniform(2, 15))), seed)
        batch = target.sampler(seed).batch(int(10 ** random.uniform(2.5, 5)))
        models = []
        for rule in (True, False):
            learner, _ = learned(batch, np.arange(len(batch)), Alphabet(target.symbols), rule)
            models.append(learner.automaton.to_json())
            rate = learner.repeats.multiplicity(learner.automaton) if rule else None
            largest = max(largest, rate or 1.0)
        changed += models[0] != models[1]
    return {"streams": streams, "changed": changed, "largest_multiplicity": largest}


def changes(streams: int) -> Row:
    """Return of how many streams that change something was held back, stays so, and leaves the automaton as without."""
    held, stays, states = 0, 0, 0
    for seed in range(streams):
        random = np.random.default_rng(seed)
        recipe = Recipe(states=int(random.integers(2, 9)), symbols=int(random.integers(2, 7)), mean_length=4)
        alphabet = Alphabet(random_pdfa(recipe, seed).symbols)
        parts = [random_pdfa(recipe, each).sampler(seed).batch(3000) for each in (seed, streams + seed)]
        symbols = np.concatenate([part.symbols for part in parts])
        offsets = np.concatenate([parts[0].offsets, parts[0].offsets[-1] + parts[1].offsets[1:]])
        batch = TraceBatch(symbols, offsets)
        rule, plain = (learned(batch, np.arange(len(batch)), alphabet, rule)[0] for rule in (True, False))
        held += rule.repeats.traces > 0
        stays += rule.answer().tree.repeated.traces > 0
        states += len(rule.automaton) == len(plain.automaton)
    return {"streams": streams, "held_back": held, "stays_held_back": stays, "same_states": states}


def tables(result: Result) -> dict[str, Table]:
    """Return ``streams``, ``small`` and ``logs``."""
    measured = result["measured"]
    head = ("stream", "traces", "held back", "multiplicity", "states", "bits a trace", "error")
    return {
        "streams": Table(head, [stream_cells(row) for row in measured["streams"]], "lrrrrrr"),
        "small": Table(head[:-1], [stream_cells(row)[:-1] for row in measured["small"]], "lrrrrr"),
        "logs": Table(
            ("log", "order", "held back", "states", "without the rule", "bits a trace", "without it"),
            [log_cells(row) for row in measured["logs"]],
            "llrrrrr",
        ),
        "changes": Table(
            (
                "streams that change",
                "held some back for a while",
                "hold some back at the end",
                "states as without the rule",
            ),
            [[str(measured["changes"][name]) for name in ("streams", "held_back", "stays_held_back", "same_states")]],
            "rrrr",
        ),
    }


def stream_cells(row: Row) -> list[str]:
    """Return one row of a table of streams."""
    rate, error = row["multiplicity"], row.get("error")
    return [
        row["stream"],
        f"{row['traces']:,}",
        f"{row['held_back']:,}",
        "–" if rate is None else f"{rate:.2f}",
        str(row["states"]),
        f"{row['bits']:.3f}",
        "–" if error is None else f"{error:.4f}",
    ]


def log_cells(row: Row) -> list[str]:
    """Return one row of the table of logs."""
    states = [str(row[name]) for name in ("states", "states_without")]
    bits_of_both = [f"{row[name]:.3f}" for name in ("bits", "bits_without")]
    return [row["log"], row["order"], f"{row['held_back']:,}", *states, *bits_of_both]


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("pautomac", type=Path)
    parser.add_argument("logs", type=Path, nargs="*")
    parser.add_argument("--problem", default="18")
    parser.add_argument("--copies", type=int, default=34)
    parser.add_argument("--traces", type=int, default=40_000)
    parser.add_argument("--quiet", type=int, default=100)
    args = parser.parse_args()
    measured = {
        "streams": list(problem_rows(args.pautomac, args.problem, args.traces, args.copies)),
        "small": list(small_rows(args.pautomac, args.problem)),
        "logs": list(log_rows(args.logs)),
        "quiet": quiet(args.quiet),
        "changes": changes(args.quiet),
    }
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
