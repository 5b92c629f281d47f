"""Claim: how long transitions take costs at most 15 % more time than learning without, and stays within the memory.

    python benchmarks/speed/durations.py [--events 1000000] [--cases 50000] [--symbols 20] [--runs 7] [--memory 256MiB]
                                         [--json OUT] [--markdown OUT]

Events with times of many cases that go on side by side are written as CSV and learned by ``flexstream learn`` with
``--no-durations`` and without, in turns, each time in a process of its own.  The ratios are of processor time, medians
over the turns; printed beside them are the most memory that a process took, how much of ``--memory`` lies between it
and a process that learns one trace, and of how many traces the model knows how long they took.
"""

from __future__ import annotations

import argparse
import json
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

from flexstream.budget import parse_memory

WAYS = {"without": ["--no-durations"], "with": []}


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Return seconds, ratio and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = multiprocessing.Process(target=write_by_chance, args=(folder, args.events, args.cases, args.symbols))
        writer.start()  # a process of its own: what one takes counts for those that it starts
        writer.join()
        events = folder / "events.csv"
        (folder / "one.txt").write_text("load run unload\n")
        model = folder / "model.json"
        learn = [FLEXSTREAM, "learn", "--memory", args.memory, "-o", str(model)]
        idle = run([*learn, str(folder / "one.txt")]).peak_mib
        runs = [{way: run([*learn, str(events), *more]) for way, more in WAYS.items()} for _ in range(args.runs)]
        document = json.loads(model.read_text())
    pairs = [(one["with"].processor_seconds, one["without"].processor_seconds) for one in runs]
    budget = parse_memory(args.memory) / (1 << 20)
    peaks = {way: max(one[way].peak_mib for one in runs) for way in WAYS}
    return {
        "seconds": {way: statistics.median(one[way].processor_seconds for one in runs) for way in WAYS},
        "ratio": statistics.median(timed / plain for timed, plain in pairs),
        "peak_mib": peaks,
        "above_idle": {way: (peak - idle) / budget for way, peak in peaks.items()},
        "one_in": document["durations"]["one_in"],
        "timed_events": sum(document["durations"]["counts"]),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``ways``."""
    measured = result["measured"]
    rows = [
        [
            way,
            f"{measured['seconds'][way]:.2f}",
            f"{measured['ratio'] if way == 'with' else 1:.2f}",
            f"{measured['peak_mib'][way]:.0f}",
            f"{measured['above_idle'][way]:.2f}",
        ]
        for way in WAYS
    ]
    return {"ways": Table(("durations", "s", "ratio", "peak MiB", "above idle / budget"), rows)}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--memory", default="256MiB")
    args = parser.parse_args()
    finish(__file__, args, measure(args), tables)


if __name__ == "__main__":
    main()
