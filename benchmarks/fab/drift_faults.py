"""Claim: faults of the fab are noticed while the stream is learned, and nothing where it is healthy.

    python benchmarks/fab/drift_faults.py [--weeks 30] [--seeds 5] [--first 10] [--json OUT] [--markdown OUT]

For each fault one stream of the fab is learned as ``flexstream learn --on-drift report`` does: healthy for some weeks,
with the fault for eight more.  Counted are the traces that end after the first one that began with the fault, up to the
one by which the change is noticed, and alarms before the fault.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

import flexstream

WEEK, AFTER = 604_800, 8


class Case(NamedTuple):
    """A fault and the view that shows it."""

    fault: str
    view: tuple[str, ...]


CASES = [
    Case("skip:S4:0.25", ("--by", "lot")),
    Case("route:S3+S4:0.25", ("--by", "lot")),
    Case("route:S3+S4:0.1", ("--by", "lot")),
    Case("slow:Mc:1.3", ("--by", "machine", "--only", "implant", "--timed")),
]


def began(stream: Path) -> dict[str, float]:
    """Return when each trace began, in weeks."""
    found: dict[str, float] = {}
    with stream.open() as lines:
        for line in lines:
            event = json.loads(line)
            found.setdefault(event["case"], event["time"] / WEEK)
    return found


def watched(case: Case, weeks: int, seed: int, folder: Path) -> dict[str, Any]:
    """Learn one stream; return the alarms before the fault, and how many traces after it it was noticed."""
    path = folder / "stream.jsonl"
    length, fault = str(weeks + AFTER), f"{case.fault}@{weeks}w"
    command = [FLEXSTREAM, "simulate", "minifab", "--weeks", length, "--seed", str(seed), "-o", str(path)]
    run([*command, *case.view, "--inject", fault])
    starts = began(path)
    order = [starts[name or ""] for name, _ in flexstream.read(str(path)).items()]
    struck = next(number for number, start in enumerate(order) if start >= weeks)
    noticed = [change.noticed for change in flexstream.learn(str(path), on_drift="report").changes]
    after = [number - struck for number in noticed if number > struck]
    return {"false": len(noticed) - len(after), "delay": after[0] if after else None, "healthy": struck}


def study(case: Case, weeks: int, seeds: range, folder: Path) -> dict[str, Any]:
    """Learn the streams of one fault."""
    found = [watched(case, weeks, seed, folder) for seed in seeds]
    return {
        "fault": case.fault,
        "view": " ".join(case.view),
        "delays": [one["delay"] for one in found],
        "false": sum(one["false"] for one in found),
        "healthy": sum(one["healthy"] for one in found),
    }


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    known = sorted(delay for delay in row["delays"] if delay is not None)
    missed = len(row["delays"]) - len(known)
    delays = (
        f"{median(known):.0f} (at most {known[-1]})" + (f", {missed} missed" if missed else "") if known else "never"
    )
    return [f"`{row['fault']}`", f"`{row['view']}`", delays, f"{row['false']} in {row['healthy']:,}"]


def tables(result: Result) -> dict[str, Table]:
    """Return ``faults``."""
    head = ("fault", "view", "traces until it is noticed", "false alarms in so many healthy traces")
    return {"faults": Table(head, [cells(row) for row in result["measured"]["faults"]], "llrr")}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=int, default=30, help="of the healthy fab")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=10, help="first seed")
    args = parser.parse_args()
    logging.getLogger("flexstream").setLevel(logging.ERROR)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            seeds = range(args.first, args.first + args.seeds)
            rows.append(study(case, args.weeks, seeds, Path(folder)))
            print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"faults": rows}, tables)


if __name__ == "__main__":
    main()
