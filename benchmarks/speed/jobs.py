"""Claim: what several processes on one machine take beside one, on lines and on tables of events.

    python benchmarks/speed/jobs.py [--events 5000000,20000000] [--jobs 2] [--times 2] [--json OUT] [--markdown OUT]

Traces of a line of machines are learned by ``flexstream learn`` from a file of lines and from one of CSV, by one
process and by several, in turn; of each the quickest counts.
"""

from __future__ import annotations

import sys
import tempfile
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


def measure(sizes: list[int], jobs: int, times: int) -> list[dict[str, Any]]:
    """Return what each way takes of each file."""
    lots, rows = reentrant_line().sample(100_000, seed=1), []
    with tempfile.TemporaryDirectory() as name:
        for events in sizes:
            for form in ("txt", "csv"):
                path = Path(name) / f"lots.{form}"
                write(path, lots, events)
                command = [FLEXSTREAM, "learn", str(path), "--no-repeats", "-o", str(Path(name) / "model.json")]
                found = [[run([*command, "--jobs", str(number)]) for number in (1, jobs)] for _ in range(times)]
                best = [min(one.seconds for one in way) for way in zip(*found, strict=True)]
                work = [min(one.processor_seconds for one in way) for way in zip(*found, strict=True)]
                rows.append({"form": form, "events": events, "seconds": best, "processor": work})
                path.unlink()
    return rows


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    rows = [
        (
            f"{row['events'] / 1e6:.0f} million events, {'lines' if row['form'] == 'txt' else 'CSV'}",
            f"{row['seconds'][1] / row['seconds'][0]:.1f}",
            f"{row['processor'][1] / row['processor'][0]:.1f}",
        )
        for row in result["measured"]
    ]
    return {"jobs": Table(["of one process", "time", "of the processors"], rows)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", default="5000000,20000000")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--times", type=int, default=2)
    args = parser.parse_args()
    finish(__file__, args, measure([int(n) for n in args.events.split(",")], args.jobs, args.times), tables)


if __name__ == "__main__":
    main()
