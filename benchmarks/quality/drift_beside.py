"""Claim: what watches here notices changes as soon as river does on the same numbers, and sooner than on bits.

    python benchmarks/quality/drift_beside.py [--seeds 7 9 11 13 15] [--quiet 10] [--long 6000] [--without KSWIN]

Needs river.  The streams are those of ``drift.py``.  All detectors, river's with their default parameters, are given
the same numbers of the traces after the first 1,000, by an automaton of these: the scores that are watched here, bits a
trace, both from 0 to 1, or whether a trace has an event never seen in its state.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.changing import BEFORE, DETECTORS, KINDS, Traces, changed, delays, drawn, first_after, source
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.monitoring.excess import Excess

FIRST = 1000


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


def watched(before: Traces, after: Traces) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of all traces but the first thousand, of which the automaton is made."""
    learner = StreamLearner()
    learner.learn_many(before[:FIRST])
    return numbers(learner.automaton.alone, before[FIRST:] + after)


def study(seeds: list[int], quiet: int, traces: int, without: str) -> list[dict[str, Any]]:
    """Give all detectors the same numbers."""
    streams = {kind: [watched(*changed(kind, seed)[:2]) for seed in seeds] for kind in KINDS}
    stays = [watched(drawn(source(seed), FIRST + traces, 1), []) for seed in range(quiet)]
    rows = []
    for name, (given, alarms) in DETECTORS.items():
        if without and without in name:
            continue
        row: dict[str, Any] = {"detector": name, "false": sum(len(alarms(one[given])) for one in stays)}
        for kind, made in streams.items():
            row[kind] = [first_after(alarms(one[given]), BEFORE - FIRST) for one in made]
        rows.append(row)
        print("  ".join(cells(row)), flush=True)
    return rows


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    return [row["detector"], f"{row['false']:,}", *(delays(row[kind]) for kind in KINDS)]


def tables(result: Result) -> dict[str, Table]:
    """Return ``beside``."""
    rows = [cells(row) for row in result["measured"]["detectors"]]
    return {"beside": Table(("detector", "false alarms", *KINDS.values()), rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 9, 11, 13, 15], help="of the sources that change")
    parser.add_argument("--quiet", type=int, default=10, help="streams without a change")
    parser.add_argument("--long", type=int, default=6000, help="traces of each of these")
    parser.add_argument("--without", default="", help="leave out detectors whose name has this: KSWIN takes minutes")
    args = parser.parse_args()
    finish(__file__, args, {"detectors": study(args.seeds, args.quiet, args.long, args.without)}, tables)


if __name__ == "__main__":
    main()
