"""Claim: a small problem is learned in at most 1.6 times ``import numpy, click``, in at most 80 MiB.

    python benchmarks/speed/start.py [--runs 30] [--json OUT] [--markdown OUT]

Whole processes take turns: the imports there is no way round, ``flexstream --help``, ``flexstream learn`` on the events
that come with the project, and ``flexstream score`` with the model of it.  Ratios are medians over the turns, of
elapsed time and of processor time.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, Run, run
from shared.tables import Table

EVENTS = Path(__file__).resolve().parents[2] / "datasets" / "events.csv"
IMPORTS = "import numpy, click"


def commands(model: Path) -> dict[str, list[str]]:
    """Return what takes turns, the imports first."""
    return {
        IMPORTS: [sys.executable, "-c", IMPORTS],
        "--help": [FLEXSTREAM, "--help"],
        "learn": [FLEXSTREAM, "learn", str(EVENTS), "-o", str(model)],
        "score": [FLEXSTREAM, "score", str(model), str(EVENTS)],
    }


def measure(runs: int) -> dict[str, dict[str, float]]:
    """Return for each command the seconds and the peak memory, and how often those of the imports its seconds are."""
    with tempfile.TemporaryDirectory() as folder:
        turns = commands(Path(folder) / "model.json")
        for command in turns.values():
            run(command)  # writes the byte code
        done = [{name: run(command) for name, command in turns.items()} for _ in range(runs)]
    return {name: _row([turn[name] for turn in done], [turn[IMPORTS] for turn in done]) for name in turns}


def _row(found: list[Run], beside: list[Run]) -> dict[str, float]:
    pairs = list(zip(found, beside, strict=True))
    return {
        "elapsed": statistics.median(one.seconds for one in found),
        "processor": statistics.median(one.processor_seconds for one in found),
        "elapsed_ratio": statistics.median(one.seconds / other.seconds for one, other in pairs),
        "processor_ratio": statistics.median(one.processor_seconds / other.processor_seconds for one, other in pairs),
        "peak_mib": max(one.peak_mib for one in found),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return what was measured as a table."""
    lines = []
    for name, row in result["measured"]["commands"].items():
        seconds = f"{row['elapsed']:.2f}", f"{row['processor']:.2f}"
        ratios = f"{row['elapsed_ratio']:.2f}", f"{row['processor_ratio']:.2f}"
        lines.append([f"`{name}`", *seconds, *ratios, f"{row['peak_mib']:.0f}"])
    return {"start": Table(["", "elapsed s", "processor s", "elapsed, ratio", "processor, ratio", "peak MiB"], lines)}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=int, default=30)
    args = parser.parse_args()
    measured: dict[str, Any] = {"commands": measure(args.runs)}
    rows = measured["commands"]
    measured["ratios"] = {f"{name} / {IMPORTS}": rows[name]["processor_ratio"] for name in rows if name != IMPORTS}
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
