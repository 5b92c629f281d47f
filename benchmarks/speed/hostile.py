"""Claim: a hostile source takes at most 1.1 times ``--memory`` and 32 MiB beyond the start of the process.

    python benchmarks/speed/hostile.py [--mib 100] [--memory 16MiB,64MiB] [--json OUT] [--markdown OUT]

Sources that would fill the memory by a single thing: a line without end, the same in gzip, one value in a list of JSON,
a list without end, brackets without end, an attribute, a comment and a trace of XES, elements inside one another, a
quote in CSV that is never closed, a header of many columns, traces of ever new symbols, also by an ensemble, long
symbols, and names of cases of 200 KB.  The command learns each with ``--on-error skip`` and each budget, in a process
of its own.  Printed are the peak of the process, the bound, which is reckoned from the peak of one that learns one
trace, and what was said.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream.budget import parse_memory

MIB = 1 << 20
EVENT = b'<event><string key="concept:name" value="load"/></event>'
TRACE = b'<trace><string key="concept:name" value="7"/>' + EVENT + b"</trace>\n"
Parts = Iterator[bytes]


def much(unit: bytes, size: int) -> Parts:
    """Yield a unit again and again, so many bytes in all."""
    piece = unit * max(1, MIB // len(unit))
    for _ in range(max(1, size // len(piece))):
        yield piece


def around(before: bytes, unit: bytes, size: int, behind: bytes) -> Parts:
    """Yield something without end between what begins and what ends it."""
    yield before
    yield from much(unit, size)
    yield behind


def xes(before: bytes, unit: bytes, size: int, behind: bytes) -> Parts:
    """Yield a log with something without end between two traces."""
    return around(b"<log>" + TRACE + before, unit, size, behind + TRACE + b"</log>")


def numbered(size: int) -> Parts:
    """Yield traces of 20,000 symbols, each of which is new."""
    symbol, done = 0, 0
    while done < size:
        line = b" ".join(b"symbol%d" % number for number in range(symbol, symbol + 20_000)) + b"\n"
        symbol, done = symbol + 20_000, done + len(line)
        yield line


def long_symbols(size: int) -> Parts:
    """Yield traces of two symbols, one of 500 KB and new."""
    for number in range(max(1, size // 500_000)):
        yield b"%d" % number + b"s" * 500_000 + b" run\n"


def long_names(size: int) -> Parts:
    """Yield events of cases with names of 200 KB."""
    yield b"case,event\n"
    for number in range(max(1, size // 200_000)):
        yield b"%d" % number + b"k" * 200_000 + b",load\n1,run\n"


SOURCES: dict[str, tuple[str, Callable[[int], Parts]]] = {
    "a line": ("a.log", lambda size: around(b"2026-01-31 10:00:00 a\n", b"-", 2 * size, b"\n2026-01-31 10:00:01 b\n")),
    "a line, gzip": ("a.txt.gz", lambda size: around(b"a b\n", b"x", 2 * size, b"\na c\n")),
    "a value in a list": (
        "a.json",
        lambda size: around(b'[{"case":"1","event":"a"},\n{"case":"1","event":"', b"x", size, b'"}]\n'),
    ),
    "a list": ("b.json", lambda size: around(b'["a","b"]\n[', b'"load",', size, b'"b"]\n["a"]\n')),
    "brackets": ("c.json", lambda size: around(b'["a","b"]\n', b"[", size, b'\n["a"]\n')),
    "an attribute": ("a.xes", lambda size: xes(b'<trace><string key="a" value="', b"x", size, b'"/></trace>')),
    "a comment": ("b.xes", lambda size: xes(b"<!--", b"x", size, b"-->")),
    "a trace of XES": ("c.xes", lambda size: xes(b"<trace>", EVENT, size, b"</trace>")),
    "elements": ("d.xes", lambda size: xes(b"", b"<a>", size // 4, b"")),
    "a quote": ("a.csv", lambda size: around(b'case,event\n1,a\n1,"', b"1,run\n", size, b"1,b\n")),
    "columns": ("b.csv", lambda size: around(b"case,event", b",column", size // 8, b"\n1,a\n")),
    "names of cases": ("c.csv", long_names),
    "symbols": ("d.txt", numbered),
    "symbols, 8 members": ("e.txt", numbered),
    "long symbols": ("f.txt", long_symbols),
}


def write(path: Path, parts: Parts) -> None:
    """Write a source part by part."""
    with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
        for part in parts:
            file.write(part)


def learn(path: Path, memory: str, members: int) -> tuple[float, str]:
    """Return the peak of a process that learns a file, in MiB, and the first thing that it has skipped."""
    words = [FLEXSTREAM, "learn", str(path), "--memory", memory, "--on-error", "skip", "-o", str(path) + ".model.json"]
    try:
        done = run([*words, *(["--ensemble", str(members)] if members else [])], limit=300.0)
    except RuntimeError as error:  # what is no trace at all, in one line
        raise SystemExit(str(error)) from None
    found = re.search(rf"{re.escape(str(path))}:(\d+: [^(\n]*) \(", done.stderr)
    return done.peak_mib, found[1] if found else ""


def measure(folder: Path, mib: int, budgets: list[str]) -> dict[str, Any]:
    """Return peaks, bounds and what was said, by source and budget."""
    (folder / "one.txt").write_text("load run unload\n")
    start = learn(folder / "one.txt", budgets[0], 0)[0]
    result: dict[str, Any] = {"start_mib": start, "sources": {}}
    for name, (file, parts) in SOURCES.items():
        path = folder / file
        write(path, parts(mib * MIB))
        for memory in budgets:
            peak, said = learn(path, memory, 8 if "members" in name else 0)
            bound = start + 1.1 * parse_memory(memory) / MIB + 32
            result["sources"][f"{name}, {memory}"] = {"peak_mib": peak, "bound_mib": bound, "said": said}
            print(f"{name}, {memory}: {peak:.0f} of {bound:.0f} MiB {said}", file=sys.stderr)
        path.unlink()
    rows = result["sources"].values()
    result["above"] = sum(row["peak_mib"] > row["bound_mib"] for row in rows)
    result["most_of_bound"] = max(row["peak_mib"] / row["bound_mib"] for row in rows)
    return result


def tables(result: Result) -> dict[str, Table]:
    """Return ``peaks``."""
    rows = [
        [name, f"{row['peak_mib']:.0f}", f"{row['bound_mib']:.0f}", row["said"]]
        for name, row in result["measured"]["sources"].items()
    ]
    return {"peaks": Table(("source, budget", "peak MiB", "bound MiB", "line, and what was said"), rows)}


def main() -> None:
    """Run the benchmark; end with 1 where a bound does not hold."""
    parser = parser_of(__doc__)
    parser.add_argument("--mib", type=int, default=100, help="size of what has no end")
    parser.add_argument("--memory", default="16MiB,64MiB")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), args.mib, args.memory.split(","))
    finish(__file__, args, found, tables)
    sys.exit(1 if found["above"] else 0)


if __name__ == "__main__":
    main()
