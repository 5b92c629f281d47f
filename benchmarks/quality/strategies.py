"""Claim: an automaton whose merges can be taken back is several times nearer to the target, whatever the heuristic.

    python benchmarks/quality/strategies.py FOLDER [--problems 6,24] [--heuristics "css,css cells=1"]
                                            [--strategies replay,final] [--json OUT] [--markdown OUT]

Each heuristic, a name and options, learns each problem (see quality.py) once with each strategy: ``replay`` re-applies
the last decisions where the data still agree, ``fresh`` forgets them, ``final`` never takes one back.  The table has
the median and mean perplexity error over the problems, and the mean number of states and seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import ours
from shared.results import Result, finish, parser_of
from shared.runs import problems
from shared.tables import Table

STRATEGIES = "replay,fresh,final"
HEURISTICS = "evidence,css,css cells=1,alergia,alergia k=2"
Row = dict[str, float | str | None]


def measure(folder: Path, problem: str, heuristic: str, strategy: str) -> Row:
    """Learn one problem."""
    name, *given = heuristic.split()
    options = {key: float(value) for key, value in (pair.split("=") for pair in given)}
    learned = ours(heuristic=name, strategy=strategy, options=options)(folder / f"{problem}.pautomac.train")
    error = learned.error(folder / f"{problem}.pautomac.test", folder / f"{problem}.pautomac_solution.txt")
    kind = {"problem": problem, "heuristic": heuristic, "strategy": strategy}
    return {**kind, "error": error, "states": learned.states, "seconds": learned.seconds}


def summary(rows: Sequence[Row]) -> dict[str, float | str]:
    """Return the figures of one heuristic with one strategy."""
    errors, states, seconds = ([float(row[key] or 0) for row in rows] for key in ("error", "states", "seconds"))
    kind = {key: str(rows[0][key]) for key in ("heuristic", "strategy")}
    figures = {"median": median(errors), "mean": fmean(errors), "states": fmean(states), "seconds": fmean(seconds)}
    return {**kind, **figures}


def cells(facts: dict[str, float | str]) -> list[str]:
    """Return one row of the table."""
    names = [f"`{facts['heuristic']}`", f"`{facts['strategy']}`"]
    forms = {"median": ".3f", "mean": ".3f", "states": ".0f", "seconds": ".2f"}
    return names + [format(facts[name], form) for name, form in forms.items()]


def tables(result: Result) -> dict[str, Table]:
    """Return ``strategies``."""
    head = ("heuristic", "strategy", "median", "mean", "states", "seconds")
    return {"strategies": Table(head, [cells(facts) for facts in result["measured"]["summary"]], "llrrrr")}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default="")
    parser.add_argument("--heuristics", default=HEURISTICS)
    parser.add_argument("--strategies", default=STRATEGIES)
    args = parser.parse_args()
    names = problems(args.folder, args.problems)
    found: list[Row] = []
    told: list[dict[str, float | str]] = []
    for heuristic in args.heuristics.split(","):
        for strategy in args.strategies.split(","):
            rows = [measure(args.folder, problem, heuristic, strategy) for problem in names]
            told.append(summary(rows))
            print("  ".join(cells(told[-1])), flush=True)
            found += rows
    finish(__file__, args, {"summary": told, "rows": found}, tables)


if __name__ == "__main__":
    main()
