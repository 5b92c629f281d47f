"""How close do learned automata come to the truth?

    python benchmarks/quality.py FOLDER [--methods evidence,css,5-gram] [--problems 6,24] [--limit SECONDS]
                                 [--json OUT] [--markdown OUT] [--plot OUT.png]

FOLDER holds problems in the formats of the PAutomaC competition: ``N.pautomac.train``, ``N.pautomac.test``,
``N.pautomac_solution.txt``, ``N.pautomac_model.txt``; ``flexstream simulate`` makes more.  Each method learns each
train file in a process of its own.  The error is the candidate's perplexity on the test strings minus the target's own;
lower is better.  Methods are listed in methods.py; wins are counted against the first.  Which targets are deterministic
is read from the model files.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import problems, pyplot, solve, table, versions, write_json
from methods import METHODS

from flexstream.targets import read_model

Outcomes = dict[str, dict[str, dict[str, Any]]]
"""By method, then by problem, what solve.py says."""

HEAD = [
    "method",
    "solved",
    "mean",
    "median",
    "max",
    "deterministic",
    "others",
    "wins",
    "states",
    "seconds",
    "peak MiB",
]


def measure(
    folder: Path, methods: list[str], names: list[str], limit: float, keep: Callable[[Outcomes], None]
) -> Outcomes:
    """Run all methods on all problems, one after the other; say how it goes and keep what is known so far."""
    outcomes: Outcomes = {method: {} for method in methods}
    for name in names:
        stem = str(folder / name)
        test, solution = (Path(stem + ending) for ending in (".pautomac.test", ".pautomac_solution.txt"))
        for method in methods:
            done = solve(method, Path(f"{stem}.pautomac.train"), limit, test=test, solution=solution)
            outcomes[method][name] = done
            said = done.get("failed") or f"error {done['error']:.4f}, {done['states']} states, {done['seconds']:.2f} s"
            print(f"{name:>6} {method:12} {said}", flush=True)
            keep(outcomes)
    return outcomes


def deterministic(folder: Path, names: list[str]) -> set[str]:
    """Return the problems whose target is deterministic; those without a model file count as not."""
    models = {name: folder / f"{name}.pautomac_model.txt" for name in names}
    return {name for name, path in models.items() if path.exists() and read_model(path).deterministic}


def row(method: str, outcomes: Outcomes, exact: set[str], against: str) -> list[str]:
    """Return a row of the table; means are over what the method has solved."""
    solved = {name: done for name, done in outcomes[method].items() if "failed" not in done}
    if not solved:
        return [method, f"0/{len(outcomes[method])}", *[""] * (len(HEAD) - 2)]
    errors = {name: done["error"] for name, done in solved.items()}
    parts = [[errors[name] for name in errors if (name in exact) is wanted] for wanted in (True, False)]
    theirs = {name: done.get("error") for name, done in outcomes[against].items()}
    shared = [name for name in errors if theirs[name] is not None]
    wins = sum(errors[name] < theirs[name] for name in shared)
    states = [done["states"] for done in solved.values() if done["states"] is not None]
    return [
        method,
        f"{len(solved)}/{len(outcomes[method])}",
        *(f"{figure(errors.values()):.3f}" for figure in (statistics.fmean, statistics.median, max)),
        *(f"{statistics.fmean(part):.3f}" if part else "" for part in parts),
        "" if method == against else f"{wins}/{len(shared)}",
        f"{statistics.fmean(states):.0f}" if states else "",
        f"{sum(done['seconds'] for done in solved.values()):.1f}",
        f"{max(done['peak_mib'] for done in solved.values()):.0f}",
    ]


def by_problem(outcomes: Outcomes, exact: set[str], markdown: bool = False) -> str:
    """Return the errors problem by problem; deterministic targets have a star."""
    methods = list(outcomes)
    names = list(outcomes[methods[0]])
    rows = [
        [
            name + "*" * (name in exact),
            *(
                f"{error:.4f}" if (error := outcomes[method][name].get("error")) is not None else "-"
                for method in methods
            ),
        ]
        for name in names
    ]
    return table(["problem", *methods], rows, markdown)


def plot(outcomes: Outcomes, exact: set[str], path: Path) -> None:
    """Draw the error of each method on each problem."""
    names = list(next(iter(outcomes.values())))
    figure, axes = pyplot().subplots(figsize=(max(7.0, 0.4 * len(names)), 4.5), layout="constrained")
    for method, marker in zip(outcomes, "osD^vPX*<>hpd" * 2, strict=False):
        found = [(at, max(outcomes[method][name].get("error", -1), -1)) for at, name in enumerate(names)]
        points = [(at, max(error, 1e-4)) for at, error in found if error >= 0]
        axes.plot(*zip(*points, strict=True), marker, label=method, alpha=0.8) if points else None
    axes.set_yscale("log")
    axes.set_xticks(range(len(names)), [name + "*" * (name in exact) for name in names], rotation=90)
    axes.set_xlabel("problem (* deterministic target)")
    axes.set_ylabel("perplexity error")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default="evidence,css,5-gram", help=f"among {', '.join(METHODS)}")
    parser.add_argument("--problems", default="")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a method may take for a problem")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    methods = args.methods.split(",")
    if not set(methods) <= set(METHODS):
        parser.error(f"methods are {', '.join(METHODS)}")
    names = problems(args.folder, args.problems)
    exact = deterministic(args.folder, names)

    def keep(outcomes: Outcomes) -> None:
        facts = {**versions(), "deterministic": sorted(exact), "outcomes": outcomes}
        write_json(args.json, facts)

    outcomes = measure(args.folder, methods, names, args.limit, keep)
    rows = [row(method, outcomes, exact, methods[0]) for method in methods]
    print("\n" + by_problem(outcomes, exact) + "\n" + table(HEAD, rows))
    if args.markdown:
        args.markdown.write_text(table(HEAD, rows, markdown=True) + "\n" + by_problem(outcomes, exact, markdown=True))
    if args.plot:
        plot(outcomes, exact, args.plot)


if __name__ == "__main__":
    main()
