"""Claim: one pass over a stream comes as close to a deterministic target as its true structure would, counted.

    python benchmarks/quality/quality.py FOLDER [--methods evidence,css,5-gram] [--problems 6,24] [--limit SECONDS]
                                         [--baseline-limit SECONDS] [--resume] [--json OUT] [--markdown OUT]
                                         [--plot OUT.png]

FOLDER holds problems in the formats of the PAutomaC competition: ``N.pautomac.train``, ``N.pautomac.test``,
``N.pautomac_solution.txt``, ``N.pautomac_model.txt``; ``flexstream simulate`` makes more.  Each method learns each
train file in a process of its own.  The error is the candidate's perplexity on the test strings minus the target's own;
lower is better.  Bits are those of a trace, on average over fresh ones of the target.  Methods are listed in
shared/methods.py; wins are counted against the first.  Which targets are deterministic is read from the model files.
``--resume`` goes on with a run that was broken off: what the file of ``--json`` holds is not measured again.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import BASELINES, METHODS, WORDS
from shared.results import Result, finish, parser_of, result_of, write_json
from shared.runs import problems, solve
from shared.tables import Table, pyplot

from flexstream.targets import read_model

Outcomes = dict[str, dict[str, dict[str, Any]]]
"""By method, then by problem, what solve.py says."""


def measure(
    folder: Path, limits: dict[str, float], names: list[str], known: Outcomes, keep: Callable[[Outcomes], None]
) -> Outcomes:
    """Run all methods, each with its limit, on all problems; say how it goes and keep what is known so far."""
    outcomes: Outcomes = {method: {} for method in limits}
    for name in names:
        stem = str(folder / name)
        endings = (".pautomac.test", ".pautomac_solution.txt", ".pautomac_model.txt")
        test, solution, target = (Path(stem + ending) for ending in endings)
        for method, limit in limits.items():
            done = known.get(method, {}).get(name, {})
            if "error" not in done:
                files = {"test": test, "solution": solution} | ({"target": target} if target.exists() else {})
                done = solve(method, Path(f"{stem}.pautomac.train"), limit, **files)
            outcomes[method][name] = done
            said = done.get("failed") or f"error {done['error']:.4f}, {done['states']} states"
            print(f"{name:>6} {method:18} {said}", flush=True)
            keep(outcomes)
    return outcomes


def deterministic(folder: Path, names: list[str]) -> set[str]:
    """Return the problems whose target is deterministic; those without a model file count as not."""
    models = {name: folder / f"{name}.pautomac_model.txt" for name in names}
    return {name for name, path in models.items() if path.exists() and read_model(path).deterministic}


def mean(values: list[float]) -> float | None:
    """Return the mean, None of nothing."""
    return statistics.fmean(values) if values else None


def summary(method: str, outcomes: Outcomes, exact: set[str], against: str) -> dict[str, Any]:
    """Return the figures of a method over the problems that it has solved."""
    solved = {name: done for name, done in outcomes[method].items() if "failed" not in done}
    found: dict[str, Any] = {"solved": len(solved), "problems": len(outcomes[method])}
    if not solved:
        return found
    errors = {name: done["error"] for name, done in solved.items()}
    theirs = {name: done.get("error") for name, done in outcomes[against].items()}
    shared = [name for name in errors if theirs.get(name) is not None]
    return found | {
        "mean": statistics.fmean(errors.values()),
        "median": statistics.median(errors.values()),
        "max": max(errors.values()),
        "deterministic": mean([error for name, error in errors.items() if name in exact]),
        "others": mean([error for name, error in errors.items() if name not in exact]),
        "wins": sum(errors[name] < theirs[name] for name in shared) if method != against else None,
        "compared": len(shared),
        "bits": mean([done["bits"] for done in solved.values() if "bits" in done]),
        "states": mean([done["states"] for done in solved.values() if done["states"] is not None]),
        "peak_mib": max(done["peak_mib"] for done in solved.values()),
    }


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


ENSEMBLES = ("evidence", "ensemble-16")
HEAD = ("method", "solved", "mean", "median", "max", "deterministic", "others", "bits", "wins", "states", "peak MiB")


def row(method: str, facts: dict[str, Any]) -> list[str]:
    """Return a row of the table of methods."""
    forms = dict(mean=".3f", median=".3f", max=".3f", deterministic=".4f", others=".3f", bits=".3f")
    return [
        f"`{method}`",
        f"{facts['solved']}/{facts['problems']}",
        *(_cell(facts.get(name), form) for name, form in forms.items()),
        "" if facts.get("wins") is None else f"{facts['wins']}/{facts['compared']}",
        *(_cell(facts.get(name), form) for name, form in dict(states=".0f", peak_mib=".0f").items()),
    ]


def by_problem(outcomes: Outcomes, exact: set[str]) -> Table:
    """Return the errors problem by problem; deterministic targets have a star."""
    names = list(next(iter(outcomes.values())))
    rows = [[name + "*" * (name in exact), *_errors(outcomes, name)] for name in names]
    return Table(["problem", *(f"`{method}`" for method in outcomes)], rows)


def _errors(outcomes: Outcomes, name: str) -> list[str]:
    errors = [found.get(name, {}).get("error") for found in outcomes.values()]
    return ["-" if error is None else f"{error:.4f}" for error in errors]


def costs(outcomes: Outcomes, methods: tuple[str, str]) -> Table:
    """Return bits of a fresh trace and processor seconds of two methods, problem by problem."""
    names = [name for name, done in outcomes[methods[0]].items() if "error" in done]
    rows = []
    for name in names:
        found = [outcomes[method].get(name, {}) for method in methods]
        bits = [_cell(done.get("bits"), ".3f") for done in found]
        rows.append([name, *bits, *(_cell(done.get("processor_seconds"), ".1f") for done in found)])
    head = [f"`{method}`, {what}" for what in ("bits a trace", "seconds") for method in methods]
    return Table(["problem", *head], rows)


def tables(result: Result) -> dict[str, Table]:
    """Return ``methods``, ``problems`` (those of FlexStream only), ``summary`` in words, and ``ensembles``: costs."""
    measured = result["measured"]
    exact, facts = set(measured["deterministic"]), measured["summary"]
    ours = {method: found for method, found in measured["outcomes"].items() if method not in BASELINES}
    return {
        "methods": Table(HEAD, [row(method, found) for method, found in facts.items()]),
        "problems": by_problem(ours or measured["outcomes"], exact),
        **({"ensembles": costs(ours, ENSEMBLES)} if set(ENSEMBLES) <= set(ours) else {}),
        "summary": Table(
            ["", "solved", "mean", "median", "mean on deterministic targets"],
            [
                [WORDS.get(method, method), *row(method, found)[1:4], row(method, found)[5]]
                for method, found in facts.items()
            ],
        ),
    }


def plot(measured: dict[str, Any], path: Path) -> None:
    """Draw the error of each method on each problem."""
    outcomes, exact = measured["outcomes"], set(measured["deterministic"])
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
    """Measure and print the tables."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default="evidence,css,5-gram", help=f"among {', '.join(METHODS)}")
    parser.add_argument("--problems", default="")
    parser.add_argument("--limit", type=float, default=600.0, help="processor seconds a method may take for a problem")
    parser.add_argument("--baseline-limit", type=float, help="processor seconds of a baseline, if not as many")
    parser.add_argument("--resume", action="store_true", help="keep what the file of --json has solved")
    args = parser.parse_args()
    methods = args.methods.split(",")
    if not set(methods) <= set(METHODS):
        parser.error(f"methods are {', '.join(METHODS)}")
    names = problems(args.folder, args.problems)
    exact = deterministic(args.folder, names)

    def measured(outcomes: Outcomes) -> dict[str, Any]:
        facts = {method: summary(method, outcomes, exact, methods[0]) for method in methods}
        return {"deterministic": sorted(exact, key=names.index), "summary": facts, "outcomes": outcomes}

    def keep(outcomes: Outcomes) -> None:
        write_json(args.json, result_of(__file__, args, measured(outcomes)))

    theirs = args.baseline_limit or args.limit
    limits = {method: theirs if method in BASELINES else args.limit for method in methods}
    known = json.loads(args.json.read_text())["measured"]["outcomes"] if args.resume and args.json else {}
    outcomes = measure(args.folder, limits, names, known, keep)
    finish(__file__, args, measured(outcomes), tables)
    if args.plot:
        plot(measured(outcomes), args.plot)


if __name__ == "__main__":
    main()
