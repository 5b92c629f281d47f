"""Claim: what changes slowly, if not by too little, is noticed while it goes on; what stays is left alone.

    python benchmarks/quality/drift_slow.py [LOG...] [--seeds 5] [--quiet 40] [--long 20000] [--resume ROWS]

After 6,000 traces of one source, so many more come from it or from another one, whose share rises evenly to all; then
6,000 of the other.  Told is how many traces after the beginning of the change it is noticed, with the comparison of
newer with older traces (`flexstream.monitoring.gradual`) and without it.  Then sources that stay are watched, those
among them whose symbols are ever new, and whose neighbours are alike, and sources that go to and fro.  Traces of real
logs are watched shuffled: what they are, in an order that tells nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.changing import BEFORE, Traces, Without, delays, drawn, moved, slowly, source
from shared.logs import by_start
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream.monitoring.adwin import DELTA
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.gradual import GradualTest
from flexstream.monitoring.recent import RecentTraces
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.summary.drawn import DrawnTraces
from flexstream.targets import PFA, from_rows

SPANS, AFTER = (0, 1000, 4000, 8000, 16_000), 6000
SHUFFLES = 10
TOGETHER = 16


def lots(share: float) -> PFA:
    """Return lots that go one of two ways, the first of which is taken by such a share."""
    ways = {"left": (share, 2), "right": (1 - share, 2)}
    return PFA.from_pdfa(from_rows({0: {"cut": (1, 1)}, 1: ways, 2: {"ship": (1, 3)}, 3: {None: (1, 0)}}))


CHANGES: dict[str, tuple[str, Callable[[int], tuple[PFA, PFA]]]] = {
    "another": ("another source", lambda seed: (source(seed), source(seed + 1))),
    "half": ("half of the mass moves", lambda seed: (source(seed), moved(source(seed), 0.5))),
    "tenth": ("a tenth of the mass moves", lambda seed: (source(seed), moved(source(seed), 0.1))),
    "way": ("one of two ways, 50 % to 70 %", lambda seed: (lots(0.5), lots(0.7))),
    "little": ("one of two ways, 50 % to 60 %", lambda seed: (lots(0.5), lots(0.6))),
}


def watched(traces: Traces, back: bool = True) -> list[tuple[int, str]]:
    """Return when changes are noticed, and by what; with the comparison with older traces or without it."""
    learner, drift = StreamLearner(), (Drift if back else Without)(tell=lambda line: None)
    learner.observe(drift)
    learner.learn_many(traces)
    return [(change.noticed, change.by) for change in drift.changes]


def change(kind: str, span: int, seed: int) -> dict[str, Any]:
    """Watch one stream whose source changes, in both ways."""
    one, other = CHANGES[kind][1](seed)
    traces, row = slowly(one, other, (BEFORE, span, AFTER), seed), dict[str, Any](kind=kind, span=span, seed=seed)
    for name, back in (("with", True), ("without", False)):
        found = watched(traces, back)
        row[name] = next((noticed - BEFORE for noticed, _ in found if noticed > BEFORE), None)
        row[f"told {name}"] = sum(noticed > BEFORE for noticed, _ in found)
        row[f"early {name}"] = sum(noticed <= BEFORE for noticed, _ in found)
    print(row, flush=True)
    return row


# --- sources that stay


def rare(seed: int, traces: int, together: int = 1, most: int = 10**6) -> Traces:
    """Return traces whose symbols follow a power law, so that new ones come again and again; so many are one lot's."""
    random, found = np.random.default_rng(seed), Traces()
    while len(found) < traces:
        names = [str(name) for name in np.minimum(random.zipf(1.3, 1 + int(random.geometric(0.2))), most)]
        found += [names] * int(random.integers(1, together + 1))
    return found[:traces]


STAYING: dict[str, tuple[str, Callable[[int, int], Traces]]] = {
    "pdfa": ("automata", lambda seed, traces: drawn(source(seed), traces, 1)),
    "pfa": ("nondeterministic automata", lambda seed, traces: drawn(source(seed, "pfa"), traces, 1)),
    "hmm": ("hidden Markov models", lambda seed, traces: drawn(source(seed, "hmm"), traces, 1)),
    "rare": ("symbols by a power law", rare),
    "lots": (
        "the same, 20 symbols, lots of 1 to 16 equal traces",
        lambda seed, traces: rare(seed, traces, TOGETHER, 20),
    ),
}


def staying(kind: str, seed: int, traces: int) -> dict[str, Any]:
    """Watch a source that stays; lots, which are not independent, by the comparison alone."""
    stream = STAYING[kind][1](seed, traces)
    row = {"kind": kind, "seed": seed, "alarms": compared(stream) if kind == "lots" else watched(stream)}
    print(row, flush=True)
    return row


