"""What is it worth to take merges back?

    python benchmarks/strategies.py FOLDER [--problems 6,24] [--heuristics "css,css cells=1"]
                                    [--strategies replay,final] [--json OUT]

Each heuristic, a name and options, learns each problem (see quality.py) once with each strategy: ``replay`` re-applies
the last decisions where the data still agree, ``fresh`` forgets them, ``final`` never takes one back.  The table has
the median and mean perplexity error over the problems, and the mean number of states and seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from common import perplexity_error, problems, versions, write_json
from methods import ours

STRATEGIES = "replay,fresh,final"
HEURISTICS = "evidence,css,css cells=1,alergia,alergia k=2"
Row = dict[str, float | str | None]


def measure(folder: Path, problem: str, heuristic: str, strategy: str) -> Row:
    """Learn one problem."""
    name, *given = heuristic.split()
    options = {key: float(value) for key, value in (pair.split("=") for pair in given)}
    learned = ours(heuristic=name, strategy=strategy, options=options)(folder / f"{problem}.pautomac.train")
    target = [float(value) for value in (folder / f"{problem}.pautomac_solution.txt").read_text().split()[1:]]
    found = perplexity_error(learned.log2_probs(folder / f"{problem}.pautomac.test").tolist(), target)
    kind = {"problem": problem, "heuristic": heuristic, "strategy": strategy}
    return {**kind, "error": found, "states": learned.states, "seconds": learned.seconds}


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
    parser.add_argument("--strategies", default=STRATEGIES)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    names = problems(args.folder, args.problems)
    print("| heuristic | strategy | median | mean | states | seconds |\n|---|---|--:|--:|--:|--:|", flush=True)
    found: list[Row] = []
    for heuristic in args.heuristics.split(","):
        for strategy in args.strategies.split(","):
            rows = [measure(args.folder, problem, heuristic, strategy) for problem in names]
            print(line(heuristic, strategy, rows), flush=True)
            found += rows
    write_json(args.json, {**versions(), "rows": found})


if __name__ == "__main__":
    main()
