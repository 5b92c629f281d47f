"""Claim: of two samples of one source ``diff`` says "the same", but for a share of at most ``--error``.

    python benchmarks/quality/diff_same.py [--pairs 40] [--error 0.05] [--json OUT] [--markdown OUT]

Sources are random automata of three kinds of generators, two grammars, and views of the simulated fab.  Each pair is
two samples of one of them, of 300 to 20,000 traces each, learned with default options.  Not all sources are what the
test supposes: a hidden Markov model and a nondeterministic automaton have no finite number of states to learn, and the
fab's traces hang on each other.  All know times: those of the fab, elsewhere durations that hang on the symbol alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import Rate, rate, told
from shared.results import Result, finish, parser_of
from shared.streams import random_target, sample_batch
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.automata.sampling import texts
from flexstream.difference import diff
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.durations import bins_of, spans_of_each
from flexstream.targets import PFA, Problem, Recipe, reber, reentrant_line

SIZES = (300, 1_000, 5_000, 20_000)
VIEWS = (
    ViewOptions(),
    ViewOptions("machine", "diffusion"),
    ViewOptions("machine", "implant"),
    ViewOptions("machine", "litho"),
    ViewOptions("operator"),
    ViewOptions("carrier"),
)
PER_WEEK = 80
"""Less than the traces of any of these views in a week, the first of which has fewer."""


class Pair(NamedTuple):
    """Two automata learned from samples of one source, and of how many traces."""

    one: PDFA
    other: PDFA
    sizes: tuple[int, int]


def learned(traces: list[list[str]], bins: NDArray[np.int16]) -> PDFA:
    """Return what is learned from traces and the bins of their durations with default options."""
    learner = StreamLearner()
    batch = TraceBatch.from_traces(traces, ahead := Alphabet())
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins), ahead)
    return learner.automaton


def timed(batch: TraceBatch, symbols: tuple[str, ...], random: np.random.Generator) -> PDFA:
    """Return what is learned from a sample whose events each take a time drawn by itself, longer for later symbols."""
    took = random.lognormal(batch.symbols.astype(float), 1.0)
    took[batch.offsets[:-1][np.diff(batch.offsets) > 0]] = np.nan
    return learned(texts(batch, symbols), bins_of(took))


def sizes(number: int) -> tuple[int, int]:
    """Return the sizes of a pair: all combinations in turn."""
    return SIZES[number % len(SIZES)], SIZES[number // len(SIZES) % len(SIZES)]


def drawn(target: PDFA, number: int) -> Pair:
    """Return a pair of samples of an automaton that is known exactly."""
    random, found = np.random.default_rng([number, 1]), sizes(number)
    return Pair(*(timed(sample_batch(target, size, random), target.symbols, random) for size in found), found)


def dirichlet(number: int) -> Pair:
    """Return a pair of samples of an automaton of 3 to 20 states, all transitions of which exist."""
    random = np.random.default_rng([number, 0])
    return drawn(random_target(random, int(random.integers(3, 21)), int(random.integers(2, 6))), number)


def generated(kind: str) -> Callable[[int], Pair]:
    """Return what makes pairs of samples of random problems of a kind."""

    def pair(number: int) -> Pair:
        random = np.random.default_rng([number, 2])
        recipe = Recipe(states=int(random.integers(5, 41)), symbols=int(random.integers(4, 13)))
        return problem(Problem.random(kind, recipe, number), number)

    return pair


def problem(one: Problem, number: int) -> Pair:
    """Return a pair of samples of a problem: one goes on where the other ends."""
    source, found, random = one.traces(), sizes(number), np.random.default_rng([number, 3])
    return Pair(*(timed(source.batch(size), one.target.symbols, random) for size in found), found)


def grammar(number: int) -> Pair:
    """Return a pair of samples of Reber's grammar, or of the line of a small factory."""
    return problem(Problem.of(PFA.from_pdfa((reber, reentrant_line)[number % 2]()), number), number)


def fab(number: int) -> Pair:
    """Return a pair of runs of the fab with two seeds, as one view shows them."""
    options, found = VIEWS[number % len(VIEWS)], sizes(number)
    return Pair(*(learned(*viewed(options, size, 2 * number + side)) for side, size in enumerate(found)), found)


def viewed(options: ViewOptions, size: int, seed: int) -> tuple[list[list[str]], NDArray[np.int16]]:
    """Return the first traces of a run, and the bins of their durations."""
    parameters, traces, moments = Parameters(), dict[str, list[str]](), dict[str, list[float]]()
    events = Plant(parameters, seed).events((1 + size / PER_WEEK) * WEEK)
    for seen in whole_cases(View(options, parameters).over(events)):
        if seen.case not in traces and len(traces) == size:
            break
        traces.setdefault(seen.case, []).append(seen.activity)
        moments.setdefault(seen.case, []).append(60 * seen.event.time)
    return list(traces.values()), np.concatenate(spans_of_each(list(moments.values())))


SOURCES: dict[str, tuple[str, Callable[[int], Pair]]] = {
    "dirichlet": ("automata whose transitions all exist", dirichlet),
    "pdfa": ("sparse deterministic automata", generated("pdfa")),
    "grammar": ("Reber's grammar, a small line", grammar),
    "fab": ("views of the fab", fab),
    "pfa": ("nondeterministic automata", generated("pfa")),
    "hmm": ("hidden Markov models", generated("hmm")),
}


def compared(pair: Pair, error: float) -> dict[str, Any]:
    """Return what ``diff`` says of a pair."""
    found = diff(pair.one, pair.other, error)
    return {
        "sizes": pair.sizes,
        "outcomes": found.compared,
        "changes": len(found.changes),
        "paces": len(found.paces),
    }


def study(name: str, pairs: int, error: float) -> dict[str, Any]:
    """Compare pairs of samples of one kind of source."""
    rows = [compared(SOURCES[name][1](number), error) for number in range(pairs)]
    differing = [row for row in rows if row["changes"] or row["paces"]]
    outcomes = sum(row["outcomes"] for row in rows)
    return {"source": name, "outcomes": outcomes, "differing": differing, "rate": rate(len(differing), pairs)}


def together(rows: list[dict[str, Any]]) -> Rate:
    """Return the rate over all sources."""
    return rate(sum(row["rate"]["hits"] for row in rows), sum(row["rate"]["trials"] for row in rows))


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    return [SOURCES[row["source"]][0], f"{row['outcomes']:,}", told(row["rate"])]


def tables(result: Result) -> dict[str, Table]:
    """Return ``pairs``."""
    rows = [cells(row) for row in result["measured"]["sources"]]
    total = ["all", "", told(result["measured"]["all"])]
    return {"pairs": Table(("source", "outcomes and durations compared", "pairs said to differ"), [*rows, total])}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--pairs", type=int, default=40, help="of each kind of source")
    parser.add_argument("--error", type=float, default=0.05, help="risk of any change where there is none")
    args = parser.parse_args()
    rows = []
    for name in SOURCES:
        rows.append(study(name, args.pairs, args.error))
        print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"sources": rows, "all": together(rows)}, tables)


if __name__ == "__main__":
    main()
