"""Claim: what a report calls settled is right, as far as it says that it sees.

    python benchmarks/pac/close_states.py [--streams 200] [--strings 10000] [--delta 0.1] [--json OUT] [--markdown OUT]

Targets have two states that differ by mu in the probability of one event (and of all that begins with it), and in
nothing else.  A report is *settled* where its sentence says that no decision is close.  It then says below which
difference two states go unnoticed; a settled report is a *wrong claim* where the structure is not the target's though
the target's states differ by more than that.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import cell, rate
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.report import make_report
from flexstream.targets import from_rows

CASES = [("evidence", 0.02), ("evidence", 0.05), ("evidence", 0.1), ("evidence", 0.2)]


def target(mu: float) -> PDFA:
    """Return two states by turns: in the one "a" is likelier by ``mu`` than in the other, and "b" less likely."""
    rows: dict[int, dict[str | None, tuple[float, int]]] = {
        0: {"a": (0.4 + mu / 2, 1), "b": (0.4 - mu / 2, 0), None: (0.2, 0)},
        1: {"a": (0.4 - mu / 2, 0), "b": (0.4 + mu / 2, 1), None: (0.2, 0)},
    }
    return from_rows(rows)


def look(heuristic: str, mu: float, strings: int, seed: int, delta: float) -> dict[str, bool]:
    """Learn one stream; return whether the report is settled, right, and wrong in what it claims."""
    learner = StreamLearner(heuristic=heuristic)
    learner.learn_many(target(mu).sample(strings, seed=seed))
    learned = with_evidence(learner, reports=1)
    report = make_report(learned, delta=delta)
    settled = report["headline"].startswith("No decision is close")
    right = len(learned) == 2
    sees = (report["decisions"]["unnoticed"] or 0.0) <= mu
    return {"settled": settled, "right": right, "wrong": settled and not right and sees}


def study(args: argparse.Namespace, heuristic: str, mu: float) -> dict[str, Any]:
    """Look at all streams of one case."""
    rows = [look(heuristic, mu, args.strings, seed, args.delta) for seed in range(args.streams)]
    found = {name: rate(sum(row[name] for row in rows), len(rows)) for name in ("settled", "right", "wrong")}
    print(f"{heuristic}, mu {mu}: {found}", flush=True)
    return {"heuristic": heuristic, "mu": mu, **found}


def tables(result: Result) -> dict[str, Table]:
    """Return ``close``."""
    head = ("heuristic", "μ", "settled", "right structure", "settled, and wrong though it should have seen it")
    rows = [
        [f"`{row['heuristic']}`", f"{row['mu']:g}", *(cell(row[name]) for name in ("settled", "right", "wrong"))]
        for row in result["measured"]["cases"]
    ]
    return {"close": Table(head, rows, "lrrrr")}


def main() -> None:
    """Print what was found."""
    parser = parser_of(__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--strings", type=int, default=10_000)
    parser.add_argument("--delta", type=float, default=0.1)
    args = parser.parse_args()
    finish(__file__, args, {"cases": [study(args, *case) for case in CASES]}, tables)


if __name__ == "__main__":
    main()
