"""Claim: plain CSV and JSON lines are read at more than a million events a second, plain lines much faster.

    python benchmarks/speed/formats.py [--events 2000000] [--cases 100000] [--symbols 20] [--runs 3] [--json OUT]
                                       [--markdown OUT] [--plot OUT.svg]

Reading alone, no model.  The events of many cases that go on side by side are written with case, event and time
(``csv``, ``jsonl``), and grouped by case as traces (``lines``, ``abbadingo``).  All are read into batches in turns, in
one process, kernels warm; ``timed`` means with ``--idle``, for which every time has to be understood.

Then whole processes in turns, plain files and gzip: ``flexstream learn`` beside a Python loop that does no more than
read the file by ``csv.reader`` or ``json.loads``; with ``--idle`` so long that no case ends by it, and so short that
most do.  Their ratios are of processor time, medians over the turns.  Which event comes is pure chance, so that the
tree is as large as can be; plain files are learned once more with as many events of a machine of 40 states.
"""

from __future__ import annotations

import gzip
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table, pyplot

from flexstream import Alphabet, ReadOptions, read_batches
from flexstream.targets import Recipe, random_pdfa

START = datetime(2026, 1, 1)
IDLE = {"csv, timed": "csv", "jsonl, timed": "jsonl"}
FORMATS = ("lines", "abbadingo", "csv", "jsonl")
LOOPS = {
    "csv": "import csv, gzip, sys\nfor row in csv.reader({open}(sys.argv[1], 'rt')): pass",
    "jsonl": "import gzip, json, sys\nfor line in {open}(sys.argv[1], 'rt'): json.loads(line)",
}
LOOP = "Python loop"
# A case has an event every so many seconds on average, the number of cases; by so much more or less it may be silent.
SHORT_IDLE = 0.4


def by_chance(events: int, cases: int, symbols: int) -> Iterator[tuple[int, int]]:
    """Yield the case and the task of each event, both by chance."""
    rng = np.random.default_rng(1)
    yield from zip(rng.integers(cases, size=events).tolist(), rng.integers(symbols, size=events).tolist(), strict=True)


def of_machine(events: int, cases: int, symbols: int) -> Iterator[tuple[int, int]]:
    """Yield the case and the task of each event: cases go on by chance, each as a machine does."""
    target = random_pdfa(Recipe(states=40, symbols=symbols, mean_length=events / cases), seed=1)
    traces = target.sample(cases, seed=1)
    order = np.repeat(np.arange(cases), [len(trace) for trace in traces])
    np.random.default_rng(1).shuffle(order)
    rest = [iter(trace) for trace in traces]
    for case in order.tolist():
        yield case, int(next(rest[case]))


def write(folder: Path, log: Iterable[tuple[int, int]], symbols: int) -> tuple[dict[str, Path], int]:
    """Write the events in each format; return the files and how many events there are."""
    traces: dict[int, list[int]] = {}
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"events.{name}" for name in FORMATS}
    with paths["csv"].open("w") as csv, paths["jsonl"].open("w") as jsonl:
        csv.write("case,event,time\n")
        for second, (case, task) in enumerate(log):
            traces.setdefault(case, []).append(task)
            moment = (START + timedelta(seconds=second)).isoformat()
            csv.write(f"case {case},task_{task},{moment}\n")
            jsonl.write(json.dumps({"case": f"case {case}", "event": f"task_{task}", "time": moment}) + "\n")
    with paths["lines"].open("w") as lines, paths["abbadingo"].open("w") as abbadingo:
        abbadingo.write(f"{len(traces)} {symbols}\n")
        for trace in traces.values():
            lines.write(" ".join(f"task_{task}" for task in trace) + "\n")
            abbadingo.write(f"1 {len(trace)} {' '.join(map(str, trace))}\n")
    return paths, sum(map(len, traces.values()))


def write_by_chance(folder: Path, events: int, cases: int, symbols: int) -> tuple[dict[str, Path], int]:
    """Write so many events that come by chance in each format, see `write`."""
    return write(folder, by_chance(events, cases, symbols), symbols)


def read(path: Path, name: str, idle: float | None) -> tuple[float, int]:
    """Read a file; return the seconds and the number of events."""
    started, events = time.process_time(), 0
    for batch in read_batches(path, Alphabet(), ReadOptions(format=name, idle=idle)):
        events += batch.events
    return time.process_time() - started, events


