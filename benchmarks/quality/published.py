"""Claim: with the published settings `css` is not behind the published figures, and with ours far ahead of them.

    python benchmarks/quality/published.py FOLDER [--problems 6,24] [--only "css-published"] [--resume] [--json OUT]

FOLDER holds problems as quality.py takes them.  Each setting learns each problem; the table has the median and mean
perplexity error, the mean number of states, processor seconds and KiB of the tree at the end, and beside them the
medians that the paper shows, as read off its figures (Baumgartner & Verwer, arXiv 2604.02244).  *Streaming* refines
when the schedule says so, *batch* once at the end, from a tree that holds all.  ``--resume`` goes on with a run that
was broken off: settings that the file of ``--json`` holds are not measured again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import fmean, median
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import Learned
from shared.results import Result, finish, parser_of, result_of, write_json
from shared.runs import problems
from shared.tables import Table

from flexstream import StreamLearner, read_batches

STREAM: dict[str, Any] = {"strategy": "replay"}
BATCH: dict[str, Any] = {"every": 0, "strategy": "fresh"}
ONCE: dict[str, Any] = {"strategy": "final"}
OLD = {**ONCE, "grow_at": 100, "tails": False}


def setting(heuristic: str, how: dict[str, Any], **options: float) -> dict[str, Any]:
    """Return what a learner is told."""
    return {"heuristic": heuristic, "options": options, "repeats": False, **how}


SETTINGS: dict[str, tuple[dict[str, Any], float | None]] = {
    "css-published, streaming": (setting("css-published", STREAM), 0.46),
    "css-published, streaming, nothing taken back": (setting("css-published", ONCE), 0.9),
    "css-published, batch": (setting("css-published", BATCH), 0.11),
    "css-published, streaming, MinHash on sets": (setting("css-published", STREAM, futures=3, minhash=2), None),
    "css-published, streaming, n of the sketch": (setting("css-published", STREAM, going_on=1), None),
    **{
        f"css-published, streaming, stops at {states} states": (setting("css-published", STREAM, stop=states), None)
        for states in (10, 20, 40)
    },
    "css-published, old streaming: 100 visits, level 0.5": (setting("css-published", OLD, alpha=0.5, light=100), None),
    **{
        f"css-published, batch, F = {futures}": (
            setting("css-published", BATCH, futures=futures),
            None,
        )
        for futures in (1, 2, 3, 4)
    },
    "css, streaming": (setting("css", STREAM), 0.46),
    "css, batch": (setting("css", BATCH), 0.11),
    "css, streaming, cells": (setting("css", STREAM, cells=1), 0.46),
    "alergia, streaming": (setting("alergia", STREAM), 0.7),
    "alergia, streaming, nothing taken back": (setting("alergia", ONCE), 2.6),
    **{f"alergia, batch, k = {k}": (setting("alergia", BATCH, k=k), None) for k in (0, 1, 2, 3)},
    "spacesaving, Hoeffding's bound": (setting("spacesaving", ONCE, edition=2014), None),
    "evidence, streaming": (setting("evidence", {}), None),
}
"""By its name: what the learner is told, and the paper's median where it shows one."""


def measure(folder: Path, problem: str, told: dict[str, Any]) -> dict[str, Any]:
    """Learn one problem."""
    learner = StreamLearner(**told)
    started = time.process_time()
    for batch in read_batches(folder / f"{problem}.pautomac.train", learner.alphabet):
        learner.learn_many(batch)
    learned = Learned(learner.automaton, learner.alphabet, time.process_time() - started)
    error = learned.error(folder / f"{problem}.pautomac.test", folder / f"{problem}.pautomac_solution.txt")
    return {
        "problem": problem,
        "error": error,
        "states": len(learner.automaton),
        "seconds": learned.seconds,
        "kib": learner.tree.nbytes / 1024,
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``settings``: a row each; ``problems``: seconds and KiB by problem of `css-published`, streaming."""
    measured = result["measured"]
    rows = []
    for name, shown in measured["shown"].items():
        found = measured["settings"][name]
        errors, states, seconds, kib = ([row[key] for row in found] for key in ("error", "states", "seconds", "kib"))
        cells = [f"{median(errors):.3f}", f"{fmean(errors):.3f}", f"{fmean(states):.0f}", f"{fmean(seconds):.2f}"]
        rows.append([name, "" if shown is None else f"{shown:g}", *cells, f"{fmean(kib):,.0f}"])
    each = next(iter(measured["settings"].values()))
    costs = [[row["problem"], f"{row['error']:.4f}", f"{row['seconds']:.2f}", f"{row['kib']:,.0f}"] for row in each]
    return {
        "settings": Table(("setting", "paper, median", "median", "mean", "states", "seconds", "tree, KiB"), rows),
        "problems": Table(("problem", "error", "seconds", "tree, KiB"), costs, "rrrr"),
    }


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", default="")
    parser.add_argument("--only", default="", help="settings whose name begins with this")
    parser.add_argument("--resume", action="store_true", help="keep what the file of --json has measured")
    args = parser.parse_args()
    names = problems(args.folder, args.problems)
    chosen = {name: found for name, found in SETTINGS.items() if name.startswith(args.only)}
    known = json.loads(args.json.read_text())["measured"]["settings"] if args.resume and args.json.exists() else {}
    found: dict[str, list[dict[str, Any]]] = {name: known[name] for name in SETTINGS if name in known}
    for name, (told, _) in chosen.items():
        found[name] = found.get(name) or [measure(args.folder, problem, told) for problem in names]
        print(f"{name:55} median {median(row['error'] for row in found[name]):.3f}", flush=True)
        if args.json:
            write_json(args.json, result_of(__file__, args, measured(found)))
    finish(__file__, args, measured(found), tables)


def measured(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what is kept of the settings that are known, in their order, and what the paper shows for each."""
    return {
        "shown": {name: shown for name, (_, shown) in SETTINGS.items() if name in found},
        "settings": {name: found[name] for name in SETTINGS if name in found},
    }


if __name__ == "__main__":
    main()
