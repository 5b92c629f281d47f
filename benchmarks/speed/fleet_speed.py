"""Claim: a fleet of a hundred members is learned in a small multiple of the time of one model of the same log.

    python benchmarks/speed/fleet_speed.py [--cases 100000] [--members 100] [--runs 3] [--json OUT] [--markdown OUT]

A log of short cases, each of one of the members, is written as CSV, JSON lines and log lines with a pattern.  The whole
process of ``flexstream learn`` is timed with ``--per`` and without, turn by turn, and the least of the runs compared.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

Row = tuple[str, str, str]
PATTERN = r"(?P<host>\w+) \[(?P<case>\w+)\] (?P<event>.*)"
FORMATS: dict[str, tuple[str, Callable[[Row], str], list[str]]] = {
    "csv": ("host,case,event\n", ",".join, []),
    "jsonl": ("", lambda row: '{{"host": "{}", "case": "{}", "event": "{}"}}'.format(*row), []),
    "log": ("", lambda row: "{} [{}] {}".format(*row), ["--pattern", PATTERN]),
}


def rows(cases: int, members: int) -> Iterator[Row]:
    """Yield the events of cases, one case after the other."""
    random = np.random.default_rng(1)
    for case, (member, length) in enumerate(
        zip(random.integers(members, size=cases).tolist(), random.integers(2, 10, cases).tolist(), strict=True)
    ):
        for place in range(length):
            yield f"host{member}", str(case), f"event{place * (1 + case % 3) % 8}"


def seconds(*command: str) -> float:
    """Return the processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "flexstream_cli.main", *command], check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def study(name: str, folder: Path, cases: int, members: int, runs: int) -> dict[str, Any]:
    """Time learning from a format."""
    head, line, options = FORMATS[name]
    path, model = folder / f"log.{name}", folder / "model.json"
    path.write_text(head + "".join(f"{line(row)}\n" for row in rows(cases, members)))
    plain, fleet = [], []
    for _ in range(runs):
        plain.append(seconds("learn", str(path), *_plain(options), "-o", str(model)))
        fleet.append(seconds("learn", str(path), *options, "--per", "host", "-o", str(model)))
    return {"format": name, "plain": min(plain), "fleet": min(fleet)}


def _plain(options: list[str]) -> list[str]:
    """Return the options without the group of the member, which means nothing there."""
    return [option.replace("(?P<host>", "(?:") for option in options]


def tables(result: Result) -> dict[str, Table]:
    """Return ``ratios``."""
    cells = [
        [row["format"], f"{row['plain']:.2f} s", f"{row['fleet']:.2f} s", f"{row['fleet'] / row['plain']:.1f}"]
        for row in result["measured"]
    ]
    return {"ratios": Table(("format", "one model", "a fleet", "ratio"), cells)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = [study(name, Path(folder), args.cases, args.members, args.runs) for name in FORMATS]
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
