"""Claim: an event log in XML is read in less time than gunzip and a parser without handlers take for it.

    python benchmarks/speed/xes.py [--events 300000] [--attributes 10] [--runs 3] [--json OUT] [--markdown OUT]

Reading alone, no model.  An event log is written in XML, the attributes of its events around their name, plain and
compressed, and its events once more as log lines.  In turns, in one process: decompressing; expat without handlers,
which finds the ends of elements and nothing else; reading; and for the lines a bare loop of Python's ``re`` beside
reading with the same pattern.
"""

from __future__ import annotations

import gzip
import re
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, ReadOptions, read_batches

PATTERN = r"^(?P<time>\S+) \w+ (?P<case>\w+) (?P<event>\w+)"
PIECE = 1 << 18
LONGEST, SYMBOLS = 14, 20


def write(folder: Path, events: int, attributes: int) -> dict[str, Path]:
    """Write the events; return the files."""
    rng = np.random.default_rng(1)
    paths = {name: folder / f"events.{name}" for name in ("xes", "xes.gz", "log")}
    values = "".join(f'\t\t\t<string key="field_{number}" value="Value {number}"/>\n' for number in range(attributes))
    written = case = 0
    with paths["xes"].open("w") as xes, paths["log"].open("w") as log:
        xes.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n')
        while written < events:
            tasks = rng.integers(SYMBOLS, size=min(int(rng.integers(1, LONGEST)), events - written)).tolist()
            xes.write(f'\t<trace>\n\t\t<string key="concept:name" value="case {case}"/>\n')
            for number, task in enumerate(tasks, written):
                moment = f"2026-01-31T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
                xes.write(f'\t\t<event>\n\t\t\t<string key="concept:name" value="task_{task}"/>\n')
                xes.write(f'\t\t\t<date key="time:timestamp" value="{moment}+00:00"/>\n{values}\t\t</event>\n')
                log.write(f"{moment} INFO case_{case} task_{task} in step {number}\n")
            xes.write("\t</trace>\n")
            written, case = written + len(tasks), case + 1
        xes.write("</log>\n")
    with paths["xes"].open("rb") as plain, gzip.open(paths["xes.gz"], "wb", 6) as packed:
        while piece := plain.read(PIECE):
            packed.write(piece)
    return paths


def decompress(path: Path) -> None:
    """Decompress a file, and keep nothing."""
    stream = zlib.decompressobj(31)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            stream.decompress(piece)


def parse(path: Path) -> None:
    """Let expat go through a file without telling anything."""
    parser = expat.ParserCreate()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            parser.Parse(piece, False)
    parser.Parse(b"", True)


def search(path: Path) -> None:
    """Search each line for the pattern, and keep nothing."""
    found = re.compile(PATTERN).search
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            found(line)


def read(path: Path, events: int, options: ReadOptions) -> None:
    """Read a file into batches."""
    found = sum(batch.events for batch in read_batches(path, Alphabet(), options))
    if found != events:
        raise RuntimeError(f"{path.name}: {found} events of {events}")


def compare(paths: dict[str, Path], events: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of each way, in turns, after a turn that warms up."""
    xes, matched = ReadOptions(format="xes"), ReadOptions(pattern=PATTERN)
    ways: dict[str, Callable[[], None]] = {
        "gunzip": lambda: decompress(paths["xes.gz"]),
        "expat without handlers": lambda: parse(paths["xes"]),
        "xes": lambda: read(paths["xes"], events, xes),
        "xes.gz": lambda: read(paths["xes.gz"], events, xes),
        "re.search on each line": lambda: search(paths["log"]),
        "log with a pattern": lambda: read(paths["log"], events, matched),
    }
    seconds: dict[str, list[float]] = {label: [] for label in ways}
    for turn in range(1 + runs):
        for label, way in ways.items():
            started = time.process_time()
            way()
            seconds[label] += [time.process_time() - started] if turn else []
    return seconds


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Return what does not hang on the speed of the machine; smaller is better."""
    limit = [one + two for one, two in zip(seconds["gunzip"], seconds["expat without handlers"], strict=True)]
    pairs = {
        "xes.gz / (gunzip + expat without handlers)": (seconds["xes.gz"], limit),
        "xes / expat without handlers": (seconds["xes"], seconds["expat without handlers"]),
        "log with a pattern / re.search": (seconds["log with a pattern"], seconds["re.search on each line"]),
    }
    return {
        name: statistics.median(one / other for one, other in zip(*both, strict=True)) for name, both in pairs.items()
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``ways`` and ``ratios``."""
    measured = result["measured"]
    middle = {label: statistics.median(taken) for label, taken in measured["seconds"].items()}
    rows = [[label, f"{taken:.2f}", f"{measured['events'] / taken / 1e6:.2f}"] for label, taken in middle.items()]
    return {
        "ways": Table(("way", "s", "million events/s"), rows),
        "ratios": Table(("ratio", ""), [[name, f"{value:.2f}"] for name, value in measured["ratios"].items()]),
    }


def main() -> None:
    """Run the comparison."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--attributes", type=int, default=10, help="of an event, beside its name and time")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = write(Path(name), args.events, args.attributes)
        size = {label: path.stat().st_size for label, path in paths.items()}
        seconds = compare(paths, args.events, args.runs)
    found = {"events": args.events, "bytes": size, "seconds": seconds, "ratios": ratios(seconds)}
    finish(__file__, args, found, tables)


if __name__ == "__main__":
    main()
