"""Claim: masks that look at one line alone group log messages, in the mean, no worse than Drain, which looks at all.

    python benchmarks/quality/masks.py FOLDER --drain PYTHON [--json OUT] [--markdown OUT]

In the folder are structured logs of loghub, ``NAME_2k.log_structured.csv`` or ``NAME_2k_structured.csv``: a message
(Content) and its true template (EventId) a row.  Both are given the same messages; ``--drain`` is the interpreter of
an environment with logparser3 (shared/baselines/drain.py).  The rate is that of masking alone, each line by itself, the
best of five runs.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.baselines import drain
from shared.folders import files_below
from shared.grouping import agreement
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream.readers.parsing.masking import masked

ENDING = "structured.csv"
RUNS = 5
MEASURES = ("accuracy", "groups", "pairs")


def rows_of(path: Path) -> tuple[list[str], list[str]]:
    """Return the messages of a structured log and their true templates."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["Content"] for row in rows], [row["EventId"] for row in rows]


def rate(messages: list[str]) -> float:
    """Return how many lines are masked in a second."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        for message in messages:
            masked(message)
        best = min(best, time.perf_counter() - start)
    return len(messages) / best


def judged(path: Path, python: str) -> dict[str, Any]:
    """Return how both group the messages of a log."""
    messages, truth = rows_of(path)
    name = path.name.split("_")[0]
    settings = drain.PUBLISHED.get(name, drain.USUAL)
    return {
        "log": name,
        "templates": len(set(truth)),
        "masks": agreement(list(map(masked, messages)), truth)._asdict(),
        "drain": agreement(drain.groups(python, messages, settings), truth)._asdict(),
        "lines_per_second": rate(messages),
    }


def means(logs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the means of all measures over the logs."""
    return {
        which: {measure: sum(log[which][measure] for log in logs) / len(logs) for measure in MEASURES}
        for which in ("masks", "drain")
    }


def cells(log: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    values = [format(log[which][measure], ".3f") for measure in MEASURES for which in ("masks", "drain")]
    counts = [format(log[which]["found"], ",") if "found" in log[which] else "" for which in ("masks", "drain")]
    return [log["log"], *values, str(log.get("templates", "")), *counts]


def tables(result: Result) -> dict[str, Table]:
    """Return ``grouping``: a row a log, and their mean."""
    measured = result["measured"]
    head = ("log", "GA, masks", "Drain", "groups' F1", "Drain", "pairs' F1", "Drain", "templates", "masks", "Drain")
    rows = [cells(log) for log in (*measured["logs"], {"log": "mean", **measured["means"]})]
    return {"grouping": Table(head, rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--drain", default=sys.executable, metavar="PYTHON", help="that has logparser3")
    args = parser.parse_args()
    logs = [judged(path, args.drain) for path in files_below([args.folder]) if path.name.endswith(ENDING)]
    if not logs:
        parser.error(f"no *{ENDING} in {args.folder}")
    args.drain = Path(args.drain)  # of which the result keeps the name
    finish(__file__, args, {"logs": logs, "means": means(logs), "behind": behind(logs)}, tables)


def behind(logs: list[dict[str, Any]]) -> float:
    """Return by how much the masks' mean grouping accuracy is below Drain's; negative where it is above."""
    mean = means(logs)
    return mean["drain"]["accuracy"] - mean["masks"]["accuracy"]


if __name__ == "__main__":
    main()
