"""Claim: two cores learn a file of events in little more than half the time of one, by one learner, the same model.

    python benchmarks/speed/jobs.py [--events 50000000] [--times 3] [--alone] [--json OUT] [--markdown OUT]

Traces of a line of machines are learned by ``flexstream learn`` from a file of lines and from one of CSV, held on one
core, and with ``--jobs 2``, in turn; of each the quickest counts.  With ``--alone`` they run before all others on the
machine (Linux, real-time priority, as root), so that it does not matter what these do.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream.targets import reentrant_line

TOGETHER = 200
"""Cases whose events lie among one another."""


def write(path: Path, lots: list[list[str]], events: int) -> None:
    """Write so many events, the same traces again and again."""
    done = turn = 0
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("case,event\n")
        while done < events:
            for start in range(0, len(lots), TOGETHER):
                some = lots[start : start + TOGETHER]
                done += sum(map(len, some))
                if path.suffix == ".csv":
                    rows = sorted((place, at, step) for at, lot in enumerate(some) for place, step in enumerate(lot))
                    file.writelines(f"{turn}-{start + at},{step}\n" for _, at, step in rows)
                else:
                    file.writelines(" ".join(lot) + "\n" for lot in some)
                if done >= events:
                    break
            turn += 1


@contextmanager
def held(cores: set[int], alone: bool) -> Iterator[None]:
    """Let what is started run on some cores, and before all others."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    if alone:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, before)


def measure(events: int, times: int, alone: bool) -> list[dict[str, Any]]:
    """Return what each way takes of each file."""
    lots, rows, cores = reentrant_line().sample(100_000, seed=1), [], os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as name:
        for form in ("txt", "csv"):
            path, model = Path(name) / f"lots.{form}", Path(name) / "model.json"
            write(path, lots, events)
            found: dict[str, list[dict[str, float]]] = {"one": [], "two": []}
            models = set()
            for _ in range(times):
                for way, jobs in (("one", 1), ("two", 2)):
                    command = [FLEXSTREAM, "learn", str(path), "-o", str(model), "--jobs", str(jobs)]
                    with held({min(cores)} if way == "one" else cores, alone):
                        done = run(command)
                    found[way].append({"seconds": done.seconds, "processor": done.processor_seconds})
                    models.add(model.read_bytes())
            least = {way: {kind: min(one[kind] for one in runs) for kind in runs[0]} for way, runs in found.items()}
            rows.append({"form": form, "events": events, **least, "models": len(models), "runs": found})
            path.unlink()
    return rows


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    rows = []
    for row in result["measured"]:
        one, two = row["one"], row["two"]
        rows.append(
            (
                f"{row['events'] / 1e6:.0f} million events, {'lines' if row['form'] == 'txt' else 'CSV'}",
                f"{one['seconds'] / two['seconds']:.2f} ×",
                f"{two['processor'] / one['processor']:.2f} ×",
                f"{row['models']}",
            )
        )
    head = ["", "as quick", "processors' time", "different models"]
    return {"jobs": Table(head, rows)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--alone", action="store_true")
    args = parser.parse_args()
    finish(__file__, args, measure(args.events, args.times, args.alone), tables)


if __name__ == "__main__":
    main()
