"""Claim: a source that changes is noticed soon, one that stays is not, and a restart is as good as a fresh start.

    python benchmarks/quality/drift.py [--seeds 7 9 11 13 15] [--quiet 10] [--long 50000] [--json OUT] [--markdown OUT]

Streams are 6,000 traces of ``flexstream simulate pdfa`` with one seed, and 6,000 of another source: that of the next
seed, or the same with a share of each transition's probability given to the one beside it.  Watched as ``flexstream
learn --on-drift`` does, they tell how many traces after the change it was noticed, and what 5,000 traces of the new
source take after that in bits, beside a learner that saw only the new source.  Then sources that stay are watched.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.changing import BEFORE, KINDS, Traces, changed, delays, drawn, source
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift

HELD_OUT = 5000
FOLLOWED = (None, "restart", "decay")


def bits(model: Any, traces: Traces) -> float:
    """Return what a trace takes on average."""
    return float(-model.score_batch(TraceBatch.from_traces(traces, model.alphabet()))[0].mean())


def learned(traces: Traces, follow: str | None) -> tuple[StreamLearner, Drift | None]:
    """Return a learner, and who watched it."""
    learner = StreamLearner()
    drift = None if follow is None else Drift(follow, tell=lambda line: None)
    if drift is not None:
        learner.observe(drift)
    learner.learn_many(traces)
    return learner, drift


def study(kind: str, seed: int) -> dict[str, Any]:
    """Learn one stream in all ways."""
    before, after, held_out = changed(kind, seed, HELD_OUT)
    fresh = bits(learned(after, None)[0].model, held_out)
    row: dict[str, Any] = {"kind": kind, "seed": seed, "fresh": fresh, "more": {}}
    for follow in FOLLOWED:
        learner, drift = learned(before + after, follow)
        row["more"][follow or "none"] = bits(learner.model, held_out) / fresh - 1
        if drift is not None and "noticed" not in row:
            found = [change for change in drift.changes if change.noticed > BEFORE]
            row["early"] = len(drift.changes) - len(found)
            row["noticed"] = found[0].noticed - BEFORE if found else None
            row["since"] = found[0].since - BEFORE if found else None
            row["by"] = found[0].by if found else None
            row["followed"] = found[0].followed - BEFORE if found and found[0].followed else None
    print(row, flush=True)
    return row


def quiet(kind: str, seed: int, traces: int) -> dict[str, Any]:
    """Watch a source that stays."""
    _, drift = learned(drawn(source(seed, kind), traces, 1), "report")
    assert drift is not None
    return {"kind": kind, "seed": seed, "alarms": [change.noticed for change in drift.changes]}


# --- tables


def percent(values: list[float]) -> str:
    """Return the mean and the largest of some shares."""
    return f"{100 * sum(values) / len(values):+.2f} % (at most {100 * max(values):+.2f} %)"


def tables(result: Result) -> dict[str, Table]:
    """Return ``changes`` and ``quiet``."""
    found = result["measured"]
    rows = []
    for kind, name in KINDS.items():
        those = [row for row in found["changes"] if row["kind"] == kind]
        more = [percent([row["more"][follow or "none"] for row in those]) for follow in FOLLOWED]
        rows.append([name, delays([row["noticed"] for row in those]), *more])
    stays = [
        [kind, str(len(those)), str(sum(len(row["alarms"]) for row in those))]
        for kind in sorted({row["kind"] for row in found["quiet"]})
        for those in [[row for row in found["quiet"] if row["kind"] == kind]]
    ]
    heads = ("change", "traces until it is noticed", "not followed", "`restart`", "`decay`")
    return {
        "changes": Table(heads, rows),
        "quiet": Table(("source", "streams", "alarms"), stays),
    }


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 9, 11, 13, 15], help="of the sources that change")
    parser.add_argument("--quiet", type=int, default=10, help="streams without a change, of each kind")
    parser.add_argument("--long", type=int, default=50_000, help="traces of each of these")
    args = parser.parse_args()
    changes = [study(kind, seed) for kind in KINDS for seed in args.seeds]
    stays = [quiet(kind, seed, args.long) for kind in ("pdfa", "pfa", "hmm") for seed in range(args.quiet)]
    print(f"{sum(len(row['alarms']) for row in stays)} alarms in {len(stays)} streams", flush=True)
    measured = {"changes": changes, "quiet": stays}
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
