"""Claim: checkpoints every 10 seconds cost at most 5 % of the time of a long run.

    python benchmarks/speed/checkpoints.py [--events 4000000] [--cases 200000] [--every 2s] [--runs 3] [--json OUT]

Events of many cases that go on side by side are written as CSV and learned by ``flexstream learn`` with and without
``--checkpoint``, in turns, each time in a process of its own.  Compared is processor time, medians over the turns; what
one checkpoint takes is the difference, shared out, and its part of ten seconds is what checkpoints every 10 s cost.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from formats import write_by_chance
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

USUAL = 10.0
"""Seconds between checkpoints unless somebody says otherwise."""


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Return seconds of the processor without and with checkpoints, and what one of them takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = multiprocessing.Process(target=write_by_chance, args=(folder, args.events, args.cases, 20))
        writer.start()
        writer.join()
        learn = [FLEXSTREAM, "learn", str(folder / "events.csv"), "-o", str(folder / "model.json")]
        rows = []
        for number in range(args.runs):
            kept = folder / f"kept {number}"
            plain = run(learn).processor_seconds
            model = (folder / "model.json").read_bytes()
            timed = run([*learn, "--checkpoint", str(kept), "--checkpoint-every", args.every]).processor_seconds
            if (folder / "model.json").read_bytes() != model:
                raise AssertionError("with checkpoints the model is another")
            files = sorted(kept.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
            written, size = int(files[-1].name.rpartition("-")[2]), files[-1].stat().st_size
            rows.append({"plain": plain, "timed": timed, "written": written, "mib": size / (1 << 20)})
    found = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    each = statistics.median((row["timed"] - row["plain"]) / row["written"] for row in rows)
    return {**found, "each": each, "share": each / USUAL}


def tables(result: Result) -> dict[str, Table]:
    """Return ``cost``."""
    row = result["measured"]
    head = ("without (s)", "with (s)", "checkpoints", "MiB each", "one takes (s)", "share of 10 s")
    cells = [f"{row['plain']:.1f}", f"{row['timed']:.1f}", f"{row['written']:.0f}", f"{row['mib']:.1f}"]
    return {"cost": Table(head, [[*cells, f"{row['each']:.2f}", f"{100 * row['share']:.1f} %"]], "rrrrrr")}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--every", default="2s", help="time between checkpoints")
    parser.add_argument("--runs", type=int, default=3)
    args: argparse.Namespace = parser.parse_args()
    finish(__file__, args, measure(args), tables)


if __name__ == "__main__":
    main()
