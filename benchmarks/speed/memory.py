"""Claim: ``flexstream learn`` takes at most 1.5 times ``--memory`` beyond its start, though every event is new.

    python benchmarks/speed/memory.py [--traces 200000] [--symbols 1000000] [--memory 16MiB,64MiB,256MiB] [--json OUT]
                                      [--markdown OUT] [--plot OUT.svg]

Three streams that would grow without limit: ``symbols``, traces of ten events out of a million symbols; ``cases``, a
log in CSV in which nearly every event is of a case never seen before; ``length``, a log of one case that never ends, of
as many events as all of ``symbols`` have.  The command learns each with each budget, in a process of its own.  Printed
are the peak of the process, how many times the budget lies between it and that of a process that learns one trace, and
what was given up.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table, pyplot

from flexstream.budget import parse_memory

EVENTS = 10  # of a trace


def write_symbols(path: Path, traces: int, symbols: int) -> None:
    """Write traces of symbols drawn alike from so many."""
    draw = random.Random(1)
    with path.open("w") as file:
        for _ in range(traces):
            file.write(" ".join(f"symbol{draw.randrange(symbols)}" for _ in range(EVENTS)) + "\n")


def write_cases(path: Path, traces: int, symbols: int) -> None:
    """Write as many events as the traces have, each of a case drawn alike from so many."""
    draw = random.Random(2)
    with path.open("w") as file:
        file.write("case,event\n")
        for _ in range(traces * EVENTS):
            file.write(f"order-{draw.randrange(symbols)},step{draw.randrange(EVENTS)}\n")


def write_length(path: Path, traces: int, symbols: int) -> None:
    """Write one case of as many events, of few symbols."""
    draw = random.Random(3)
    with path.open("w") as file:  # line by line: what this process takes counts for those that it starts
        file.write("case,event\n")
        file.writelines(f"order,step{draw.randrange(EVENTS)}\n" for _ in range(traces * EVENTS))


STREAMS: dict[str, Callable[[Path, int, int], None]] = {
    "symbols": write_symbols,
    "cases": write_cases,
    "length": write_length,
}


def learn(path: Path, memory: str) -> tuple[float, dict[str, int]]:
    """Return the peak of a process that learns a file, in MiB, and what it gave up."""
    model = path.with_suffix(".json")
    peak = run([FLEXSTREAM, "learn", str(path), "--no-cut", "--memory", memory, "-o", str(model)]).peak_mib
    told = json.loads(model.read_text())["provenance"]
    return peak, {
        "symbols": told["alphabet"]["symbols"],
        "events_of_other_symbols": told["alphabet"]["given_up_events"],
        "cases_closed_early": told["cases_closed_early"],
        "nodes": told["tree"]["given_up_nodes"],
        "too_long_events": told["tree"]["too_long_events"],
    }


def measure(folder: Path, traces: int, symbols: int, budgets: list[str]) -> dict[str, Any]:
    """Return peaks, losses and ratios by stream and budget."""
    (folder / "one.txt").write_text("load run unload\n")
    idle = learn(folder / "one.txt", budgets[0])[0]
    result: dict[str, Any] = {"idle_mib": idle, "peak_mib": {}, "given_up": {}, "ratios": {}}
    for name, write in STREAMS.items():
        path = folder / f"{name}{'.txt' if name == 'symbols' else '.csv'}"
        write(path, traces, symbols)
        for memory in budgets:
            key = f"{name}, {memory}"
            result["peak_mib"][key], result["given_up"][key] = learn(path, memory)
            result["ratios"][key] = (result["peak_mib"][key] - idle) / (parse_memory(memory) / (1 << 20))
        path.unlink()
    return result


def tables(result: Result) -> dict[str, Table]:
    """Return ``budgets``."""
    measured = result["measured"]
    losses = list(next(iter(measured["given_up"].values())))
    rows = [["a process that learns one trace", f"{measured['idle_mib']:.0f}", *[""] * (1 + len(losses))]]
    rows += [
        [key, f"{peak:.0f}", f"{measured['ratios'][key]:.2f}"]
        + [f"{measured['given_up'][key][loss]:,}" for loss in losses]
        for key, peak in measured["peak_mib"].items()
    ]
    head = ("stream, budget", "peak MiB", "above idle / budget", *(loss.replace("_", " ") for loss in losses))
    return {"budgets": Table(head, rows)}


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw the peak of each stream and budget."""
    figure, axis = pyplot().subplots(figsize=(6, 3.5), layout="constrained")
    axis.barh(list(result["peak_mib"]), list(result["peak_mib"].values()))
    axis.axvline(result["idle_mib"], linestyle="--", color="black", label="a process that learns one trace")
    axis.set_xlabel("peak in MiB")
    axis.invert_yaxis()
    axis.legend()
    figure.savefig(path)


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--traces", type=int, default=200_000)
    parser.add_argument("--symbols", type=int, default=1_000_000)
    parser.add_argument("--memory", default="16MiB,64MiB,256MiB")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), args.traces, args.symbols, args.memory.split(","))
    finish(__file__, args, found, tables)
    if args.plot:
        plot(found, args.plot)


if __name__ == "__main__":
    main()
