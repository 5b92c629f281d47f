"""Claim: whatever a file holds, reading ends, with traces or with one line that says what is wrong.

    python benchmarks/quality/fuzz.py [--inputs 1000000] [--seconds S] [--seed 0] [--only READER] [--json OUT] [--add]

Small files of every format, of every kind of log that there is a preset for, and of tables are mutated and read, by
their format or preset and by the guess, with options drawn at random.  What ends otherwise than by its end or by an
error of the library, and what takes more than a second of processor time, is a fault; so is an error that is no single
line.  The inputs are read by processes of a few thousand each, so that one that crashes is found, too.  Each input is
made from the seed, its reader and its number alone: ``--only READER --first N --inputs 1`` makes one again.  With
``--add`` the counts are added to those of the result that is there, whose runs are listed with version and seed.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import multiprocessing
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.mutations import mutated
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import ReadOptions, __version__
from flexstream.errors import FlexStreamError
from flexstream.readers import FORMATS
from flexstream.readers.options import ALWAYS
from flexstream.readers.presets import NAMES
from flexstream.readers.reading import Reading
from flexstream.stream.alphabet import Alphabet
from flexstream.verdict.inspection import inspected

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
SLOW = 1.0
"""Seconds that reading one input may take."""
STUCK = 20
"""Seconds after which it is broken off."""
PART = 500
"""Inputs that one process reads."""
INSPECTED = 50
"""Of so many inputs one is inspected as well."""
ROWS = 12
Seeds = dict[str, list[bytes]]
COUNTED = ("inputs", "read", "told", "faults", "slow", "crashed")
CHOICES: dict[str, tuple[Any, ...]] = {
    "case": ("case", "", "id", "user.name", "messages[].role"),
    "event": ("event", "name", "event+case", "messages[].tool_calls[].function.name", "a.b.c"),
    "time": ("time", "timestamp"),
    "sequence": ("sequence", "events", "messages[].role"),
    "lifecycle": ("join", "all", "complete"),
    "time_format": ("%s", "%Y-%m-%d %H:%M:%S", "%d/%b/%Y:%H:%M:%S %z"),
    "pattern": (r"(?P<case>\d+)", r"^(?P<time>\S+ \S+) (?P<event>\w+)", r"(?P<message>.*)"),
    "delimiter": (";", "\t"),
    "mask": (True, False),
    "encoding": ("latin-1", "utf-16", "cp1252", "shift_jis"),
    "idle": (60.0,),
    "gap": (5.0, 1e9),
    "start": ("load",),
    "window": (1, 3),
    "max_open_cases": (1, 5),
    "max_open_events": (1, 20),
    "on_error": ("skip", "stop"),
    "redact": (True,),
}
"""Values from which options are drawn, by the names of those."""


def plain_seeds() -> Seeds:
    """Return small files by the name of their format."""
    rows = [(number % 3, ("load", "run", "unload")[number // 3 % 3]) for number in range(ROWS)]
    times = [f"2026-01-31 10:00:{number:02}" for number in range(ROWS)]
    events = list(zip(times, rows, strict=True))
    text = '<string key="concept:name" value="{}"/>'
    event = f'<event>{text.format("run")}<date key="time:timestamp" value="2026-01-31T10:00:00Z"/></event>'
    records = [{"case": case, "event": name, "time": at, "user": {"name": f"u{case}"}} for at, (case, name) in events]
    return {
        "lines": [b"load run unload\nload setup run unload\n\n" * 3],
        "csv": [
            b"time,case,event\n" + b"".join(f"{at},{case},{name}\n".encode() for at, (case, name) in events),
            b'sep=;\ncase;event\n7;"load; ""then"" run"\n7;unload\n',
            b"id,sequence\n1,load run\n2,load unload\n",
        ],
        "jsonl": [
            b"".join(json.dumps(record).encode() + b"\n" for record in records),
            b'["load","run"]\n["load", 1, true]\n{"id":"x","trace":["load"]}\n',
            json.dumps({"Records": records}).encode(),
            json.dumps(records, indent=1).encode(),
        ],
        "xes": [f'<?xml version="1.0"?>\n<log>\n{f"<trace>{text.format(7)}{event * 3}</trace>" * 2}</log>'.encode()],
        "log": [
            b"".join(f"{at} INFO [c{case}] {name} lot 7 in 3.5 s\n".encode() for at, (case, name) in events),
            b"2026-01-31 10:00:00 ERROR failed\nTraceback (most recent call last):\n  File x\nValueError: 7\n",
        ],
        "pautomac": [b"4 3\n3 0 1 2\n0\n1 2\n2 1 1\n"],
        "abbadingo": [b"3 3\n1 2 0 1\n0 1 1\n-1 0\n"],
        "access": [b'192.0.2.1 - - [31/Jan/2026:10:00:00 +0000] "GET /lots?id=7 HTTP/1.1" 200 612 "-" "x"\n' * 4],
        "logfmt": [b'time=2026-01-31T10:00:00Z level=info msg="lot 7 loaded" case=7\n' * 4],
        "logjson": [b'2026-01-31 10:00:00 INFO {"case": 7, "event": "load", "ms": 3}\n' * 4],
        "cef": [b"CEF:0|Shop|Door|1.0|100|door opened|3|src=192.0.2.1 suser=x rt=1769853600000\n" * 4],
    }


def sample_seeds() -> Seeds:
    """Return the first lines of the samples of logs for which there are presets."""
    import runpy

    samples = runpy.run_path(str(DATASETS / "presets" / "make.py"))["SAMPLES"]
    found = {}
    for name in NAMES:
        lines = (DATASETS / "presets" / samples[name][0]).read_bytes().splitlines(keepends=True)
        found[name] = [b"".join(lines[:3]), b"".join(lines[:ROWS])]
    return found


def table_seeds() -> Seeds:
    """Return small files of Parquet and Arrow, none where what reads them is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        return {}
    columns = {"case": ["7", "8", "9"] * 4, "event": ["load", "run", 'a,"b"'] * 4}
    times = pyarrow.array([1_769_853_600_000 + 1000 * number for number in range(ROWS)], pyarrow.timestamp("ms"))
    flat = pyarrow.table({**columns, "time": times})
    lists = pyarrow.table({"id": ["1", "2"], "events": [["load", "run"], ["load"]]})
    found: dict[str, list[bytes]] = {"parquet": [], "arrow": []}
    for table in (flat, lists):
        for compression in ("snappy", "none"):
            file = io.BytesIO()
            pyarrow.parquet.write_table(table, file, compression=compression, row_group_size=5)
            found["parquet"].append(file.getvalue())
        for opened in (pyarrow.ipc.new_file, pyarrow.ipc.new_stream):
            file = io.BytesIO()
            with opened(file, table.schema) as writer:
                writer.write_table(table)
            found["arrow"].append(file.getvalue())
    return found


