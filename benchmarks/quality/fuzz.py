"""Claim: whatever a file holds, reading ends, with traces or with one line that says what is wrong.

    python benchmarks/quality/fuzz.py [--inputs 1000000] [--seconds S] [--seed 0] [--only READER] [--json OUT] [--add]

Small files of every format, of every kind of log that there is a preset for, and of tables are mutated and read, by
their format or preset and by the guess, with options drawn at random; most are short, some of many kilobytes.  What
ends otherwise than by its end or by an error of the library, takes more than a second of processor time, or 64 MiB
more than its process had, is a fault; so is an error that is no single line.  The inputs are read by processes of some
hundred each, so that one that crashes is found, too.  Each input is made from the seed, its reader and its number
alone: ``--only READER --first N --inputs 1`` makes one again.  With
``--add`` the counts are added to those of the result that is there, whose runs are listed with version and seed.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared import fuzzing
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
INSPECTED = 200
"""Of so many inputs one is inspected as well."""
ROWS = 12
SHORT, SELDOM_LONG = 1500, 0.05
"""Bytes to which inputs are cut, and the share of them that are not: most faults need few bytes, some need many."""
Seeds = dict[str, list[bytes]]
BINARY = ("parquet", "arrow")
"""Their ends say where everything is: what is cut there tries nothing else."""
ENDS = {"read": "read", "told": "told in a line"}
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


def trial_of(known: Seeds) -> fuzzing.Trial:
    """Return what mutates a file for a reader, draws options, and reads it."""
    others = [one for some in known.values() for one in some]

    def attempt(reader: str, number: int, luck: random.Random, done: list[str]) -> str:
        data, steps = mutated(luck.choice(known[reader]), others, luck)
        if luck.random() > SELDOM_LONG and reader not in BINARY:
            data = data[:SHORT]
        options = options_for(reader, luck)
        done += [*steps, f"options: { {key: str(value) for key, value in options.items()} }"]
        return read(data, options, number % INSPECTED == 0)

    return attempt


def measure(inputs: int, seed: int, first: int, only: list[str], seconds: float) -> dict[str, Any]:
    """Read so many inputs, the same number by each reader; fewer if the time runs out."""
    known = seeds()
    unmutated(known)
    readers = [name for name in known if not only or name in only]
    return fuzzing.measure(trial_of(known), readers, tuple(ENDS), inputs, seed, first, seconds)


def added(earlier: dict[str, Any] | None, found: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """Return what was measured together with what was measured before, and the runs of both.

    >>> row = {"inputs": 2, "faults": 0, "slowest": 0.5, "seconds": 1.0}
    >>> one = added(None, {"kinds": {"csv": row}, "total": {"inputs": 2}, "found": []}, {"seed": 0})
    >>> both = added(one, {"kinds": {"csv": row}, "total": {"inputs": 2}, "found": []}, {"seed": 1})
    >>> both["total"], both["kinds"]["csv"]["inputs"], both["runs"]
    ({'inputs': 4}, 4, [{'seed': 0}, {'seed': 1}])
    """
    runs = [] if earlier is None else earlier["runs"]
    if run in runs:
        raise SystemExit(f"these inputs are among those that were read: {run}")
    parts = [found] if earlier is None else [earlier, found]
    return {**fuzzing.added(parts), "runs": [*runs, run]}


def earlier_of(path: Path | None) -> dict[str, Any] | None:
    """Return what a result holds, None where there is none, or none that tells its runs."""
    if path is None or not path.exists():
        return None
    measured: dict[str, Any] = json.loads(path.read_text())["measured"]
    return measured if "runs" in measured else None


def tables(result: Result) -> dict[str, Table]:
    """Return the inputs by reader and how they ended."""
    return {"readers": fuzzing.table(result["measured"], ENDS, "reader")}


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
    if any(measured["total"][end] for end in fuzzing.BAD):
        sys.exit(1)


if __name__ == "__main__":
    main()
