"""What is it worth to take merges back?

    python benchmarks/strategies.py FOLDER [--problems 6,24] [--heuristics evidence,css] [--json OUT]

Each heuristic learns each problem (see quality.py) once with each strategy: ``replay`` re-applies the last decisions
where the data still agree, ``fresh`` forgets them, ``final`` never takes one back.  The table has the median and mean
perplexity error over the problems, and the mean number of states and seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from quality import error, learn

from flexstream import StreamLearner

STRATEGIES = ("replay", "fresh", "final")
HEURISTICS = "evidence,css,css cells=1,alergia,alergia k=2"
Row = dict[str, float | str]


def measure(folder: Path, problem: int, heuristic: str, strategy: str) -> Row:
    """Learn one problem; ``heuristic`` is a name, then options."""
    name, *given = heuristic.split()
    options = {key: float(value) for key, value in (pair.split("=") for pair in given)}
    learner = StreamLearner(heuristic=name, strategy=strategy, options=options)
    started = time.perf_counter()
    automaton = learn(folder / f"{problem}.pautomac.train", learner)
    seconds = time.perf_counter() - started
    files = (folder / f"{problem}.pautomac{ending}" for ending in (".test", "_solution.txt"))
    return {
        "problem": problem,
        "heuristic": heuristic,
        "strategy": strategy,
        "error": error(automaton, *files),
        "states": len(automaton),
        "seconds": seconds,
    }


def line(heuristic: str, strategy: str, rows: Iterable[Row]) -> str:
    """Return one line of the table."""
    errors, states, seconds = (np.array([row[key] for row in rows], float) for key in ("error", "states", "seconds"))
    return (
        f"| `{heuristic}` | `{strategy}` | {np.median(errors):.3f} | {errors.mean():.3f} "
        f"| {states.mean():.0f} | {seconds.mean():.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default="")
    parser.add_argument("--heuristics", default=HEURISTICS)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    problems = [int(part) for part in args.problems.split(",") if part] or sorted(
        int(path.name.split(".")[0]) for path in args.folder.glob("*.pautomac.train")
    )
    print("| heuristic | strategy | median | mean | states | seconds |\n|---|---|--:|--:|--:|--:|", flush=True)
    found: list[Row] = []
    for heuristic in args.heuristics.split(","):
        for strategy in STRATEGIES:
            rows = [measure(args.folder, problem, heuristic, strategy) for problem in problems]
            print(line(heuristic, strategy, rows), flush=True)
            found += rows
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