def compare(paths: dict[str, Path], events: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of each way, in turns, after a turn that warms up and checks that no event is lost."""
    ways: dict[str, tuple[str, float | None]] = {name: (name, None) for name in FORMATS}
    ways |= {label: (name, 2.0 * events) for label, name in IDLE.items()}
    seconds: dict[str, list[float]] = {label: [] for label in ways}
    for turn in range(1 + runs):
        for label, (name, idle) in ways.items():
            took, found = read(paths[name], name, idle)
            if found != events:
                raise RuntimeError(f"{label}: {found} events of {events}")
            seconds[label] += [took] if turn else []
    return seconds


def commands(path: Path, name: str, events: int, cases: int, model: Path) -> dict[str, list[str]]:
    """Return the commands that take turns on a file, the loop first."""
    opened = "gzip.open" if path.suffix == ".gz" else "open"
    learn = [FLEXSTREAM, "learn", str(path), "--format", name, "-o", str(model)]
    return {
        LOOP: [sys.executable, "-c", LOOPS[name].format(open=opened), str(path)],
        "learn": learn,
        "learn --idle, no case ends by it": [*learn, "--idle", str(2 * events)],
        "learn --idle, most cases do": [*learn, "--idle", str(SHORT_IDLE * cases)],
    }


def learn(paths: dict[str, Path], events: int, cases: int, runs: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each file the seconds of its commands, and how often those of the loop they are."""
    found = {}
    for label, path in paths.items():
        turns = commands(path, label.partition(".")[0].partition(",")[0], events, cases, path.with_name("model.json"))
        done = [{one: run(turn).processor_seconds for one, turn in turns.items()} for _ in range(1 + runs)][1:]
        found[label] = {
            one: {
                "seconds": statistics.median(turn[one] for turn in done),
                "ratio": statistics.median(turn[one] / turn[LOOP] for turn in done),
            }
            for one in turns
        }
    return found


def packed(path: Path) -> Path:
    """Return a file beside this one that holds the same, compressed."""
    to = path.with_name(path.name + ".gz")
    with path.open("rb") as plain, gzip.open(to, "wb", compresslevel=6) as pack:
        shutil.copyfileobj(plain, pack)
    return to


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Return what does not hang on the speed of the machine; smaller is better."""
    base = seconds["lines"]
    return {
        f"seconds, {label} / lines": statistics.median(one / two for one, two in zip(took, base, strict=True))
        for label, took in seconds.items()
        if label != "lines"
    }


def summary(seconds: dict[str, list[float]], events: int) -> dict[str, dict[str, float]]:
    """Return the medians of each way."""
    middle = {label: statistics.median(took) for label, took in seconds.items()}
    return {
        label: {"seconds": took, "ns_per_event": 1e9 * took / events, "million_events_per_second": events / took / 1e6}
        for label, took in middle.items()
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``formats``, ``ratios`` and, of results that have them, the whole processes as ``learn``."""
    rows = [
        [label, f"{row['seconds']:.2f}", f"{row['ns_per_event']:.0f}", f"{row['million_events_per_second']:.2f}"]
        for label, row in result["measured"]["summary"].items()
    ]
    ratios = [[name, f"{value:.1f}"] for name, value in result["measured"]["ratios"].items()]
    commands = [
        [name, label, f"{row['seconds']:.2f}", f"{row['ratio']:.2f}"]
        for name, turns in result["measured"].get("learn", {}).items()
        for label, row in turns.items()
    ]
    return {
        "formats": Table(("format", "s", "ns/event", "million events/s"), rows),
        "ratios": Table(("ratio", ""), ratios),
        "learn": Table(("file", "", "s", "× loop"), commands),
    }


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw the time of an event by format."""
    figure, axis = pyplot().subplots(figsize=(6, 3), layout="constrained")
    axis.barh(
        list(result["seconds"]),
        [1e9 * statistics.median(took) / result["events"] for took in result["seconds"].values()],
    )
    axis.set(xscale="log", xlabel="ns per event")
    axis.invert_yaxis()
    figure.savefig(path)


def main() -> None:
    """Run the comparison."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    size = args.events, args.cases, args.symbols
    with tempfile.TemporaryDirectory() as name:
        paths, events = write_by_chance(Path(name, "chance"), *size)
        seconds = compare(paths, events, args.runs)
        files = {form: paths[form] for form in LOOPS} | {f"{form}.gz": packed(paths[form]) for form in LOOPS}
        processes = learn(files, events, args.cases, args.runs)
        paths, events = write(Path(name, "machine"), of_machine(*size), args.symbols)
        files = {f"{form}, of a machine": paths[form] for form in LOOPS}
        processes |= learn(files, events, args.cases, args.runs)
    found = {"events": args.events, "summary": summary(seconds, args.events), "seconds": seconds}
    finish(__file__, args, {**found, "learn": processes, "ratios": ratios(seconds)}, tables)
    if args.plot:
        plot(found, args.plot)


if __name__ == "__main__":
    main()
