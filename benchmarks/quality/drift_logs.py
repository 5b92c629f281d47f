"""Claim: on logs that change, a learner that follows foretells what comes next better; on others it is the same.

    python benchmarks/quality/drift_logs.py LOG... [--step 100] [--from 500] [--json OUT] [--markdown OUT]

Traces are learned in the order in which their cases start, as ``flexstream learn --on-drift`` does.  Each so many
traces the model there is by then scores the next ones; told are bits a trace on average.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.logs import Traces, by_start
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift

FOLLOWED = (None, "restart", "decay")


def foretold(traces: Traces, follow: str | None, step: int, first: int) -> tuple[float, list[int]]:
    """Return the bits a trace of what comes next, and after which traces changes were noticed."""
    learner, total = StreamLearner(), 0.0
    drift = None if follow is None else Drift(follow, tell=lambda line: None)
    if drift is not None:
        learner.observe(drift)
    learner.learn_many(traces[:first])
    for start in range(first, len(traces), step):
        coming, model = traces[start : start + step], learner.model
        total -= float(model.score_batch(TraceBatch.from_traces(coming, model.alphabet()))[0].sum())
        learner.learn_many(coming)
    return total / (len(traces) - first), [] if drift is None else [change.since for change in drift.changes]


def study(path: Path, step: int, first: int) -> dict[str, Any]:
    """Learn a log in all ways."""
    traces = by_start(path)
    row: dict[str, Any] = {"log": path.name.partition(".")[0], "traces": len(traces), "bits": {}}
    for follow in FOLLOWED:
        row["bits"][follow or "none"], changes = foretold(traces, follow, step, first)
        if follow == "restart":
            row["changes"] = changes
    return row


def tables(result: Result) -> dict[str, Table]:
    """Return ``logs``."""
    rows = [
        [
            row["log"],
            f"{row['traces']:,}",
            ", ".join(f"{since:,}" for since in row["changes"]) or "none",
            *(f"{row['bits'][follow or 'none']:.3f}" for follow in FOLLOWED),
        ]
        for row in result["measured"]["logs"]
    ]
    return {"logs": Table(("log", "traces", "changes after trace", "not followed", "`restart`", "`decay`"), rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("logs", type=Path, nargs="+", metavar="LOG")
    parser.add_argument("--step", type=int, default=100, help="traces between two models")
    parser.add_argument("--from", type=int, default=500, dest="first", help="traces before the first")
    args = parser.parse_args()
    finish(__file__, args, {"logs": [study(path, args.step, args.first) for path in args.logs]}, tables)


if __name__ == "__main__":
    main()
