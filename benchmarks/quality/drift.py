"""Claim: a source that changes is noticed soon, one that stays is not, and a restart is as good as a fresh start.

    python benchmarks/quality/drift.py [--seeds 7 9 11 13 15] [--quiet 10] [--long 50000] [--beside 10000] [--json OUT]

Streams are 6,000 traces of ``flexstream simulate pdfa`` with one seed, and 6,000 of another source: that of the next
seed, or the same with a share of each transition's probability given to the one beside it.  Watched as ``flexstream
learn --on-drift`` does, they tell how many traces after the change it was noticed, and what 5,000 traces of the new
source take after that in bits, beside a learner that saw only the new source.  Then the detectors of river 0.26, with
their default parameters, where river is there, are given the same numbers: the scores that are watched here, bits a
trace, both from 0 to 1, and whether a trace has an event never seen, all by an automaton of the first 1,000 traces.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.changing import DETECTORS, Traces, drawn, first_after, moved, source
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.excess import Excess

BEFORE, AFTER, HELD_OUT, FIRST = 6000, 6000, 5000, 1000
KINDS = {"another": "another source", "half": "half of the mass moves", "tenth": "a tenth of the mass moves"}
FOLLOWED = (None, "restart", "decay")


def changed(kind: str, seed: int) -> tuple[Traces, Traces, Traces]:
    """Return traces before a change, after it, and more of the new source."""
    old = source(seed)
    new = source(seed + 1) if kind == "another" else moved(old, {"half": 0.5, "tenth": 0.1}[kind])
    return drawn(old, BEFORE, 1), drawn(new, AFTER, 2), drawn(new, HELD_OUT, 3)


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
    before, after, held_out = changed(kind, seed)
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


# --- beside others


def numbers(model: PDFA, traces: Traces) -> dict[str, NDArray[np.float64]]:
    """Return what detectors are given for each trace."""
    batch, excess = TraceBatch.from_traces(traces, model.alphabet()), Excess(model)
    log2_prob, _, _, unseen = model.score_batch(batch)
    own = -model.score_batch(TraceBatch.from_traces(model.sample(1000, seed=0), model.alphabet()))[0]
    most = 2 * float(np.quantile(own, 0.99))
    return {
        "scores": excess.scaled(batch),
        "bits": np.minimum(-log2_prob, most) / most,
        "odd": (unseen > 0).astype(np.float64),
    }


def beside(seeds: list[int], quiet_seeds: int, traces: int) -> list[dict[str, Any]]:
    """Give all detectors the same numbers."""
    streams = {kind: [watched(*changed(kind, seed)[:2]) for seed in seeds] for kind in KINDS}
    stays = [watched(drawn(source(seed), traces, 1), []) for seed in range(quiet_seeds)]
    rows = []
    for name, (given, alarms) in DETECTORS.items():
        if name.startswith("river") and importlib.util.find_spec("river") is None:
            continue
        row: dict[str, Any] = {"detector": name, "false": sum(len(alarms(one[given])) for one in stays)}
        for kind, made in streams.items():
            row[kind] = [first_after(alarms(one[given]), BEFORE - FIRST) for one in made]
        rows.append(row)
        print("  ".join(cells_beside(row)), flush=True)
    return rows


def watched(before: Traces, after: Traces) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of all traces but the first thousand, of which the automaton is made."""
    model = learned(before[:FIRST], None)[0].automaton.alone
    return numbers(model, before[FIRST:] + after)


# --- tables


def told(values: list[int | None]) -> str:
    """Return the middle and the largest of some delays, and how many there are not."""
    known = sorted(value for value in values if value is not None)
    missed = len(values) - len(known)
    if not known:
        return "never"
    return f"{median(known):,.0f} (at most {known[-1]:,})" + (f", {missed} missed" if missed else "")


def percent(values: list[float]) -> str:
    """Return the mean and the largest of some shares."""
    return f"{100 * sum(values) / len(values):+.2f} % (at most {100 * max(values):+.2f} %)"


def cells_beside(row: dict[str, Any]) -> list[str]:
    """Return a row of the table of detectors."""
    return [row["detector"], f"{row['false']:,}", *(told(row[kind]) for kind in KINDS)]


def tables(result: Result) -> dict[str, Table]:
    """Return ``changes``, ``quiet`` and ``beside``."""
    found = result["measured"]
    rows = []
    for kind, name in KINDS.items():
        those = [row for row in found["changes"] if row["kind"] == kind]
        more = [percent([row["more"][follow or "none"] for row in those]) for follow in FOLLOWED]
        rows.append([name, told([row["noticed"] for row in those]), *more])
    stays = [
        [kind, str(len(those)), str(sum(len(row["alarms"]) for row in those))]
        for kind in sorted({row["kind"] for row in found["quiet"]})
        for those in [[row for row in found["quiet"] if row["kind"] == kind]]
    ]
    heads = ("change", "traces until it is noticed", "not followed", "`restart`", "`decay`")
    return {
        "changes": Table(heads, rows),
        "quiet": Table(("source", "streams", "alarms"), stays),
        "beside": Table(("detector", "false alarms", *KINDS.values()), [cells_beside(row) for row in found["beside"]]),
    }


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 9, 11, 13, 15], help="of the sources that change")
    parser.add_argument("--quiet", type=int, default=10, help="streams without a change, of each kind")
    parser.add_argument("--long", type=int, default=50_000, help="traces of each of these")
    parser.add_argument("--beside", type=int, default=10_000, help="of those that other detectors are given too")
    args = parser.parse_args()
    changes = [study(kind, seed) for kind in KINDS for seed in args.seeds]
    stays = [quiet(kind, seed, args.long) for kind in ("pdfa", "pfa", "hmm") for seed in range(args.quiet)]
    print(f"{sum(len(row['alarms']) for row in stays)} alarms in {len(stays)} streams", flush=True)
    measured = {"changes": changes, "quiet": stays, "beside": beside(args.seeds, args.quiet, args.beside)}
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
