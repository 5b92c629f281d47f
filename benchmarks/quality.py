"""How close do learned automata come to the truth?

    python benchmarks/quality.py FOLDER [--problems 6,24] [--heuristic H] [--strategy S] [--set NAME=VALUE] [--json OUT]

FOLDER holds problems in the formats of the PAutomaC competition: ``N.pautomac.train``, ``N.pautomac.test`` and
``N.pautomac_solution.txt``.  Each train file is read once, in order.  The error is the candidate's perplexity on the
test strings minus the target's own; lower is better.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from common import perplexity_error

from flexstream import StreamLearner, read_batches
from flexstream.automaton import PDFA


def learn(path: Path, learner: StreamLearner) -> PDFA:
    """Learn one train file."""
    for batch in read_batches(path, learner.alphabet):
        learner.learn_many(batch)
    return learner.automaton


def error(automaton: PDFA, test: Path, solution: Path) -> float:
    """Return the perplexity error on the test strings."""
    alphabet = automaton.alphabet()
    scores = np.concatenate([automaton.score_batch(batch)[0] for batch in read_batches(test, alphabet)])
    target = [float(value) for value in solution.read_text().split()[1:]]
    return perplexity_error(scores.tolist(), target)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default="")
    parser.add_argument("--heuristic", default="evidence")
    parser.add_argument("--strategy", default="replay")
    parser.add_argument("--set", action="append", default=[], dest="options")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    options = {name: float(value) for name, value in (pair.split("=") for pair in args.options)}
    found = sorted(int(path.name.split(".")[0]) for path in args.folder.glob("*.pautomac.train"))
    rows = []
    for problem in [int(part) for part in args.problems.split(",") if part] or found:
        learner = StreamLearner(heuristic=args.heuristic, strategy=args.strategy, options=options)
        started = time.perf_counter()
        automaton = learn(args.folder / f"{problem}.pautomac.train", learner)
        seconds = time.perf_counter() - started
        files = (args.folder / f"{problem}.pautomac{ending}" for ending in (".test", "_solution.txt"))
        rows.append(
            {"problem": problem, "error": error(automaton, *files), "states": len(automaton), "seconds": seconds}
        )
        print(f"{problem:4d}  error {rows[-1]['error']:8.4f}  {len(automaton):5d} states  {seconds:6.2f} s", flush=True)
    errors = [row["error"] for row in rows]
    print(f"mean {np.mean(errors):.4f}  median {np.median(errors):.4f}  max {max(errors):.4f}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