def compared(traces: Traces) -> list[tuple[int, str]]:
    """Return when the comparison with older traces alone notices something."""
    alphabet, test, recent, drawn = Alphabet(), GradualTest(DELTA), RecentTraces(1 << 21), DrawnTraces(1 << 21)
    batch, found = TraceBatch.from_traces(traces, alphabet), list[tuple[int, str]]()
    while test.at <= len(batch):
        part = batch.part(recent.seen, test.at)
        recent.add(part)
        drawn.add(part)
        if test.look(recent, drawn, 0) is not None:
            found.append((recent.seen, "gradual"))
            test.start_over(recent.seen)
    return found


def shuffled(path: Path, seed: int) -> dict[str, Any]:
    """Watch the traces of a log in an order by chance."""
    traces = by_start(path)
    order = np.random.default_rng(seed).permutation(len(traces)).tolist()
    found = watched([traces[place] for place in order])
    return {"log": path.name.partition(".")[0], "traces": len(traces), "seed": seed, "alarms": found}


def season(period: int, seed: int, traces: int) -> dict[str, Any]:
    """Watch a source that is half a period what it was, and half of it another."""
    one, other = CHANGES["half"][1](seed)
    days, nights = iter(drawn(one, traces, 1)), iter(drawn(other, traces, 2))
    stream = [next(nights) if 2 * (place % period) >= period else next(days) for place in range(traces)]
    return {"period": period, "seed": seed, "with": len(watched(stream)), "without": len(watched(stream, False))}


def known(path: Path) -> list[dict[str, Any]]:
    """Return the rows that a run has printed."""
    return [ast.literal_eval(line) for line in path.read_text().splitlines() if line.startswith("{")]


# --- tables


def tables(result: Result) -> dict[str, Table]:
    """Return ``changes``, ``quiet`` and ``seasons``."""
    found, rows = result["measured"], []
    for kind, (name, _) in CHANGES.items():
        for span in SPANS:
            those = [row for row in found["changes"] if (row["kind"], row["span"]) == (kind, span)]
            ways = [[row[way] for row in those] for way in ("without", "with")]
            during = [sum(value is not None and value <= span for value in way) for way in ways]
            counts = [f"{number} of {len(those)}" if span else "" for number in during]
            rows.append([name, f"{span:,}" if span else "at once", *counts, *map(delays, ways)])
    heads = ("change", "over so many traces", "noticed meanwhile, without", "with")
    changes = Table((*heads, "traces until it is noticed, without", "with"), rows)
    groups = [(name, [row for row in found["quiet"] if row["kind"] == kind]) for kind, (name, _) in STAYING.items()]
    logs = dict.fromkeys(row["log"] for row in found["logs"])
    groups += [(f"{log}, shuffled", [row for row in found["logs"] if row["log"] == log]) for log in logs]
    total = [row for _, those in groups for row in those]
    stays = [quiet(name, those) for name, those in [*groups, ("all", total)]]
    seasons = [
        [f"{period:,}", str(len(those)), *(str(sum(row[way] for row in those)) for way in ("without", "with"))]
        for period in dict.fromkeys(row["period"] for row in found["seasons"])
        for those in [[row for row in found["seasons"] if row["period"] == period]]
    ]
    return {
        "changes": changes,
        "quiet": Table(("source", "streams", "with an alarm by the comparison", "95 % limit", "by others"), stays),
        "seasons": Table(("period in traces", "streams", "alarms without", "alarms with"), seasons),
    }


def quiet(name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Return how many streams had alarms, and up to which share of all as many are by chance."""
    by = [{way for _, way in row["alarms"]} for row in rows]
    back = sum("gradual" in ways for ways in by)
    high = float(binomial_limits(back, len(rows), 0.05)[1])
    others = (
        "not asked"
        if {row.get("kind") for row in rows} == {"lots"}
        else f"{sum(bool(ways - {'gradual'}) for ways in by)}"
    )
    return [name, f"{len(rows):,}", str(back), f"{100 * high:.1f} %", others]


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("logs", type=Path, nargs="*", metavar="LOG")
    parser.add_argument("--seeds", type=int, default=5, help="sources that change")
    parser.add_argument("--quiet", type=int, default=40, help="sources that stay, of each kind")
    parser.add_argument("--long", type=int, default=20_000, help="traces of each of these")
    parser.add_argument("--resume", type=Path, metavar="ROWS", help="what a run that was stopped has printed")
    args = parser.parse_args()
    seeds = range(7, 7 + 2 * args.seeds, 2)
    rows = [] if args.resume is None else known(args.resume)
    changes = [row for row in rows if "span" in row] or [
        change(kind, span, seed) for kind in CHANGES for span in SPANS for seed in seeds
    ]
    seasons = [season(period, seed, args.long) for period in (50, 200, 1000, 4000) for seed in seeds[:3]]
    logs = [shuffled(path, seed) for path in args.logs for seed in range(SHUFFLES)]
    stays = [row for row in rows if "alarms" in row]
    done = {row["kind"] for row in stays}
    stays += [staying(kind, seed, args.long) for kind in STAYING if kind not in done for seed in range(args.quiet)]
    finish(__file__, args, {"changes": changes, "seasons": seasons, "logs": logs, "quiet": stays}, tables)


if __name__ == "__main__":
    main()
