"""Claim: 50 million events become a model in at most 2.6 times the time of ``wc -w``, and memory stays.

    python benchmarks/speed/throughput.py [--events 50000000] [--symbols 20] [--runs 3] [--json OUT] [--markdown OUT]
                                          [--plot OUT.svg]

Traces are sampled from a random automaton of 40 states; their words have one and two characters.  Whole processes take
turns on one processor core: ``wc -w``, a plain Python loop that counts words, ``flexstream learn`` from the file and
from a pipe, and once more with all the cores there are, as reading and counting are two threads; then ``wc -w`` and
``flexstream learn`` on the same events with words of seven and eight characters.  Then, on one core again,
``flexstream learn`` reads files of 1, 10 and 100 million events (``--sizes``) for the time per event and the peak of
the memory.  Seconds are processor time of a process and its children; what all cores gain is elapsed time.  The machine
should be quiet; the result says how loaded it was.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table, pyplot

COUNTER = "import sys, collections; c = collections.Counter()\nfor line in open(sys.argv[1]): c.update(line.split())"
MEAN_LENGTH = 15
ALL_CORES = "flexstream, file, all cores"
LONGER_WC, LONGER = "wc -w, longer words", "flexstream, longer words"
WORDS = {
    "wc -w": "`wc -w`",
    "Python Counter": "Python loop with a `Counter`",
    "flexstream, file": "`flexstream learn FILE`",
    "flexstream, pipe": "`cat FILE | flexstream learn -`".replace("|", "\\|"),
    LONGER_WC: "longer words: `wc -w`",
    LONGER: "longer words: `flexstream learn FILE`",
}


def write_traces(path: Path, events: int, symbols: int) -> int:
    """Write traces with about so many events; return how many there are exactly."""
    traces = str(max(1, events // MEAN_LENGTH))
    command = [FLEXSTREAM, "simulate", "pdfa", "--states", "40", "--symbols", str(symbols), "--seed", "1"]
    with path.open("wb") as file:
        subprocess.run([*command, "--traces", traces], stdout=file, stderr=subprocess.DEVNULL, check=True)
    return words(path)


def lengthen(path: Path) -> None:
    """Give all words of a file six characters more."""
    longer = path.with_suffix(".longer")
    with path.open("rb") as short, longer.open("wb") as file:
        file.writelines(b"event_" + line.replace(b" ", b" event_") if line.strip() else line for line in short)
    longer.replace(path)


def words(path: Path) -> int:
    """Return how many words a file has."""
    return int(run(["wc", "-w", str(path)]).stdout.split()[0])


def piped(path: Path, model: Path) -> list[str]:
    """Return the command that learns from a pipe; the writer of the pipe counts as well."""
    return ["sh", "-c", 'cat "$1" | "$2" learn - -o "$3"', "sh", str(path), FLEXSTREAM, str(model)]


def compare(path: Path, model: Path, runs: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the processor seconds of each whole process, in turns, and the elapsed ones of one core and of all."""
    commands = {
        "wc -w": ["wc", "-w", str(path)],
        "Python Counter": [sys.executable, "-c", COUNTER, str(path)],
        "flexstream, file": [FLEXSTREAM, "learn", str(path), "-o", str(model)],
        "flexstream, pipe": piped(path, model),
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    elapsed: dict[str, list[float]] = {"flexstream, file": [], ALL_CORES: []}
    one = os.sched_getaffinity(0)
    for _ in range(runs):
        for name, command in commands.items():
            done = run(command)
            seconds[name].append(done.processor_seconds)
            if name in elapsed:
                elapsed[name].append(done.seconds)
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        elapsed[ALL_CORES].append(run(commands["flexstream, file"]).seconds)
        os.sched_setaffinity(0, one)
    lengthen(path)
    longer = {LONGER_WC: commands["wc -w"], LONGER: commands["flexstream, file"]}
    seconds |= {name: [] for name in longer}
    for _ in range(runs):
        for name, command in longer.items():
            seconds[name].append(run(command).processor_seconds)
    return seconds, elapsed


def against(seconds: dict[str, list[float]], name: str, other: str) -> float:
    """Return the median, over the turns, of how many times longer one command takes than another."""
    return statistics.median(one / two for one, two in zip(seconds[name], seconds[other], strict=True))


def grow(folder: Path, model: Path, sizes: list[int], symbols: int) -> list[dict[str, float]]:
    """Return events, seconds and peak memory of files of some sizes."""
    rows = []
    for size in sizes:
        path = folder / f"{size}.txt"
        events = write_traces(path, size, symbols)
        done = run([FLEXSTREAM, "learn", str(path), "-o", str(model)])
        path.unlink()
        rows.append({"events": events, "seconds": done.processor_seconds, "peak_mib": done.peak_mib})
    return rows


def start_up(folder: Path, model: Path, runs: int) -> dict[str, list[float]]:
    """Return the seconds that one small problem and the help take, and those of the imports there is no way round."""
    path = folder / "small.txt"
    write_traces(path, 300_000, 20)
    commands = {
        "import click": [sys.executable, "-c", "import click"],
        "import numpy, click": [sys.executable, "-c", "import numpy, click"],
        "--help": [FLEXSTREAM, "--help"],
        "small problem": [FLEXSTREAM, "learn", str(path), "-o", str(model)],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            seconds[name].append(run(command).processor_seconds)
    return seconds


def ratios(result: dict[str, Any]) -> dict[str, float]:
    """Return what does not hang on the speed of the machine; smaller is better."""
    seconds, sizes, start = result["seconds"], result["sizes"], result["start_up"]
    found = {
        "file / wc -w": against(seconds, "flexstream, file", "wc -w"),
        "file / Python Counter": against(seconds, "flexstream, file", "Python Counter"),
        "longer words: file / wc -w": against(seconds, LONGER, LONGER_WC),
        "elapsed, all cores / wc -w": statistics.median(
            one / two for one, two in zip(result["elapsed"][ALL_CORES], seconds["wc -w"], strict=True)
        ),
        "elapsed, all cores / one core": against(result["elapsed"], ALL_CORES, "flexstream, file"),
        "pipe / file": against(seconds, "flexstream, pipe", "flexstream, file"),
        "--help / import click": against(start, "--help", "import click"),
        "small problem / import numpy, click": against(start, "small problem", "import numpy, click"),
    }
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        found["time an event, last size / first"] = (last["seconds"] / last["events"]) / (
            first["seconds"] / first["events"]
        )
        found["peak memory, last size / last but one"] = last["peak_mib"] / sizes[-2]["peak_mib"]
    return found


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw the seconds of each command, and time per event and memory by size."""
    figure, (left, right) = pyplot().subplots(1, 2, figsize=(10, 3.5), layout="constrained")
    seconds = {name: statistics.median(times) for name, times in result["seconds"].items()}
    left.barh(list(seconds), list(seconds.values()))
    left.set_xlabel(f"seconds for {result['events']:,} events")
    events = [row["events"] for row in result["sizes"]]
    right.plot(events, [1e9 * row["seconds"] / row["events"] for row in result["sizes"]], "o-", label="ns per event")
    right.plot(events, [row["peak_mib"] for row in result["sizes"]], "s--", label="peak memory in MiB")
    right.set(xscale="log", xlabel="events", ylim=(0, None))
    right.legend()
    figure.savefig(path)


def summary(seconds: dict[str, list[float]], events: int) -> dict[str, dict[str, float]]:
    """Return for each command the median of its seconds and of its ratios to ``wc -w`` over the turns."""
    return {
        name: {
            "seconds": statistics.median(times),
            "ns_per_event": 1e9 * statistics.median(times) / events,
            "x_wc": against(seconds, name, LONGER_WC if name in (LONGER, LONGER_WC) else "wc -w"),
        }
        for name, times in seconds.items()
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``commands``, ``sizes``, ``start`` and ``ratios``."""
    measured = result["measured"]
    commands = [
        [WORDS[name], f"{row['seconds']:.2f}", f"{row['ns_per_event']:.0f}", f"{row['x_wc']:.2f}"]
        for name, row in measured["summary"].items()
    ]
    sizes = [
        [f"{row['events']:,}", f"{taken:.2f}", f"{1e9 * taken / row['events']:.0f}", f"{row['peak_mib']:.0f}"]
        for row in measured["sizes"]
        for taken in [row["seconds"]]
    ]
    start = [[f"`{name}`", f"{statistics.median(taken):.2f}"] for name, taken in measured["start_up"].items()]
    ratios = [[name, f"{value:.2f}"] for name, value in measured["ratios"].items()]
    return {
        "commands": Table(("", "s", "ns/event", "× `wc -w`"), commands),
        "sizes": Table(("events", "s", "ns/event", "peak MiB"), sizes, "rrrr"),
        "start": Table(("starting", "s"), start),
        "ratios": Table(("ratio", ""), ratios),
    }


def measure(folder: Path, events: int, symbols: int, sizes: list[int], runs: int) -> dict[str, Any]:
    """Measure everything in this folder."""
    path, model = folder / "traces.txt", folder / "model.json"
    written = write_traces(path, events, symbols)
    seconds, elapsed = compare(path, model, runs)
    path.unlink()
    found: dict[str, Any] = {"events": written, "seconds": seconds, "elapsed": elapsed}
    found["summary"] = summary(seconds, written)
    found["sizes"] = grow(folder, model, sizes, symbols)
    found["start_up"] = start_up(folder, model, runs)
    return {**found, "ratios": ratios(found)}


def main() -> None:
    """Run the comparison."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--sizes", default="1000000,10000000,100000000", help="events of the files that grow")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--core", type=int, default=0)
    args = parser.parse_args()
    os.sched_setaffinity(0, {args.core})
    with tempfile.TemporaryDirectory() as name:
        sizes = [int(size) for size in args.sizes.split(",")]
        found = measure(Path(name), args.events, args.symbols, sizes, args.runs)
    finish(__file__, args, found, tables)
    if args.plot:
        plot(found, args.plot)


if __name__ == "__main__":
    main()