def seeds() -> Seeds:
    """Return small files by the reader that is for them: a format, a preset, or a kind of table."""
    plain = plain_seeds()
    every = [one for some in plain.values() for one in some]
    formats = {name: plain.get(name, every) for name in FORMATS}
    return {**formats, **sample_seeds(), **table_seeds()}


def unmutated(known: Seeds) -> None:
    """Raise unless what is to be mutated can be read as it is: nothing is tried by what fails anyway."""
    for reader, files in known.items():
        named = {"format": reader} if reader in FORMATS else {"preset": reader} if reader in NAMES else {}
        for data in files if reader in plain_seeds() or reader not in FORMATS else ():
            for _ in Reading(io.BytesIO(data), Alphabet(), ReadOptions(**named)):
                pass


def options_for(reader: str, luck: random.Random) -> dict[str, Any]:
    """Return options for a reader: its format or its preset two times in three, and some more, that may not fit."""
    found: dict[str, Any] = {}
    if luck.random() < 2 / 3:
        found = {"format": reader} if reader in FORMATS else {"preset": reader} if reader in NAMES else {}
    used = (FORMATS[reader].uses if reader in FORMATS else frozenset(CHOICES)) | ALWAYS
    known = [name for name in CHOICES if name in used and name in ReadOptions.__dataclass_fields__]
    for name in luck.sample(known, luck.choice((0, 0, 1, 2))):
        found[name] = luck.choice(CHOICES[name])
    if luck.random() < 0.5:
        found["on_error"] = "skip"
    return found


