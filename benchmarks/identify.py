"""Are the states that were learned those of the target?

    python benchmarks/identify.py FOLDER [--methods evidence,css] [--problems 6,24] [--threshold 0.001]
                                  [--edge-threshold 0.001] [--json OUT] [--markdown OUT]

FOLDER holds problems in the formats of the PAutomaC competition; those with a deterministic target are taken.  States
that a trace visits with a probability below the threshold do not count, nor do transitions into them, nor outcomes that
a trace takes fewer times on average than the edge threshold: some of these no train file of the competition holds.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path

from common import problems, solve, table, versions, write_json
from methods import METHODS

from flexstream import PDFA
from flexstream.automata.compare import identify
from flexstream.targets import read_model


def main() -> None:
    """Learn, compare, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default="evidence", help=f"those of {', '.join(METHODS)} that learn an automaton")
    parser.add_argument("--problems", default="")
    parser.add_argument("--threshold", type=float, default=1e-3)
    parser.add_argument("--edge-threshold", type=float, default=1e-3)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a method may take for a problem")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    args = parser.parse_args()
    rows, facts = [], []
    for name in problems(args.folder, args.problems):
        target = read_model(args.folder / f"{name}.pautomac_model.txt")
        if not target.deterministic:
            continue
        truth = target.to_pdfa()
        for method in args.methods.split(","):
            with tempfile.TemporaryDirectory() as scratch:
                model = Path(scratch) / "model.json"
                done = solve(method, args.folder / f"{name}.pautomac.train", args.limit, model=model)
                if "failed" in done:
                    rows.append([name, method, "", "", "", "", done["failed"]])
                    continue
                found = identify(PDFA.load(model), truth, args.threshold, args.edge_threshold)
            counts = f"{found.matched}/{found.counted}"
            verdict = found.difference or f"isomorphic, probabilities within {found.largest:.3f}"
            rows.append([name, method, str(found.learned), str(found.true), counts, f"{done['seconds']:.2f}", verdict])
            facts.append({"problem": name, "method": method, **dataclasses.asdict(found), **done})
            print(f"{name} {method}: {counts} states matched; {verdict}", flush=True)
    head = ["problem", "method", "learned", "true", "matched/counted", "seconds", "verdict"]
    print("\n" + table(head, rows))
    whole = sum(fact["isomorphic"] for fact in facts)
    print(f"isomorphic: {whole} of {len(facts)}")
    options = {"threshold": args.threshold, "edge_threshold": args.edge_threshold}
    write_json(args.json, {**versions(), **options, "outcomes": facts})
    if args.markdown:
        args.markdown.write_text(table(head, rows, markdown=True))


if __name__ == "__main__":
    main()
