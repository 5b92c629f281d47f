"""Claim: where a stream hangs on the traces before so much that intervals miss, its order is found to tell something.

    python benchmarks/pac/order_power.py [--sizes 1000:100,10000:50,100000:30] [--quiet 1000] [--delta 0.1]
                                         [--kinds firsts,slow,copied,alternation,regimes,quiet] [--json OUT]
                                         [--markdown OUT]

Random automata in pairs that differ in how strings begin.  A stream *matters* where intervals of how strings begin, at
the level of a report of four states and three symbols, miss the mean of its source more often than all intervals may,
delta/2; how often they do is found by drawing the beginnings of many such streams.  A kind that has no such streams is
asked for all.  *Quiet* streams are independent draws of one automaton, and what is found there is a false alarm.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from other_sources import begun
from shared.rates import cell, rate, told
from shared.results import Result, finish, parser_of
from shared.streams import random_target, sample_batch, table
from shared.tables import Table

from flexstream import PDFA
from flexstream.pac.report import shares
from flexstream.pac.report.limits import Visits, levels, narrowest
from flexstream.pac.statistics.order import dependence
from flexstream.pac.statistics.ordered_visits import ORDERS
from flexstream.pac.theorems.balle import look_share
from flexstream.stream.batch import TraceBatch
from flexstream.summary.drawn import DrawnTraces
from flexstream.summary.hashes import spread

KINDS = {
    "firsts": "strings begin in one of two ways, nine times in ten as the one before",
    "slow": "the same, 49 times in 50 as the one before",
    "copied": "a string begins as the one before ended, two times in five",
    "alternation": "two automata in turn",
    "regimes": "two automata, a quarter of the stream each",
    "quiet": "one automaton",
}
CHANGES = {"firsts": 0.1, "slow": 0.02}
STATES, OUTCOMES = 4, 4
REPEATS, COPIED = 400, 0.4


def way(kind: str, strings: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return which of the two sources each string comes from."""
    if kind in CHANGES:
        return (random.random(strings) < CHANGES[kind]).cumsum() % 2
    number = np.arange(strings)
    return {"alternation": number % 2, "regimes": 4 * number // strings % 2}.get(kind, 0 * number)


def stream(kind: str, strings: int, random: np.random.Generator) -> tuple[TraceBatch, list[PDFA]]:
    """Draw a stream, and return it with its two sources."""
    first = random_target(random, 3, 3)
    second = random_target(random, 3, 3) if kind in ("alternation", "regimes") else begun(first, 1)
    sources = [begun(first, 0) if kind in CHANGES else first, second]
    ways = way(kind, strings, random)
    batches = [sample_batch(source, strings, random) for source in sources[: int(ways.max()) + 1]]
    offsets = np.concatenate(
        [batch.offsets[:-1] + start for batch, start in zip(batches, _starts(batches), strict=True)]
    )
    lengths = np.concatenate([np.diff(batch.offsets) for batch in batches])
    rows = ways * strings + np.arange(strings)
    symbols = np.concatenate([batch.symbols for batch in batches])[spread(offsets[rows], lengths[rows])]
    made = TraceBatch(symbols, np.concatenate([[0], np.cumsum(lengths[rows])]))
    return (_copied(made, random) if kind == "copied" else made), sources


def _starts(batches: list[TraceBatch]) -> list[int]:
    ends = np.cumsum([batch.events for batch in batches]).tolist()
    return [0, *ends[:-1]]


def _copied(batch: TraceBatch, random: np.random.Generator) -> TraceBatch:
    """Begin some strings as the one before ended."""
    symbols, some = batch.symbols.copy(), np.diff(batch.offsets) > 0
    chosen = np.flatnonzero(some[1:] & some[:-1] & (random.random(len(batch) - 1) < COPIED)) + 1
    for row in chosen.tolist():  # a string of one event passes on what it was given
        symbols[batch.offsets[row]] = symbols[batch.offsets[row] - 1]
    return TraceBatch(symbols, batch.offsets)


def misses(kind: str, strings: int, sources: list[PDFA], delta: float, random: np.random.Generator) -> float:
    """Return how often an interval of how strings begin misses the mean of the sources."""
    chances = np.array([table(source)[0][0] for source in sources])
    seconds = np.array([way(kind, strings, random).sum() for _ in range(REPEATS)])
    counts = sum(random.multinomial(n, p) for n, p in zip((strings - seconds, seconds), chances, strict=True))
    level = shares.INTERVALS * delta / (STATES * OUTCOMES)
    hits, trials = np.zeros((2, ORDERS, np.size(counts)))
    hits[0], trials[0] = np.ravel(counts), strings  # no string comes back to where it began
    seen = Visits(hits[0], trials[0], np.zeros(np.size(counts)), np.array([hits, trials]))
    truth = chances.mean(0)
    low, high = narrowest(seen, levels(level, ORDERS, 1, None), None).reshape(2, *np.shape(counts))
    return float(((truth < low) | (truth > high)).any(1).mean())


def look(kind: str, strings: int, seed: int, delta: float) -> dict[str, Any]:
    """Look at the order of one stream."""
    random = np.random.default_rng([seed, strings, list(KINDS).index(kind)])
    batch, sources = stream(kind, strings, random)
    drawn = DrawnTraces(1 << 30)
    drawn.add(batch)
    found = dependence(drawn.held(), drawn.places())
    level = math.log(look_share(shares.ORDER * delta, 1))
    asked = kind in CHANGES
    return {
        "matters": not asked or misses(kind, strings, sources, delta, random) > shares.INTERVALS * delta,
        "noticed": found is not None and found.log_p < level,
        "kind": None if found is None else found.kind,
    }


def study(kind: str, strings: int, streams: int, delta: float) -> dict[str, Any]:
    """Look at all streams of one cell."""
    rows = [look(kind, strings, seed, delta) for seed in range(streams)]
    matters = [row for row in rows if row["matters"]]
    noticed, where = sum(row["noticed"] for row in rows), sum(row["noticed"] for row in matters)
    found = {"noticed": rate(noticed, streams), "where_it_matters": rate(where, len(matters))}
    print(f"{kind}, {strings:,} strings: {told(found['noticed'])}; where it matters {told(found['where_it_matters'])}")
    sys.stdout.flush()
    kinds = sorted({str(row["kind"]) for row in rows if row["noticed"]})
    return {"kind": kind, "strings": strings, **found, "signs": kinds}


def tables(result: Result) -> dict[str, Table]:
    """Return ``power`` and ``quiet``."""
    head = ("source", "strings", "streams", "noticed", "streams where it matters", "noticed of these")
    power, quiet = [], []
    for row in result["measured"]["cells"]:
        begin = [KINDS[row["kind"]], f"{row['strings']:,}", f"{row['noticed']['trials']:,}", cell(row["noticed"])]
        if row["kind"] == "quiet":
            quiet.append([*begin, f"{result['measured']['level']:.4f}"])
        else:
            of = row["where_it_matters"]
            power.append([*begin, str(of["trials"]), cell(of)])
    return {
        "power": Table(head, power, "lrrrrr"),
        "quiet": Table(("source", "strings", "streams", "found to be no sample", "stated"), quiet, "lrrrr"),
    }


def main() -> None:
    """Print what was found."""
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", default="1000:100,10000:50,100000:30", help="Strings of a stream, and streams.")
    parser.add_argument("--quiet", type=int, default=1000, help="Quiet streams, of the first two sizes.")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--delta", type=float, default=0.1)
    args: argparse.Namespace = parser.parse_args()
    sizes = [(int(strings), int(streams)) for strings, streams in (part.split(":") for part in args.sizes.split(","))]
    cells = []
    for kind in args.kinds.split(","):
        asked = [(strings, args.quiet) for strings, _ in sizes[:2]] if kind == "quiet" else sizes
        cells += [study(kind, strings, streams, args.delta) for strings, streams in asked]
    level = look_share(shares.ORDER * args.delta, 1)
    finish(__file__, args, {"level": level, "cells": cells}, tables)


if __name__ == "__main__":
    main()
