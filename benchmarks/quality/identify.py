"""Claim: on deterministic targets the automaton learned is the true one, rare states and outcomes excepted.

    python benchmarks/quality/identify.py FOLDER [--methods evidence,css] [--problems 6,24] [--threshold 0.001]
                                          [--edge-threshold 0.001] [--json OUT] [--markdown OUT]

FOLDER holds problems in the formats of the PAutomaC competition; those with a deterministic target are taken.  States
that a trace visits with a probability below the threshold do not count, nor do transitions into them, nor outcomes that
a trace takes fewer times on average than the edge threshold: some of these no train file of the competition holds.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import METHODS
from shared.results import Result, finish, parser_of
from shared.runs import problems, solve
from shared.tables import Table

from flexstream import PDFA
from flexstream.automata.compare import identify
from flexstream.targets import read_model


def measure(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Learn each deterministic problem by each method and compare with the truth."""
    for name in problems(args.folder, args.problems):
        target = read_model(args.folder / f"{name}.pautomac_model.txt")
        if not target.deterministic:
            continue
        truth = target.to_pdfa()
        for method in args.methods.split(","):
            yield {"problem": name, "method": method, **compared(args, name, method, truth)}


def compared(args: argparse.Namespace, name: str, method: str, truth: PDFA) -> dict[str, Any]:
    """Learn one problem by one method and compare."""
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "model.json"
        done = solve(method, args.folder / f"{name}.pautomac.train", args.limit, model=model)
        if "failed" in done:
            return done
        found = identify(PDFA.load(model), truth, args.threshold, args.edge_threshold)
    return {**dataclasses.asdict(found), **done}


def cells(fact: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    first = [fact["problem"], f"`{fact['method']}`"]
    if "failed" in fact:
        return [*first, "", "", "", "", fact["failed"]]
    verdict = fact["difference"] or f"isomorphic, probabilities within {fact['largest']:.3f}"
    counts = f"{fact['matched']}/{fact['counted']}"
    return [*first, str(fact["learned"]), str(fact["true"]), counts, f"{fact['processor_seconds']:.2f}", verdict]


def tables(result: Result) -> dict[str, Table]:
    """Return ``problems``."""
    head = ("problem", "method", "learned", "true", "matched/counted", "seconds", "verdict")
    return {"problems": Table(head, [cells(fact) for fact in result["measured"]["outcomes"]], "llrrrrl")}


def main() -> None:
    """Learn, compare, print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default="evidence", help=f"those of {', '.join(METHODS)} that learn an automaton")
    parser.add_argument("--problems", default="")
    parser.add_argument("--threshold", type=float, default=1e-3)
    parser.add_argument("--edge-threshold", type=float, default=1e-3)
    parser.add_argument("--limit", type=float, default=600.0, help="processor seconds a method may take for a problem")
    args = parser.parse_args()
    facts = []
    for fact in measure(args):
        facts.append(fact)
        print("  ".join(cells(fact)), flush=True)
    whole = sum(fact.get("isomorphic", False) for fact in facts)
    finish(__file__, args, {"isomorphic": whole, "compared": len(facts), "outcomes": facts}, tables)
    print(f"isomorphic: {whole} of {len(facts)}")


if __name__ == "__main__":
    main()