def read(data: bytes, options: dict[str, Any], inspect: bool) -> str:
    """Read an input to its end; return how it ended: ``read``, or ``told``."""
    end, given = "read", None
    try:
        given = ReadOptions(**options)
        for _ in Reading(io.BytesIO(data), Alphabet(), given, 1 << 24, 1 << 22):
            pass
    except FlexStreamError as error:
        if len(str(error).splitlines()) != 1:
            raise AssertionError(f"an error is no single line: {str(error)!r}") from None
        end = "told"
    if inspect and given is not None:
        try:
            inspected(io.BytesIO(data), given)
        except FlexStreamError:
            end = "told"
    return end


class StuckError(Exception):
    """An input takes too long."""


def _stuck(*_: object) -> None:
    raise StuckError(f"not read after {STUCK} s")


def part(known: Seeds, reader: str, first: int, count: int, seed: int, report: Callable[[Any], None]) -> None:
    """Read some inputs; report the number that comes next, now and then, and what came of all at the end."""
    others = [one for some in known.values() for one in some]
    counts: Counter[str] = Counter()
    faults: list[dict[str, Any]] = []
    slowest = 0.0
    signal.signal(signal.SIGALRM, _stuck)
    for number in range(first, first + count):
        luck = random.Random(f"{seed} {reader} {number}")
        data, done = mutated(luck.choice(known[reader]), others, luck)
        options = options_for(reader, luck)
        if number % 100 == 0 or count == 1:
            report(number)
        began = time.process_time()
        signal.alarm(STUCK)
        try:
            end, what = read(data, options, number % INSPECTED == 0), ""
        except Exception as error:  # whatever it is, it is what is looked for
            frames = traceback.extract_tb(error.__traceback__)
            where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
            end, what = "faults", f"{type(error).__name__}: {error} ({where})"
        finally:
            signal.alarm(0)
        seconds = time.process_time() - began
        slowest = max(slowest, seconds)
        if seconds > SLOW:
            end, what = "slow", what or f"{seconds:.1f} s"
        counts[end] += 1
        if what and len(faults) < 20:
            options = {key: str(value) for key, value in options.items()}
            faults.append({"reader": reader, "number": number, "what": what, "mutations": done, "options": options})
    report({"counts": dict(counts), "faults": faults, "slowest": slowest})


