"""Claim: nested JSON lines are read at a third of the rate of flat ones at least, in as much memory as these.

    python benchmarks/speed/nested.py [--sizes 0.1 1] [--runs 1] [--json OUT] [--markdown OUT]

Reading alone, no model, each in a process of its own; gigabytes of the same events in four shapes: flat lines; nested
ones, with lists, escapes and the wanted fields inside objects; nested ones that differ in which fields they have; and
the latter in one document, ``{"Records": [...]}``, on one line.  Lines of all shapes are equally long on average.
Seconds are those of the processor, memory is the most that the process took.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, ReadOptions, read_batches

ROWS, CASES, TASKS = 20_000, 2_000, ("load", "expose", "etch", "clean", "inspect", "unload")
MARK, FIRST = b"@@@@@@", 700_000
IDLE = 60.0
Fields = dict[str, Any]


def nested(number: int) -> Fields:
    """Return an event with objects, lists and escapes around the fields that are wanted."""
    second, case = number * 1000 // ROWS, number * CASES // ROWS
    params = [{"key": "n", "value": number}, "a", 1.5]
    return {
        "version": "1.08",
        "who": {
            "type": "User",
            "name": f"lot @@@@@@ {case}",
            "session": {"mfa": False, "ip": "10.0.0.1"},
        },
        "at": {"seconds": f"1@@@@@@{second:03}"},
        "what": {
            "name": TASKS[number % len(TASKS)],
            "source": "line",
            "params": params,
        },
        "note": f'step "{number % 100}"\tdone',
        "id": f"event-{number}",
    }


def varied(number: int) -> Fields:
    """Return such an event that has, or lacks, one of three fields."""
    fields = nested(number)
    del fields[("version", "note", "id")[number % 3]]
    return {**fields, "pad": "x" * 24}


def flat(number: int) -> Fields:
    """Return the same event without objects, lists and escapes, as long as with them."""
    inner = nested(number)
    fields = {
        "case": inner["who"]["name"],
        "event": inner["what"]["name"],
        "time": inner["at"]["seconds"],
        "id": number,
    }
    length = len(json.dumps(inner)) - len(json.dumps(fields)) - 9
    return {**fields, "x": "x" * max(length, 0)}


SHAPES: dict[str, Callable[[int], Fields]] = {"flat": flat, "nested": nested, "varied": varied, "document": varied}


def write(path: Path, shape: str, size: float) -> int:
    """Write so many gigabytes; return how many events these are."""
    rows = [json.dumps(SHAPES[shape](number)).encode() for number in range(ROWS)]
    between = b"," if shape == "document" else b"\n"
    part, blocks = between.join(rows), 0
    with path.open("wb") as file:
        file.write(b'{"Records":[' if shape == "document" else b"")
        while file.tell() < size * 1e9:
            file.write((between if blocks else b"") + part.replace(MARK, b"%06d" % (FIRST + blocks)))
            blocks += 1
        file.write(b"]}" if shape == "document" else b"\n")
    return blocks * ROWS


def read(path: Path, shape: str) -> None:
    """Read a file; print events, seconds and MiB."""
    names = ("case", "event", "time") if shape == "flat" else ("who.name", "what.name", "at.seconds")
    options = ReadOptions(format="jsonl", case=names[0], event=names[1], time=names[2], idle=IDLE)
    started = time.process_time()
    events = sum(batch.events for batch in read_batches(path, Alphabet(), options))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"events": events, "seconds": time.process_time() - started, "MiB": peak}))


def measure(folder: Path, sizes: list[float], runs: int) -> list[dict[str, Any]]:
    """Return what reading takes, by shape and size; the best of some runs."""
    rows = []
    for size in sizes:
        for shape in SHAPES:
            path = folder / "events.json"
            events = write(path, shape, size)
            command = [sys.executable, __file__, "--read", str(path), "--shape", shape]
            found = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(runs)]
            if any(one["events"] != events for one in found):
                raise RuntimeError(f"{shape}: {found[0]['events']} events of {events}")
            best = min(found, key=lambda one: one["seconds"])
            rows.append({"shape": shape, "gigabytes": size, "bytes": path.stat().st_size, **best})
    return rows


def tables(result: Result) -> dict[str, Table]:
    """Return ``shapes``: seconds, rate, and the time beside that of flat lines."""
    measured = result["measured"]["rows"]
    plain = {row["gigabytes"]: row["seconds"] / row["bytes"] for row in measured if row["shape"] == "flat"}
    rows = [
        [
            row["shape"],
            f"{row['bytes'] / 1e9:.1f}",
            f"{row['seconds']:.1f}",
            f"{row['bytes'] / row['seconds'] / 1e6:.0f}",
            f"{row['seconds'] / row['bytes'] / plain[row['gigabytes']]:.2f}",
            f"{row['MiB']:.0f}",
        ]
        for row in measured
    ]
    return {"shapes": Table(("shape", "GB", "s", "MB/s", "time / flat", "MiB"), rows)}


def main() -> None:
    """Run the comparison, or read one file for it."""
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.1, 1.0], help="gigabytes")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--shape", choices=SHAPES, default="flat", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.read is not None:
        read(args.read, args.shape)
        return
    with tempfile.TemporaryDirectory() as name:
        rows = measure(Path(name), args.sizes, args.runs)
    finish(__file__, args, {"rows": rows}, tables)


if __name__ == "__main__":
    main()
