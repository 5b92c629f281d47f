"""Claim: faults that are injected show in the scores of a learned automaton within a few traces.

    python benchmarks/fab/fab_faults.py [--weeks 52] [--seeds 5] [--first 10] [--only breakdowns] [--json OUT]
                                        [--markdown OUT]

For each kind of fault one view is learned from a year of the healthy fab, with ``flexstream learn``.  A second healthy
year (three where a trace is a day, four where it is a life) is scored with ``flexstream score``; the alarm is raised
where the exponentially weighted mean of the surprise per event (Roberts, Technometrics 1, 1959) passes the level that
was passed there in half a per cent of the cases.  As many further healthy years tell the rate of false alarms.  Then
the fault happens, in runs with other seeds, and the traces are counted from its time to the first alarm.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

SMOOTHING = 0.1
"""Weight of the newest trace: what the mean remembers is about as old as in a plain mean over 20 traces."""
LEVEL = 0.995
BEFORE = 6
"""Weeks of the healthy fab before a fault."""


class Case(NamedTuple):
    """A fault and the view that shows it."""

    fault: str
    view: tuple[str, ...]
    years: int = 1  # of healthy scores; days and lives are few


CASES = [
    Case("slow:Mc:1.3", ("--by", "machine", "--only", "implant", "--timed")),
    Case("skip:S4:0.25", ("--by", "lot")),
    Case("route:S3+S4:0.25", ("--by", "lot")),
    Case("dispatch:litho:fifo", ("--by", "machine", "--only", "litho", "--per", "day", "--timed"), years=3),
    Case("breakdowns:all:3", ("--by", "machine", "--only", "implant", "--per", "life"), years=4),
    Case("breakdowns:all:2", ("--by", "machine", "--only", "implant", "--per", "life"), years=4),
]


def simulate(folder: Path, name: str, view: Sequence[str], weeks: float, seed: int, *more: str) -> Path:
    """Write a stream to a file, unless it is there."""
    path = folder / f"{name}-{seed}.jsonl"
    if not path.exists():
        line = [FLEXSTREAM, "simulate", "minifab", "--weeks", str(weeks), "--seed", str(seed), "-o", str(path)]
        run([*line, *view, *more])
    return path


def scores(model: Path, stream: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when each trace began, in weeks, and its bits per event (the end is one), in the order of beginning."""
    began: dict[str, float] = {}
    with stream.open() as lines:
        for line in lines:
            event = json.loads(line)
            began.setdefault(event["case"], event["time"] / 604_800)
    found = [json.loads(line) for line in run([FLEXSTREAM, "score", str(model), str(stream)]).stdout.splitlines()]
    pairs = sorted((began[one["trace"]], -one["log2_prob"] / (one["length"] + 1)) for one in found)
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def weighted_mean(bits: NDArray[np.float64], centre: float) -> NDArray[np.float64]:
    """Return the exponentially weighted mean after each trace; before the first one it is what is usual."""
    means = np.empty(len(bits))
    mean = centre
    for at, value in enumerate(bits):
        mean += SMOOTHING * (value - mean)
        means[at] = mean
    return means


def traces_to_alarm(began: NDArray[np.float64], means: NDArray[np.float64], level: float) -> int | None:
    """Return how many traces begin from the fault on until the alarm, that trace included; None without alarm."""
    alarms = np.flatnonzero(means[began >= BEFORE] > level)
    return int(alarms[0]) + 1 if len(alarms) else None


def study(case: Case, folder: Path, weeks: float, seeds: Sequence[int]) -> dict[str, Any]:
    """Learn, calibrate, count false alarms, and time the alarm of one fault."""
    name = "-".join(case.view).replace("--", "")
    healthy = [simulate(folder, name, case.view, weeks, seed) for seed in range(1, 2 + 2 * case.years)]
    model = folder / f"{name}.json"
    run([FLEXSTREAM, "learn", str(healthy[0]), "-o", str(model)])
    bits = [scores(model, year)[1] for year in healthy[1:]]
    centre = float(np.concatenate(bits[: case.years]).mean())
    means = [weighted_mean(year, centre) for year in bits]
    level = float(np.quantile(np.concatenate(means[: case.years]), LEVEL))
    false = float((np.concatenate(means[case.years :]) > level).mean())
    delays = []
    for seed in seeds:
        fault = ("--inject", f"{case.fault}@{BEFORE}w")
        stream = simulate(folder, name + case.fault.replace(":", "-"), case.view, BEFORE + 8, seed, *fault)
        began, surprise = scores(model, stream)
        delays.append(traces_to_alarm(began, weighted_mean(surprise, centre), level))
    shown = sorted(delay for delay in delays if delay is not None)
    found = {"alarms": len(shown), "least": shown[0], "median": median(shown), "most": shown[-1]} if shown else {}
    facts = {"fault": case.fault, "view": " ".join(case.view), "level": level, "false": false, "delays": delays}
    return {**facts, **found}


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    delays = ", ".join(str(delay) if delay else "none" for delay in row["delays"])
    return [f"`{row['fault']}`", f"`{row['view']}`", delays, f"{100 * row['false']:.2f} %"]


def tables(result: Result) -> dict[str, Table]:
    """Return ``faults``."""
    head = ("fault", "view", "traces from its time to the alarm", "false alarms")
    return {"faults": Table(head, [cells(row) for row in result["measured"]["faults"]], "llrr")}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=float, default=52)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=10, help="seed of the first run with a fault")
    parser.add_argument("--only", default="", help="only faults whose name holds this")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in [case for case in CASES if args.only in case.fault]:
            rows.append(study(case, Path(folder), args.weeks, range(args.first, args.first + args.seeds)))
            print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"faults": rows}, tables)


if __name__ == "__main__":
    main()
