"""Claim: the default learner has the Reber grammar at the first look and keeps it; Hoeffding tests need a low level.

    python benchmarks/quality/reber.py [--strings 60000] [--every 1000] [--seeds 3] [--learners spacesaving]
                                       [--json OUT] [--markdown OUT]

One learner a heuristic and seed reads strings of the grammar and is asked every so many of them.  ``right`` is the
number of strings from which on every answer had the states and transitions of the grammar, ``sure`` the number from
which on also every merge was decided by the heuristic, none for want of data.  Medians over the seeds; a dash: not by
the end.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.merging.journal import Stage
from flexstream.targets import reber

KNOWN = {"mu": 0.2, "states": 6, "symbols": 5}
LEARNERS: dict[str, tuple[str, str, dict[str, float]]] = {
    "evidence": ("evidence", "fresh", {}),
    "css": ("css", "replay", {}),
    "css, level 0.001": ("css", "replay", {"alpha": 0.001}),
    "alergia": ("alergia", "replay", {}),
    "alergia, level 0.001": ("alergia", "replay", {"alpha": 0.001}),
    "spacesaving, test of Vapnik and Chervonenkis": ("spacesaving", "final", KNOWN),
    "spacesaving, 10 resamples": ("spacesaving", "final", {**KNOWN, "copies": 10}),
}


def measure(
    heuristic: str, strategy: str, options: dict[str, float], seed: int, strings: int, every: int
) -> list[float]:
    """Return from which number of strings on the answers were right, and sure (infinity: not by the end)."""
    learner = StreamLearner(heuristic=heuristic, strategy=strategy, options=options, every=0)
    words, since = reber().sample(strings, seed), [0.0, 0.0]
    for start in range(0, strings, every):
        learner.learn_many(words[start : start + every])
        right = learner.automaton.equivalent(reber(), tolerance=1.0)
        sure = right and learner.journal.count(Stage.FORCED) == 0
        for place, holds in enumerate((right, sure)):
            since[place] = since[place] if holds else start + 2 * every
    return [float("inf") if value > strings else max(value, every) for value in since]


def cells(row: dict[str, float | str | None]) -> list[str]:
    """Return a row of the table."""
    words = ["-" if row[name] is None else format(row[name], ",.0f") for name in ("right", "sure")]
    return [str(row["learner"]), *words, format(row["seconds"], ".1f")]


def tables(result: Result) -> dict[str, Table]:
    """Return ``learners``."""
    rows = [cells(row) for row in result["measured"]["learners"]]
    return {"learners": Table(("learner", "right", "sure", "seconds"), rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--strings", type=int, default=60_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--learners", default="", help="only those whose name begins so")
    args = parser.parse_args()
    rows: list[dict[str, float | str | None]] = []
    for name, learner in LEARNERS.items():
        if not name.startswith(args.learners):
            continue
        started = time.process_time()
        found = [measure(*learner, seed, args.strings, args.every) for seed in range(args.seeds)]
        seconds = (time.process_time() - started) / args.seeds
        right, sure = (median(column) for column in zip(*found, strict=True))
        known = {key: None if value == float("inf") else value for key, value in (("right", right), ("sure", sure))}
        rows.append({"learner": name, **known, "seconds": seconds})
        print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"learners": rows}, tables)


if __name__ == "__main__":
    main()