def apart(known: Seeds, reader: str, first: int, count: int, seed: int) -> dict[str, Any]:
    """Read some inputs in a process of its own; one that dies is a fault of the inputs that it read last."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=part, args=(known, reader, first, count, seed, there.send)
    )
    process.start()
    there.close()
    last: Any = first
    while not isinstance(last, dict):
        try:
            last = here.recv()
        except EOFError:
            break
    process.join()
    if isinstance(last, dict):
        return last
    what = f"the process ended with {process.exitcode} within 100 inputs"
    fault = {"reader": reader, "number": last, "what": what, "mutations": [], "options": {}}
    return {"counts": {"crashed": 1}, "faults": [fault], "slowest": 0.0}


def measure(inputs: int, seed: int, first: int, only: list[str], seconds: float) -> dict[str, Any]:
    """Read so many inputs, the same number by each reader; fewer if the time runs out."""
    known = seeds()
    unmutated(known)
    readers = [name for name in known if not only or name in only]
    rows: dict[str, dict[str, Any]] = {
        name: {"inputs": 0, "read": 0, "told": 0, "faults": 0, "slow": 0, "crashed": 0, "slowest": 0.0, "seconds": 0.0}
        for name in readers
    }
    each = -(-inputs // max(1, len(readers)))
    faults, started = [], time.perf_counter()
    for start, name in itertools.product(range(first, first + each, PART), readers):
        began, row = time.perf_counter(), rows[name]
        if began - started > seconds:
            break
        found = apart(known, name, start, min(PART, first + each - start), seed)
        for end, count in found["counts"].items():
            row[end] += count
            row["inputs"] += count
        row["slowest"] = max(row["slowest"], found["slowest"])
        row["seconds"] += time.perf_counter() - began
        faults += found["faults"]
        for fault in found["faults"]:
            print(f"fault: {json.dumps(fault)}", file=sys.stderr)
    totals = {key: sum(row[key] for row in rows.values()) for key in COUNTED}
    return {"readers": rows, "total": totals, "found": faults[:100]}


def added(earlier: dict[str, Any] | None, found: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """Return what was measured together with what was measured before, and the runs of both.

    >>> row = {"inputs": 2, "faults": 0, "slowest": 0.5, "seconds": 1.0}
    >>> one = added(None, {"readers": {"csv": row}, "total": {"inputs": 2}, "found": []}, {"seed": 0})
    >>> both = added(one, {"readers": {"csv": row}, "total": {"inputs": 2}, "found": []}, {"seed": 1})
    >>> both["total"], both["readers"]["csv"]["inputs"], both["runs"]
    ({'inputs': 4}, 4, [{'seed': 0}, {'seed': 1}])
    """
    if earlier is None:
        return {**found, "runs": [run]}
    runs = earlier.get("runs", [])
    if run in runs:
        raise SystemExit(f"these inputs are among those that were read: {run}")
    readers = {name: dict(row) for name, row in earlier["readers"].items()}
    for name, row in found["readers"].items():
        known = readers.setdefault(name, dict.fromkeys(row, 0))
        readers[name] = {key: max(known[key], n) if key == "slowest" else known[key] + n for key, n in row.items()}
    total = {key: earlier["total"][key] + number for key, number in found["total"].items()}
    return {
        "readers": readers,
        "total": total,
        "found": (earlier["found"] + found["found"])[:100],
        "runs": [*runs, run],
    }


def earlier_of(path: Path | None) -> dict[str, Any] | None:
    """Return what a result holds, None where there is none, or none that tells its runs."""
    if path is None or not path.exists():
        return None
    measured: dict[str, Any] = json.loads(path.read_text())["measured"]
    return measured if "runs" in measured else None


def tables(result: Result) -> dict[str, Table]:
    """Return the inputs by reader and how they ended."""
    head = ("reader", "inputs", "read", "told in a line", "faults", "over a second", "crashes", "slowest (s)")
    rows = [
        (f"`{name}`", *(f"{row[key]:,}" for key in COUNTED), f"{row['slowest']:.2f}")
        for name, row in result["measured"]["readers"].items()
    ]
    total = result["measured"]["total"]
    slowest = max((row["slowest"] for row in result["measured"]["readers"].values()), default=0.0)
    rows.append(("all", *(f"{total[key]:,}" for key in COUNTED), f"{slowest:.2f}"))
    return {"readers": Table(head, rows)}


def main() -> None:
    """Measure, and end with 1 where there is a fault."""
    parser = parser_of(__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no other part after that time")
    parser.add_argument("--only", action="append", default=[], metavar="READER")
    parser.add_argument("--add", action="store_true", help="add to the result that --json names")
    args: argparse.Namespace = parser.parse_args()
    measured = measure(args.inputs, args.seed, args.first, args.only, args.seconds)
    run = {"seed": args.seed, "first": args.first, "inputs": measured["total"]["inputs"], "version": __version__}
    finish(__file__, args, added(earlier_of(args.json) if args.add else None, measured, run), tables)
    if any(measured["total"][end] for end in ("faults", "slow", "crashed")):
        sys.exit(1)


if __name__ == "__main__":
    main()
